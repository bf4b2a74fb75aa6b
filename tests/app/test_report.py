"""The report of a run: one page, complete in itself, and inert to what users write."""

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser

import pytest

from jaxent.app.report import report, write_report

HOSTILE = "</script><img src=x onerror=alert(1)>"
STUDY = "title: a study\nmachine: {kind: two_qubit}  # γ\n"


def point(efficiency, value, variant=None, trivial=False, q=None, **changes):
    """One point of a run, as ``summary.json`` has it."""
    half = 0.5 if not trivial else 0.0
    steering = q is not None and {
        "q": q,
        "q_lower": q - 1e-9,
        "q_upper": q + 1e-9,
        "measurements": "dodecahedron",
        "measuring": "a",
    }
    return {
        "variant": variant,
        "efficiency": efficiency,
        "value": value,
        "parameters": {"g": 0.0625, "bath_b.gamma": 2.25},
        "filters": {"a": [1.0, 1.0], "b": [0.125, 1.0]},
        "rho": {
            "re": [[0, 0, 0, 0], [0, 0.75, 0, 0], [0, 0, 0.25, 0], [0, 0, 0, 0]],
            "im": [[0, 0, 0, 0], [0, 0, -half, 0], [0, half, 0, 0], [0, 0, 0, 0]],
        },
        "verified": {
            "residual": 1.5e-16,
            "difference": 2.5e-16,
            "efficiency": efficiency,
            "value": value,
            "min_eigenvalue": 1.25e-3,
            "at_bound": [],
            "regimes": [{"condition": "g <= gamma_A", "value": 0.06, "limit": 1.0, "holds": True}],
            "trivial": trivial,
            "agreed": 7,
            "starts": 64,
            "failed": 0,
            "agreement": 1e-4,
            "nullity": 1,
        },
        "steering": steering or None,
        **changes,
    }


def run(points, variants=(), **changes):
    """A whole ``summary.json``."""
    return {
        "title": None,
        "kinds": ["two_qubit"],
        "objective": "chsh",
        "classical_bound": 2.0,
        "maximum": 8**0.5,
        "versions": {"jaxent": "1.2.3", "jax": "4.5.6", "python": "3.11.0"},
        "efficiency_scale": "log",
        "sweep": None,
        "sweep_scale": None,
        "seed": 5,
        "config": {},
        "variants": list(variants),
        "points": points,
        **changes,
    }


def verified(of, **changes):
    return {**of, "verified": {**of["verified"], **changes}}


CURVE = run([point(0.01, 2.6), point(0.1, 2.3), point(0.4, 2.0, trivial=True)])
TWO = run(
    [
        point(0.01, 2.6, "one"),
        point(0.1, 2.3, "one"),
        point(0.01, 2.5, "two"),
        point(0.1, 2.1, "two"),
    ],
    ("one", "two"),
)


class Page(HTMLParser):
    """What a browser makes of a page: its elements in order, each with attributes and text."""

    BLOCKS = ("caption", "td", "th", "li", "p")
    EMPTY = ("meta", "link", "path", "line", "rect", "polyline", "circle")

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in self.EMPTY:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag
        if tag in self.BLOCKS:
            self.handle_data(" ")

    def handle_data(self, data):
        for _, _, text in self.open:
            text.append(data)

    def all(self, tag, **wanted):
        """The elements of that tag whose attributes have the values wanted."""
        return [
            (attrs, "".join(text))
            for name, attrs, text in self.elements
            if name == tag
            and all(attrs.get(key.strip("_")) == value for key, value in wanted.items())
        ]

    def text(self, tag, **wanted):
        """Their texts, with spaces alone between the words."""
        return [" ".join(text.split()) for _, text in self.all(tag, **wanted)]


def page_of(summary, text=STUDY):
    page = Page(report(summary, text))
    assert page.open == []
    return page


def card(page, number):
    """The text of a point."""
    (text,) = page.text("article", id=f"point-{number}")
    return text


# what is in it


