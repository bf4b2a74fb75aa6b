# %% [markdown]
# # Tutorial: from one steady state to a certified curve
#
# A hot and a cold bath keep two qubits out of equilibrium. Here we build such a machine, look at
# its steady state, herald a better one from it, follow gradients to the best, draw how good it can
# be at each heralding efficiency, and end with a proof that needs no trust in any of this.
#
# The page is a script, [tutorial.py](tutorial.py): run it as it is, or open it as a notebook
# (Jupytext, Visual Studio Code, Spyder). $\hbar = k_B = 1$ throughout.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import jaxent

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## A machine
#
# Qubit A couples to a bath at $T = 0^-$, one whose populations are completely inverted, qubit B to
# one at $T = 0^+$; the flip-flop coupling $g$ lets an excitation pass from A to B
# (brask2022, Sec. II). The signs of zero mean what they say: `-0.0` is $T \to 0$ from below.

# %%
inverted = jaxent.Bath(1.0, temperature=-0.0)
cold = jaxent.Bath(1.9, temperature=0.0)
machine = jaxent.TwoQubit(g=0.38, bath_a=inverted, bath_b=cold)

rho = machine.state()
print(np.asarray(rho))

# %% [markdown]
# The basis is $|00\rangle, |01\rangle, |10\rangle, |11\rangle$, A first, and $|1\rangle$ is the
# excited state. The coherence between $|01\rangle$ and $|10\rangle$ is what the exchange leaves of
# a current: heat flows from A to B. `thermodynamics` counts it, positive into the machine.

# %%
for name, value in jaxent.thermodynamics(machine).items():
    print(f"{name:22} {value}")

# %% [markdown]
# Heat that flows into a bath at zero temperature makes infinitely much entropy. What the state is
# worth:

# %%
for measure in (jaxent.chsh, jaxent.singlet_fraction, jaxent.concurrence, jaxent.negativity):
    print(f"{measure.__name__:17} {measure(rho):.6f}")

# %% [markdown]
# A CHSH value of at most 2 and a singlet fraction above ½: useful for teleportation, but no
# violation of a Bell inequality.
#
# ## Heralding
#
# A local filter on B, $F_B = \mathrm{diag}(b_0, b_1)$, lets the pair pass with the probability
# $p_{\mathrm{suc}} = \mathrm{tr}(F_B^\dagger F_B\,\rho)$. Damping the level $|0\rangle$ of B takes
# away what there is too much of.

# %%
filters = jaxent.Filters(a=jnp.ones(2), b=jnp.array([0.35, 1.0]))
heralded, efficiency = jaxent.herald(rho, filters)
print(f"efficiency {efficiency:.4f}, CHSH {jaxent.chsh(heralded):.6f}")

# %% [markdown]
# ## Gradients
#
# All of this is one differentiable function: of the machine, of its baths, and of the filters.
# Steady states are linear solves, whose derivatives are exact.


# %%
def violation(g, gamma_b, b_0):
    machine = jaxent.TwoQubit(g, inverted, jaxent.Bath(gamma_b, temperature=0.0))
    filters = jaxent.Filters(a=jnp.ones(2), b=jnp.stack([b_0, 1.0]))
    return jaxent.chsh(jaxent.herald(machine.state(), filters)[0])


value, slope = jax.jit(jax.value_and_grad(violation, argnums=(0, 1, 2)))(0.38, 1.9, 0.35)
print(f"CHSH {value:.6f}, gradient", np.array(slope))

# %% [markdown]
# Batch axes stand in front: a machine with arrays for parameters is a batch of machines.

# %%
couplings = jnp.geomspace(1e-2, 1e1, 200)
many = jaxent.TwoQubit(couplings, inverted, cold)
herald_many, p = jaxent.herald(many.state(), filters)

figure, axes = plt.subplots(figsize=(4.5, 2.6))
axes.semilogx(couplings, jaxent.chsh(herald_many), label="CHSH, heralded")
axes.semilogx(couplings, jaxent.chsh(many.state()), "--", label="CHSH, steady state")
axes.axhline(2, color="0.6", lw=0.8)
axes.set_xlabel(r"$g/\gamma_A$")
_ = axes.legend(frameon=False)

