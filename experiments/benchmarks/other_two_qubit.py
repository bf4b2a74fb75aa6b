"""The same two qubits in QuTiP and in dynamiqs, each used as its documentation has it."""

from collections.abc import Callable

import numpy as np
from plain_two_qubit import Parameters, hamiltonian, jumps, rate

FINAL_TIME = 150.0
"""When an evolution has become stationary: the slowest relaxation of the machines that are timed
here takes about 5."""


def qutip_states(p: Parameters, charged: bool, method: str) -> Callable[[], np.ndarray]:
    """The steady states one by one, by ``qutip.steadystate``.

    Operators are made beforehand; each machine's generator is part of the task.
    """
    import qutip

    def quantum_object(operator: np.ndarray):
        return qutip.Qobj(operator, dims=[[2, 2], [2, 2]])

    energies = {name: quantum_object(h) for name, h in hamiltonian(charged).items()}
    ways = [(party, level, way, quantum_object(jump)) for party, level, way, jump in jumps(charged)]
    machines = [dict(zip(p, numbers, strict=True)) for numbers in zip(*p.values(), strict=True)]

    def state(one: dict) -> np.ndarray:
        total = sum(one[name] * operator for name, operator in energies.items())
        collapses = [np.sqrt(rate(one, *where)) * jump for *where, jump in ways]
        return qutip.steadystate(total, collapses, method=method).full()

    return lambda: np.stack([state(one) for one in machines])


def dynamiqs_states(p: Parameters, charged: bool, method: str) -> Callable[[], np.ndarray]:
    """The states at ``FINAL_TIME``, all at once, by ``dynamiqs.mesolve``, compiled.

    Args:
        p: the machines.
        charged: whether the baths resolve the charge.
        method: ``"Expm"``, by far the fastest for few levels, or another one by its name.
    """
    import jax

    evolved = jax.jit(lambda p: _evolved(p, charged, method))
    return lambda: np.asarray(evolved(dict(p)))


def dynamiqs_slopes(
    p: Parameters, charged: bool, method: str
) -> Callable[[], tuple[np.ndarray, dict[str, np.ndarray]]]:
    """The CHSH values of those states, with their derivatives by every parameter."""
    import jax
    import jax.numpy as jnp

    @jax.jit
    def slopes(p):
        values, back = jax.vjp(lambda p: _chsh(_evolved(p, charged, method)), p)
        return values, back(jnp.ones_like(values))[0]

    return lambda: jax.tree.map(np.asarray, slopes(dict(p)))


def _evolved(p, charged: bool, method: str):
    import dynamiqs
    import jax
    import jax.numpy as jnp

    def rate(party: str, level: int, way: int):
        energy = p["E"] + p["u"] if level else p["E"]
        return p[f"gamma_{party}"] * jax.nn.sigmoid(-way * p[f"beta_{party}"] * energy)

    def times(number, operator: np.ndarray):
        return number[:, None, None] * jnp.asarray(operator, dtype=complex)

    total = sum(times(p[name], operator) for name, operator in hamiltonian(charged).items())
    collapses = [times(jnp.sqrt(rate(*where)), jump) for *where, jump in jumps(charged)]
    evolution = dynamiqs.mesolve(
        total,
        collapses,
        jnp.eye(4, dtype=complex) / 4,
        jnp.array([FINAL_TIME]),
        method=getattr(dynamiqs.method, method)(),
        cartesian_batching=False,
        progress_meter=False,
        t0=0.0,
    )
    return evolution.states.to_jax()[:, -1]


def _chsh(rho):
    """brask2022 (12)."""
    import jax.numpy as jnp

    p = jnp.real(jnp.diagonal(rho, axis1=-2, axis2=-1))
    squared = jnp.real(rho[:, 1, 2] * jnp.conj(rho[:, 1, 2]))
    parity = (p[:, 0] - p[:, 1] - p[:, 2] + p[:, 3]) ** 2
    return 2 * jnp.sqrt(4 * squared + jnp.maximum(4 * squared, parity))