def test_a_point_tells_all_that_is_known_about_it():
    text = card(page_of(run([point(0.125, 2.6, q=0.375)])), 1)
    for words in (
        "CHSH 2.600000 at efficiency 0.125",
        "bath_b.gamma coupling rate gamma_B 2.25",
        "diag(0.125, 1)",
        "|01⟩ 0.75",
        "⟨01|ρ|10⟩ 0.5 -90°",
        "lower bound from a steering inequality 0.374999999",
        "steering proven",
        "steady state off by 1.5e-16",
        "starts that agree 7 of 64",
        "g <= gamma_A 0.06, limit 1",
    ):
        assert words in text


def test_the_matrix_is_shown_entry_by_entry():
    (matrix,) = page_of(run([point(0.1, 2.6)])).text("table", class_="matrix")
    assert matrix == (
        "heralded state ρ |00⟩ |01⟩ |10⟩ |11⟩ |00⟩ 0 0 0 0 |01⟩ 0 0.7500 -0.5000i 0 "
        "|10⟩ 0 0.5000i 0.2500 0 |11⟩ 0 0 0 0"
    )


def test_a_coherence_that_is_rounding_alone_is_neither_listed_nor_in_the_matrix():
    rounding = point(0.1, 2.6)
    rounding["rho"]["im"] = [[0, 0, 0, 0], [0, 0, -4e-13, 0], [0, 4e-13, 0, 0], [0, 0, 0, 0]]
    page = page_of(run([rounding]))
    assert "|01⟩ 0 0.7500 0 0" in page.text("table", class_="matrix")[0]
    assert page.text("table", class_="bars coherences") == ["coherences: modulus and phase none"]


def test_levels_that_filters_block_are_not_in_the_names():
    behind = point(0.1, 2.6, filters={"a": [0.0, 1.0, 0.5], "b": [1.0, 0.0, 0.0, 1.0]})
    assert "|10⟩ |13⟩ |20⟩ |23⟩" in card(page_of(run([behind])), 1)


