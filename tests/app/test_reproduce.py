"""`jaxent reproduce`: what it finds, makes, keeps and makes again."""

import contextlib
import fcntl
import json
import math
import os
import re
import signal
import subprocess
import sys
import time

import jax
import pytest
import xarray as xr

from jaxent.app import checkout, fingerprints, progress, proofs, reproduce, thresholds
from jaxent.app.claims import table
from jaxent.app.fingerprints import Fingerprints
from jaxent.app.results import Failed
from jaxent.app.work import Work

SCRIPT = '''
"""A title of physics.

Conventions.
"""

import xarray as xr

from jaxent.app import style
from jaxent.app.claims import number


WORDS = ""


def compute(work):
    work.progress("all of it", 0.5)
    return xr.Dataset({"q": ("g", [0.1, 0.2])}, {"g": [1.0, 2.0]})


def claims(data):
    return [number("Fig. 1", "largest q" + WORDS, "0.20", float(data.q.max()))]


def draw(data):
    figure = style.canvas(2.0)
    figure.subplots().plot(data.g, data.q)
    return figure
'''


PLAIN = SCRIPT[: SCRIPT.index("def draw")]  # as drawing takes most of the time


@pytest.fixture
def papers(tmp_path, monkeypatch):
    """A checkout of one paper with one figure, a helper, and a study."""
    root = tmp_path / "checkout"
    (root / "experiments" / "someone1999").mkdir(parents=True)
    (root / "configs" / "someone1999").mkdir(parents=True)
    (root / "configs" / "a.yaml").write_text("title: no folder")
    (root / "experiments" / "someone1999" / "fig1.py").write_text(SCRIPT)
    (root / "experiments" / "someone1999" / "helper.py").write_text('"""No figure."""\n')
    monkeypatch.setattr(checkout, "ROOT", root)
    for name in [name for name in sys.modules if name.startswith("experiments")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(root))
    yield root
    forget_scripts()


def forget_scripts():
    for name in [name for name in sys.modules if name.startswith("experiments")]:
        del sys.modules[name]


@pytest.fixture
def figure(papers):
    """Writes a script into the checkout."""

    def write(name, text=PLAIN):
        path = papers / "experiments" / "someone1999" / f"{name}.py"
        path.write_text(text)
        return path

    return write


def quiet(stage, fraction):
    assert 0 <= fraction <= 1


def made(out, **options):
    return reproduce.reproduce(checkout.targets(), out, quiet, **options)


def test_scripts_that_make_claims_are_targets_and_helpers_are_not(papers):
    [target] = checkout.targets()
    assert (target.full_name, target.title) == ("someone1999.fig1", "A title of physics")


def test_a_target_leaves_data_figure_claims_and_the_page(papers, tmp_path):
    out = tmp_path / "out"
    [result] = made(out)
    assert [claim["verdict"] for claim in result["claims"]] == ["reproduced"]
    assert result["files"] == [f"someone1999/fig1.{kind}" for kind in ("nc", "png", "pdf")]
    with xr.open_dataset(out / "someone1999" / "fig1.nc", engine="h5netcdf") as data:
        assert data.q.values.tolist() == [0.1, 0.2]
        assert (data.title, data.target) == ("A title of physics", "someone1999.fig1")
        assert data.jax_version == jax.__version__
        assert data.made_by == Fingerprints(papers).data(checkout.targets()[0])
    page = (out / "CLAIMS.md").read_text()
    assert "| Fig. 1 | largest q | 0.20 | 0.2 | +0.0e+00 | **reproduced** |" in page
    assert "has made 1 of 1 targets" in page
    assert f"`jaxent reproduce someone1999.fig1`, made by `{result['made_by'][:12]}`" in page
    assert "someone1999/fig1.png" in page
    assert {path.name for path in (out / "someone1999").iterdir()} == {
        *("fig1.nc", "fig1.png", "fig1.pdf", "fig1.json")
    }


