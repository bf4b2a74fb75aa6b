"""`jaxent reproduce`: what it finds, makes, keeps and makes again."""

import json
import sys

import pytest
import xarray as xr

from jaxent.app import reproduce
from jaxent.app.claims import VERDICTS, table
from jaxent.app.results import Failed

SCRIPT = '''
"""A title of physics.

Conventions.
"""

import xarray as xr

from jaxent.app import style
from jaxent.app.claims import number


def compute(work):
    work.progress("all of it", 0.5)
    return xr.Dataset({"q": ("g", [0.1, 0.2])}, {"g": [1.0, 2.0]})


def claims(data):
    return [number("Fig. 1", "largest q", "0.20", float(data.q.max()))]


def draw(data):
    figure = style.canvas(2.0)
    figure.subplots().plot(data.g, data.q)
    return figure
'''


@pytest.fixture
def papers(tmp_path, monkeypatch):
    """A checkout of one paper with one figure, a helper, and a study."""
    root = tmp_path / "checkout"
    (root / "experiments" / "someone1999").mkdir(parents=True)
    (root / "configs" / "someone1999").mkdir(parents=True)
    (root / "configs" / "a.yaml").write_text("title: no folder")
    (root / "experiments" / "someone1999" / "fig1.py").write_text(SCRIPT)
    (root / "experiments" / "someone1999" / "helper.py").write_text('"""No figure."""\n')
    for name, folder in (("_ROOT", ""), ("_SCRIPTS", "experiments"), ("_CONFIGS", "configs")):
        monkeypatch.setattr(reproduce, name, root / folder)
    monkeypatch.setattr(reproduce, "_PACKAGE", root)
    loaded = {
        name: module for name, module in sys.modules.items() if name.startswith("experiments")
    }
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(root))
    yield root
    for name in [name for name in sys.modules if name.startswith("experiments")]:
        del sys.modules[name]


def quiet(stage, fraction):
    assert 0 <= fraction <= 1


def test_scripts_that_make_claims_are_targets_and_helpers_are_not(papers):
    [target] = reproduce.targets()
    assert (target.full_name, target.title) == ("someone1999.fig1", "A title of physics")


def test_a_target_leaves_data_figure_claims_and_the_page(papers, tmp_path):
    out = tmp_path / "out"
    [result] = reproduce.reproduce(reproduce.targets(), out, quiet)
    assert [claim["verdict"] for claim in result["claims"]] == ["reproduced"]
    assert result["files"] == [f"someone1999/fig1.{kind}" for kind in ("nc", "png", "pdf")]
    with xr.open_dataset(out / "someone1999" / "fig1.nc", engine="h5netcdf") as data:
        assert data.q.values.tolist() == [0.1, 0.2]
    page = (out / "CLAIMS.md").read_text()
    assert "| Fig. 1 | largest q | 0.20 | 0.2 | +0.0e+00 | **reproduced** |" in page
    assert "someone1999/fig1.png" in page
    assert {path.name for path in (out / "someone1999").iterdir()} == {
        *("fig1.nc", "fig1.png", "fig1.pdf", "fig1.json")
    }


def test_what_is_finished_is_used_until_what_it_depends_on_changes(papers, tmp_path, monkeypatch):
    out, made = tmp_path / "out", []
    really = reproduce._made
    monkeypatch.setattr(reproduce, "_made", lambda *a: made.append(1) or really(*a))
    first = reproduce.reproduce(reproduce.targets(), out, quiet)
    assert reproduce.reproduce(reproduce.targets(), out, quiet) == first
    assert len(made) == 1
    for change, path in (
        ("# a comment", papers / "experiments" / "someone1999" / "helper.py"),
        ("title: changed", papers / "configs" / "someone1999" / "study.yaml"),
    ):
        path.write_text(change)
        made.clear()
        reproduce.reproduce(reproduce.targets(), out, quiet)
        assert len(made) == 1
    for damage in ("", "{}", json.dumps({"made_by": first[0]["made_by"]})):
        made.clear()
        (out / "someone1999" / "fig1.json").write_text(damage)
        assert reproduce.reproduce(reproduce.targets(), out, quiet)[0]["claims"]
        assert len(made) == 1
    made.clear()
    (out / "someone1999" / "fig1.pdf").unlink()
    reproduce.reproduce(reproduce.targets(), out, quiet)
    assert len(made) == 1


