"""Every kernel solves every system, with every derivative."""

from functools import cache

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from jaxent import steady_state
from jaxent.generator import Generator
from jaxent.steady_state import KERNELS, choose, nullity, stationary_coordinates
from jaxent.steady_state.elimination import least_fill
from jaxent.terms import Hamiltonian, Jump, Reset, superoperator
from tests.systems import precise
from tests.systems.stationary import quickly

rng = np.random.default_rng(1932)


def hop(dimension, i, j):
    operator = np.zeros((dimension, dimension), dtype=complex)
    operator[i, j] = operator[j, i] = 1.0
    return Hamiltonian(operator)


def lowering(levels):
    return np.diag(np.sqrt(np.arange(1, levels)), k=1).astype(complex)


def two_qubits():
    raise_a, raise_b = np.kron(lowering(2).T, np.eye(2)), np.kron(np.eye(2), lowering(2).T)
    jumps = [raise_a, raise_a.T, raise_b, raise_b.T]
    return Generator([hop(4, 1, 2), *map(Jump, jumps)])


def detuned_qubits():
    detuning = Hamiltonian(np.diag([0, 1.0, -1.0, 0]).astype(complex))
    return Generator([detuning, *two_qubits().terms])


def driven_qubits():
    drive = Hamiltonian(np.kron(lowering(2) + lowering(2).T, np.eye(2)))
    return Generator([drive, *two_qubits().terms])


def qutrits():
    """The machine of tavakoli2018 (3): |02> <-> |20>, |11> <-> |20>, and resets."""
    hot, cold = Reset("a", np.full(3, 1 / 3), 3), Reset("b", np.array([1.0, 0, 0]), 3)
    return Generator([hop(9, 2, 6), hop(9, 4, 6), hot, cold])


def cavity(photons=2):
    levels = photons + 1
    a = np.kron(np.eye(4), lowering(levels))
    qubits = [
        np.kron(np.kron(lowering(2), np.eye(2)), np.eye(levels)),
        np.kron(np.kron(np.eye(2), lowering(2)), np.eye(levels)),
    ]
    couplings = [Hamiltonian(s @ a.T + s.T @ a) for s in qubits]
    return Generator([*couplings, Jump(a), *map(Jump, qubits), *(Jump(s.T) for s in qubits)])


def classical():
    return Generator([Jump(np.eye(3)[[1, 2, 0]].astype(complex)), Jump(np.diag([1.0, 1], k=1))])


SYSTEMS = {
    "two qubits": two_qubits(),
    "detuned qubits": detuned_qubits(),
    "driven qubits": driven_qubits(),
    "qutrits": qutrits(),
    "cavity": cavity(),
    "classical": classical(),
}
GENERAL = [name for name in KERNELS if name != "exchange"]
CASES = [(kernel, system) for system in SYSTEMS for kernel in GENERAL]
CASES.remove(("elimination", "cavity"))  # It takes long to compile for twelve states.
CASES += [("exchange", "two qubits"), ("exchange", "detuned qubits")]


def plain(generator, coefficients):
    """The null vector of the complex Liouvillian, by least squares."""
    d = generator.dimension
    full = sum(
        c * superoperator(term) for c, term in zip(coefficients, generator.terms, strict=True)
    )
    system = np.vstack([full, np.eye(d).reshape(1, -1)])
    right = np.append(np.zeros(d * d), 1.0)
    return np.linalg.lstsq(system, right, rcond=None)[0].reshape(d, d)


def random_coefficients(generator, *batch):
    return 10 ** rng.uniform(-0.5, 0.5, size=(len(generator.terms), *batch))


def solution(kernel, system):
    return lambda c: jnp.asarray(stationary_coordinates(SYSTEMS[system], c, kernel))


@cache
def solved(kernel, system):
    """The compiled solution, shared by the tests."""
    return quickly(solution(kernel, system))


@pytest.mark.parametrize(("kernel", "system"), CASES)
def test_every_kernel_finds_the_steady_state(kernel, system):
    generator = SYSTEMS[system]
    for _ in range(3):
        coefficients = random_coefficients(generator)
        x = solved(kernel, system)(coefficients)
        expected = plain(generator, coefficients)
        np.testing.assert_allclose(generator.matrix(x), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("kernel", "system"), CASES)
def test_batches_are_solved_lane_by_lane(kernel, system):
    """By batch axes and by vmap, compiled or not: the same numbers."""
    generator = SYSTEMS[system]
    coefficients = random_coefficients(generator, 2, 3)

    solve = solved(kernel, system)
    batch = np.asarray(solve(coefficients))
    assert batch.shape == (generator.size, 2, 3)
    one = solve(coefficients[:, 1, 2])
    np.testing.assert_allclose(batch[:, 1, 2], one, rtol=1e-12, atol=1e-15)
    mapped = quickly(jax.vmap(solution(kernel, system), in_axes=1, out_axes=1))
    flat = mapped(coefficients.reshape(len(generator.terms), 6))
    np.testing.assert_allclose(flat.reshape(batch.shape), batch, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("kernel", "system"), CASES)