def test_claims_and_drawing_get_the_data_as_the_file_has_them(figure, tmp_path):
    """What a file cannot hold, such as a tuple among the attributes, they cannot rely on."""
    figure("fig1", PLAIN.replace("[1.0, 2.0]})", "[1.0, 2.0]}, {'pair': (1, 2)})")
           .replace('"0.20"', '"0.20" if not isinstance(data.pair, tuple) else "9"'))  # fmt: skip
    [result] = made(tmp_path / "out")
    assert result["claims"][0]["claimed"] == "0.20"


# what is used again


COUNTED = PLAIN.replace(
    "def compute(work):",
    """from experiments.someone1999 import helper


def compute(work):
    with open(work.root / "computed", "a") as counted:
        counted.write(helper.__name__[:1])
""",
)


@pytest.fixture
def counts(papers, tmp_path, monkeypatch):
    """Makes everything as a new process would; returns how often it computed, and made a figure."""
    (papers / "experiments" / "someone1999" / "fig1.py").write_text(COUNTED)
    makings = []
    really = reproduce._made
    monkeypatch.setattr(reproduce, "_made", lambda *a: makings.append(a) or really(*a))

    def make():
        (papers / "computed").write_text("")
        makings.clear()
        forget_scripts()
        made(tmp_path / "out")
        return len((papers / "computed").read_text()), len(makings)

    assert make() == (1, 1)
    assert make() == (0, 0)
    return make


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("experiments/someone1999/helper.py", (1, 1)),
        ("configs/someone1999/study.yaml", (1, 1)),
        ("experiments/someone1999/other_helper.py", (0, 0)),
    ],
)
def test_what_a_figure_depends_on_makes_it_anew(papers, counts, change, expected):
    (papers / change).write_text("# a comment")
    assert counts() == expected


def test_another_figure_is_no_part_of_this_one(papers, counts, figure):
    figure("fig2")
    assert counts() == (0, 1)


def test_a_claim_and_a_drawing_change_without_anything_being_computed_again(counts, figure):
    figure("fig1", COUNTED.replace('WORDS = ""', 'WORDS = " of all"'))
    assert counts() == (0, 1)
    drawn = COUNTED + SCRIPT.removeprefix(PLAIN)
    for height in ("2.0", "3.0"):
        figure("fig1", drawn.replace("style.canvas(2.0)", f"style.canvas({height})"))
        assert counts() == (0, 1)
    figure("fig1", COUNTED.replace("[0.1, 0.2]", "[0.15, 0.2]"))
    assert counts() == (1, 1)


@pytest.mark.parametrize(
    ("of", "change", "expected"),
    [
        ("computing", {"numpy": "0"}, (1, 1)),
        ("computing", {"device": "gpu"}, (1, 1)),
        ("drawing", {"matplotlib": "0"}, (0, 1)),
    ],
)
def test_other_versions_and_devices_make_all_anew(counts, monkeypatch, of, change, expected):
    really = getattr(fingerprints, of)
    monkeypatch.setattr(fingerprints, of, lambda: {**really(), **change})
    assert counts() == expected


def test_what_is_damaged_or_missing_is_made_anew(counts, tmp_path):
    stem = tmp_path / "out" / "someone1999" / "fig1"
    result, data = stem.with_suffix(".json"), stem.with_suffix(".nc")
    kept = json.loads(result.read_text())
    [row] = kept["claims"]
    without = {key: row[key] for key in row if key != "computed"}
    for claims in ([row | {"verdict": "true"}], [without]):
        result.write_text(json.dumps(kept | {"claims": claims}))
        assert counts() == (0, 1)
    for damage in ("", "{}"):
        result.write_text(damage)
        assert counts() == (0, 1)
    data.unlink()
    assert counts() == (1, 1)
    result.unlink()
    data.write_bytes(data.read_bytes()[:1000])
    assert counts() == (1, 1)


