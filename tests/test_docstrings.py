"""Every public name explains itself: what it takes, gives and raises, and where it is from."""

import ast
import inspect
import re
import sys
import textwrap
from pathlib import Path

import pytest

import jaxent

SOURCE = re.compile(
    r"brask2022|khandelwal2020|longstaff2025|tavakoli2018|tacchino2018"
    r"|Horodecki|Wootters|Vidal|Phys\. Rev\.|Rep\. Prog\. Phys\."
)
"""A paper; what is elementary needs none."""

PACKAGE = Path(jaxent.__file__).parent
SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):\n((?:.+\n)*)", re.MULTILINE)
ANY = re.compile(r" {4}")
NAMED = re.compile(r" {4}(?:\*{0,2}\w+(?:, \*{0,2}\w+)*: | {4})")
"""A line of a section whose entries have names: a name with its meaning, or what goes on."""

OF_THE_PHYSICS = {"baths", "machines", "filters", "measures", "certify"}
ELEMENTARY = {"purity", "register", "MACHINES", "Parameter", "Regime", "OutsideModel"} | {
    name for name in dir(jaxent) if name.startswith("Abstract")
}


def public(kind):
    names = sorted(name for name in dir(jaxent) if kind(getattr(jaxent, name)))
    return pytest.mark.parametrize("name", names)


def is_function(value):
    return callable(value) and not inspect.isclass(value)


def docstring(name):
    return inspect.getdoc(getattr(jaxent, name)) or ""


def raises(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree))


def documented():
    """All docstrings of the package, each with its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                where = f"{path.relative_to(PACKAGE)}: {getattr(node, 'name', 'the module')}"
                yield where, ast.get_docstring(node) or ""


def out_of_place(text):
    """The lines of sections that would not be read as entries of these."""
    for section, lines in SECTION.findall(text + "\n"):
        entry = ANY if section in ("Returns", "Yields") else NAMED
        yield from (line for line in lines.splitlines() if not entry.match(line))


def test_sections_are_indented_so_that_they_are_read_as_such():
    wrong = "Line.\n\nAttributes:\nkind: a name\n    low, high: bounds,\n        both\n"
    assert list(out_of_place(wrong)) == ["kind: a name"]
    assert list(out_of_place(wrong.replace("kind", "    kind"))) == []
    found = {where: lines for where, text in documented() if (lines := list(out_of_place(text)))}
    assert not found


@public(is_function)
def test_a_function_says_what_it_takes_gives_and_raises(name):
    function, text = getattr(jaxent, name), docstring(name)
    signature = inspect.signature(function)
    assert not signature.parameters or "Args:" in text
    assert signature.return_annotation in ("None", None) or "Returns:" in text
    assert not raises(function) or "Raises:" in text
    section = text.partition("Args:")[2]
    for parameter in signature.parameters:
        assert re.search(rf"^ +(\w+, )*{parameter}(, \w+)*: ", section, re.MULTILINE), parameter


@public(inspect.isclass)
def test_a_class_says_what_it_is_made_of(name):
    cls, text = getattr(jaxent, name), docstring(name)
    assert text, "no docstring"
    if issubclass(cls, Exception):
        return
    assert "Args:" in text or "Attributes:" in text
    made = next((vars(cls)[k] for k in ("__init__", "__post_init__") if k in vars(cls)), None)
    written = made is not None and "<string>" not in made.__code__.co_filename
    assert not written or not raises(made) or "Raises:" in text


@public(lambda value: callable(value))
def test_what_is_physics_names_its_source(name):
    module = getattr(jaxent, name).__module__
    if module.split(".")[1] in OF_THE_PHYSICS and name not in ELEMENTARY:
        both = docstring(name) + (sys.modules[module].__doc__ or "")
        assert SOURCE.search(both), f"{name}: neither it nor {module} names a paper"
