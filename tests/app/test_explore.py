"""The explorer: a machine by hand in a browser, served to this computer and its own page alone."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from html import unescape
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
import uvicorn
import yaml

from jaxent import machines
from jaxent.app import server
from jaxent.app.config import load_study_file
from jaxent.app.errors import InputError
from jaxent.app.explorer import Explorer, _fact, explorer_of
from jaxent.app.folders import checksum
from jaxent.app.machines import meaning
from jaxent.app.results import point_json, run_summary, to_json
from jaxent.baths import Bath
from jaxent.machines.parameters import bath_from, bath_parameters
from jaxent.search.tradeoff import Optimum
from jaxent.verification import verify

HOSTILE = "</script><img src=x onerror=alert(1)>"
FERMIONS = {"statistics": "fermion"}
STUDY = {
    "title": HOSTILE,
    "machine": {
        "kind": "two_qubit",
        "bath_a": {**FERMIONS, "gamma": 1},
        "bath_b": {**FERMIONS, "temperature": 0.1},
    },
    "free": {
        "g": {"low": 1e-3, "high": 10.0, "scale": "log"},
        "bath_a": {"temperature": {"low": 0.5, "high": float("inf")}},
        "bath_b": {"gamma": {"low": 0.1, "high": 10.0}},
        "filters": {"b": {}},
    },
    "objective": "chsh",
    "efficiency": {"values": [0.02, 0.2, 0.4]},
    "constraints": ["g <= bath_b.gamma"],
    "search": {"starts": 2, "steps": 2, "seed": 0},
    "variants": {HOSTILE: {}, "charged": {"machine": {"u": float("inf")}}},
}


def write_study(folder: Path, study=STUDY) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return path


def write_run(folder: Path, path: Path) -> Path:
    """A finished run whose optima are the middle of the space, verified."""
    file = load_study_file(path)
    points = []
    for study in file.studies:
        point = np.array(study.problem.from_seed(np.full(study.problem.size, 0.5)))
        for level in study.levels:
            optimum = Optimum(level, point, 0.0, agreed=1, failed=0)
            points.append(point_json(verify(study, optimum), study.variant))
    run = folder / "run"
    run.mkdir()
    (run / "summary.json").write_text(to_json(run_summary(file, points)), encoding="utf-8")
    return run


class Served:
    """An explorer that is served; requests to it are made by hand.

    Args:
        explorer: what is served.
        known: the port that it believes to be served on, where that is another one.
    """

    def __init__(self, explorer: Explorer, known: int = 0):
        self.listener = server.listening(0)
        self.port, self.token = self.listener.getsockname()[1], server.fresh_token()
        application = server.application(explorer, known or self.port, self.token)
        config = uvicorn.Config(application, log_level="error", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        sockets = {"sockets": [self.listener]}
        self.thread = threading.Thread(target=self.server.run, kwargs=sockets, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()

    @property
    def address(self) -> str:
        return server.address(self.port, self.token)

    def ask(self, method, path, body=None, **headers):
        """Status, headers and text of the answer to what the address bears the token for."""
        return self.ask_anywhere(method, f"/{self.token}{path}", body, **headers)

    def ask_anywhere(self, method, path, body=None, **headers):
        """The same of any address; headers that are ``None`` are left out."""
        own = {"Host": f"127.0.0.1:{self.port}"}
        if body is not None:
            own |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in own.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8")

    def state(self, asked, **headers):
        """Status and JSON of the answer to the page's own question, or the text of a refusal."""
        body = asked if isinstance(asked, bytes) else json.dumps(asked).encode("utf-8")
        status, _, text = self.ask("POST", "/state", body, **headers)
        return status, json.loads(text) if status == 200 else text


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explored")
    path = write_study(folder)
    return explorer_of(load_study_file(path), write_run(folder, path), folder / "absent")


@pytest.fixture(scope="module")
def served(explorer):
    running = Served(explorer)
    yield running
    running.stop()


CONTROLS = {
    "g": {"text": "0.4"},
    "bath_a.temperature": {"text": ".inf"},
    "bath_b.gamma": {"place": 0.75},
    "filters.b[0]": {"text": "0.3"},
    "filters.b[1]": {"text": "1"},
}


def asked(variant=0, **changes):
    return {"variant": variant, "controls": {**CONTROLS, **changes}}


