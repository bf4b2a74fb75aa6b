r"""Everything again, another way: the check that each reported number passes.

The steady state in many digits (``precise``), explicit Kraus operators, and each measure by its
general definition. Nothing here uses the sector, the real coordinates, the closed-form efficiency
or the differentiable measures that a search uses; only a machine's operators, rates and initial
state are shared, and the basis in which it writes them. The kernels give no number, only a hint
which population is likely, in units of which all others are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jaxent.generator import Generator
from jaxent.machines import AbstractLindbladMachine, AbstractMachine, Thermal
from jaxent.precise import NotUnique, PreciseState, TooLarge
from jaxent.terms import Hamiltonian, Jump, Reset, Term

if TYPE_CHECKING:
    from scipy.sparse import csc_array

_REFINEMENTS = 6

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_BELL_COLUMNS = np.array(
    [[1, 0, 0, 1], [1j, 0, 0, -1j], [0, 1j, 1j, 0], [0, 1, -1, 0]]
).T / np.sqrt(2)


class Solution:
    r"""The state of a machine by another solve of :math:`\mathcal{L}\rho = 0`, tr = 1.

    In many digits, and so right in every entry; machines with too many levels for that are solved
    by sparse LU in double precision. A thermal machine's state is :math:`e^{-\beta H}` by the
    eigenvectors of its Hamiltonian.

    Args:
        machine: without batch axes.

    Attributes:
        state: in the kets of both parties, shape ``(D, D)``.
        precise: in many digits, in the basis of the generator, where it was found so.

    Raises:
        TypeError: there is no independent solution for the machine.
        LinAlgError: the steady state is not unique.
    """

    state: np.ndarray
    precise: PreciseState | None = None

    def __init__(self, machine: AbstractMachine):
        if isinstance(machine, Thermal):
            self.state = _thermal(machine)
            return
        if not isinstance(machine, AbstractLindbladMachine):
            raise TypeError(f"no independent solution for a machine of kind {machine.kind!r}")
        self.precise = _precise(machine)
        rho = _by_sparse_lu(machine) if self.precise is None else self.precise.matrix()
        self.state = _of_parties(machine, rho)
        self._of_parties_alone = machine.basis is None and len(rho) == len(self.state)

    def herald(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
        r"""What the machine heralds among all its levels, and :math:`\ln p` of the efficiency.

        Args:
            a: the diagonal of A's filter.
            b: the diagonal of B's filter.

        Raises:
            ZeroDivisionError: the filters never let the state pass.
        """
        if self.precise is not None and self._of_parties_alone:
            # Also where populations underflow.
            return self.precise.herald(np.outer(a, b).reshape(-1))
        heralded, efficiency = herald(self.state, a, b)
        return heralded, float(np.log(efficiency))


def herald(rho: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """The heralded state and its probability by explicit Kraus operators."""
    kraus = np.kron(np.diag(a), np.diag(b))
    passed = kraus @ rho @ kraus.conj().T
    efficiency = float(np.trace(passed).real)
    if efficiency == 0:
        raise ZeroDivisionError("the filters never let the state pass")
    return passed / efficiency, efficiency


def _precise(machine: AbstractLindbladMachine) -> PreciseState | None:
    try:
        return machine.precise_state()
    except TooLarge:
        return None
    except NotUnique as error:
        raise np.linalg.LinAlgError(f"the steady state is not unique: {error}") from None


def _by_sparse_lu(machine: AbstractLindbladMachine) -> np.ndarray:
    rho = _sparse(sparse_liouvillian(machine.generator, machine.numbers()))
    return (rho + rho.conj().T) / 2


def _of_parties(machine: AbstractLindbladMachine, rho: np.ndarray) -> np.ndarray:
    """A state of the generator's levels in the kets of the two parties alone."""
    if machine.basis is not None:
        rho = machine.basis @ rho @ machine.basis.conj().T
    # What is beside the two parties, such as a cavity, is traced out.
    dimension = machine.dims[0] * machine.dims[1]
    split = (dimension, len(rho) // dimension)
    return rho.reshape(*split, *split).trace(axis1=1, axis2=3)


def sparse_liouvillian(generator: Generator, coefficients: np.ndarray) -> csc_array:
    r"""The full complex Liouvillian on row-stacked states, shape ``(D**2, D**2)``.

    With row stacking, :math:`\mathrm{vec}(A\rho B) = (A \otimes B^{\mathsf T})\,\mathrm{vec}\rho`.
    """
    from scipy.sparse import csc_array, eye_array, kron

    one = eye_array(generator.dimension)
    total = csc_array((generator.dimension**2,) * 2, dtype=complex)
    for c, term in zip(coefficients, generator.terms, strict=True):
        if isinstance(term, Hamiltonian):
            operator = csc_array(term.operator)
            both = kron(operator, one, "csc") - kron(one, operator.T, "csc")
            total = total + (-1j * c) * both
            continue
        each = [csc_array(jump) for jump in jumps(term)]
        loss = csc_array(sum(jump.conj().T @ jump for jump in each)) / 2
        gained = csc_array(sum(kron(jump, jump.conj(), "csc") for jump in each))
        total = total + c * (gained - kron(loss, one, "csc") - kron(one, loss.T, "csc"))
    return total


def jumps(term: Term) -> list[np.ndarray]:
    """A dissipative term as jumps: a reset leads from every level of its party to its state's."""
    if isinstance(term, Jump):
        return [term.operator]
    if not isinstance(term, Reset):
        raise TypeError(f"no Liouvillian for a term of type {type(term).__name__}")
    levels, other = np.eye(len(term.populations)), np.eye(term.other)
    local = [
        np.sqrt(weight) * np.outer(to, source)
        for weight, to in zip(term.populations, levels, strict=True)
        for source in levels
        if weight
    ]
    return [np.kron(j, other) if term.party == "a" else np.kron(other, j) for j in local]


def _sparse(system: csc_array) -> np.ndarray:
    from scipy.sparse import csc_array, vstack
    from scipy.sparse.linalg import splu

    dimension = round(np.sqrt(len(system.indptr) - 1))
    scale = np.abs(system.data).max()
    trace = csc_array(np.eye(dimension).reshape(1, -1))
    system = csc_array(vstack([trace, system[1:] / scale]))
    right = np.zeros(dimension**2, dtype=complex)
    right[0] = 1.0
    try:
        factors = splu(system)
    except RuntimeError as error:
        raise np.linalg.LinAlgError(f"the steady state is not unique: {error}") from None
    solution = np.zeros_like(right)
    for _ in range(_REFINEMENTS):
        solution = solution + factors.solve(right - system @ solution)
    return solution.reshape(dimension, dimension)


def _thermal(machine: Thermal) -> np.ndarray:
    raised = np.array([[0, 0], [1, 0]])
    a, b = np.kron(raised, np.eye(2)), np.kron(np.eye(2), raised)
    local = a @ a.T + b @ b.T
    hamiltonian = float(machine.E) * local + float(machine.g) * (a @ b.T + b @ a.T)
    beta = float(machine.beta)
    energies, vectors = np.linalg.eigh(hamiltonian)
    above = energies - (energies.max() if beta < 0 else energies.min())
    if np.isinf(beta):
        weights = (above <= 8 * np.finfo(float).eps * np.abs(energies).max()).astype(float)
    else:
        weights = np.exp(-beta * above)
    return (vectors * (weights / weights.sum())) @ vectors.T.astype(complex)


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


def negativity(rho: np.ndarray, dims: tuple[int, int] = (2, 2)) -> float:
    r""":math:`(\lVert\rho^\Gamma\rVert_1 - 1)/2`."""
    transposed = rho.reshape(*dims, *dims).transpose(0, 3, 2, 1).reshape(rho.shape)
    return float((np.abs(np.linalg.eigvalsh(transposed)).sum() - 1) / 2)


def steering(rho: np.ndarray, measurements: str | int | np.ndarray = "dodecahedron") -> float:
    """The white-noise robustness by a certificate: another solver, and bounds on both sides."""
    from jaxent.certify import certify_steering

    return certify_steering(rho, measurements).q


def value_of(
    objective: str,
    rho: np.ndarray,
    dims: tuple[int, int],
    measurements: str | int | np.ndarray = "dodecahedron",
) -> float:
    """An objective by its general definition; the negativity also beyond two qubits.

    Args:
        objective: its name.
        rho: the state.
        dims: its local dimensions.
        measurements: those of ``steering``.

    Raises:
        ValueError: it is defined for two qubits alone, and these are none.
    """
    if objective == "negativity":
        return negativity(rho, dims)
    if dims != (2, 2):
        raise ValueError(f"objective: {objective} of dimensions {dims}; allowed: two qubits")
    if objective == "steering":
        return steering(rho, measurements)
    return MEASURES[objective](rho)


MEASURES = {
    "chsh": chsh,
    "singlet_fraction": singlet_fraction,
    "concurrence": concurrence,
    "negativity": negativity,
    "steering": steering,
}
"""Each objective by its general definition."""