def test_derivatives_are_those_of_the_master_equation(kernel, system):
    """L x' = -L' x with tr x' = 0, in forward and in reverse mode."""
    generator = SYSTEMS[system]
    coefficients = random_coefficients(generator)
    d, state = generator.dimension, solution(kernel, system)
    x = np.asarray(solved(kernel, system)(coefficients))
    matrix = np.asarray(generator.on_sector(coefficients))
    system_matrix = np.vstack([matrix, np.arange(generator.size) < d])
    expected = []
    for k in range(len(coefficients)):
        unit = np.eye(len(coefficients))[k]
        change = np.append(-np.asarray(generator.on_sector(unit)) @ x, 0.0)
        expected.append(np.linalg.lstsq(system_matrix, change, rcond=None)[0])
    expected = np.array(expected).T
    both = quickly(lambda c: (jax.jacrev(state)(c), jax.jacfwd(state)(c)))
    for found in both(coefficients):
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "system"),
    [("exchange", "two qubits"), *((kernel, "driven qubits") for kernel in GENERAL)],
)
def test_hessians_are_the_slopes_of_gradients(kernel, system):
    coefficients = random_coefficients(SYSTEMS[system])

    def purity(c):
        return jnp.sum(solution(kernel, system)(c) ** 2)

    hessian = quickly(jax.hessian(purity))(coefficients)
    step = 1e-5
    gradient = quickly(jax.grad(purity))
    for k, unit in enumerate(np.eye(len(coefficients))):
        slope = gradient(coefficients + step * unit) - gradient(coefficients - step * unit)
        np.testing.assert_allclose(hessian[k], slope / (2 * step), rtol=1e-5, atol=1e-7)


def test_a_suitable_kernel_is_chosen():
    names = {name: choose(generator) for name, generator in SYSTEMS.items()}
    assert names == {
        "two qubits": "exchange",
        "detuned qubits": "exchange",
        "driven qubits": "elimination",
        "qutrits": "elimination",
        "cavity": "dense",
        "classical": "elimination",
    }


def test_a_kernel_has_to_exist_and_to_apply():
    with pytest.raises(ValueError, match="kernel: 'lu' is given; allowed: exchange, elim"):
        stationary_coordinates(qutrits(), np.ones(4), "lu")
    with pytest.raises(ValueError, match="exchange: the coherences do more than exchange"):
        stationary_coordinates(qutrits(), np.ones(4), "exchange")


def test_coherences_leave_in_the_order_of_their_neighbours():
    """Each of them once; in the order of their numbers they would fill in more."""
    generator = cavity()
    order, updates = least_fill(generator)
    assert sorted(order) == list(range(generator.dimension, generator.size))
    places, in_turn = set(generator.places), 0
    for c in sorted(order):
        rows = {i for i, k in places if k == c and i != c}
        columns = {j for k, j in places if k == c and j != c}
        in_turn += len(rows) * len(columns)
        places = {place for place in places if c not in place}
        places |= {(i, j) for i in rows for j in columns}
    assert updates < in_turn


# what there is no number for


def test_there_is_a_coefficient_for_each_term():
    for wrong in (np.ones(3), np.ones((7, 5))):
        with pytest.raises(ValueError, match=rf"coefficients: {len(wrong)} are given; allowed: 5,"):
            stationary_coordinates(two_qubits(), wrong)


@pytest.mark.parametrize("kernel", [None, *KERNELS])
def test_cold_baths_empty_the_qubits(kernel):
    """T = 0: the ground state; a rate upwards populates by its ratio, to first order."""
    generator = two_qubits()
    rates = np.array([0.5, 0.0, 1.0, 0.0, 0.7])  # g, then up and down for each qubit

    def state(rates):
        return stationary_coordinates(generator, rates, kernel)

    at = quickly(state)
    np.testing.assert_allclose(at(rates), [1, 0, 0, 0, 0], atol=1e-15)
    slope = quickly(jax.jacfwd(state))(rates)[:, 1]
    step = 1e-7
    expected = (at(rates + step * np.eye(5)[1]) - at(rates)) / step
    np.testing.assert_allclose(slope, expected, atol=1e-5)


@pytest.mark.parametrize("kernel", [None, *KERNELS])
@pytest.mark.parametrize(
    "rates", [[0.5, 0, 0, 0, 0], [0.0, 0, 0, 0.3, 0.7]], ids=["no bath", "a free qubit"]
)
def test_what_is_not_unique_is_no_number_or_contradicted(kernel, rates):
    """The nullity says so whatever a kernel gives, and that is a steady state or no number."""
    generator = two_qubits()
    assert nullity(generator, rates) > 1
    x = np.asarray(stationary_coordinates(generator, rates, kernel))
    if np.all(np.isfinite(x)):
        assert np.abs(np.asarray(generator.on_sector(rates)) @ x).max() < 1e-12