def quantities(html):
    """The numbers of an answer by their names."""
    found = re.findall(r'data-quantity="([^"]+)">([^<]*)<', html)
    return {name.replace(" ", "_"): text for name, text in found}


def state_file(html, folder):
    """The state file that an answer offers."""
    path = folder / "state.yaml"
    (text,) = re.findall(r'<pre class="state-file">(.*?)</pre>', html, flags=re.DOTALL)
    path.write_text(unescape(text), encoding="utf-8")
    return path


def expected(report):
    """What ``jaxent state`` says, as the page writes it."""
    numbers = {
        **report["measures"],
        **report["thermodynamics"],
        "efficiency": report["efficiency"],
    }
    return {name: "–" if x is None else f"{x:.6g}" for name, x in numbers.items()}


# what it says


@pytest.mark.parametrize("variant", [0, 1])
def test_it_says_what_jaxent_state_says(variant, explorer, jaxent, tmp_path):
    answer = explorer.answer({**asked(variant), "precise": True})
    outcome = jaxent("state", state_file(answer["html"], tmp_path), "--json")
    report = json.loads(outcome.out)
    assert report["machine"]["bath_b"]["gamma"] == 3.162
    assert report["machine"]["u"] == (0, float("inf"))[variant]
    assert quantities(answer["html"]) == expected(report)
    populations = [f"{report['rho']['re'][k][k]:.6g}" for k in range(4)]
    assert "twice the heat that passes" in answer["html"]
    shown = re.findall(r'<td class="number">([^<]+)</td>', answer["html"])
    assert shown[: len(populations)] == populations


def test_double_precision_says_nearly_the_same(explorer):
    values = explorer.knobs[0].read(CONTROLS)
    quick, precise = explorer.knobs[0].quick(values), explorer.knobs[0].precise(values)
    assert quick.measures == pytest.approx(dict(precise.measures), rel=1e-9)
    assert quick.efficiency == pytest.approx(precise.efficiency, rel=1e-9)
    assert np.allclose(quick.rho["im"], precise.rho["im"], atol=1e-12)
    assert (quick.thermodynamics, quick.precise, precise.precise) == (None, False, True)


def test_a_machine_that_takes_long_is_shown_in_double_precision_first(explorer, monkeypatch):
    monkeypatch.setattr(explorer.knobs[0], "seconds", 1.0)
    quick = explorer.answer(asked())
    assert quick["precise"] is False
    assert quantities(quick["html"])["heat_current_a"] == "–"
    assert "In double precision" in quick["html"]
    assert explorer.answer({**asked(), "precise": True})["precise"] is True


def test_a_truncation_that_does_not_hold_is_told_at_once(tmp_path):
    study = {
        "machine": {"kind": "cavity_qubits", "g1": 1, "g2": 1, "pump_2": 0.05, "gamma": 0.01},
        "free": {"kappa": {"low": 0.1, "high": 20}, "pump_1": {"low": 0.01, "high": 5}},
        "objective": "negativity",
    }
    study["machine"]["photons"] = 4
    found = explorer_of(load_study_file(write_study(tmp_path, study)), None, tmp_path / "absent")
    knobs = found.knobs[0]
    quick = knobs.quick(knobs.start()).warnings
    assert quick == knobs.precise(knobs.start()).warnings
    assert "p(n = 4) << efficiency does not hold" in quick[0]


def test_a_blocked_level_leaves_only_product_states(explorer):
    found = quantities(explorer.answer(asked(**{"filters.b[0]": {"text": "0"}}))["html"])
    assert found["concurrence"] == found["negativity"] == "0"


def test_rounding_is_not_shown_as_a_measure():
    assert _fact("negativity", 4.16334e-17).text == "0"
    assert _fact("heat_current", 4.16334e-17).text == "4.16334e-17"


def test_every_kind_of_machine_is_described(tmp_path):
    other = {"kind": "two_qubit_global", "E": 20}
    study = {**STUDY, "constraints": [], "variants": {"local": {}, "global": {"machine": other}}}
    found = explorer_of(load_study_file(write_study(tmp_path, study)), None, tmp_path / "absent")
    for knobs in found.knobs:
        assert meaning(knobs.study.machine_class) in unescape(found.page())


