"""What results come from: versions, and the code of machines of one's own."""

import importlib
import sys
from pathlib import Path

import pytest

from jaxent.app.origin import origin
from jaxent.machines import MACHINES, Machines, TwoQubit
from tests.app.configs import dumped
from tests.app.conftest import STUDY

MINE = """
from typing import ClassVar
import jaxent
from my_machines import rates

@jaxent.register
class Mine(jaxent.TwoQubit):
    kind: ClassVar = "mine"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a package with a machine like ``two_qubit``, or changes it, as a new process."""
    site = tmp_path / "site"
    (site / "my_machines").mkdir(parents=True)
    monkeypatch.syspath_prepend(site)

    def install(version="1.0", **files):
        for name, text in ({"__init__": "", "rates": "", "mine": MINE} | files).items():
            (site / "my_machines" / f"{name}.py").write_text(text)
        info = site / "my_machines.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Name: my-machines\nVersion: {version}\n")
        offer = "[jaxent.machines]\nmine = my_machines.mine:Mine\n"
        (info / "entry_points.txt").write_text(offer)
        forget()
        importlib.invalidate_caches()
        monkeypatch.setattr(MACHINES, "_registered", {})
        monkeypatch.setattr(MACHINES, "_offered", Machines([])._offered)

    def forget():
        for name in [name for name in sys.modules if name.startswith("my_machines")]:
            del sys.modules[name]

    yield install
    forget()


@pytest.fixture
def study(tmp_path):
    """Two variants of a study of that machine."""
    both = {"free": {"filters": {"a": {}}}}
    content = {**STUDY, "machine": {**STUDY["machine"], "kind": "mine"}}
    content["variants"] = {"filter on B": {}, "both filters": both}
    path = tmp_path / "study.yaml"
    path.write_text(dumped(content))
    return path


CHANGES = {
    "its module": {"mine": MINE + "RATE = 2"},
    "a module beside it": {"rates": "RATE = 2"},
    "its version": {"version": "1.1"},
}


@pytest.mark.parametrize("change", [{}, *CHANGES.values()], ids=["nothing", *CHANGES])
def test_points_of_another_code_are_solved_again(
    change, installed, study, jaxent, interrupted, quick_solve
):
    installed()
    repair = interrupted(KeyboardInterrupt())
    assert jaxent("run", study, "--out", "out").code == 130
    repair()
    quick_solve.clear()
    installed(**change)
    assert jaxent("run", study, "--out", "out", "--resume").code == 0
    assert quick_solve == [*(["filter on B"] if change else []), "both filters"]


def test_a_finished_run_of_another_code_is_told(
    installed, study, jaxent, quick_solve, quick_figure, one_line
):
    installed()
    assert jaxent("run", study, "--out", "out").code == 0
    assert jaxent("run", study, "--out", "out", "--resume").code == 0
    installed(mine=CHANGES["its module"]["mine"])
    outcome = jaxent("run", study, "--out", "out", "--resume")
    one_line(outcome, "--resume: out holds a finished run with another code; allowed: ")


def test_a_machine_is_what_it_was_when_it_was_loaded(installed):
    installed()
    before = origin(["mine"])
    assert before["versions"]["my-machines"] == "1.0"
    [file] = [Path(path, "my_machines", "rates.py") for path in sys.path if path.endswith("site")]
    file.write_text("RATE = 3")
    assert origin(["mine"]) == before
    installed(rates="RATE = 3")
    assert origin(["mine"])["code"] != before["code"]


def test_the_code_of_the_package_itself_is_known_by_its_version():
    assert origin(MACHINES._own)["code"] == {}


def test_what_was_typed_in_is_like_itself_alone(monkeypatch):
    def typed():
        monkeypatch.setattr(MACHINES, "_registered", {})
        names = {"kind": "mine", "__module__": "typed_in", "__annotations__": {}}
        MACHINES._registered["mine"] = type("Mine", (TwoQubit,), names)
        return origin(["mine"])["code"]

    one = typed()
    assert origin(["mine"])["code"] == one
    assert typed() != one
