"""The repository's habits: style, light import, floors, no trace of one machine, one version."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import jaxent

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "jaxent"

# From the ground up. A module imports only what stands before it.
FLOORS = (
    "checker",
    "verify",
    "arrays",
    "compilation",
    "imports",
    "directions",
    "quantum",
    "baths",
    "terms",
    "generator",
    "steady_state",
    "precise",
    "machines",
    "filters",
    "measures",
    "search",
    "certify",
    "prove",
    "independent",
    "peers",
    "study",
    "verification",
    "curves",
    "app",
    "files",
)
STANDARD_LIBRARY_ALONE = {"verify", "checker"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)


def expect_silence(outcome: subprocess.CompletedProcess[str]) -> None:
    if outcome.returncode:
        pytest.fail(outcome.stdout + outcome.stderr, pytrace=False)


def read_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


# style


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_has_nothing_to_say(command):
    pytest.importorskip("ruff", reason="ruff is not installed: pip install -e '.[test]'")
    expect_silence(run("-m", "ruff", *command, "."))


@pytest.mark.slow
def test_pyright_has_nothing_to_say():
    pytest.importorskip("pyright", reason="pyright is not installed: pip install -e '.[dev]'")
    if run("-m", "pyright", "--version").returncode:
        pytest.skip("pyright cannot start; it needs Node.js, or a network to fetch it")
    expect_silence(run("-m", "pyright", "--pythonpath", sys.executable))


# import

LIGHT_IMPORT = """
import sys

HEAVY = {"clarabel", "cvxpy", "h5netcdf", "h5py", "jinja2", "matplotlib", "pydantic", "rich",
         "typer", "xarray", "yaml"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"{name} is absent in this test", name=name)

sys.meta_path.insert(0, Absent())

import equinox, jax, numpy, optax

def packages():
    return {name.partition(".")[0] for name in sys.modules}

before = packages()
import jaxent

assert "jaxent.api" not in sys.modules, "import jaxent loads what it does not need yet"
assert all(hasattr(jaxent, name) for name in dir(jaxent))
print(*sorted(packages() - before - sys.stdlib_module_names - {"jaxent"}))
print(jax.config.jax_enable_x64)
"""


def test_the_package_imports_with_jax_equinox_optax_and_numpy_alone():
    outcome = run("-c", LIGHT_IMPORT)
    assert outcome.returncode == 0, outcome.stderr
    further, double_precision = outcome.stdout.splitlines()
    assert further == "", f"import jaxent also imports {further}"
    assert double_precision == "True", "import jaxent leaves JAX in single precision"


# floors


def modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The full names a module imports, wherever in it the import stands."""
    package = ("jaxent", *path.parent.parts)
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            if source == "jaxent":
                yield from (f"jaxent.{alias.name}" for alias in node.names)
            else:
                yield source


def floors_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imported(path))
    return {parts[1] if parts[1:] else "jaxent" for parts in names if parts[0] == "jaxent"}


@pytest.mark.parametrize("path", modules(), ids=str)
def test_each_floor_imports_only_floors_below_it(path):
    floor = path.parts[0].removesuffix(".py")
    if floor == "__main__":
        return
    if floor == "__init__":
        assert floors_imported(path) == {"api"}
        return
    if floor == "api":
        assert floors_imported(path) <= set(FLOORS) - {"app"}
        return
    assert floor in FLOORS, f"{path} stands on no floor; give it one in FLOORS"
    below = set(FLOORS[: FLOORS.index(floor)])
    forbidden = floors_imported(path) - below - {floor}
    assert not forbidden, f"{floor} imports {sorted(forbidden)}, which is not below it"


def test_a_sceptic_needs_the_standard_library_alone():
    for path in modules():
        if path.parts[0].removesuffix(".py") in STANDARD_LIBRARY_ALONE:
            further = {name.partition(".")[0] for name in imported(path)} - sys.stdlib_module_names
            # Each other, as parts of the package or without it.
            further -= STANDARD_LIBRARY_ALONE | {"jaxent"}
            assert not further, f"{path} imports {sorted(further)}"
            assert floors_imported(path) <= STANDARD_LIBRARY_ALONE


# claims


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


def test_no_script_writes_its_verdict_itself():
    """A verdict follows from numbers: rows are made by jaxent.app.claims, of what was computed."""
    guilty = []
    for path in sorted((ROOT / "experiments").glob("*/*.py")):
        for call in calls(path):
            name = call.func.id
            judged = [keyword.value for keyword in call.keywords if keyword.arg == "holds"]
            judged += call.args[2:3] if name in {"fact", "check"} else []
            judged += call.args[4:5] if name == "improved" else []
            constant = any(isinstance(value, ast.Constant) for value in judged)
            if name == "Claim" or constant:
                guilty.append(f"{path.relative_to(ROOT)}:{call.lineno}: {name}")
    assert not guilty


# one machine's traces


def project_files() -> list[Path]:
    """What git tracks; in a copy without its history, all but environments and caches."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = [name for name in tracked.stdout.split("\0") if name]
    if "pyproject.toml" in names:
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    files = []
    for folder, subfolders, filenames in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if name in {".ci", ".github"} or not name.startswith((".", "__pycache__", "venv"))
        ]
        files += [Path(folder, name) for name in filenames]
    return files


def test_no_file_mentions_an_absolute_path():
    absolute = re.compile(rb"(?<![\w.:~/$}-])/(?:home|root|tmp|work|Users)/")
    guilty = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if absolute.search(line)
    ]
    assert not guilty


# one version, one list of dependencies


def test_the_version_is_one():
    project = read_toml(ROOT / "pyproject.toml")["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert jaxent.__version__ == project["version"] == str(citation["version"])


def test_conda_and_pip_ask_for_the_same_dependencies():
    conda_names = {"matplotlib-base": "matplotlib"}
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = {tuple(line.split()) for line in environment["dependencies"] if isinstance(line, str)}
    conda = {(conda_names.get(name, name), *bound) for name, *bound in conda}
    pip = {
        tuple(re.fullmatch(r"([\w-]+)(>=.*)", line).groups())
        for line in read_toml(ROOT / "pyproject.toml")["project"]["dependencies"]
    }
    pip = {(name.lower(), bound) for name, bound in pip}
    assert {entry for entry in conda if entry[0] not in {"python", "pip"}} == pip