def test_a_figure_depends_on_the_physics_and_not_on_the_program_around_it():
    found = Fingerprints()
    [target] = checkout.chosen(["brask2022.fig5"])
    assert found.data(target)
    read = {path.relative_to(checkout.ROOT).as_posix() for path in found._read}
    own = {f"experiments/brask2022/{name}.py" for name in ("fig5", "curves")}
    assert own | {"jaxent/machines/two_qubit.py", "configs/brask2022/bosons_chsh.yaml"} <= read
    others = {f"experiments/brask2022/{name}.py" for name in ("fig6", "global_search")}
    around = {f"jaxent/app/{name}.py" for name in ("cli", "explorer", "report", "claims")}
    assert not (others | around) & read
    assert all((checkout.ROOT / name).is_file() for name in others | around)


def test_the_page_shows_what_is_up_to_date_alone(papers, figure, tmp_path):
    out = tmp_path / "out"
    figure("fig1"), figure("fig2"), figure("fig3")
    made(out)
    figure("fig1", PLAIN + "# changed"), figure("fig2", PLAIN.replace('"0.20"', '"0.30"'))
    (out / "someone1999" / "fig3.json").unlink()
    wanted = checkout.chosen(["someone1999.fig1"])
    reproduce.reproduce(wanted, out, quiet)
    page = (out / "CLAIMS.md").read_text()
    assert "has made 1 of 3 targets" in page
    assert "Out of date: `someone1999.fig2`. Not made: `someone1999.fig3`." in page
    assert [line for line in page.splitlines() if line.startswith("###")] == [
        "### fig1: A title of physics"
    ]


def test_a_page_is_published_when_it_is_whole(papers, figure, jaxent):
    readme = papers / "README.md"
    readme.write_text("Before.\n\n| paper | old |\n| --- | --- |\n| all | 7 |\n\nAfter.\n")
    figure("fig2")
    part = jaxent("reproduce", "someone1999.fig1", "--publish", "--quiet")
    told = "error: --publish: not made, or out of date: someone1999.fig2\n"
    assert (part.code, part.err) == (1, told)
    assert not (papers / "experiments" / "CLAIMS.md").exists()
    assert jaxent("reproduce", "all", "--publish").code == 0
    shown = (papers / "experiments" / "CLAIMS.md").read_text()
    summary = shown.split("\n\n")[2]
    assert "| all | 2 |" in summary
    assert readme.read_text() == f"Before.\n\n{summary}\n\nAfter.\n"
    assert (papers / "experiments" / "someone1999" / "fig1.png").is_file()
    # Whoever makes it again is told what no longer is as it shows.
    (papers / "experiments" / "CLAIMS.md").write_text(shown.replace("**reproduced**", "**better**"))
    told = "another verdict than in experiments/CLAIMS.md: someone1999 fig1 Fig. 1 largest q: "
    assert f"{told}better before, reproduced now\n" in jaxent("reproduce", "all").err


# studies


def test_a_figure_that_was_interrupted_takes_up_its_finished_studies(
    papers, study_file, quick_solve, tmp_path
):
    variants = {"one": {}, "other": {"efficiency": {"values": [0.1]}}}
    config = papers / "configs" / "someone1999" / "few.yaml"
    config.write_text(study_file({"variants": variants}).read_text())
    work = Work("someone1999", tmp_path / "parts", quiet, papers)
    [point] = work.points("few", "other")
    assert (point["variant"], point["efficiency"]) == ("other", 0.1)
    assert work.points("few", "other") == [point]
    assert quick_solve == ["other"]
    labelled = work.curves("few", "other")
    assert labelled.value.sel(variant="other", efficiency=0.1).item() == point["value"]
    [stored] = (tmp_path / "parts").iterdir()
    kept = json.loads(stored.read_text())
    assert kept["points"] == [point]
    stored.write_text(json.dumps({**kept, "points": ["the stored one"]}))
    assert work.points("few")[2:] == ["the stored one"]
    config.write_text(config.read_text().replace("0.1", "0.2"))
    [again] = work.points("few", "other")
    assert again["efficiency"] == 0.2