def test_what_does_not_hold_is_said(explorer):
    html = unescape(
        explorer.answer(asked(g={"text": "9"}, **{"bath_b.gamma": {"text": "2"}}))["html"]
    )
    assert "the study's constraint g <= bath_b.gamma does not hold" in html
    assert "g <= gamma_A does not hold: 9 > 1" in html
    assert 'aria-label="Warnings"' not in explorer.answer(asked())["html"]


# where it is


def test_a_point_of_the_curve_is_on_it(explorer):
    for number, point in enumerate(explorer.summary["points"], start=1):
        answer = explorer.answer({"point": number, "precise": True})
        assert answer["words"].endswith("on the best curve.")
        found = quantities(answer["html"])
        assert float(found["chsh"]) == pytest.approx(point["value"], rel=1e-5)
        assert float(found["efficiency"]) == pytest.approx(point["efficiency"], rel=1e-5)
        mark = explorer.chart.panels[0].marks[number - 1]
        assert answer["position"] == {"x": mark.x, "y": mark.y, "inside": True}
        assert answer["variant"] == (number - 1) // 3


@pytest.mark.parametrize("curve", [(2.6, 2.3, 2.1), (0.5, 0.3, 0.1)], ids=["below", "above"])
def test_the_position_is_compared_with_the_curve_between_its_points(curve, explorer, monkeypatch):
    for point, value in zip(explorer.summary["points"], curve, strict=False):
        monkeypatch.setitem(point, "value", value)
    answer = explorer.answer(asked())
    found = quantities(answer["html"])
    share = np.log(float(found["efficiency"]) / 0.02) / np.log(0.2 / 0.02)
    assert 0 < share < 1
    gap = float(found["chsh"]) - (curve[0] + share * (curve[1] - curve[0]))
    (told,) = re.findall(r"([\d.]+) (?:above|below) the best curve", answer["words"])
    assert float(told) == pytest.approx(abs(gap), rel=5e-3)
    assert (" above " in answer["words"]) == (gap > 0)
    assert answer["words"].endswith("joined by straight lines.") == (gap > 0)
    broken = explorer.answer(asked(g={"text": "9"}, **{"bath_b.gamma": {"text": "2"}}))["words"]
    assert (" above " in broken) == broken.endswith(", whose constraints it breaks.")


def swept(tmp_path, sweep, **changes):
    """The explorer of a run along a parameter of two fermionic qubits."""
    study = {key: value for key, value in STUDY.items() if key not in ("variants", "efficiency")}
    study |= {"sweep": sweep, **changes}
    path = write_study(tmp_path, study)
    return explorer_of(load_study_file(path), write_run(tmp_path, path), tmp_path / "absent")


def controls_at(explorer, number, **changes):
    """What asks for a point of the curve with other sliders."""
    own = explorer.answer({"point": number})["controls"]
    texts = {name: {"text": control["text"]} for name, control in own.items()}
    return {"variant": 0, "controls": {**texts, **changes}}


def test_along_a_sweep_what_is_heralded_too_rarely_is_not_compared(tmp_path, monkeypatch):
    found = swept(tmp_path, {"u": {"values": [0, 1]}}, efficiency={"values": [0.1]})
    rare = controls_at(found, 1, **{f"filters.b[{k}]": {"text": "0.01"} for k in (0, 1)})
    words = found.answer(rare)["words"]
    assert words.endswith(" at u 0; heralds at 0.0001, the curve demands 0.1.")
    assert found.answer({"point": 2})["words"].endswith(", on the best curve.")
    monkeypatch.setitem(found.summary["points"][0], "value", 0.5)
    # It is at a point, so that no line is to blame.
    assert found.answer({"point": 1})["words"].endswith(" above the best curve.")


def test_what_fixed_filters_let_through_is_compared_at_what_it_heralds_with(tmp_path):
    study = {key: value for key, value in STUDY.items() if key != "variants"}
    study["free"] = {key: value for key, value in STUDY["free"].items() if key != "filters"}
    study |= {"filters": {"b": [0.1, 0.5]}, "efficiency": {"values": [1e-9, 1e-3]}}
    path = write_study(tmp_path, study)
    found = explorer_of(load_study_file(path), write_run(tmp_path, path), tmp_path / "absent")
    marks = found.chart.panels[0].marks
    for number, point in enumerate(found.summary["points"], start=1):
        answer = found.answer({"point": number})
        assert answer["words"].endswith(", on the best curve.")
        assert answer["position"]["x"] == marks[number - 1].x
        assert point["verified"]["efficiency"] > 1e-2
    assert found._best(0, 1e-4) == (found.summary["points"][0]["value"], True)


