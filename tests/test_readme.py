"""What README.md shows works as it stands."""

import contextlib
import io
import re
from pathlib import Path

import jax
import numpy as np
import pytest

from experiments.master_equation import dissipator, unitary
from jaxent.app.config import load_study

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    assert len(found) > number, f"README.md shows no {language} of number {number}"
    return found[number]


def test_the_first_example_is_the_site_s():
    site = Path(__file__).parents[1] / "docs" / "pages" / "best_chsh.py"  # whose output is tested
    assert block("python").strip() in site.read_text(encoding="utf-8")


def test_the_python_example_prints_a_violation_and_its_gradient():
    printed = io.StringIO()
    names: dict = {}
    with contextlib.redirect_stdout(printed), np.printoptions(precision=8):
        exec(block("python", 1), names)
    value, gradient = jax.value_and_grad(names["violation"], argnums=(0, 1))(0.5, 4.0)
    assert value > 2
    step = 1e-6
    by_difference = (names["violation"](0.5 + step, 4.0) - names["violation"](0.5 - step, 4.0)) / (
        2 * step
    )
    assert gradient[0] == pytest.approx(float(by_difference), rel=1e-6)
    assert f"{float(value):.6f}"[:6] in printed.getvalue()


def test_a_generator_of_ones_own_is_solved_and_differentiated():
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(block("python", 2), names)
    coefficients = [0.5, 1.0, 0.3, 0.1]
    jumps = [
        rate * dissipator(term.operator)
        for rate, term in zip(coefficients[1:], names["structure"].terms[1:], strict=True)
    ]
    full = 0.5 * unitary(names["structure"].terms[0].operator) + sum(jumps)
    system = np.vstack([full, np.eye(4).reshape(1, 16)])
    rho = np.linalg.lstsq(system, np.append(np.zeros(16), 1.0), rcond=None)[0].reshape(4, 4)
    value, gradient = jax.value_and_grad(names["population"])(coefficients)
    assert float(value) == pytest.approx(rho[3, 3].real, rel=1e-12)
    # In units of another time the state is the same.
    assert float(np.dot(gradient, coefficients)) == pytest.approx(0.0, abs=1e-14)


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