@pytest.fixture
def few(papers, study_file, monkeypatch):
    """A study of two variants, whose thresholds are found without a search."""
    config = papers / "configs" / "someone1999" / "few.yaml"
    config.write_text(study_file({"variants": {"one": {}, "other": {}}}).read_text())
    monkeypatch.setattr(thresholds, "threshold_report", lambda study, tell: {"threshold": 0.25})
    return config


def test_a_variant_that_is_misspelt_is_refused(papers, few, tmp_path):
    work = Work("someone1999", tmp_path / "parts", quiet, papers)
    told = r"few.yaml: variant 'othr' is asked for; allowed: 'one', 'other'"
    for find in (work.points, work.thresholds, work.curves):
        with pytest.raises(ValueError, match=told):
            find("few", "one", "othr")
    assert not (tmp_path / "parts").exists()


def test_what_is_proven_within_another_width_is_another_result(papers, few, tmp_path, monkeypatch):
    monkeypatch.setattr(
        proofs, "proven_report", lambda study, threshold, width, tell: {"width": width}
    )
    work = Work("someone1999", tmp_path / "parts", quiet, papers)
    for width in (1e-3, 1e-5):
        assert work.proven_thresholds("few", "one", width=width) == {"one": {"width": width}}


def test_a_study_that_another_process_is_solving_is_waited_for(papers, few, tmp_path):
    folder = tmp_path / "parts"
    heard = []

    def solved_meanwhile(stage, fraction):
        heard.append(stage)
        kept = json.loads((folder / "few.1.thresholds.json").read_text())
        (folder / "few.0.thresholds.json").write_text(
            json.dumps({**kept, "thresholds": {"threshold": 0.75}})
        )

    Work("someone1999", folder, quiet, papers).thresholds("few", "other")
    with (folder / ".few.0.thresholds.0.unfinished").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        work = Work("someone1999", folder, solved_meanwhile, papers)
        assert work.thresholds("few", "one") == {"one": {"threshold": 0.75}}
    assert heard == ["few, one: being solved for another figure"]


def test_what_a_killed_process_left_is_removed(papers, tmp_path):
    left = tmp_path / "out" / "someone1999" / "studies" / ".few.0.points.12.unfinished.json"
    left.parent.mkdir(parents=True)
    left.write_text("{")
    made(tmp_path / "out")
    assert not left.exists()


# what goes wrong


def test_an_interrupt_is_told_with_how_to_go_on(papers, tmp_path, jaxent, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "_made", interrupt)
    outcome = jaxent("reproduce", "someone1999", "--out", "kept")
    told = (
        "error: interrupted; jaxent reproduce someone1999 --out kept goes on where this one ended"
    )
    assert (outcome.code, outcome.err) == (130, f"{told}\n")


def test_a_claim_that_fails_keeps_the_data_and_stops_no_other(figure, counts, tmp_path):
    other = COUNTED.replace("[0.1, 0.2]", "[0.1, 0.3]")
    figure("fig1", other)
    figure("fig2", PLAIN.replace("data.q.max()", 'data["nothing"]'))
    figure("fig3", PLAIN)
    told = r"2 of 3 not made; someone1999\.fig1: .*0\.3.*; someone1999\.fig2: KeyError: .*nothing"
    with pytest.raises(Failed, match=told):
        counts()
    folder = tmp_path / "out" / "someone1999"
    assert (folder / "fig3.json").exists()
    assert not (folder / "fig2.json").exists()
    page = (tmp_path / "out" / "CLAIMS.md").read_text()
    assert "Out of date: `someone1999.fig1`. Not made: `someone1999.fig2`." in page
    figure("fig1", other.replace('"0.20"', '"0.30"'))
    figure("fig2", PLAIN)
    assert counts() == (0, 2)