def test_every_point_of_a_sweep_is_compared(tmp_path):
    """Also those at both zeros, below them, and at infinity."""
    temperatures = [-2.0, -0.0, 0.0, float("inf")]
    machine = {**STUDY["machine"], "bath_b": FERMIONS}
    sweep = {"bath_b": {"temperature": {"values": temperatures}}}
    found = swept(tmp_path, sweep, machine=machine, efficiency={"values": [0.1]})
    values = [point["value"] for point in found.summary["points"]]
    assert len(set(values)) == len(temperatures)
    for number, value in enumerate(values, start=1):
        words = found.answer({"point": number})["words"]
        assert words.startswith(f"CHSH {value:.6g} at ")
        assert words.endswith(", on the best curve.")


def test_outside_of_the_chart_it_is_at_the_edge(explorer):
    closed = {f"filters.b[{k}]": {"text": "1e-4"} for k in (0, 1)}
    position = explorer.answer(asked(**closed))["position"]
    assert position["inside"] is False
    assert position["x"] == explorer.chart.x.start


# what it starts from


def test_it_starts_from_a_point_of_the_run(explorer):
    middle = explorer.summary["points"][1]
    html = explorer.page()
    assert f'value="{middle["parameters"]["g"]:.10g}"' in html
    assert html.count('class="slider"') == 10


def test_without_a_run_it_starts_in_the_middle_and_says_so(tmp_path):
    file = load_study_file(write_study(tmp_path))
    found = explorer_of(file, None, tmp_path / "runs" / "study")
    assert found.summary["points"] == []
    assert "the best curve is not known yet" in found.page()
    start = found.knobs[0].start()
    assert start["g"] == 0.1
    assert start["bath_a.temperature"] == 1.0
    assert start["filters.b[0]"] == 1.0


