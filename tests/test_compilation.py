"""Compiled functions that are kept: where, when, and that nothing depends on it."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version

import pytest

OWN = ("JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE", "XDG_CACHE_HOME")

KEEP = """
import jax, jaxent
folder = jaxent.keep_compiled()
print(jax.jit(lambda x: x + 1)(1.0), folder)
"""
# What is compiled for one processor may not run on another that shares the home folder.
OF_THIS_HOST = f"jax-{version('jax')}-{platform.node()}"
COMMAND = "from jaxent.app.cli import main; main(['machines'])"


@pytest.fixture
def run(tmp_path):
    """Runs Python code in a process of its own, with a home of its own."""

    def run(code, **environment):
        inherited = {name: value for name, value in os.environ.items() if name not in OWN}
        return subprocess.run(
            [sys.executable, "-c", code],
            env=inherited | {"HOME": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            check=True,
        )

    return run


def test_it_is_kept_in_the_users_cache_folder(run, tmp_path):
    folder = tmp_path / ".cache" / "jaxent" / OF_THIS_HOST
    assert run(KEEP).stdout.split() == ["2.0", str(folder)]
    kept = {path.name for path in folder.glob("*-cache")}
    assert any("lambda" in name for name in kept)
    # The next time nothing is left to be compiled.
    assert run(KEEP).stdout.split() == ["2.0", str(folder)]
    assert {path.name for path in folder.glob("*-cache")} == kept


def test_the_cache_folder_of_the_desktop_is_respected(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    kept = run(KEEP, XDG_CACHE_HOME=str(elsewhere)).stdout.split()[1]
    assert kept == str(elsewhere / "jaxent" / OF_THIS_HOST)


def test_the_users_own_folder_wins(run, tmp_path):
    own = tmp_path / "own"
    assert run(KEEP, JAX_COMPILATION_CACHE_DIR=str(own)).stdout.split()[1] == str(own)
    assert not (tmp_path / ".cache").exists()


def test_it_can_be_switched_off(run, tmp_path):
    for name, value in (
        ("JAX_ENABLE_COMPILATION_CACHE", "false"),
        ("JAX_COMPILATION_CACHE_DIR", ""),
    ):
        assert run(KEEP, **{name: value}).stdout.split() == ["2.0", "None"]
    assert not (tmp_path / ".cache").exists()


def test_a_folder_that_cannot_be_written_is_done_without(run, tmp_path):
    (tmp_path / ".cache").write_text("a file")
    outcome = run(KEEP)
    assert outcome.stdout.split() == ["2.0", "None"]
    assert outcome.stderr == ""


def test_the_command_line_keeps_and_an_import_does_not(run, tmp_path):
    run("import jaxent; jaxent.Bath")
    assert not (tmp_path / ".cache").exists()
    run(COMMAND)
    assert (tmp_path / ".cache" / "jaxent").is_dir()
