"""Master equations of any size, and measures of two qubits, written out plainly, in NumPy alone.

Nothing of the package is used. vec(rho) stacks the rows of rho, so that vec(X rho Y) = (X (x) Y^T)
vec(rho).
"""

import numpy as np

# one qubit, and the exchange of two; excitation |1>

GROUND, EXCITED = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
RAISE = np.array([[0.0, 0.0], [1.0, 0.0]])
SIGMA_X = np.array([[0.0, 1.0], [1.0, 0.0]])
SIGMA_Y = np.array([[0.0, -1j], [1j, 0.0]])
SIGMA_Z = np.diag([1.0, -1.0])
ONE = np.eye(2)
FLIP_FLOP = np.kron(RAISE, RAISE.T) + np.kron(RAISE.T, RAISE)


def unitary(operator):
    """rho -> -i [H, rho]."""
    one = np.eye(len(operator))
    return -1j * (np.kron(operator, one) - np.kron(one, operator.T))


def dissipator(jump):
    """rho -> J rho J^+ - {J^+ J, rho}/2."""
    one = np.eye(len(jump))
    loss = jump.conj().T @ jump / 2
    return np.kron(jump, jump.conj()) - np.kron(loss, one) - np.kron(one, loss.T)


def ket(dimension, level):
    return np.eye(dimension)[level]


def thermal(energies, temperature):
    """The populations of a thermal state; T = 0.0 and -0.0 are limits, and so is infinity."""
    energies = np.asarray(energies, dtype=float)
    if temperature == 0:
        return ket(len(energies), -1 if np.signbit(temperature) else 0)
    exponents = -energies / temperature
    weights = np.exp(exponents - exponents.max())
    return weights / weights.sum()


def reset(party, populations, other):
    """rho -> tau (x) tr_A rho - rho, or tr_B rho (x) tau - rho, by its Kraus operators."""
    size = len(populations)
    full = -np.eye((size * other) ** 2)
    for level, weight in enumerate(populations):
        for fallen in range(size):
            hop = np.sqrt(weight) * np.outer(ket(size, level), ket(size, fallen))
            kraus = np.kron(hop, np.eye(other)) if party == "a" else np.kron(np.eye(other), hop)
            full = full + np.kron(kraus, kraus.conj())
    return full


def liouvillian(hamiltonian, jumps=(), resets=()):
    """-i[H, .] + sum of rate D[jump] + sum of rate (reset)."""
    total = unitary(hamiltonian)
    for rate, jump in jumps:
        total = total + rate * dissipator(jump)
    for rate, part in resets:
        total = total + rate * part
    return total


def steady_state(full):
    """The state with L rho = 0 and tr rho = 1, by least squares."""
    d = round(np.sqrt(len(full)))
    rows = np.abs(full).max(axis=1, keepdims=True)
    system = np.vstack([full / np.where(rows > 0, rows, 1.0), np.eye(d).reshape(1, d * d)])
    right = np.zeros(d * d + 1)
    right[-1] = 1.0
    rho = np.linalg.lstsq(system, right, rcond=None)[0].reshape(d, d)
    return (rho + rho.conj().T) / 2


def filtered(rho, filter_a, filter_b):
    """The filtered state and its probability, with explicit Kraus operators."""
    kraus = np.kron(np.diag(filter_a), np.diag(filter_b))
    passed = kraus @ rho @ kraus.conj().T
    probability = np.trace(passed).real
    return passed / probability, probability


def largest(*arrays):
    """The largest modulus of all entries."""
    return max(float(np.abs(array).max()) for array in arrays)


# measures of two qubits


def correlations(rho):
    """The spin-correlation matrix T_ij = tr[sigma_i (x) sigma_j rho]."""
    sigma = SIGMA_X, SIGMA_Y, SIGMA_Z
    return np.array([[np.trace(np.kron(s, t) @ rho).real for t in sigma] for s in sigma])


def chsh(rho):
    """Horodecki: 2 sqrt(lambda_1 + lambda_2) of T^T T."""
    return 2 * np.sqrt(np.sum(np.linalg.svd(correlations(rho))[1][:2] ** 2))


def concurrence(rho):
    """Wootters, from the eigenvalues of rho rho~, which is not Hermitian."""
    flip = np.kron(SIGMA_Y, SIGMA_Y).real
    return wootters(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip))


def wootters(squares):
    """The concurrence from the eigenvalues of rho rho~."""
    largest, *others = np.sort(np.sqrt(np.abs(squares)))[::-1]
    return max(0.0, largest - sum(others))


def negativity(rho):
    """The negative eigenvalues of the partial transpose."""
    transposed = rho.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    return -np.minimum(np.linalg.eigvalsh(transposed), 0.0).sum()