def test_a_run_of_another_study_is_refused_where_it_was_asked_for(explorer, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    file = load_study_file(write_study(tmp_path, {**STUDY, "objective": "negativity"}))
    with pytest.raises(InputError, match=r"--run: .* holds no finished run"):
        explorer_of(file, run, tmp_path / "absent")
    (run / "summary.json").write_text(to_json(explorer.summary))
    with pytest.raises(InputError, match=r"--run: .* holds a run with another config"):
        explorer_of(file, run, tmp_path / "absent")
    assert "holds a run with another config." in explorer_of(file, None, run).remark


def altered(summary, **changes):
    """The same run with its first point changed, and the checksum that this has."""
    first, *others = summary["points"]
    points = [{**first, **changes}, *others]
    return {**summary, "points": points, "checksum": checksum(points)}


SUMMARIES = {
    "damaged": lambda own: {**altered(own, value=9.0), "checksum": own["checksum"]},
    "without a checksum": lambda own: {k: x for k, x in own.items() if k != "checksum"},
    "no points": lambda own: altered(own) | {"points": {}},
    "words": lambda own: altered(own, efficiency="many"),
    "no filters": lambda own: altered(own, filters=None),
    "words for a bound": lambda own: altered(own, proven={"upper": "2"}),
    "unverified": lambda own: altered(own, verified={}),
    "another variant": lambda own: altered(own, variant="absent"),
    "other parameters": lambda own: altered(own, parameters={"mass": 1.0}),
    "out of bounds": lambda own: altered(
        own, parameters={**own["points"][0]["parameters"], "g": 99}
    ),
}


@pytest.mark.parametrize("change", SUMMARIES.values(), ids=SUMMARIES)
def test_points_that_nobody_found_are_refused(change, explorer, tmp_path):
    file = load_study_file(write_study(tmp_path))
    (tmp_path / "summary.json").write_text(json.dumps(change(explorer.summary)))
    with pytest.raises(InputError, match=r"^--run: .* holds .*; allowed: the folder of "):
        explorer_of(file, tmp_path, tmp_path / "absent")
    without = explorer_of(file, None, tmp_path)
    assert without.summary["points"] == []
    assert "holds" in without.remark


@pytest.mark.parametrize("with_run", [True, False])
def test_a_fault_of_the_chart_is_not_blamed_on_the_run(with_run, explorer, tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise TypeError("of the chart")

    file = load_study_file(write_study(tmp_path))
    (tmp_path / "summary.json").write_text(json.dumps(explorer.summary))
    monkeypatch.setattr("jaxent.app.explorer.chart_of", broken)
    with pytest.raises(TypeError, match="of the chart"):
        Explorer(file, tmp_path if with_run else None)


def test_what_a_summary_says_beside_its_points_is_not_believed(explorer, tmp_path):
    file = load_study_file(write_study(tmp_path))
    lies = {"title": None, "classical_bound": "none", "sweep": "g", "variants": [], "maximum": -1}
    (tmp_path / "summary.json").write_text(json.dumps({**explorer.summary, **lies}))
    found = explorer_of(file, tmp_path, tmp_path / "absent")
    assert found.chart == explorer.chart
    assert found.page() == explorer.page()


def test_a_sweep_has_a_slider_of_its_values(tmp_path):
    study = {key: value for key, value in STUDY.items() if key not in ("variants", "efficiency")}
    study["machine"] = {**STUDY["machine"], "bath_b": FERMIONS}
    study["sweep"] = {"bath_b": {"temperature": {"values": [0.1, 0.5, 2.0]}}}
    study["free"] = {key: value for key, value in STUDY["free"].items() if key != "filters"}
    found = explorer_of(load_study_file(write_study(tmp_path, study)), None, tmp_path / "absent")
    answer = found.answer(
        {
            "variant": 0,
            "controls": {
                "bath_b.temperature": {"place": 1.0},
                "g": {"text": "0.3"},
                "bath_a.temperature": {"text": ".inf"},
                "bath_b.gamma": {"text": "1"},
            },
        }
    )
    assert answer["controls"]["bath_b.temperature"] == {"place": 1.0, "text": "2"}
    assert answer["position"]["x"] == found.chart.x.place(2.0)
    assert "at bath_b.temperature 2" in answer["words"]


# machines of users


class TiedQubits(machines.TwoQubit):
    """Two qubits whose baths are equally strong."""

    kind: ClassVar[str] = "tied_qubits"
    parameters: ClassVar[tuple[machines.Parameter, ...]] = (
        machines.Parameter("strength", "how strong everything is"),
        *(p for party in "ab" for p in bath_parameters(party) if not p.name.endswith("gamma")),
    )

    @classmethod
    def from_parameters(cls, values):
        cls.refuse_unknown(values)
        baths = [bath_from({**values, f"bath_{p}.gamma": values["strength"]}, p) for p in "ab"]
        return cls(0.5 * values["strength"], *baths)


def test_a_machine_of_ones_own_is_explored_by_its_parameters_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(machines.MACHINES, "_registered", {})
    machines.MACHINES.register(TiedQubits)
    study = {
        "machine": {
            "kind": "tied_qubits",
            "bath_a": {**FERMIONS, "temperature": -0.0},
            "bath_b": {**FERMIONS, "occupation": 0},
        },
        "free": {"strength": {"low": 0.1, "high": 10.0}, "filters": {"a": {}}},
        "objective": "concurrence",
        "efficiency": {"values": [0.1, 0.5]},
    }
    found = explorer_of(load_study_file(write_study(tmp_path, study)), None, tmp_path / "absent")
    html = found.page()
    assert "how strong everything is; log" in html
    assert "Two qubits whose baths are equally strong." in html
    controls = {name: {"place": 0.5} for name in ("strength", "filters.a[0]", "filters.a[1]")}
    answer = found.answer({"variant": 0, "controls": controls})
    qubits = machines.TwoQubit(0.5, Bath(1.0, temperature=-0.0), Bath(1.0, occupation=0.0))
    rho = np.asarray(qubits.state())
    c, p = abs(rho[1, 2]), np.real(np.diagonal(rho))
    concurrence = 2 * (c - np.sqrt(p[0] * p[3]))
    assert float(quantities(answer["html"])["concurrence"]) == pytest.approx(concurrence, rel=1e-5)


# bad requests


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (b"", "request: no JSON"),
        (b"{", "request: no JSON"),
        (b"[" * 50_000, "request: no JSON"),
        (b"\xff", "request: no JSON"),
        (b" " * (server.MAX_BYTES + 1), "request: too long"),
        ([], "request: [] is given"),
        ({}, "variant: null is given; allowed: an integer from 0 to 1"),
        ({"variant": 2, "controls": CONTROLS}, "variant: 2 is given"),
        ({"variant": True, "controls": CONTROLS}, "variant: true is given"),
        ({"variant": 0}, "controls: null is given"),
        ({"variant": 0, "controls": {}}, "is unknown or missing; allowed: g, bath_a.temperature"),
        (asked(mass={"text": "1"}), "'mass' is unknown or missing"),
        (asked(g={"place": float("nan")}), "g.place: .nan is given"),
        (asked(g={"place": 1e308}), "g.place: 1e+308 is given"),
        (asked(g={"text": "-1"}), "g: -1.0 is given; allowed: a number from 0.001 to 10"),
        (asked(g={"text": "9" * 400}), "g: "),
        (asked(**{"bath_a.temperature": {"text": "-0.0"}}), "bath_a.temperature: -0.0 is given"),
        (
            asked(**{"filters.b[0]": {"text": "0"}, "filters.b[1]": {"text": "0"}}),
            "filters.b: [0.0, 0.0] is given; allowed: numbers in [0, 1], not all zero",
        ),
        ({"point": 0}, "point: 0 is given; allowed: an integer from 1 to 6"),
        ({"point": "1"}, "point: '1' is given"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_request_is_told_in_one_line_and_ends_nothing(request_, told, served):
    status, answer = served.state(request_)
    assert status == 400
    assert told in answer
    assert "\n" not in answer
    assert "Traceback" not in answer
    assert served.state(asked())[0] == 200


def test_a_fault_of_the_program_ends_nothing(served, explorer, monkeypatch):
    def fail(values):
        raise KeyError("nothing\nof that name")

    monkeypatch.setattr(explorer.knobs[0], "precise", fail)
    monkeypatch.setattr(explorer.knobs[0], "seconds", 0.0)
    status, answer = served.state(asked())
    assert status == 500
    assert answer.startswith("a fault of jaxent itself (KeyError: ")
    monkeypatch.undo()
    assert served.state(asked())[0] == 200


def test_a_page_that_cannot_be_made_says_why_in_one_line(served, explorer, monkeypatch):
    monkeypatch.setattr(explorer, "summary", {})
    status, headers, text = served.ask("GET", "/")
    assert (status, text) == (500, "a fault of jaxent itself (KeyError: 'objective')")
    assert headers["content-type"].startswith("text/plain")
    monkeypatch.undo()
    assert served.ask("GET", "/")[0] == 200


# whom it answers


def test_it_listens_to_this_computer_alone():
    with contextlib.closing(server.listening(0)) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:{port}"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "127.0.0.1:{port}.evil.example"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "0.0.0.0:{port}"}, 421),
        ({"Host": None}, 400),  # the server itself demands one
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://127.0.0.1:{port}.evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, 200),
        ({"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"}, 200),
    ],
    ids=str,
)
def test_only_its_own_page_is_answered(headers, status, served):
    told = {k: v and v.format(port=served.port) for k, v in headers.items()}
    body = json.dumps(asked()).encode()
    assert served.ask("POST", "/state", body, **told)[0] == status
    assert served.ask("GET", "/", **told)[0] == status


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Host": "evil.example"}, "Host: 'evil.example' is given; allowed: 127.0.0.1:{port}, loc"),
        ({"Origin": "null"}, "Origin: 'null' is given; allowed: http://127.0.0.1:{port}, http:"),
        ({"Sec_Fetch_Site": "cross-site"}, "Sec-Fetch-Site: 'cross-site' is given; allowed: same"),
    ],
    ids=str,
)
def test_a_refusal_says_what_is_allowed(headers, told, served):
    assert served.ask("GET", "/", **headers)[2].startswith(told.format(port=served.port))