# %% [markdown]
# ## The best at 10 % efficiency
#
# What is the best CHSH value of all machines with $g \le \gamma_A, \gamma_B$, where the master
# equation holds, and of all filters on both qubits, when one pair in ten is to pass? A *study* says
# what is fixed, what is free and within which bounds. It is what a YAML file of `jaxent run` says,
# too. From 16 random starts the search climbs the exact gradient along the surface of the given
# efficiency.

# %%
config = {
    "machine": {
        "kind": "two_qubit",
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": -0.0},
        "bath_b": {"statistics": "fermion", "temperature": 0},
    },
    "free": {
        "g": {"low": 1e-4, "high": 1},
        "bath_b.gamma": {"low": 1e-3, "high": 1e3},
        "filters": {"a": {}, "b": {}},
    },
    "objective": "chsh",
    "efficiency": {"values": [0.01, 0.03, 0.1, 0.2, 0.25]},
    "constraints": ["g <= bath_a.gamma", "g <= bath_b.gamma"],
    "search": {"starts": 16, "steps": 150},
    "certify": {"steering": "dodecahedron"},
}
points = jaxent.solve(jaxent.read_study(config))
best = points[2]
print(f"at {best.efficiency:.0%}: CHSH {best.value:.6f} at {best.parameters}")

# %% [markdown]
# No point leaves the program unverified. Each has been solved a second time in decimal arithmetic,
# heralded with explicit Kraus operators, and measured by the measure's general definition:

# %%
verified = best.verified
print(f"steady state off by    {verified.residual:.0e}")
print(f"efficiency again       {verified.efficiency:.12f}")
print(f"value again            {verified.value:.12f}")
print(f"at a bound             {verified.at_bound}")
print(f"inside of the regime   {all(regime.holds for regime in verified.regimes)}")
print(f"starts that came close {verified.agreed} of {verified.starts}")

# %% [markdown]
# ## The curve
#
# We asked for five efficiencies at once. Rarer heralding buys a larger violation:

# %%
figure, axes = plt.subplots(figsize=(4.5, 2.6))
axes.semilogx([p.efficiency for p in points], [p.value for p in points], "o-")
axes.axhline(2, color="0.6", lw=0.8)
axes.set_xlabel(r"heralding efficiency $p_{\mathrm{suc}}$")
_ = axes.set_ylabel("CHSH")

# %% [markdown]
# `jaxent run` does the same from a file, and stores points, figure and data in a folder, which
# `jaxent.read_run` opens again.
#
# ## Steering, certified
#
# Can Alice, by measuring qubit A along the ten axes of a dodecahedron, steer the state of qubit B?
# The white-noise robustness $q$ is the noise that takes this away. The study asked for it to be
# certified: both bounds hold whatever the solver did.

# %%
for point in points:
    print(f"{point.efficiency:5.0%}  {point.steering}")

# %% [markdown]
# ## A proof
#
# Floating-point numbers prove little to a sceptic. `exact_certificate` rounds everything to whole
# numbers so that the proof still holds: a state, axes of length exactly one, an inequality that
# every local-hidden-state model obeys, and such a model for a little more noise.

# %%
certificate = jaxent.exact_certificate(best.rho)
print(certificate["statement"])

# %% [markdown]
# The check uses integers alone, in one file that imports nothing but Python's standard library
# (`python jaxent/verify.py cert.json`, or `jaxent verify cert.json`).

# %%
from jaxent import verify  # noqa: E402

proven = verify.check(certificate)
print(proven.verdict, float(proven.q_lower), float(proven.q_upper))

# %% [markdown]
# A certificate that claims too much does not pass:

# %%
try:
    verify.check(certificate | {"q_lower": "1/2"})
except verify.Refused as reason:
    print("refused:", reason)

# %% [markdown]
# ## Where to go from here
#
# - [Add a machine of your own](how-to/own-machine.md) in thirty lines.
# - [Free, tie and constrain parameters](how-to/parameters.md), or
#   [sweep one](how-to/sweep.md) in place of the efficiency.
# - The [theory](theory.md) behind each step, with the papers' equations.
