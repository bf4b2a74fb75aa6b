"""What README.md shows works as it stands."""

import contextlib
import io
import re
from pathlib import Path

import jax
import pytest

from jaxent.app.config import load_study

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    assert found, f"README.md shows no {language}"
    return found[0]


def test_the_python_example_prints_a_violation_and_its_gradient():
    printed = io.StringIO()
    names: dict = {}
    with contextlib.redirect_stdout(printed):
        exec(block("python"), names)
    value, gradient = jax.value_and_grad(names["violation"], argnums=(0, 1))(0.5, 4.0)
    assert value > 2
    step = 1e-6
    by_difference = (names["violation"](0.5 + step, 4.0) - names["violation"](0.5 - step, 4.0)) / (
        2 * step
    )
    assert gradient[0] == pytest.approx(float(by_difference), rel=1e-6)
    assert f"{float(value):.6f}"[:6] in printed.getvalue()


def test_the_study_is_one_that_the_program_understands(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    studies = load_study(path)
    assert [study.variant for study in studies] == ["filter on B", "both filters"]
    assert [study.filters for study in studies] == [("b",), ("a", "b")]


def test_every_command_of_the_table_exists():
    from jaxent.app.cli import app

    shown = set(re.findall(r"^\| `jaxent (\w+)", README, flags=re.MULTILINE))
    known = {
        command.name or (command.callback.__name__ if command.callback else "")
        for command in app.registered_commands
    }
    assert shown == known