def test_nobody_is_answered_without_the_token_of_this_start(served):
    assert server.fresh_token() != server.fresh_token()
    body = json.dumps(asked()).encode()
    for start in (
        "",
        "/",
        f"/{server.fresh_token()}",
        f"/{served.token[:-1]}",
        "/é",
        f"/x/{served.token}",
    ):
        for method, path, content in (("GET", "/", None), ("POST", "/state", body)):
            status, _, text = served.ask_anywhere(method, quote(f"{start}{path}"), content)
            assert status == 403
            assert text.endswith("allowed: the one that jaxent explore has printed")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:80"])
def test_the_usual_port_may_be_left_out(host, explorer):
    usual = Served(explorer, known=80)
    try:
        assert usual.ask("GET", "/", Host=host, Origin=f"http://{host}")[0] == 200
        assert usual.ask("GET", "/", Host="127.0.0.1:81")[0] == 421
    finally:
        usual.stop()


def test_a_form_of_another_page_cannot_ask(served):
    body = json.dumps(asked()).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert served.ask("POST", "/state", body, Content_Type=kind)[0] == 415


def test_no_socket_is_opened_for_anyone(served):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert served.ask("GET", "/", Origin="http://evil.example", **upgrade)[0] == 403
    assert served.ask("GET", "/", **upgrade)[0] != 101


