"""The site builds without a warning, needs no network, and its examples do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import jaxent

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"
WITHOUT = "the site's builder is not installed: pip install -e '.[docs]'"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, with the tutorial as it is before it has run."""
    for module in ("material", "mkdocstrings", "latex2mathml"):
        pytest.importorskip(module, reason=WITHOUT)
    folder = tmp_path_factory.mktemp("site")
    build = [
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--config-file",
        "docs/mkdocs.yml",
        "--site-dir",
    ]
    outcome = subprocess.run(
        [sys.executable, "-m", *build, str(folder)],
        cwd=ROOT,
        env=os.environ | {"JAXENT_DOCS_EXECUTE": "false", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stderr == "", "strict building has something to say"
    return folder


@pytest.mark.slow
def test_the_site_builds_and_needs_no_network(site):
    pages = sorted(site.rglob("*.html"))
    assert {"index.html", "tutorial.html", "theory.html"} <= {page.name for page in pages}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|iframe)[^>]* src="?https?:', text), page
        assert not re.findall(r'<link[^>]* href="?https?:[^>]*stylesheet', text), page
        assert 'class="arithmatex"' not in text, f"{page}: a formula is not shown"
        assert "--8" not in text, f"{page}: a file is not included"
    assert "class SharedLoss" in re.sub(
        "<[^>]*>", "", (site / "how-to" / "own-machine.html").read_text(encoding="utf-8")
    )


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site):
    text = (site / "reference" / "python.html").read_text(encoding="utf-8")
    names = [name for name in dir(jaxent) if name != "__version__"]
    assert [name for name in names if not re.search(rf"jaxent\.{name}\s*<", text)] == []
    # Their docstrings have come across from reStructuredText.
    assert ":math:" not in text
    assert ".. math::" not in text


def test_the_tutorial_runs_and_ends_with_a_proof():
    pytest.importorskip("matplotlib")
    import cells

    found = cells.read_cells(PAGES / "tutorial.py")
    names = cells.run_cells(found)
    assert names["best"].value == pytest.approx(2.289213, abs=2e-6)
    assert names["best"].verified.residual < 1e-12
    assert names["proven"].verdict == "steerable"
    values = [point.value for point in names["points"]]
    assert values == sorted(values, reverse=True)
    assert sum(len(cell.figures) for cell in found) == 2
    page = cells.as_markdown(found, "figure-{}.svg")
    assert "refused: q_lower" in page
    assert "figure-2.svg" in page


@pytest.mark.slow
def test_twelve_lines_maximise_and_certify(capsys):
    source = (PAGES / "best_chsh.py").read_text(encoding="utf-8")
    assert len([line for line in source.splitlines() if line.strip()]) <= 12
    exec(compile(source, "best_chsh.py", "exec"), {})
    shown = capsys.readouterr().out
    promised = (PAGES / "best_chsh.txt").read_text(encoding="utf-8")
    assert shown.split(" at ")[0] == promised.split(" at ")[0] == "CHSH 2.289213"
    assert "steerable by these measurements" in shown
    assert "steerable by these measurements" in promised


def blocks(language):
    found = []
    for page in sorted(PAGES.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(rf"```{language}.*?\n(.*?)```", text, re.DOTALL)):
            found.append(pytest.param(block, id=f"{page.stem}-{number}"))
    return found


@pytest.mark.parametrize("block", blocks("yaml"))
def test_the_yaml_of_the_pages_is_yaml_and_its_studies_hold(block):
    from jaxent.app.yaml import parse_yaml

    content = parse_yaml(block, "a page")
    if "objective" in content:
        jaxent.read_study(content)


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_pages_compiles(block):
    if not block.startswith("--8<--"):
        compile(block, "a page", "exec")


def test_a_script_with_workers_runs_in_its_own_process_alone(monkeypatch):
    from jaxent.app import cli

    page = (PAGES / "how-to" / "own-machine.md").read_text(encoding="utf-8")
    [script] = [b for b in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "main()" in b]
    runs = []
    monkeypatch.setattr(cli, "main", lambda: runs.append(1))
    monkeypatch.setitem(sys.modules, "shared_loss", ModuleType("shared_loss"))
    # Under these names a process that is started afresh, and the user, run it.
    for name, count in (("__mp_main__", 0), ("__main__", 1)):
        exec(script, {"__name__": name})
        assert len(runs) == count


def test_a_constant_is_referred_to_where_it_is_defined(monkeypatch):
    import reference

    from jaxent import api

    monkeypatch.setattr(api, "__all__", ["MACHINES", "SMALLEST_EFFICIENCY"])
    assert dict(reference.by_floor()) == {
        "machines": {"MACHINES": "jaxent.machines.MACHINES"},
        "study": {"SMALLEST_EFFICIENCY": "jaxent.study.SMALLEST_EFFICIENCY"},
    }


def test_the_navigation_names_pages_that_are_there():
    text = (ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
    navigation = yaml.safe_load(text)["nav"]
    made = {"tutorial.md", "claims.md"}

    def places(entries):
        for entry in entries:
            for place in entry.values():
                yield from places(place) if isinstance(place, list) else [place]

    named = {place for place in places(navigation) if not place.startswith("reference/")} - made
    written = {str(page.relative_to(PAGES)) for page in PAGES.rglob("*.md")}
    assert written == named
