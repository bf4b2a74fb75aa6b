"""Two qubits between two fermionic baths, by batched complex LU in NumPy.

What one writes who has NumPy alone: brask2022 (2), (3) as a sum of constant 16 x 16 superoperators
with coefficients, solved by LAPACK with the trace in place of one equation, and differentiated by
hand with the adjoint equation. As it is usually written (``states_of_all``), the whole batch is
assembled by one ``einsum`` and solved by one call; tuned (``states``), it is assembled by a real
matrix product, in chunks that stay in the cache. Nothing is shared with the package.

Basis |a, b> -> 2a + b, excitation |1>; vec(rho) stacks the rows of rho.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import expit

Parameters = Mapping[str, np.ndarray]
"""``g``, ``E``, ``gamma_a``, ``beta_a``, ``gamma_b``, ``beta_b`` and, with charge, ``u``; each of
shape ``(n,)``."""

RAISE = np.array([[0.0, 0.0], [1.0, 0.0]])
ONE, GROUND, EXCITED = np.eye(2), np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
ENERGY = np.kron(EXCITED, ONE) + np.kron(ONE, EXCITED)
BOTH = np.kron(EXCITED, EXCITED)
FLIP_FLOP = np.kron(RAISE, RAISE.T) + np.kron(RAISE.T, RAISE)

COHERENCE = 6  # the place of rho[01, 10] in vec(rho)
POPULATIONS = (0, 5, 10, 15)
PARITY = np.array([1.0, -1.0, -1.0, 1.0])


def hamiltonian(charged: bool) -> dict[str, np.ndarray]:
    """The operators by the names of their energies."""
    return {"E": ENERGY, "g": FLIP_FLOP, **({"u": BOTH} if charged else {})}


def jumps(charged: bool) -> list[tuple[str, int, int, np.ndarray]]:
    """(party, level of the other qubit, +1 or -1 for up or down, operator).

    Without charge a jump does not depend on the other qubit, and its level counts as 0.
    """
    found = []
    for party in "ab":
        for level, other in enumerate((GROUND, EXCITED) if charged else (ONE,)):
            raised = np.kron(RAISE, other) if party == "a" else np.kron(other, RAISE)
            found += [(party, level, 1, raised), (party, level, -1, raised.T)]
    return found


def rate(p: Parameters, party: str, level: int, way: int) -> np.ndarray:
    """The rate of a jump: gamma f(+-beta epsilon), f the Fermi function."""
    return p[f"gamma_{party}"] * expit(-way * p[f"beta_{party}"] * _energy(p, level))


def _energy(p: Parameters, level: int) -> np.ndarray:
    return p["E"] + p["u"] if level else p["E"]


def unitary(operator: np.ndarray) -> np.ndarray:
    """rho -> -i [H, rho]."""
    one = np.eye(len(operator))
    return -1j * (np.kron(operator, one) - np.kron(one, operator.T))


def dissipator(jump: np.ndarray) -> np.ndarray:
    """rho -> J rho J^+ - {J^+ J, rho}/2."""
    one, loss = np.eye(len(jump)), jump.conj().T @ jump / 2
    return np.kron(jump, jump.conj()) - np.kron(loss, one) - np.kron(one, loss.T)


class Machines:
    """A batch of machines of one kind.

    Args:
        charged: whether the baths resolve the charge ``u``.
        chunk: how many are solved at once: what their matrices take should fit the cache.
    """

    def __init__(self, charged: bool, chunk: int):
        self.charged, self.chunk = charged, chunk
        self.jumps = jumps(charged)
        self.energies = list(hamiltonian(charged))
        terms = [unitary(operator) for operator in hamiltonian(charged).values()]
        terms += [dissipator(jump) for *_, jump in self.jumps]
        terms = np.stack([*terms, np.zeros((16, 16))])
        # The equations of the four populations sum to zero: the trace replaces the first.
        terms[:, 0] = 0
        terms[-1, 0, POPULATIONS] = 1
        # Real and imaginary parts side by side: coefficients are real, and so is the product.
        self.terms = terms.reshape(len(terms), 256).view(float)

    def states(self, p: Parameters) -> np.ndarray:
        """The steady states, shape ``(n, 4, 4)``."""
        right = np.zeros((16, 1), dtype=complex)
        right[0] = 1
        found = np.empty((len(p["g"]), 16), dtype=complex)
        for part, inside in self._chunks(p):
            matrices = self._matrices(inside)
            found[part] = np.linalg.solve(matrices, np.broadcast_to(right, (len(matrices), 16, 1)))[
                ..., 0
            ]
        return found.reshape(-1, 4, 4)

    def states_of_all(self, p: Parameters) -> np.ndarray:
        """The same as it is usually written: all at once."""
        coefficients = np.stack(self._coefficients(p))
        terms = self.terms.view(complex).reshape(-1, 16, 16)
        matrices = np.einsum("kn,kij->nij", coefficients, terms)
        right = np.zeros((len(matrices), 16, 1), dtype=complex)
        right[:, 0] = 1
        return np.linalg.solve(matrices, right).reshape(-1, 4, 4)

    def chsh(self, p: Parameters) -> np.ndarray:
        """The CHSH value of each steady state, shape ``(n,)``."""
        return chsh(self.states(p).reshape(-1, 16))[0]

    def chsh_and_gradient(self, p: Parameters) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The CHSH values and their derivatives with respect to every parameter, shape ``(n,)``.

        The adjoint equation has the transposed matrix. NumPy keeps no factors, but the inverse
        serves both, and is faster than two factorisations.
        """
        values = np.empty(len(p["g"]))
        slopes = {name: np.empty(len(values)) for name in p}
        for part, inside in self._chunks(p):
            inverse = np.linalg.inv(self._matrices(inside))
            x = np.ascontiguousarray(inverse[:, :, 0])
            values[part], slope = chsh(x)
            adjoint = np.matmul(slope[:, None, :], inverse)[:, 0]
            # The real part of adjoint . L_k x for every term, as one real product.
            pairs = np.conj(adjoint[:, :, None] * x[:, None, :]).reshape(-1, 256)
            by_coefficient = -pairs.view(float) @ self.terms.T
            for name, total in self._pulled_back(inside, by_coefficient).items():
                slopes[name][part] = total
        return values, slopes

    def _chunks(self, p: Parameters):
        for start in range(0, len(p["g"]), self.chunk):
            part = slice(start, start + self.chunk)
            yield part, {name: values[part] for name, values in p.items()}

    def _coefficients(self, p: Parameters) -> list[np.ndarray]:
        rates = [rate(p, party, level, way) for party, level, way, _ in self.jumps]
        return [*(p[name] for name in self.energies), *rates, np.ones_like(p["g"])]

    def _matrices(self, p: Parameters) -> np.ndarray:
        flat = np.stack(self._coefficients(p), axis=1) @ self.terms
        return flat.view(complex).reshape(-1, 16, 16)

    def _pulled_back(self, p: Parameters, slope: np.ndarray) -> dict[str, np.ndarray]:
        """Derivatives by parameters from those by coefficients."""
        found = {name: np.zeros(len(slope)) for name in p}
        for k, name in enumerate(self.energies):
            found[name] += slope[:, k]
        for k, (party, level, way, _) in enumerate(self.jumps, start=len(self.energies)):
            gamma, beta = p[f"gamma_{party}"], p[f"beta_{party}"]
            energy = _energy(p, level)
            fermi, rest = expit(-way * beta * energy), expit(way * beta * energy)
            by_exponent = -way * gamma * fermi * rest * slope[:, k]
            # At an infinite beta the rates no longer change.
            by_energy = np.where(np.isinf(beta), 0.0, np.nan_to_num(beta)) * by_exponent
            found[f"gamma_{party}"] += fermi * slope[:, k]
            found[f"beta_{party}"] += energy * by_exponent
            found["E"] += by_energy
            if level:
                found["u"] += by_energy
        return found


def chsh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """CHSH (brask2022 (12)) of states vec(rho), and its slope: d CHSH = Re(slope . dx)."""
    squared = np.square(np.abs(x[:, COHERENCE]))
    parity = x[:, POPULATIONS].real @ PARITY
    inner = 4 * squared >= np.square(parity)
    value = 2 * np.sqrt(4 * squared + np.where(inner, 4 * squared, np.square(parity)))
    slope = np.zeros_like(x)
    weight = 2 / np.maximum(value, np.finfo(float).tiny)
    slope[:, COHERENCE] = weight * np.where(inner, 16, 8) * x[:, COHERENCE].conj()
    slope[:, POPULATIONS] = np.outer(weight * np.where(inner, 0, 2 * parity), 1) * PARITY
    return value, slope
