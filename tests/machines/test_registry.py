"""Machines of one's own: registered by a program, or offered by a package that is installed."""

import importlib
import sys
from typing import ClassVar

import pytest

import jaxent
from jaxent.machines import MACHINES, Machines, TwoQubit

MODULE = """
from typing import ClassVar
import jaxent

class Mine(jaxent.TwoQubit):
    kind: ClassVar = "mine"
"""


@pytest.fixture
def machines():
    """Machines like the package's, to which a test may add."""
    return Machines([TwoQubit])


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a package that offers machines, as an installer leaves it."""

    def install(offers, module=MODULE, name="my_machines"):
        (tmp_path / f"{name}.py").write_text(module, encoding="utf-8")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = [f"{kind} = {value}" for kind, value in offers.items()]
        (info / "entry_points.txt").write_text("\n".join(["[jaxent.machines]", *lines, ""]))
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, name, raising=False)

    yield install
    for name in ("my_machines", "other_machines"):
        sys.modules.pop(name, None)


def own(kind="mine", **names):
    return type("Mine", (TwoQubit,), {"kind": kind, "__annotations__": {"kind": ClassVar}, **names})


def test_a_registered_machine_is_found_by_its_kind(machines):
    mine = machines.register(own())
    assert machines["mine"] is mine
    assert list(machines) == ["two_qubit", "mine"]
    assert "mine" in machines
    assert len(machines) == 2


def test_what_is_defined_again_as_in_a_notebook_takes_its_own_place(machines):
    machines.register(own())
    again = machines.register(own())
    assert machines["mine"] is again


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (jaxent.Bath, "allowed: a class of machines"),
        ("two_qubit", "allowed: a class of machines"),
        (own(kind="my machine"), "Mine.kind: 'my machine' is given; allowed: an identifier"),
        (own(kind="two_qubit"), "which is jaxent.machines.two_qubit.TwoQubit; allowed: a name"),
        (own(parameters=[]), r"Mine.parameters: \[\] is given; allowed: a tuple of Parameter"),
    ],
    ids=["no machine", "no class", "no identifier", "taken", "no parameters"],
)
def test_what_is_no_machine_is_refused(machines, machine, message):
    with pytest.raises(ValueError, match=message):
        machines.register(machine)
    assert list(machines) == ["two_qubit"]


def test_an_abstract_class_is_refused_with_what_it_lacks(machines):
    class Half(jaxent.AbstractLindbladMachine):
        kind: ClassVar = "half"
        parameters: ClassVar = ()
        dims = (2, 2)

    lacks = r"Half: it does not define coefficients, generator; allowed: a class that does"
    with pytest.raises(TypeError, match=lacks):
        machines.register(Half)
    assert list(machines) == ["two_qubit"]


def test_a_kind_that_is_no_class_variable_is_refused(machines):
    class Forgotten(jaxent.AbstractLindbladMachine):
        kind = "forgotten"
        dims = (2, 2)
        generator = TwoQubit.__dict__.get("generator")
        parameters: ClassVar = ()

        def coefficients(self):
            return []

    with pytest.raises(ValueError, match=r"allowed: 'kind: ClassVar = \.\.\.'"):
        machines.register(Forgotten)


def test_the_machine_of_an_installed_package_is_imported_when_asked_for(machines, installed):
    installed({"mine": "my_machines:Mine"})
    assert "mine" in machines
    assert list(machines) == ["two_qubit", "mine"]
    assert machines["two_qubit"] is TwoQubit
    assert "my_machines" not in sys.modules, "it was imported before anybody asked for it"
    assert machines["mine"].kind == "mine"
    assert "my_machines" in sys.modules


@pytest.mark.parametrize(
    ("offers", "module", "message"),
    [
        ({"mine": "my_machines:Mine"}, "1 / 0", "cannot be imported: ZeroDivisionError: division"),
        ({"mine": "my_machines:Yours"}, MODULE, "cannot be imported: AttributeError: .*Yours"),
        ({"other": "my_machines:Mine"}, MODULE, "is of kind 'mine'; allowed: 'other'"),
        ({"mine": "my_machines:jaxent"}, MODULE, "my_machines:jaxent: .*a class of machines"),
        ({"mine": "jaxent:AbstractLindbladMachine"}, MODULE, "it does not define coefficients"),
    ],
    ids=["fails", "is not there", "is another one", "is none", "is abstract"],
)
def test_a_broken_package_is_named_in_one_line(machines, installed, offers, module, message):
    installed(offers, module)
    with pytest.raises(ImportError, match=message) as error:
        machines[next(iter(offers))]
    assert "\n" not in str(error.value)


def test_of_two_packages_with_one_kind_neither_is_chosen(machines, installed):
    installed({"mine": "my_machines:Mine"})
    installed({"mine": "other_machines:Mine"}, name="other_machines")
    with pytest.raises(ImportError, match="my_machines:Mine, other_machines:Mine all offer it"):
        machines["mine"]


def test_nobody_takes_the_name_of_one_of_the_package(machines, installed):
    installed({"two_qubit": "my_machines:Mine"})
    assert machines["two_qubit"] is TwoQubit


def test_an_unknown_kind_is_a_key_error(machines):
    with pytest.raises(KeyError, match="unknown"):
        machines["unknown"]
    assert "unknown" not in MACHINES