def test_the_command_lists_makes_and_refuses(papers, tmp_path, jaxent, one_line):
    listed = jaxent("reproduce", "--json")
    assert json.loads(listed.out) == [{"target": "someone1999.fig1", "title": "A title of physics"}]
    assert "someone1999.fig1" in jaxent("reproduce").out
    outcome = jaxent("reproduce", "someone1999", "--out", str(tmp_path / "out"))
    assert outcome.code == 0
    assert "1 reproduced" in outcome.out
    assert outcome.err == "someone1999.fig1 (1 of 1) made\n"
    allowed = "'someone1999.fig9' is given; allowed: all, someone1999, or one of what"
    one_line(jaxent("reproduce", "someone1999.fig9"), allowed)
    one_line(jaxent("reproduce", "someone1999", "--out", papers / "configs" / "a.yaml"), "--out:")


# several processes


ELSEWHERE = PLAIN.replace(
    "    work.progress",
    """    import os

    import jax

    if work.paper == "dies2001":
        os.kill(os.getpid(), 9)
    (work.root / "platforms").write_text(str(jax.config.jax_platforms))
    work.progress""",
)


def test_a_process_that_dies_loses_its_figure_alone_and_all_compute_where_this_one_does(
    papers, figure, tmp_path
):
    figure("fig1", ELSEWHERE)
    (papers / "experiments" / "dies2001").mkdir()
    (papers / "experiments" / "dies2001" / "fig1.py").write_text(ELSEWHERE)
    before, parts, lines = jax.config.jax_platforms, [0.0], []
    jax.config.update("jax_platforms", "cpu")

    def heard(stage, fraction):
        assert parts[-1] <= fraction <= 1
        parts.append(fraction)

    told = r"1 of 2 not made; dies2001\.fig1: its process ended with signal 9; too little memory"
    try:
        with pytest.raises(Failed, match=told):
            reproduce.reproduce(checkout.targets(), tmp_path / "out", heard, 2, lines.append)
    finally:
        jax.config.update("jax_platforms", before)
    assert (tmp_path / "out" / "someone1999" / "fig1.json").exists()
    assert (papers / "platforms").read_text() == "cpu"
    assert {line.split()[0] for line in lines} == {"dies2001.fig1", "someone1999.fig1"}
    # Half of the whole is one figure, half of which is what it says in the middle.
    assert 0.125 in parts or 0.625 in parts


KILLED = '''
"""Two studies, and a gate between them."""

import fcntl
import os
import time

import xarray as xr

from jaxent.app import thresholds
from jaxent.app.claims import number


def solve(study, progress):
    with open(os.environ["SOLVED"], "a") as solved:
        solved.write(f"{study.variant} ")
    return {"threshold": 0.25 if study.variant == "one" else 0.5}


def compute(work):
    thresholds.threshold_report = solve
    alive = (work.root / "alive.NAME").open("w")
    fcntl.lockf(alive, fcntl.LOCK_EX)
    globals()["kept open"] = alive
    found = work.thresholds("few", "one")
    while not (work.root / "gate").exists():
        time.sleep(0.05)
    found |= work.thresholds("few", "other")
    return xr.Dataset({name: report["threshold"] for name, report in found.items()})


def claims(data):
    return [number("Fig. 1", "threshold", "0.5", float(data.other))]
'''

DRIVER = """
import sys
from pathlib import Path

from jaxent.app import checkout, cli

if __name__ == "__main__":
    checkout.ROOT = Path(sys.argv[1])
    cli.main(["reproduce", "all", "--jobs", "2", "--out", sys.argv[2]])
"""


