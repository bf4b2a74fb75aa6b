r"""States and machines as the objects of QuTiP and of dynamiqs, and back.

Both peers write a master equation as a Hamiltonian and collapse operators,

.. math:: \dot\rho = -i[H, \rho] + \sum_j \mathcal{D}[C_j]\rho, \qquad
          \mathcal{D}[C]\rho = C\rho C^\dagger - \tfrac12\{C^\dagger C, \rho\},

with the rates inside of the :math:`C_j`. Here a machine is :math:`\sum_k c_k\mathcal{L}_k`
(``generator``): its Hamiltonian terms add up, and a jump J with the coefficient c becomes
:math:`\sqrt{c}\,J`. A reset of a party becomes one jump for each pair of its levels.

Neither package is needed to read their objects, and each is imported by the function that makes
its objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Complex

from jaxent.generator import Generator
from jaxent.imports import optional
from jaxent.independent import jumps
from jaxent.machines import AbstractLindbladMachine, AbstractMachine
from jaxent.terms import Hamiltonian, Jump

if TYPE_CHECKING:
    from dynamiqs import QArray
    from qutip import Qobj


def lindblad_form(
    machine: AbstractMachine,
) -> tuple[Complex[np.ndarray, "N N"], list[Complex[np.ndarray, "N N"]]]:
    r"""A machine's master equation as a Hamiltonian and collapse operators.

    .. math:: \dot\rho = -i[H, \rho] + \sum_j \big(C_j\rho C_j^\dagger
              - \tfrac12\{C_j^\dagger C_j, \rho\}\big)

    Args:
        machine: a machine with a master equation, without batch axes.

    Returns:
        H and all :math:`C_j` that do not vanish, in units of energy and of its square root, in the
        kets ``|a, b>``, each shape ``(N, N)``. N is the dimension of both parties and of what the
        machine traces out, such as a cavity, whose index then comes last.

    Raises:
        TypeError: the machine has no master equation, as a thermal state.
        ValueError: the machine has batch axes.

    Example:
        >>> import jaxent
        >>> inverted, cold = jaxent.Bath(1, temperature=-0.0), jaxent.Bath(4, temperature=0)
        >>> h, collapse = jaxent.lindblad_form(jaxent.TwoQubit(0.5, inverted, cold))
        >>> float(h[1, 2].real), [float(abs(c).max()) for c in collapse]
        (0.5, [1.0, 2.0])
    """
    if not isinstance(machine, AbstractLindbladMachine):
        raise TypeError(
            f"machine: {machine.kind} is given; allowed: one with a master equation, which this "
            "has not"
        )
    size = machine.generator.dimension
    hamiltonian = np.zeros((size, size), dtype=complex)
    collapse = []
    for c, term in zip(machine.numbers(), machine.generator.terms, strict=True):
        if isinstance(term, Hamiltonian):
            hamiltonian += c * term.operator
        elif c:
            collapse += [np.sqrt(c) * jump.astype(complex) for jump in jumps(term)]
    return _in_kets(machine, hamiltonian), [_in_kets(machine, jump) for jump in collapse]


def _in_kets(machine: AbstractLindbladMachine, operator: np.ndarray) -> np.ndarray:
    kets = machine.basis
    return operator if kets is None else kets @ operator @ kets.conj().T


def _dims_of(machine: AbstractMachine, size: int) -> list[int]:
    """The dimensions of the parties, and of what the machine traces out."""
    beside = size // prod(machine.dims)
    return [*machine.dims, *([beside] if beside > 1 else [])]


def machine_to_qutip(machine: AbstractMachine) -> tuple[Qobj, list[Qobj]]:
    """A machine as QuTiP's ``(H, c_ops)``, for ``steadystate``, ``mesolve`` and the like.

    Args:
        machine: as for :func:`lindblad_form`.

    Returns:
        H and the collapse operators, with the dims of both parties (and of a cavity).

    Raises:
        TypeError: the machine has no master equation.
        ValueError: the machine has batch axes.
        ImportError: qutip is missing.

    Example::

        h, c_ops = jaxent.machine_to_qutip(machine)
        qutip.mesolve(h, rho_0, times, c_ops)
    """
    qutip = optional("qutip", "jaxent.machine_to_qutip")
    h, collapse = lindblad_form(machine)
    dims = [_dims_of(machine, len(h))] * 2
    return qutip.Qobj(h, dims=dims), [qutip.Qobj(c, dims=dims) for c in collapse]


def machine_to_dynamiqs(machine: AbstractMachine) -> tuple[QArray, list[QArray]]:
    """A machine as dynamiqs's ``(H, jump_ops)``, for ``mesolve`` and the like.

    Args:
        machine: as for :func:`lindblad_form`.

    Returns:
        H and the jump operators, with the dims of both parties (and of a cavity).

    Raises:
        TypeError: the machine has no master equation.
        ValueError: the machine has batch axes.
        ImportError: dynamiqs is missing.
    """
    dynamiqs = optional("dynamiqs", "jaxent.machine_to_dynamiqs")
    h, collapse = lindblad_form(machine)
    dims = tuple(_dims_of(machine, len(h)))
    return dynamiqs.asqarray(h, dims), [dynamiqs.asqarray(c, dims) for c in collapse]


def to_qutip(rho: Any, dims: Sequence[int] | None = None) -> Qobj:
    """A state as QuTiP's ``Qobj``.

    Args:
        rho: the state, shape ``(D, D)``, basis ``|a, b>`` with party A first.
        dims: the local dimensions; two equal ones unless given.

    Returns:
        The operator with the dims ``[[d_A, d_B], [d_A, d_B]]``.

    Raises:
        ValueError: the shape is another one, or does not go with the dims.
        ImportError: qutip is missing.

    Example::

        jaxent.to_qutip(machine.state()).ptrace(0)  # qubit A
    """
    qutip = optional("qutip", "jaxent.to_qutip")
    matrix = np.asarray(rho, dtype=complex)
    if matrix.ndim != 2:
        raise ValueError(f"rho: shape {matrix.shape} is given; allowed: one state, (D, D)")
    local = _local_dims(matrix, dims)
    return qutip.Qobj(matrix, dims=[local, local])


def to_dynamiqs(rho: Any, dims: Sequence[int] | None = None) -> QArray:
    """A state, or a batch of them, as dynamiqs's ``QArray``.

    Args:
        rho: the state, shape ``(..., D, D)``, basis ``|a, b>`` with party A first.
        dims: the local dimensions; two equal ones unless given.

    Returns:
        The same numbers with the dims ``(d_A, d_B)``.

    Raises:
        ValueError: the shape is another one, or does not go with the dims.
        ImportError: dynamiqs is missing.
    """
    dynamiqs = optional("dynamiqs", "jaxent.to_dynamiqs")
    matrix = np.asarray(rho, dtype=complex)
    return dynamiqs.asqarray(matrix, tuple(_local_dims(matrix, dims)))


def _local_dims(matrix: np.ndarray, dims: Sequence[int] | None) -> list[int]:
    size = matrix.shape[-1] if matrix.ndim >= 2 and matrix.shape[-1] == matrix.shape[-2] else 0
    if not size:
        raise ValueError(f"rho: shape {matrix.shape} is given; allowed: (..., D, D)")
    local = [isqrt(size)] * 2 if dims is None else [int(d) for d in dims]
    if prod(local) != size:
        given = "none are" if dims is None else f"{tuple(local)} is"
        raise ValueError(f"dims: {given} given; allowed: numbers whose product is {size}")
    return local


def as_state(state: Any) -> Complex[np.ndarray, "... D D"]:
    r"""A state of QuTiP, of dynamiqs, or an array, as the array that jaxent's functions take.

    Args:
        state: a ``Qobj``, a ``QArray`` or an array: a density matrix, or a ket, which becomes
            :math:`|\psi\rangle\langle\psi|`. Neither the trace nor positivity is checked.

    Returns:
        Complex, shape ``(..., D, D)``.

    Raises:
        ValueError: it is neither a ket nor a square matrix.

    Example:
        >>> import numpy as np
        >>> import jaxent
        >>> bell = np.array([[1], [0], [0], [1]]) / np.sqrt(2)
        >>> print(f"{jaxent.chsh(jaxent.as_state(bell)):.9f}")
        2.828427125
    """
    matrix = _as_array(state)
    kind = getattr(state, "type", "")  # as a Qobj says it
    vectorised = kind in ("super", "operator-ket", "operator-bra")
    if vectorised or matrix.ndim < 2 or matrix.shape[-1] not in (1, matrix.shape[-2]):
        given = f"{matrix.shape} of type {kind}" if vectorised else f"{matrix.shape}"
        raise ValueError(
            f"state: shape {given} is given; allowed: a ket (..., D, 1) or a density matrix "
            "(..., D, D)"
        )
    return matrix @ np.conj(np.swapaxes(matrix, -1, -2)) if matrix.shape[-1] == 1 else matrix


def as_generator(hamiltonian: Any, collapse: Sequence[Any]) -> Generator:
    r"""A master equation of QuTiP, of dynamiqs, or of arrays, as a :class:`Generator`.

    .. math:: \dot\rho = -i c_0[H, \rho] + \sum_{j \ge 1} c_j\,\mathcal{D}[C_j]\rho

    Args:
        hamiltonian: H, a ``Qobj``, a ``QArray`` or an array, constant in time.
        collapse: the :math:`C_j`, of the same kinds.

    Returns:
        The generator of a Hamiltonian term and one jump for each :math:`C_j`. With all
        coefficients one, ``numpy.ones(1 + len(collapse))``, it is the master equation as given;
        other ones scale its parts, differentiably.

    Raises:
        ValueError: H is not Hermitian, or the shapes differ.

    Example:
        >>> import numpy as np
        >>> import jaxent
        >>> raising = np.array([[0, 0], [1, 0]])
        >>> generator = jaxent.as_generator(np.eye(2), [raising, raising.T])
        >>> x = jaxent.stationary_coordinates(generator, [1.0, 1.0, 3.0])
        >>> generator.matrix(x).real.diagonal().tolist()
        [0.75, 0.25]
    """
    return Generator([Hamiltonian(_as_array(hamiltonian)), *(Jump(_as_array(c)) for c in collapse)])


def _as_array(operator: Any) -> Complex[np.ndarray, "..."]:
    for method in ("full", "to_numpy"):  # of a Qobj, and of a QArray
        if callable(convert := getattr(operator, method, None)):
            return np.asarray(convert(), dtype=complex)
    return np.asarray(operator, dtype=complex)