def test_its_answers_belong_to_no_other_page(served):
    for method, path, body in (("GET", "/", None), ("POST", "/state", b"{}")):
        _, headers, _ = served.ask(method, path, body)
        headers = {name.lower(): value for name, value in headers.items()}
        assert "access-control-allow-origin" not in headers
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "'unsafe" not in headers["content-security-policy"]


def test_there_is_nothing_else(served):
    for path in ("/summary.json", "/../pyproject.toml", "/static/", "/state"):
        assert served.ask("GET", path)[0] in (404, 405)


# the command


ENDLESS = """
import time
from jaxent.app.explorer import Explorer
from jaxent.app.knobs import Knobs
Explorer.warm_up = lambda self: None
Knobs.precise = lambda self, values: time.sleep(3600)
"""


@pytest.fixture
def command(tmp_path):
    """``jaxent explore`` in a process of its own, in which a precise state is never found."""
    code = f"{ENDLESS}\nfrom jaxent.app.cli import main; main()"
    words = [sys.executable, "-c", code, "explore", str(write_study(tmp_path)), "--no-browser"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, cwd=tmp_path, **pipes) as started:
        yield started
        started.kill()


def test_the_command_serves_until_it_is_interrupted(command):
    line = command.stdout.readline()
    found = re.fullmatch(
        r"(http://127\.0\.0\.1:\d+/[-\w]{32}/) explores .*; Ctrl-C ends it\n", line
    )
    assert found, line
    where = urlsplit(found.group(1))
    with contextlib.closing(http.client.HTTPConnection(where.netloc, timeout=60)) as connection:
        connection.request("GET", where.path)
        assert connection.getresponse().read().startswith(b"<!doctype html>")
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert (command.returncode, out, err) == (0, "", "")


def test_an_interrupt_waits_for_nothing_that_is_being_solved(command):
    where = urlsplit(command.stdout.readline().split()[0])
    with contextlib.closing(http.client.HTTPConnection(where.netloc, timeout=60)) as connection:
        body = json.dumps({**asked(), "precise": True})
        kind = {"Content-Type": "application/json"}
        connection.request("POST", f"{where.path}state", body, kind)
        time.sleep(0.5)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert (command.returncode, out, err) == (130, "", "error: interrupted\n")


