"""Where JAX computes: on the CPU, or on a GPU."""

from __future__ import annotations

import logging
from typing import Any

from jaxent.app.errors import InputError, show

DEVICES = ("cpu", "gpu")
"""What may be asked for."""


def use(device: str | None) -> None:
    """Compute on a device; call it before anything is computed.

    Args:
        device: one of ``DEVICES``; the one that JAX chooses where ``None``.

    Raises:
        InputError: there is no such device.
    """
    if device is None:
        return
    if device not in DEVICES:
        raise InputError(f"--device: {show(device)} is given; allowed: cpu, gpu")
    import jax

    settings: Any = jax.config  # its attributes are made as JAX is imported
    settings.update("jax_platforms", "cpu" if device == "cpu" else None)
    # That a GPU is there and its plugin is not is said below, in one line.
    logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)
    if device == "gpu" and jax.default_backend() != "gpu":
        raise InputError(
            "--device: gpu is given, and JAX sees none; allowed: cpu, or a GPU with its driver "
            "and pip install 'jaxent[cuda]' (CUDA 13) or 'jaxent[cuda12]'"
        )
