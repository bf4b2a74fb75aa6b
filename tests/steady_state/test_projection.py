"""Where the steady state is not unique: it is counted, and found by where the machine began."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import expm

from jaxent.baths import Bath
from jaxent.generator import Generator
from jaxent.machines import TwoQubit
from jaxent.machines.cavity_qubits import CavityQubits
from jaxent.machines.parity_qubits import INITIAL_STATES, ParityQubits
from jaxent.steady_state import nullity, project, spectral_gap, steady_states_from
from jaxent.steady_state.projection import null_projection
from jaxent.terms import Jump, superoperator
from tests.systems.stationary import quickly

rng = np.random.default_rng(1958)


def random_state(dimension, rank):
    factor = rng.normal(size=(dimension, rank, 2)) @ [1, 1j]
    rho = factor @ factor.conj().T
    return rho / np.trace(rho)


def numbers(machine):
    return np.array([float(c) for c in machine.coefficients()])


def evolved(generator, coefficients, initial):
    """exp(L t) rho(0) for a time in which everything that decays has decayed."""
    pairs = zip(coefficients, generator.terms, strict=True)
    full = sum(c * superoperator(term) for c, term in pairs)
    time = 40 / spectral_gap(generator, coefficients)
    return (expm(full * time) @ np.asarray(initial).reshape(-1)).reshape(initial.shape)


def parity(**rest):
    hot = Bath(0.1, temperature=2.0, statistics="fermion")
    cold = Bath(0.05, temperature=0.5, statistics="fermion")
    return ParityQubits(1.0, hot, cold, **rest)


def decoupled():
    """Qubit B sees neither a bath nor its partner: it stays as it is."""
    return TwoQubit(0.0, Bath(1.0, temperature=2.0), Bath(0.0, temperature=0.3))


def dark_cavity(photons=2):
    """tacchino2018 without pump and relaxation: |00> and a dark superposition do not decay."""
    return CavityQubits(1.0, 0.7, 0.8, 0.0, 0.0, 0.0, photons=photons)


CASES = {"parity": parity(mu=0.5), "decoupled": decoupled(), "dark cavity": dark_cavity()}
STEADY_STATES = {"parity": 2, "decoupled": 4, "dark cavity": 4}


@pytest.mark.parametrize("name", CASES)
def test_several_steady_states_are_counted(name):
    """Two parities; the four coordinates of a free qubit; a dark pair with its coherence."""
    machine = CASES[name]
    assert nullity(machine.generator, numbers(machine)) == STEADY_STATES[name]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rank", [1, 3])
def test_the_projection_is_where_a_long_evolution_ends(name, rank):
    generator, coefficients = CASES[name].generator, numbers(CASES[name])
    initial = random_state(generator.dimension, rank)
    ended = project(generator, coefficients, initial)
    expected = evolved(generator, coefficients, initial)
    np.testing.assert_allclose(ended, expected, rtol=0, atol=1e-9)


def test_a_full_cavity_in_the_dark_ends_where_it_must():
    """15 photons: the excitation in |01> stays in the dark state with the weight g1^2/(g1^2+g2^2).

    It is the superposition of |01> and |10> that the cavity does not see.
    """
    machine = dark_cavity(photons=15)
    generator, d = machine.generator, 64
    one = np.zeros(d)
    one[16] = 1.0
    ended = project(generator, numbers(machine), np.outer(one, one))
    dark = np.zeros(d)
    dark[[16, 32]] = 1.0, -0.7
    dark /= np.linalg.norm(dark)
    weight = dark[16] ** 2
    expected = weight * np.outer(dark, dark)
    expected[0, 0] += 1 - weight
    np.testing.assert_allclose(ended, expected, rtol=0, atol=1e-12)
    assert steady_states_from(generator, numbers(machine), np.outer(one, one)) == 2


@pytest.mark.parametrize("initial", INITIAL_STATES)
def test_parity_qubits_end_where_their_evolution_does(initial):
    machine = parity(initial=initial)
    start, end = machine.inside(machine.initial_state()), machine.inside(machine.state())
    expected = evolved(machine.generator, numbers(machine), start)
    np.testing.assert_allclose(end, expected, rtol=0, atol=1e-9)


def test_weights_mix_the_parities():
    """rho is linear in mu, also in a batch and traced."""
    weights = np.array([0.0, 0.3, 1.0])
    batch = jax.jit(lambda mu: parity(mu=mu).state())(weights)
    np.testing.assert_allclose(batch[1], 0.7 * batch[0] + 0.3 * batch[2], atol=1e-14)
    np.testing.assert_allclose(batch[1], parity(mu=0.3).state(), atol=1e-14)


def test_without_an_initial_state_there_is_no_steady_state():
    with pytest.raises(ValueError, match="initial: without noise the steady state depends on"):
        parity().state()


def test_a_unique_steady_state_forgets_where_it_began():
    machine = TwoQubit(0.5, Bath(1.0, temperature=2.0), Bath(0.7, temperature=0.3))
    ended = project(machine.generator, numbers(machine), random_state(4, 2))
    np.testing.assert_allclose(ended, machine.state(), atol=1e-13)


def test_derivatives_of_the_projection():
    """Where it ends, differentiated along the rates: against differences, and twice."""
    machine = parity(mu=0.5)
    coefficients, initial = numbers(machine), random_state(4, 2)

    def weight(scale):
        c = coefficients * jnp.array([1.0, scale, 1.0, 1.0, 2 - scale])
        return jnp.real(project(machine.generator, c, initial, 2)[0, 0])

    step = 1e-5
    at, along = quickly(weight), quickly(lambda scale: jax.jvp(weight, (scale,), (1.0,))[1])
    slope, bend = quickly(jax.grad(weight)), quickly(jax.grad(jax.grad(weight)))(1.1)
    value = [float(at(1.1 + k * step)) for k in (-1, 1)]
    assert float(slope(1.1)) == pytest.approx((value[1] - value[0]) / (2 * step), rel=1e-6)
    slopes = [slope(1.1 + k * step) for k in (-1, 1)]
    assert bend == pytest.approx(float((slopes[1] - slopes[0]) / (2 * step)), rel=1e-6)
    assert along(1.1) == pytest.approx(float(slope(1.1)), rel=1e-12)


def test_a_wrong_number_of_steady_states_gives_no_state():
    machine = parity(mu=0.5)
    for wrong in (1, 3):
        ended = project(machine.generator, numbers(machine), random_state(4, 2), wrong)
        assert np.all(np.isnan(ended))


def test_a_projection_keeps_the_kernel_and_kills_the_range():
    right, left = rng.normal(size=(2, 5, 2))
    left[:] = left @ np.linalg.inv(right.T @ left)
    expected = right @ left.T
    matrix = (np.eye(5) - expected) @ rng.normal(size=(5, 5)) @ (np.eye(5) - expected)
    np.testing.assert_allclose(null_projection(matrix, 2), expected, atol=1e-12)
    np.testing.assert_array_equal(null_projection(np.eye(3), 0), np.zeros((3, 3)))


@pytest.mark.parametrize(
    "initial", [np.eye(4), np.diag([1.5, -0.5, 0, 0]), np.triu(np.ones((4, 4))) / 4]
)
def test_an_initial_state_has_to_be_a_state(initial):
    with pytest.raises(ValueError, match="initial: no state; allowed:"):
        project(decoupled().generator, numbers(decoupled()), initial)


def test_an_initial_state_belongs_to_the_generator():
    with pytest.raises(ValueError, match=r"initial: of shape \(2, 2\); allowed: .* \(4, 4\)"):
        project(decoupled().generator, numbers(decoupled()), np.eye(2) / 2)
    with pytest.raises(ValueError, match="nullity: 0 is given; allowed: an integer from 1 to"):
        project(decoupled().generator, numbers(decoupled()), np.eye(4) / 4, 0)


def test_what_does_not_change_stays():
    """A decayed level: nothing is left to happen."""
    decay = Generator([Jump([[0, 1], [0, 0]])])
    ground = np.diag([1.0, 0.0])
    np.testing.assert_array_equal(project(decay, [1.0], ground), ground)


# relaxation


def test_the_gap_is_the_slowest_rate():
    """A qubit in a bath relaxes at gamma (1 + 2n), its coherence at half of that."""
    baths = (Bath(rate, occupation=n, statistics="boson") for rate, n in ((1.0, 0.5), (3.0, 0.25)))
    machine = TwoQubit(0.0, *baths)
    assert spectral_gap(machine.generator, numbers(machine)) == pytest.approx(1.0)


def test_the_gap_counts_what_decays_beside_several_steady_states():
    """The free qubit keeps its state for ever, the other one loses its coherence at gamma/2."""
    bath = Bath(1.0, occupation=0.0)
    machine = TwoQubit(0.0, bath, Bath(0.0, occupation=0.0))
    assert spectral_gap(machine.generator, numbers(machine)) == pytest.approx(0.5)


def test_what_oscillates_for_ever_has_no_gap():
    machine = TwoQubit(0.5, Bath(0.0, occupation=0.0), Bath(0.0, occupation=0.0))
    assert spectral_gap(machine.generator, numbers(machine)) == pytest.approx(0.0, abs=1e-15)