def test_what_is_missing_is_named_with_its_extra(jaxent, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    outcome = jaxent("explore", write_study(tmp_path), "--no-browser")
    assert outcome.code == 1
    assert outcome.err == (
        "error: explore needs uvicorn; pip install 'jaxent[explore]' installs it\n"
    )


def test_a_port_in_use_is_refused(jaxent, tmp_path, one_line):
    with contextlib.closing(server.listening(0)) as listener:
        port = listener.getsockname()[1]
        outcome = jaxent("explore", write_study(tmp_path), "--port", port, "--no-browser")
    one_line(outcome, f"--port: {port}: address already in use; allowed: a free port")
    outcome = jaxent("explore", write_study(tmp_path), "--port", 70_000, "--no-browser")
    one_line(outcome, "--port: 70000 is given; allowed: an integer from 0 to 65535")


# in a browser


@pytest.fixture
def opened(browser, served):
    """Opens the explorer, and finds nothing amiss at the end."""

    def open_page(**window):
        browser.open(served.address, **window)
        settled(browser)
        return browser

    yield open_page
    assert browser.complaints() == []
    assert {request.partition("/state")[0] + "/" for request in browser.requests()} <= {
        served.address
    }


def settled(page):
    """Wait until the page shows the precise state of its sliders."""
    for _ in range(600):
        if page.run("return document.querySelector('.live').ariaBusy") == "false":
            return
        time.sleep(0.05)
    pytest.fail("the page does not settle")


def slide(page, name, *keys):
    page.run("document.querySelector(arguments[0]).focus()", place_of(name))
    for key in keys:
        page.press(key)
    settled(page)


def place_of(name):
    return f"form:not([hidden]) [data-name='{name}'] .place"


def text_of(page, name):
    selector = f"form:not([hidden]) [data-name='{name}'] .value"
    return page.run("return document.querySelector(arguments[0]).value", selector)


def live(page):
    return page.run("return document.querySelector('.live').innerHTML")


def cross(page):
    return page.run("return document.querySelector('.here').getAttribute('transform')")


def test_sliders_change_the_measures_to_those_of_jaxent_state(opened, jaxent, tmp_path):
    page = opened()
    before, place = (
        quantities(page.run("return document.querySelector('.live').innerHTML")),
        cross(page),
    )
    slide(page, "g", "HOME", *["ARROW_RIGHT"] * 3)
    slide(page, "bath_a.temperature", "HOME")
    # Up from the lowest in thousandths of the logarithm; the lowest 1/T is that of infinity.
    assert text_of(page, "g") == f"{1e-3 * 10 ** (4 * 0.003):.4g}"
    assert text_of(page, "bath_a.temperature") == ".inf"
    html = live(page)
    report = json.loads(jaxent("state", state_file(html, tmp_path), "--json").out)
    assert report["machine"]["g"] == float(text_of(page, "g"))
    assert quantities(html) == expected(report) != before
    assert cross(page) != place


def test_a_number_can_be_typed_and_a_bad_one_is_told(opened):
    page = opened()
    write = (
        "const e = document.querySelector(\"form:not([hidden]) [data-name='g'] .value\");"
        "e.value = arguments[0]; e.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    page.run(write, "0.25")
    settled(page)
    assert text_of(page, "g") == "0.25"
    assert page.texts(".alert") == []
    page.run(write, "lots")
    settled(page)
    assert page.text(".alert").startswith("g: 'lots' is given; allowed: a number from 0.001 to 10")
    faded = "return [...document.querySelectorAll('.stale')].map(e => e.classList[0])"
    assert {*page.run(faded)} == {"readout", "here", "live"}
    # It stays as it was written until it is written anew.
    slide(page, "bath_b.gamma", "END")
    assert page.text(".alert").startswith("g: 'lots' is given")
    assert text_of(page, "g") == "lots"
    slide(page, "g", "END")
    assert page.texts(".alert") == page.run(faded) == []
    assert (text_of(page, "g"), text_of(page, "bath_b.gamma")) == ("10", "10")
    # That it was refused is what the console says as well, and nothing else.
    first, second = page.complaints()
    assert "400" in first
    assert "400" in second


def test_a_click_on_the_curve_sets_the_sliders(opened, explorer):
    page = opened()
    page.click("a.mark[data-point='6']")
    settled(page)
    assert page.run("return document.querySelector('[name=variant]:checked').value") == "1"
    point = explorer.summary["points"][5]
    assert float(text_of(page, "g")) == pytest.approx(point["parameters"]["g"], rel=1e-9)
    assert page.text(".readout").endswith("on the best curve.")
    mark = explorer.chart.panels[0].marks[5]
    assert cross(page) == f"translate({mark.x:g} {mark.y:g})"


def test_variants_have_their_own_sliders(opened):
    page = opened()
    page.click("[name=variant][value='1']")
    settled(page)
    assert len(page.texts(".slider")) == 5
    assert "u: .inf" in page.run("return document.querySelector('.state-file').textContent")


@pytest.mark.parametrize("width", [1280, 400])
def test_it_fits_its_window_and_hostile_names_do_nothing(width, opened):
    page = opened(width=width)
    assert page.too_wide() <= 0
    assert page.text("h1") == HOSTILE
    assert HOSTILE in page.text(".variants")
    assert page.run("return document.images.length") == 0
    assert page.run("return document.scripts.length") == 1