def test_a_figure_that_was_interrupted_takes_up_its_finished_studies(papers, study_file, tmp_path):
    variants = {"one": {}, "other": {"efficiency": {"values": [0.1]}}}
    config = papers / "configs" / "someone1999" / "few.yaml"
    config.write_text(study_file({"variants": variants}).read_text())
    work = reproduce.Work("someone1999", tmp_path / "parts", quiet)
    [point] = work.points("few", "other")
    assert (point["variant"], point["efficiency"]) == ("other", 0.1)
    [stored] = (tmp_path / "parts").iterdir()
    kept = json.loads(stored.read_text())
    assert kept["points"] == [point]
    stored.write_text(json.dumps({**kept, "points": ["the stored one"]}))
    assert work.points("few")[2:] == ["the stored one"]
    config.write_text(config.read_text().replace("0.1", "0.2"))
    [again] = work.points("few", "other")
    assert again["efficiency"] == 0.2


def test_what_a_killed_process_left_is_removed(papers, tmp_path):
    left = tmp_path / "out" / "someone1999" / "studies" / ".few.0.points.12.unfinished.json"
    left.parent.mkdir(parents=True)
    left.write_text("{")
    reproduce.reproduce(reproduce.targets(), tmp_path / "out", quiet)
    assert not left.exists()


def test_an_interrupt_is_told_with_how_to_go_on(papers, tmp_path, jaxent, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "_made", interrupt)
    outcome = jaxent("reproduce", "someone1999", "--out", "kept")
    told = (
        "error: interrupted; jaxent reproduce someone1999 --out kept goes on where this one ended"
    )
    assert (outcome.code, outcome.err) == (130, f"{told}\n")


def test_a_claim_that_fails_stores_nothing_and_stops_no_other(papers, tmp_path):
    script = papers / "experiments" / "someone1999" / "fig1.py"
    script.write_text(SCRIPT.replace('"0.20"', '"0.30"'))
    script.with_name("fig2.py").write_text(SCRIPT)
    with pytest.raises(Failed, match=r"1 of 2 not made; someone1999\.fig1: .* remark must say why"):
        reproduce.reproduce(reproduce.targets(), tmp_path / "out", quiet)
    folder = tmp_path / "out" / "someone1999"
    assert not list(folder.glob("fig1.[njp]*"))
    # The other figure does not suffer.
    assert (folder / "fig2.json").exists()


def test_the_command_lists_makes_and_refuses(papers, tmp_path, jaxent, one_line):
    listed = jaxent("reproduce", "--json")
    assert json.loads(listed.out) == [{"target": "someone1999.fig1", "title": "A title of physics"}]
    assert "someone1999.fig1" in jaxent("reproduce").out
    made = jaxent("reproduce", "someone1999", "--out", str(tmp_path / "out"))
    assert made.code == 0
    assert "1 reproduced" in made.out
    allowed = "'someone1999.fig9' is given; allowed: all, someone1999, or one of what"
    one_line(jaxent("reproduce", "someone1999.fig9"), allowed)
    one_line(jaxent("reproduce", "all", "--out", papers / "configs" / "a.yaml"), "--out:")


def test_several_are_made_side_by_side_and_are_what_the_repository_shows(tmp_path, jaxent):
    """The cheapest two, in processes of their own, where nothing can stand in for a script."""
    names = ["tacchino2018.errata", "tavakoli2018.errata"]
    made = jaxent("reproduce", *reversed(names), "--jobs", "2", "--out", tmp_path / "out", "--json")
    assert made.code == 0
    results = json.loads(made.out)
    assert [result["target"] for result in results] == names
    shown = (reproduce._SCRIPTS / "CLAIMS.md").read_text(encoding="utf-8")
    for result in results:
        assert f"`jaxent reproduce {result['target']}`" in shown
        for row in table(result["claims"]).splitlines()[2:]:
            # The last digits are another processor's.
            source, statement, claimed, *_ = row.split(" | ")
            verdict = next(v for v in VERDICTS if f"**{v}**" in row)
            alike = [r for r in shown.splitlines() if r.startswith(f"{source} | {statement} | ")]
            assert any(r.split(" | ")[2] == claimed and f"**{verdict}**" in r for r in alike), row


def test_the_page_in_the_repository_is_whole():
    shown = (reproduce._SCRIPTS / "CLAIMS.md").read_text(encoding="utf-8")
    made = [
        t.full_name for t in reproduce.targets() if f"`jaxent reproduce {t.full_name}`" in shown
    ]
    assert made == [t.full_name for t in reproduce.targets()]
    summary = shown.split("\n\n")[2]
    assert summary in (reproduce._SCRIPTS.parent / "README.md").read_text(encoding="utf-8")
