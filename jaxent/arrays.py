"""NumPy where numbers are known, JAX where they are traced: one formula for both."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Numeric = Any
"""A number or an array, NumPy's or JAX's; no static type tells what both can do."""


def namespace(*arrays: Numeric) -> ModuleType:
    """The module whose functions suit these arrays: ``jax.numpy`` where one of them is JAX's.

    JAX compiles each operation on known numbers for itself, which takes longer than a search over
    them.
    """
    return jnp if any(isinstance(array, jax.Array) for array in arrays) else np
