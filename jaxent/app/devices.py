"""Where JAX computes: on the CPU, or on a GPU."""

from __future__ import annotations

import logging
import os
from typing import Any

from jaxent.app.errors import InputError, show

DEVICES = ("cpu", "gpu")
"""What may be asked for."""


def use(device: str | None, *, shared: bool = False) -> None:
    """Compute on a device; call it before anything is computed.

    Args:
        device: one of ``DEVICES``; the one that JAX chooses where ``None``.
        shared: whether other processes use it as well; no process then takes the whole memory of a
            GPU at its start.

    Raises:
        InputError: there is no such device.
    """
    if shared:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if device is None:
        return
    if device not in DEVICES:
        raise InputError(f"--device: {show(device)} is given; allowed: cpu, gpu")
    import jax

    choose("cpu" if device == "cpu" else None)
    if device == "gpu" and jax.default_backend() != "gpu":
        raise InputError(
            "--device: gpu is given, and JAX sees none; allowed: cpu, or a GPU with its driver "
            "and pip install 'jaxent[cuda]' (CUDA 13) or 'jaxent[cuda12]'"
        )


def chosen() -> str | None:
    """The platforms that JAX has to choose from in this process, for :func:`choose` in others."""
    import jax

    settings: Any = jax.config  # its attributes are made as JAX is imported
    return settings.jax_platforms


def choose(platforms: str | None) -> None:
    """Have JAX choose from these platforms, or from all that there are."""
    import jax

    settings: Any = jax.config
    settings.update("jax_platforms", platforms)
    # That a GPU is there and its plugin is not, whoever asked for one is told in one line.
    logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)


def in_use() -> dict[str, Any]:
    """Where JAX computes, and how precisely."""
    import jax

    settings: Any = jax.config
    return {"device": jax.default_backend(), "double_precision": bool(settings.jax_enable_x64)}
