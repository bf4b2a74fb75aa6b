"""Studies and states as files, and the command line run within the test's process."""

import copy
import os
import re
import shutil
import sys
from typing import NamedTuple

import pytest
import yaml

STUDY = {
    "machine": {
        "kind": "two_qubit",
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": -0.0},
        "bath_b": {"statistics": "fermion", "temperature": 0},
    },
    "free": {
        "g": {"low": 1e-3, "high": 1e2},
        "bath_b": {"gamma": {"low": 1e-2, "high": 1e2}},
        "filters": {"b": {}},
    },
    "objective": "chsh",
    "efficiency": {"values": [0.05, 0.2]},
    "constraints": ["g <= bath_a.gamma", "g <= bath_b.gamma"],
    "search": {"starts": 2, "steps": 5, "seed": 0, "rounds": 0},
}

STATE = {
    "machine": {
        "kind": "two_qubit",
        "g": 0.2,
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": -0.0},
        "bath_b": {"statistics": "fermion", "gamma": 1, "temperature": 0},
    }
}


# What a browser needs to run in a container, and what keeps it from asking anybody for anything.
ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """A browser as the tests use it."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, address: str, width: int = 1280, height: int = 900):
        """Open a page in a window of that size, afresh."""
        self.tell("Emulation.setEmulatedMedia", media="")
        self.tell("Emulation.setScriptExecutionDisabled", value=False)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.tell("Emulation.setDeviceMetricsOverride", **metrics)
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(address)

    def tell(self, command: str, **words):
        return self.driver.execute_cdp_cmd(command, words)

    def run(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that are displayed."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(e => e.getClientRects().length).map(e => e.innerText)",
            selector,
        )

    def text(self, selector: str) -> str:
        (text,) = self.texts(selector)
        return text

    def press(self, key: str):
        """Press a key by its name in selenium, such as ``ARROW_RIGHT``."""
        from selenium.webdriver import ActionChains, Keys

        ActionChains(self.driver).send_keys(getattr(Keys, key)).perform()

    def move_to(self, selector: str):
        """Move the mouse to the middle of an element."""
        return self._mouse(selector, "mouseMoved")

    def click(self, selector: str):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self._mouse(selector, kind)
        # What a click leads to, such as another fragment of the address, is told later.
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => setTimeout(done, 50))"
        )

    def _mouse(self, selector: str, kind: str):
        x, y = self.run(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]",
            selector,
        )
        button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, **button)

    def complaints(self) -> list[str]:
        """What the console says: errors of scripts, and what the page's policy has stopped."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """What the page has asked for beside itself."""
        return self.run("return performance.getEntriesByType('resource').map(e => e.name)")

    def too_wide(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.run(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


def changed(base: dict, changes: dict) -> dict:
    """The base with mappings merged and ``None`` as deletion."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and value and isinstance(result.get(key), dict):
            result[key] = changed(result[key], value)
        else:
            result[key] = value
    return result


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def study_file(tmp_path):
    """Writes a study with changes and returns its path."""

    def write(changes=None, name="study.yaml"):
        path = tmp_path / name
        text = yaml.safe_dump(changed(STUDY, changes or {}), sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def state_file(tmp_path):
    """Writes a state file with changes and returns its path."""

    def write(changes=None, name="state.yaml"):
        path = tmp_path / name
        path.write_text(yaml.safe_dump(changed(STATE, changes or {})), encoding="utf-8")
        return path

    return write


@pytest.fixture
def jaxent(capsys, monkeypatch, tmp_path):
    """Runs ``jaxent ...`` in an empty folder; returns exit code, output and error output."""
    from jaxent.app.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "_exit", sys.exit)  # how an interrupted run leaves at once

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main([str(word) for word in words])
        return Outcome(exit_.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def one_line():
    """Asserts that an outcome is a bad input, told in one line with the given words."""

    def check(outcome, *fragments):
        assert outcome.code == 2, outcome
        assert outcome.out == ""
        assert re.fullmatch(r"error: [^\n]+\n", outcome.err), outcome.err
        for fragment in fragments:
            assert fragment in outcome.err

    return check


MIDDLES = {}
"""What ``quick_solve`` has found, by study."""


@pytest.fixture
def quick_figure(monkeypatch):
    """Puts a few bytes in place of the drawing."""
    from jaxent.app import runs
    from jaxent.app.files import write_atomically

    def write(folder, summary):
        for name in ("figure.png", "figure.pdf"):
            text = f"{name} of {len(summary['points'])} points"
            write_atomically(folder / name, lambda path, text=text: path.write_text(text))

    monkeypatch.setattr(runs, "write_figure", write)


@pytest.fixture
def quick_solve(monkeypatch):
    """Puts the middle of the search space, verified, in place of the optimum; counts the calls."""
    import numpy as np

    from jaxent import curves
    from jaxent.search.tradeoff import Optimum
    from jaxent.verification import verify

    solved = []

    def solve(study, progress):
        progress("climbing", 0.5)
        solved.append(study.variant)
        known = repr(study)
        if known not in MIDDLES:
            MIDDLES[known] = middle(study)
        return list(MIDDLES[known])

    def middle(study):
        problem = study.problem
        point = np.array(problem.from_seed(np.full(problem.size, 0.5)))
        optima = [Optimum(p, point, 0.0, agreed=1, failed=0) for p in study.efficiencies]
        return [verify(study, optimum) for optimum in optima]

    monkeypatch.setattr(curves, "solve", solve)
    return solved


@pytest.fixture
def interrupted(monkeypatch, quick_solve):
    """Makes a variant called "both filters" fail in the way that is asked for."""
    from jaxent import curves

    working = curves.solve

    def fail_with(error):
        def solve(study, progress):
            if study.variant == "both filters":
                raise error
            return working(study, progress)

        monkeypatch.setattr(curves, "solve", solve)
        return lambda: monkeypatch.setattr(curves, "solve", working)

    return fail_with


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium or Chrome with an empty profile of its own."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.common import WebDriverException

    found = [shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser")]
    program, driver = next(filter(None, found), None), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("Chromium and its driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in ALONE:
        options.add_argument(switch)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        started = webdriver.Chrome(options, webdriver.ChromeService(driver))
    except WebDriverException as error:
        pytest.skip(f"Chromium does not start here: {error.msg}")
    yield Browser(started)
    started.quit()
