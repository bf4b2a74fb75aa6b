"""Bell nonlocality: the CHSH value."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.measures.spectral import RESOLUTION, TINY, ky_fan
from jaxent.quantum import PAULI, root

CLASSICAL_BOUND = 2.0
"""The largest CHSH value of local hidden variables; quantum theory reaches ``2 sqrt(2)``."""

_PAULI_PAIRS = np.einsum("iab,jcd->ijacbd", PAULI, PAULI).reshape(3, 3, 4, 4)


def correlation_matrix(rho: Complex[Array, "... 4 4"]) -> Float[Array, "... 3 3"]:
    r"""The correlation matrix :math:`T_{ij} = \mathrm{tr}(\rho\,\sigma_i\otimes\sigma_j)`."""
    return jnp.einsum("ijab,...ba->...ij", _PAULI_PAIRS, rho).real


def chsh(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The largest CHSH value of a two-qubit state over all projective measurements.

    .. math:: \mathrm{CHSH} = 2\sqrt{\lambda_1 + \lambda_2}

    with the two largest eigenvalues of :math:`T^{\mathsf T}T` (Horodecki criterion; brask2022
    Sec. III C). It exceeds 2 if and only if the state violates a CHSH inequality.

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in :math:`[0, 2\sqrt2]`. A search climbs it from the classical side as
        it is; product states form a plateau at exactly 2.
    """
    t = correlation_matrix(rho)
    return 2 * root(ky_fan(jnp.einsum("...ki,...kj->...ij", t, t), 2))


def log_chsh_violation(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""How strongly a state violates the CHSH inequality, on a scale without a plateau.

    .. math:: \ln \frac{t_2^2}{1 - t_1^2}

    with the largest singular values :math:`t_1 \ge t_2` of the correlation matrix. Since
    :math:`\mathrm{CHSH} = 2\sqrt{t_1^2 + t_2^2}` it is positive if and only if CHSH > 2. Product
    states, for which CHSH = 2 exactly, are no local maxima of it: they have :math:`t_2 = 0`.
    A violation that rounding errors could feign, below 1e-13, counts as none.
    """
    t = correlation_matrix(rho)
    gram = jnp.einsum("...ki,...kj->...ij", t, t)
    first = ky_fan(gram, 1)
    second = ky_fan(gram, 2) - first
    return jnp.log(jnp.maximum(second, 0.0) / (jnp.abs(1 - first) + RESOLUTION) + TINY)