def until(true, seconds=300.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def is_free(path):
    with contextlib.suppress(BlockingIOError), path.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def test_killed_it_leaves_no_process_and_goes_on_where_it_was(
    papers, figure, few, tmp_path, monkeypatch, jaxent, one_line
):
    for name in ("fig1", "fig2"):
        figure(name, KILLED.replace("NAME", name))
    driver, solved = tmp_path / "driver.py", tmp_path / "solved"
    driver.write_text(DRIVER)
    monkeypatch.setenv("SOLVED", str(solved))
    command = [sys.executable, str(driver), str(papers), str(tmp_path / "out")]
    first = subprocess.Popen(command, stderr=subprocess.PIPE)
    alive = [papers / f"alive.{name}" for name in ("fig1", "fig2")]
    try:
        until(lambda: all(path.exists() and not is_free(path) for path in alive))
        until(lambda: (tmp_path / "out/someone1999/studies/few.0.thresholds.json").exists())
        # Meanwhile nobody else writes there.
        told = f"--out: process {first.pid} is writing to {tmp_path / 'out'}; allowed: another"
        one_line(jaxent("reproduce", "all", "--out", tmp_path / "out"), told)
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    until(lambda: all(map(is_free, alive)), 60)
    (papers / "gate").touch()
    forget_scripts()
    resumed = made(tmp_path / "out")
    # Each study was solved once, though two figures need it and one process was killed.
    assert solved.read_text().split() == ["one", "other"]
    assert made(tmp_path / "whole") == resumed
    for result in resumed:
        name = result["target"].replace(".", "/")
        parts = (tmp_path / folder / f"{name}.nc" for folder in ("out", "whole"))
        assert xr.Dataset.identical(*(xr.load_dataset(part, engine="h5netcdf") for part in parts))
    left = {path.name for path in (tmp_path / "out").rglob(".*")}
    assert not left


def test_progress_over_what_begins_again_never_falls():
    told = []
    onward = progress.Onward(lambda stage, fraction: told.append(fraction))
    for fraction in (0.0, 0.4, 1.0, 0.0, 1.0, 0.9, 1.0, 0.3):
        onward("at", fraction)
    assert told == sorted(told)
    assert 0.5 < told[-1] < 1


# the figures of the papers

ALL = bool(os.environ.get("JAXENT_ALL_FIGURES"))
CHEAPEST = ["tacchino2018.errata", "tavakoli2018.errata"]


@pytest.mark.timeout(4 * 3600 if ALL else 900)
def test_several_are_made_side_by_side_and_are_what_the_repository_shows(tmp_path, jaxent):
    """In processes of their own, where nothing can stand in for a script.

    The cheapest two; all, which takes half an hour, where JAXENT_ALL_FIGURES is set.
    """
    names = ["all"] if ALL else CHEAPEST[::-1]
    outcome = jaxent("reproduce", *names, "--jobs", "2", "--out", tmp_path / "out", "--json")
    assert outcome.code == 0, outcome.err
    results = json.loads(outcome.out)
    assert [result["target"] for result in results] == [
        target.full_name for target in checkout.chosen(names)
    ]
    shown = (checkout.scripts(checkout.ROOT) / "CLAIMS.md").read_text(encoding="utf-8")
    for result in results:
        assert f"`jaxent reproduce {result['target']}`" in shown
        for row in table(result["claims"]).splitlines()[2:]:
            source, statement, *_ = row.split(" | ")
            alike = [r for r in shown.splitlines() if r.startswith(f"{source} | {statement} | ")]
            assert any(agree(row, other) for other in alike), row


def agree(row, other):
    """Whether two rows of the table say the same; the last digits are another processor's."""
    (_, _, claimed, computed, *_), (_, _, as_claimed, as_computed, *_) = (
        line.split(" | ") for line in (row, other)
    )
    verdict, as_shown = (re.search(r"\*\*(.+?)\*\*", line)[1] for line in (row, other))
    if claimed != as_claimed or verdict != as_shown:
        return False
    try:
        numbers = float(computed), float(as_computed)
    except ValueError:  # in words
        return True
    return math.isclose(*numbers, rel_tol=1e-3, abs_tol=1e-9)


def test_the_page_in_the_repository_is_whole():
    shown = (checkout.scripts(checkout.ROOT) / "CLAIMS.md").read_text(encoding="utf-8")
    names = [target.full_name for target in checkout.targets()]
    assert [name for name in names if f"`jaxent reproduce {name}`" in shown] == names
    summary = shown.split("\n\n")[2]
    assert summary in (checkout.ROOT / "README.md").read_text(encoding="utf-8")