def test_of_a_large_state_the_largest_entries_are_listed():
    size = 25
    weights = [2.0**-k for k in range(size)]
    re = [[weights[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
    re[0][2] = re[2][0] = 0.1
    zeros = [[0.0] * size for _ in range(size)]
    wide = {"a": [1.0] * 5, "b": [1.0] * 5}
    page = page_of(run([point(1.0, 0.5, rho={"re": re, "im": zeros}, filters=wide)]))
    assert page.all("table", class_="matrix") == []
    assert "|00⟩ 1 |01⟩ 0.5" in card(page, 1)
    assert "⟨00|ρ|02⟩ 0.1 0°" in card(page, 1)
    assert "9 smaller entries are not listed" in card(page, 1)


def test_bounds_that_were_hit_and_regimes_that_were_left_are_remarks():
    outside = {"condition": "g <= gamma_A", "value": 9.0, "limit": 1.0, "holds": False}
    hit = verified(point(0.1, 2.6), at_bound=["g=high", "filters.b=low"], regimes=[outside])
    page = page_of(run([point(0.01, 2.7), hit]))
    remarks = [
        "at the bound: g=high",
        "at the bound: filters.b=low, the ratio of its entries, upper to lower",
        "g <= gamma_A does not hold: the model is used outside its regime",
    ]
    (listed,) = page.text("ul", class_="remarks")
    assert listed == " ".join(remarks)
    assert "g flip-flop coupling g, at its upper bound 0.0625" in card(page, 2)
    assert "g <= gamma_A 9, limit 1" in page.text("tr")
    for remark in remarks:
        assert f"{remark} 2" in page.text("tr")


def test_a_certificate_that_proves_nothing_says_so():
    text = card(page_of(run([point(0.1, 2.1, q=0.0)])), 1)
    assert "steering not shown" in text
    assert "-0.000000000" not in card(page_of(run([point(0.1, 2.1, q=-1e-12)])), 1)


def test_a_proven_interval_is_shown_where_there_is_one():
    # brask2022: the nearest numbers of nine digits would exclude the value itself.
    proven = point(0.1, 2.25, proven={"lower": 2.2892128791, "upper": 2.2892128824})
    page = page_of(run([point(0.01, 2.6), proven]))
    assert "The best value is proven to lie within [2.28921287, 2.28921289]." in card(page, 2)
    assert "[2.28921287, 2.28921289]" in page.text("table", class_="list")[0]
    assert "proven" not in card(page, 1)
    assert "proven" not in report(CURVE, STUDY).partition("</style>")[2]


def test_the_config_and_the_way_to_repeat_the_run_are_there():
    page = page_of(CURVE)
    assert [text for _, text in page.all("pre", class_="config")] == [STUDY]
    assert page.text("pre", class_="command") == [
        "jaxent run study.yaml --out again",
        "pip install jax==4.5.6",
    ]
    assert "python 3.11.0" in page.text("tr")
    (download,) = [attrs["href"] for attrs, _ in page.all("a", download="study.yaml")]
    assert download.startswith("data:application/yaml;charset=utf-8,title%3A%20a%20study%0A")


def test_a_measurement_that_was_found_is_listed():
    found = point(0.1, 0.3, directions=[[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]])
    text = card(page_of(run([found])), 1)
    assert "1 0.000000, 0.600000, 0.800000 2 1.000000, 0.000000, 0.000000" in text


# the curve


def places(page, panel=0):
    marks = page.all("a" if panel == 0 else "g", class_="mark")
    marks = [(attrs, text) for attrs, text in marks if "data-x" in attrs]
    return [(float(attrs["data-x"]), float(attrs["data-y"])) for attrs, _ in marks]


def ticks(page):
    return [text for text in page.text("text", class_="number")]


def test_points_are_where_the_logarithmic_axis_has_them():
    (x1, y1), (x2, y2), (x3, y3) = places(page_of(CURVE))
    # log10 of 0.1/0.01 and of 0.4/0.1
    assert (x3 - x2) / (x2 - x1) == pytest.approx(0.602, abs=1e-3)
    assert (y3 - y2) / (y2 - y1) == pytest.approx(1.0, abs=1e-2)
    assert {"0.01", "0.02", "0.1"} <= set(ticks(page_of(CURVE)))


def test_a_linear_axis_is_linear():
    (x1, _), (x2, _), (x3, _) = places(page_of({**CURVE, "efficiency_scale": "linear"}))
    assert (x3 - x2) / (x2 - x1) == pytest.approx(0.3 / 0.09, abs=1e-2)


def test_trivial_points_are_hollow_and_no_line_leads_to_them():
    page = page_of(CURVE)
    fills = [attrs["fill"] for attrs, _ in page.all("path") if attrs.get("fill")]
    assert fills[:3] == ["#0072B2", "#0072B2", "white"]
    (line,) = [attrs["points"] for attrs, _ in page.all("polyline")]
    assert [tuple(map(float, pair.split(","))) for pair in line.split()] == places(page)[:2]
    assert "not above the bound" in page.text("li")


def test_the_classical_bound_is_a_labelled_line_at_the_trivial_point():
    page = page_of(CURVE)
    ((bound, _),) = page.all("line", class_="bound")
    assert float(bound["y1"]) == float(bound["y2"]) == places(page)[2][1]
    assert "classical bound 2" in page.text("text")


def test_variants_are_told_apart_without_colour():
    names = [f"variant {k}" for k in range(9)]
    page = page_of(run([point(p, 2.5, name) for name in names for p in (0.1, 0.2)], names))
    lines = [attrs.get("stroke-dasharray") for attrs, _ in page.all("polyline")]
    shapes = [attrs["d"] for attrs, _ in page.all("path") if attrs.get("fill")][:18:2]
    assert len(set(zip(lines, shapes, strict=True))) == 9
    assert page.text("li")[-9:] == names


def test_steering_has_a_panel_of_its_own():
    page = page_of(run([point(0.1, 2.5, q=0.3), point(0.2, 2.4, q=0.2)]))
    assert len(page.all("rect", class_="frame")) == 2
    (x1, y1), (x2, y2) = places(page, panel=1)
    assert [x1, x2] == [x for x, _ in places(page)]
    assert y1 < y2
    assert len(page_of(CURVE).all("rect", class_="frame")) == 1


def test_a_curve_along_a_parameter_has_its_symbol():
    swept = {"kinds": ["qudit_reset"], "sweep": "temperature_a", "sweep_scale": "linear"}
    hot = [point(1.0, 2.5, parameters={"temperature_a": T}) for T in (1.0, 2.0, float("inf"))]
    page = page_of(run(hot, **swept))
    assert len(places(page)) == 2, "infinity is on no axis"
    left_out = "CHSH 2.5 at temperature_a inf"
    assert page.text("p", class_="small left-out") == [f"On no axis: {left_out}."]
    assert page.all("a", class_="mark", href="#point-3")[0][1] == left_out
    assert "temperature_a temperature T_A inf" in card(page, 3)
    assert "CHSH 2.500000 at TA = inf" in card(page, 3)
    assert "efficiency" not in page.text("table", class_="list")[0]


def test_the_efficiency_of_a_curve_along_a_parameter_is_told_unless_it_is_1():
    swept = {"kinds": ["two_qubit"], "sweep": "g", "sweep_scale": "linear"}
    page = page_of(run([point(0.1, 2.5)], **swept))
    assert "CHSH 2.500000 at g = 0.0625, efficiency 0.1" in card(page, 1)
    assert "# efficiency CHSH" in page.text("table", class_="list")[0]
    assert "CHSH 2.5 at g 0.0625, efficiency 0.1" in page.all("article")[0][0]["data-name"]


def test_what_fixed_filters_herald_with_is_told_beside_what_is_demanded():
    rare = verified(point(1e-12, 2.5), efficiency=5.5e-7)
    page = page_of(run([rare, point(0.1, 2.3)]))
    assert "CHSH 2.500000 at efficiency at least 1e-12; heralds at 5.5e-07" in card(page, 1)
    assert "efficiency again 5.5e-07 ≥ 1e-12" in card(page, 1)
    assert "efficiency again 0.1 value again" in card(page, 2)
    assert page.text("table", class_="list")[0].count("at least") == 1
    assert places(page) == places(page_of(run([point(5.5e-7, 2.5), point(0.1, 2.3)])))


def test_a_value_that_is_infinite_is_listed_and_not_drawn():
    page = page_of(run([point(0.1, 0.3, q=0.3), point(0.2, -float("inf"), trivial=True)]))
    assert len(places(page)) == 1
    assert "CHSH -inf" in card(page, 2)


@pytest.mark.parametrize("points", [[], [point(1.0, 2.0, trivial=True)]], ids=["none", "one"])
def test_a_curve_of_few_points_can_be_drawn(points):
    page = page_of(run(points))
    assert len(places(page)) == len(points)
    assert "nan" not in report(run(points), STUDY).partition("</style>")[2].lower()


# one file, the same bytes, inert


def test_the_same_summary_gives_the_same_bytes(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write_report(folder, copy.deepcopy(TWO), STUDY)
    content = (first / "report.html").read_bytes()
    assert content == (second / "report.html").read_bytes()
    assert b"\r" not in content
    assert [path.name for path in first.iterdir()] == ["report.html"]


def test_its_policy_allows_its_own_script_and_style_and_nothing_else():
    page = page_of(TWO)
    ((meta, _),) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    policy = dict(entry.split(" ", 1) for entry in meta["content"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'none'"
    for kind in ("script", "style"):
        ((_, text),) = page.all(kind)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[f"{kind}-src"] == f"'sha256-{digest}'"


def test_it_refers_to_nothing_outside_of_itself():
    for tag, attrs, _ in page_of(TWO).elements:
        assert "src" not in attrs
        assert "style" not in attrs, f"the policy would ignore it at <{tag}>"
        assert attrs.get("href", "#").startswith(("#", "data:"))
        assert not any(name.startswith("on") for name in attrs)
    style, script = (page_of(TWO).all(tag)[0][1] for tag in ("style", "script"))
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"fetch|XMLHttp|import|https?:", script)


def hostile_run():
    names = (HOSTILE, "'\"><svg onload=alert(2)>", "{{ 7 * 7 }}", f"$x_{{{HOSTILE}}}$")
    points = [
        verified(point(p, 2.5, name), at_bound=[HOSTILE]) for name in names for p in (0.1, 0.2)
    ]
    versions = {"jaxent": HOSTILE, "jax": HOSTILE, "python": HOSTILE}
    return run(points, names, title=HOSTILE, versions=versions)


def test_what_users_write_stays_text():
    page = page_of(hostile_run(), f"title: {HOSTILE}\n")
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert page.all("img") == []
    assert page.text("h1") == [HOSTILE]
    assert page.text("title") == [HOSTILE]
    assert page.text("pre", class_="config") == [f"title: {HOSTILE}"]
    assert {HOSTILE, "{{ 7 * 7 }}", "'\"><svg onload=alert(2)>"} <= set(page.text("h3"))


# in a browser


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a run's report from its file, and finds nothing amiss at the end."""

    def open_report(summary, **window):
        browser.open(write_report(tmp_path, summary, STUDY).as_uri(), **window)
        return browser

    yield open_report
    assert browser.complaints() == []
    assert browser.requests() == []


def mark(number):
    return f"a.mark[data-point='{number}']"


def test_pointing_at_a_point_shows_it(opened):
    page = opened(TWO)
    assert len(page.texts(".card")) == 1
    for number, value in ((2, "2.300000"), (3, "2.500000")):
        page.move_to(mark(number))
        assert page.text(".headline strong") == value
        assert page.text(".card header .small") == f"{number} of 4"
    assert page.text(".readout") == "two: CHSH 2.5 at efficiency 0.01"


def test_a_click_keeps_a_point_until_escape(opened):
    page = opened(CURVE)
    page.click(mark(3))
    page.move_to(mark(1))
    assert page.text(".card header .small") == "3 of 3"
    page.press("ESCAPE")
    page.move_to(mark(2))
    assert page.text(".card header .small") == "2 of 3"


def test_the_keyboard_goes_from_point_to_point(opened):
    page = opened(TWO)
    page.press("TAB")
    shown = []
    for key in ("RIGHT", "DOWN", "LEFT", "END", "HOME", "UP", "LEFT"):
        page.press(key if key in ("END", "HOME") else f"ARROW_{key}")
        shown.append(page.text(".card header .small")[0])
    assert "".join(shown) == "2434311"
    name = page.run("return document.activeElement.getAttribute('aria-label')")
    assert name == "one: CHSH 2.6 at efficiency 0.01"
    page.press("TAB")
    assert page.run("return document.activeElement.closest('svg')") is None, "one stop for all"


def test_links_in_the_tables_lead_to_points(opened):
    page = opened(CURVE)
    page.click("table.list a[href='#point-2']")
    assert page.text(".card header .small") == "2 of 3"


@pytest.mark.parametrize("width", [1280, 400])
def test_it_fits_its_window(width, opened):
    page = opened(hostile_run(), width=width)
    assert page.too_wide() <= 0
    sizes = page.run(
        "const s = document.querySelector('svg.curve'); const k = s.getScreenCTM().a;"
        "return [...s.querySelectorAll('text')]"
        ".map(t => k * parseFloat(getComputedStyle(t).fontSize))"
    )
    assert min(sizes) > 8.5, "pixels of the smallest letters"


def test_hostile_names_do_nothing(opened):
    page = opened(hostile_run())
    assert page.run("return document.title") == HOSTILE
    assert page.run("return document.scripts.length") == 1
    page.move_to(mark(2))
    assert page.text(".readout").startswith(HOSTILE)


def test_on_paper_and_without_a_script_every_point_is_there(opened):
    page = opened(TWO)
    page.tell("Emulation.setEmulatedMedia", media="print")
    assert len(page.texts(".card")) == 4
    assert page.texts(".hint") == []
    page.tell("Emulation.setEmulatedMedia", media="")
    page.tell("Emulation.setScriptExecutionDisabled", value=True)
    page.driver.refresh()
    assert len(page.texts(".card")) == 4