@pytest.mark.parametrize(
    "hamiltonian", [np.diag([0, 1.0, 2.0, 3.0]), np.eye(4)[[0, 2, 1, 3]]], ids=["levels", "hop"]
)
def test_without_any_bath_there_is_no_number(hamiltonian):
    x = stationary_coordinates(Generator([Hamiltonian(hamiltonian.astype(complex))]), [1.0])
    assert np.all(np.isnan(x))


def test_weak_parts_of_a_term_count():
    """A jump 1e-8 times weaker beside a strong one, in one operator, decides a population."""
    strong_and_weak = np.zeros((3, 3), dtype=complex)
    strong_and_weak[1, 0], strong_and_weak[0, 2] = 1.0, 1e-6
    back = np.zeros((3, 3), dtype=complex)
    back[2, 1], back[0, 1] = 1e-8, 1.0
    generator = Generator([Jump(strong_and_weak), Jump(back)])
    expected = precise.steady_state(generator, [1.0, 1.0])
    for kernel in ("elimination", "graded"):
        x = stationary_coordinates(generator, [1.0, 1.0], kernel)
        assert float(x[2]) == pytest.approx(float(mpmath.re(expected[2, 2])), rel=1e-12)


def test_the_memory_of_large_batches_is_bounded():
    """Twice the lanes, not much more memory, also of the gradient; coordinates in and out aside."""
    generator = SYSTEMS["driven qubits"]

    def temporary(lanes, function):
        shape = jax.ShapeDtypeStruct((len(generator.terms), lanes), float)
        return jax.jit(function).lower(shape).compile().memory_analysis().temp_size_in_bytes

    def total(c):
        return jnp.sum(stationary_coordinates(generator, c, "dense") ** 2)

    for function in (total, jax.grad(total)):
        per_lane = 8 * (generator.size**2 + 4 * generator.size)
        assert temporary(4_000_000, function) < 0.4 * 4_000_000 * per_lane


@pytest.mark.parametrize("kernel", ["elimination", "dense"])
def test_large_batches_are_solved_in_parts(kernel, monkeypatch):
    """In parts of seven lanes, the last one incomplete: the same numbers and derivatives."""
    generator = SYSTEMS["detuned qubits"]
    coefficients = random_coefficients(generator, 5, 4)

    def total(c):
        return jnp.sum(jnp.asarray(stationary_coordinates(generator, c, kernel)) ** 2, axis=0)

    def value_and_slope(c):
        value, back = jax.vjp(total, c)
        return value, back(jnp.ones_like(value))[0]

    whole, slope = quickly(value_and_slope)(coefficients)
    monkeypatch.setattr(steady_state, "_LARGEST_BATCH", 7 * 8 * generator.size**2)
    again, its_slope = quickly(lambda c: value_and_slope(c))(coefficients)
    np.testing.assert_allclose(again, whole, rtol=1e-13)
    np.testing.assert_allclose(its_slope, slope, rtol=1e-12, atol=1e-14)


def test_what_has_underflowed_is_no_number():
    """Trees of three rates of 1e-154, of which some are lost: not a wrong distribution."""
    units = np.eye(16).reshape(4, 4, 4, 4)
    ring = {(0, 1): 1e-154, (1, 0): 1e-155, (2, 1): 2e-155, (1, 2): 3e-154, (2, 3): 1.0}
    ring |= {(3, 2): 1e-154, (3, 0): 1e-155}
    generator = Generator([Jump(units[edge]) for edge in ring])
    assert np.all(np.isnan(stationary_coordinates(generator, list(ring.values()))))


def test_slow_exchanges_keep_their_digits_beside_fast_baths():
    """Rates of 1e-160 and of 1: the determinant of the coherences would underflow."""
    unit = np.eye(9).reshape(3, 3, 3, 3)
    detuned = [Hamiltonian(unit[0, 1] + unit[1, 0]), Hamiltonian(unit[1, 1])]
    jumps = [Jump(unit[edge]) for edge in ((0, 1), (1, 0), (0, 2), (2, 1))]
    generator = Generator([*detuned, *jumps])
    coefficients = np.array([1e-160, 1e-160, 1e-160, 0.5e-160, 1.0, 0.3e-160])
    expected = precise.steady_state(generator, coefficients)
    x = stationary_coordinates(generator, coefficients, "exchange")
    populations = [float(mpmath.re(expected[i, i])) for i in range(3)]
    np.testing.assert_allclose(x[:2], populations[:2], rtol=1e-13)
