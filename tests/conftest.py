"""What every test relies on: double precision, a shared accelerator, repeatable examples."""

import gc
import os

# Workers have a core each; threads of linear algebra that wait for one another would take turns.
if "PYTEST_XDIST_WORKER" in os.environ:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

# Workers share one accelerator; none may take its whole memory at the start.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

# XLA's older way to emit code for a processor takes half the time; the suite mostly compiles.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
)

# What a test computes must not depend on what an earlier one has compiled.
os.environ.setdefault("JAX_ENABLE_COMPILATION_CACHE", "false")

import jax
import pytest

# References made before the package is imported must be as precise as those made after.
jax.config.update("jax_enable_x64", True)

try:
    import hypothesis
except ModuleNotFoundError:  # only property tests need it, and they say so themselves
    pass
else:
    # The first example of a property compiles it; a deadline would measure the compiler.
    hypothesis.settings.register_profile("jaxent", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("jaxent")

# What JAX has traced is kept to the end; to look through it again and again finds little.
gc.freeze()
gc.set_threshold(100_000, 20, 50)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs an accelerator where there is none."""
    if item.get_closest_marker("gpu") and jax.default_backend() == "cpu":
        pytest.skip("needs an accelerator; JAX sees the CPU alone")
