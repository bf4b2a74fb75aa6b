"""Two qubits, one pumped and one emptied, that also lose excitations together.

Valid where all rates and g are far below the gap of the qubits, which is the same for both.
"""

from typing import ClassVar

import numpy as np
from jaxtyping import Array, Float

from jaxent import AbstractLindbladMachine, Generator, Hamiltonian, Jump, Parameter, register

LOWER = np.array([[0, 1], [0, 0]])
A, B = np.kron(LOWER, np.eye(2)), np.kron(np.eye(2), LOWER)


@register
class SharedLoss(AbstractLindbladMachine):
    """Exchanging qubits: A pumped, B emptied, both with one common loss."""

    kind: ClassVar = "shared_loss"
    dims = (2, 2)
    generator = Generator([Hamiltonian(A.T @ B + B.T @ A), Jump(A.T), Jump(B), Jump(A + B)])
    parameters: ClassVar = (
        Parameter("g", "coupling g", symbol="g"),
        Parameter("pump", "rate at which A is excited", symbol="p"),
        Parameter("loss", "rate at which B decays", default=1.0, symbol=r"\kappa"),
        Parameter("shared", "rate at which both decay together", symbol=r"\Gamma"),
    )

    g: Float[Array, "..."]
    pump: Float[Array, "..."]
    loss: Float[Array, "..."]
    shared: Float[Array, "..."]

    def coefficients(self):
        """One for each term of the generator, in their order."""
        return [self.g, self.pump, self.loss, self.shared]
