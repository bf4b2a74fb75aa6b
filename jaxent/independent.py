r"""Everything again, another way: the check that each reported number passes.

Plain NumPy on the full :math:`D^2 \times D^2` complex Liouvillian, explicit Kraus operators, and
each measure by its general definition. Nothing here uses the sector, the elimination, the real
coordinates, the closed-form efficiency or the differentiable measures that a search uses; only a
machine's operators and rates are shared.
"""

from __future__ import annotations

import numpy as np

from jaxent.generator import Generator
from jaxent.machines import AbstractLindbladMachine, AbstractMachine, Thermal
from jaxent.terms import Hamiltonian, Jump, Reset

_REFINEMENTS = 6

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_BELL_COLUMNS = np.array(
    [[1, 0, 0, 1], [1j, 0, 0, -1j], [0, 1j, 1j, 0], [0, 1, -1, 0]]
).T / np.sqrt(2)


def liouvillian(generator: Generator, coefficients: np.ndarray) -> np.ndarray:
    r"""The full complex Liouvillian on row-stacked states, shape ``(D**2, D**2)``.

    With row stacking, :math:`\mathrm{vec}(A\rho B) = (A \otimes B^{\mathsf T})\,\mathrm{vec}\rho`.
    """
    total = np.zeros((generator.dimension**2,) * 2, dtype=np.clongdouble)
    for c, term in zip(np.asarray(coefficients, np.longdouble), generator.terms, strict=True):
        if isinstance(term, Hamiltonian):
            one = np.eye(len(term.operator))
            total += -1j * c * (np.kron(term.operator, one) - np.kron(one, term.operator.T))
        elif isinstance(term, Jump):
            total += c * _dissipator(term.operator)
        elif isinstance(term, Reset):
            total += c * sum(map(_dissipator, _falls(term)))
        else:
            raise TypeError(f"no Liouvillian for a term of type {type(term).__name__}")
    return total


def _dissipator(jump: np.ndarray) -> np.ndarray:
    one, loss = np.eye(len(jump)), jump.conj().T @ jump / 2
    return np.kron(jump, jump.conj()) - np.kron(loss, one) - np.kron(one, loss.T)


def _falls(reset: Reset) -> list[np.ndarray]:
    """A reset as jumps from every level of its party to every level that it resets to."""
    levels, other = np.eye(len(reset.populations)), np.eye(reset.other)
    jumps = [
        np.sqrt(weight) * np.outer(to, source)
        for weight, to in zip(reset.populations, levels, strict=True)
        for source in levels
    ]
    return [np.kron(j, other) if reset.party == "a" else np.kron(other, j) for j in jumps]


def steady_state(machine: AbstractMachine) -> np.ndarray:
    r"""The state of a machine by a dense solve of :math:`\mathcal{L}\rho = 0`, tr = 1.

    One equation is replaced by the trace; the solution is refined with residuals in extended
    precision, which a machine with rates of very different size needs. A thermal machine's state
    is :math:`e^{-\beta H}` by the eigenvectors of its Hamiltonian.

    Raises:
        TypeError: there is no independent solution for the machine.
        LinAlgError: the steady state is not unique.
    """
    if isinstance(machine, Thermal):
        return _thermal(machine)
    if not isinstance(machine, AbstractLindbladMachine):
        raise TypeError(f"no independent solution for a machine of kind {machine.kind!r}")
    system = liouvillian(machine.generator, machine.numbers())
    dimension = machine.generator.dimension
    system /= np.abs(system).max()
    system[0] = np.eye(dimension).reshape(-1)
    right = np.zeros(dimension**2, dtype=np.clongdouble)
    right[0] = 1.0
    double = system.astype(complex)
    solution = np.zeros_like(right)
    for _ in range(_REFINEMENTS):
        residual = right - system @ solution
        solution = solution + np.linalg.solve(double, residual.astype(complex))
    rho = solution.astype(complex).reshape(dimension, dimension)
    return (rho + rho.conj().T) / 2


def _thermal(machine: Thermal) -> np.ndarray:
    raised = np.array([[0, 0], [1, 0]])
    a, b = np.kron(raised, np.eye(2)), np.kron(np.eye(2), raised)
    local = a @ a.T + b @ b.T
    hamiltonian = float(machine.E) * local + float(machine.g) * (a @ b.T + b @ a.T)
    beta = float(machine.beta)
    energies, vectors = np.linalg.eigh(hamiltonian)
    above = energies - (energies.max() if beta < 0 else energies.min())
    if np.isinf(beta):
        weights = (np.abs(above) < 1e-12 * max(1.0, np.abs(energies).max())).astype(float)
    else:
        weights = np.exp(-beta * above)
    return (vectors * (weights / weights.sum())) @ vectors.T.astype(complex)


def herald(rho: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """The heralded state and its probability by explicit Kraus operators."""
    kraus = np.kron(np.diag(a), np.diag(b))
    passed = kraus @ rho @ kraus.conj().T
    efficiency = float(np.trace(passed).real)
    return passed / efficiency, efficiency


def chsh(rho: np.ndarray) -> float:
    """The expectation of the Bell operator with explicit optimal measurements."""
    t = np.array([[np.trace(rho @ np.kron(x, y)).real for y in _PAULI] for x in _PAULI])
    left, singular, right = np.linalg.svd(t)
    angle = np.arctan2(singular[1], singular[0])
    alice = [np.tensordot(left[:, i], _PAULI, 1) for i in (0, 1)]
    bob = [
        np.tensordot(np.cos(angle) * right[0] + sign * np.sin(angle) * right[1], _PAULI, 1)
        for sign in (1, -1)
    ]
    bell = np.kron(alice[0], bob[0] + bob[1]) + np.kron(alice[1], bob[0] - bob[1])
    return float(np.trace(rho @ bell).real)


def singlet_fraction(rho: np.ndarray) -> float:
    """The overlap with an explicit maximally entangled state."""
    in_magic = _BELL_COLUMNS.conj().T @ rho @ _BELL_COLUMNS
    coefficients = np.linalg.eigh(in_magic.real)[1][:, -1]
    psi = _BELL_COLUMNS @ coefficients
    return float((psi.conj() @ rho @ psi).real)


def concurrence(rho: np.ndarray) -> float:
    r"""Wootters' formula by the singular values of a root of the state.

    Those of :math:`B^T (\sigma_y\otimes\sigma_y) B` with :math:`\rho = B B^\dagger` resolve what
    vanishes; the eigenvalues of :math:`\rho\tilde\rho` are their squares.
    """
    weights, kets = np.linalg.eigh(rho)
    root = kets * np.sqrt(np.maximum(weights, 0.0))
    values = np.linalg.svd(root.T @ np.kron(_PAULI[1], _PAULI[1]) @ root, compute_uv=False)
    return float(max(0.0, 2 * values[0] - values.sum()))


def negativity(rho: np.ndarray) -> float:
    r""":math:`(\lVert\rho^\Gamma\rVert_1 - 1)/2` of a two-qubit state."""
    transposed = rho.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    return float((np.abs(np.linalg.eigvalsh(transposed)).sum() - 1) / 2)


MEASURES = {
    "chsh": chsh,
    "singlet_fraction": singlet_fraction,
    "concurrence": concurrence,
    "negativity": negativity,
}
"""Each objective by its general definition."""
