"""The best heralded states of brask2022 (Figs. 5, 6), found without gradients and without jaxent.

A check by other means: the closed form of closed_form.py, the boxes of study_space.py and the
global search of evolution.py, in NumPy and SciPy.

    python experiments/brask2022/global_search.py configs/brask2022/*.yaml
    python experiments/brask2022/global_search.py STUDY.yaml --points 5 --against RUN_DIR
    python experiments/brask2022/global_search.py STUDY.yaml --threshold 1e-3
"""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import closed_form
import numpy as np
from evolution import maximise
from study_space import Space, efficiencies, load, space_of, variants

# name: (value, classical bound, a ratio that exceeds 1 exactly where the value exceeds the bound)
OBJECTIVES = {
    "chsh": (closed_form.chsh, 2.0, closed_form.chsh_violation),
    "singlet_fraction": (closed_form.singlet_fraction, 0.5, closed_form.singlet_violation),
    "concurrence": (closed_form.signed_concurrence, 0.0, None),
    "negativity": (closed_form.signed_negativity, 0.0, None),
}
AGREEMENT = 1e-6
# θ in [0, 1] becomes (e^{kθ} - 1)/(e^k - 1): linear near 0, logarithmic above e^{-k}.
FILTER_SCALE = 20.0
# The inverse problem looks at squared ratios of a filter's entries from e^{-30} to e^{30}.
LOG_RATIO = 30.0
OPEN = (1.0, 1.0)
TINY = np.finfo(float).tiny


@dataclass(frozen=True)
class Optimum:
    """An optimum in the terms of a study: temperatures, and each filter's diagonal entries."""

    value: float
    parameters: dict
    filters: dict
    evaluations: int
    at_bound: tuple[str, ...] = ()


def best(study: dict, efficiency: float, seed: int = 0, restarts: int = 4) -> Optimum:
    """The largest value of the objective at a heralding efficiency of at least ``efficiency``.

    A filter can be scaled down without changing the state, so only its ratio matters and
    p_suc >= p is what p_suc = p allows.  Two searches, of which the better counts: one climbs the
    value; one climbs the violation's ratio up to 1 and the value above.  The first stalls on
    product states (CHSH = 2, F = 1/2) where violations are rare, the second sees only violations.
    """
    space = space_of(study)
    value, bound, ratio = OBJECTIVES[study["objective"]]
    evaluations = 0

    def heralded(x, branch):
        nonlocal evaluations
        evaluations += x[..., 0].size if x.size else 1
        return _heralded(space, x, branch, efficiency)[0]

    def by_value(x, branch):
        return value(heralded(x, branch))

    def by_violation(x, branch):
        state = heralded(x, branch)
        return np.where(ratio(state) > 1, value(state), bound - 1 + np.minimum(ratio(state), 1))

    branches = np.array(list(itertools.product([True, False], repeat=len(space.filters))), bool)
    dimension = len(space.coordinates) + len(space.filters)
    found = []
    for merit in [by_value, by_violation] if ratio else [by_value]:
        x, branch, _ = maximise(merit, branches, dimension, seed, restarts)
        found.append((float(by_value(x, branch)), x, branch))
    top, x, branch = max(found, key=lambda one: one[0])
    _, weights = _heralded(space, x, branch, efficiency)
    # Concurrence and negativity are the positive parts of what was climbed.
    top = top if ratio else max(top, bound)
    return Optimum(top, space.stated(x), _entries(space, weights), evaluations, space.at_bound(x))


def _entries(space: Space, weights: dict) -> dict:
    return {k: tuple(float(np.sqrt(w)) for w in weights[k]) for k in space.filters}


def _heralded(space: Space, x: np.ndarray, branches: np.ndarray, least: float):
    """The filtered states at x (..., dimension), and both filters' squared entries.

    A's filter may lose what an open filter on B would still make up for; B's starts from what A's
    leaves.  So every point of the cube is admissible, and every admissible pair is reached.
    """
    state, weights = space.state(x), {"a": OPEN, "b": OPEN}
    for index, qubit in enumerate(space.filters):
        theta = x[..., len(space.coordinates) + index]
        if qubit == "a":
            sums = (state.p00 + state.p01, state.p10 + state.p11)
            weights["a"] = _weights(theta, branches[..., index], sums, least)
            state = closed_form.filtered(state, weights["a"], OPEN)
        else:
            sums = (state.p00 + state.p10, state.p01 + state.p11)
            weights["b"] = _weights(theta, branches[..., index], sums, least)
            state = closed_form.filtered(state, OPEN, weights["b"])
    return state, weights


def _weights(theta, opens_first, sums, least: float):
    """Squared entries of a filter, the larger one 1, that lets at least ``least`` through.

    ``sums`` are the weights of the qubit's |0> and |1>.  The smaller squared entry s obeys
    kept + s·cut >= least, an interval [s_min, 1], on which θ runs.
    """
    kept, cut = np.where(opens_first, sums[0], sums[1]), np.where(opens_first, sums[1], sums[0])
    least_weight = np.clip((least - kept) / np.maximum(cut, TINY), 0, 1)
    share = np.expm1(FILTER_SCALE * theta) / np.expm1(FILTER_SCALE)
    smaller = least_weight + (1 - least_weight) * share
    return np.where(opens_first, 1, smaller), np.where(opens_first, smaller, 1)


def threshold(study: dict, margin: float, seed: int = 0, restarts: int = 4) -> Optimum:
    """The largest efficiency at which the objective exceeds its classical bound by ``margin``.

    The inverse problem: p_suc itself is climbed, over machines and (with two filters) A's ratio;
    the other filter is the best of all in closed form.  A value of 0 says that none exceeds it.
    """
    space = space_of(study)
    objective = study["objective"]
    if objective not in ("chsh", "singlet_fraction") or not space.filters or margin <= 0:
        raise ValueError(
            "a threshold needs chsh or singlet_fraction, a free filter, and a margin > 0"
        )
    level = OBJECTIVES[objective][1] + margin
    evaluations = 0

    def solve(x):
        nonlocal evaluations
        evaluations += x[..., 0].size if x.size else 1
        state, first = space.state(x), OPEN
        if space.filters == ("a",):
            state = state._replace(p01=state.p10, p10=state.p01)
        if len(space.filters) == 2:
            log_ratio = LOG_RATIO * (2 * x[..., -1] - 1)
            first = (np.exp(np.minimum(-log_ratio, 0)), np.exp(np.minimum(log_ratio, 0)))
        return first, *_largest_efficiency(
            closed_form.filtered(state, first, OPEN), objective, level
        )

    dimension = len(space.coordinates) + len(space.filters) - 1
    x, _, top = maximise(lambda x, _: solve(x)[1], np.zeros((1, 0)), dimension, seed, 3 * restarts)
    if top <= 0:
        return Optimum(0.0, {}, {}, evaluations)
    first, _, t = solve(x)
    last = (min(1.0, 1 / max(float(t), TINY)), min(1.0, float(t)))
    weights = dict(zip(reversed(space.filters), (last, first), strict=False))
    return Optimum(top, space.stated(x), _entries(space, weights), evaluations, space.at_bound(x))


def _largest_efficiency(state: closed_form.XState, objective: str, level: float):
    """The largest p_suc at which a filter on B reaches ``level``, and B's squared entries' ratio t.

    With squared entries (1, t) the conditions for the value to reach the level read
    -L t² + M t - N >= 0 with L, N >= 0: an interval [t₋, t₊], which exists where M >= 2√(LN).
    p_suc = (w0 + t w1)/max(1, t) is largest at its t nearest to 1.  Where there is none, the
    return is M/(2√(LN)) - 1 < 0, which leads the search there.
    """
    w00, w01, w10, w11, coherence = state
    zero, one, squared = w00 + w10, w01 + w11, coherence**2
    if objective == "singlet_fraction":
        # c √t >= (F - 1/2) D + F E, with D and E the weights of odd and even parity
        odd, even = level - 0.5, level
        n, l = odd * w10 + even * w00, odd * w01 + even * w11
        conditions = [(l**2, squared - 2 * l * n, n**2)]
    else:
        # With s = (CHSH/2)²: 4c² t + (D-E)² >= s (D+E)², and 8c² t >= s (D+E)²
        s = (level / 2) ** 2
        crossed = 4 * squared - 4 * (w01 * w00 + w11 * w10) - 2 * (s - 1) * zero * one
        conditions = [
            ((s - 1) * one**2 + 4 * w01 * w11, crossed, (s - 1) * zero**2 + 4 * w00 * w10),
            (s * one**2, 8 * squared - 2 * s * zero * one, s * zero**2),
        ]
    efficiency, t = map(
        np.array, zip(*(_nearest_to_one(*c, zero, one) for c in conditions), strict=True)
    )
    chosen = np.argmax(efficiency, axis=0)[None]
    return (np.take_along_axis(values, chosen, 0)[0] for values in (efficiency, t))


def _nearest_to_one(l, m, n, zero, one):
    geometric = 2 * np.sqrt(l * n)
    reach = m / np.maximum(geometric, TINY)
    root = np.sqrt(np.maximum(m**2 - geometric**2, 0))
    with np.errstate(over="ignore"):
        lower = 2 * n / np.maximum(m + root, TINY)
        upper = np.maximum((m + root) / np.maximum(2 * l, TINY), lower)
    t = np.clip(1.0, lower, upper)
    efficiency = zero / np.maximum(t, 1) + one * np.minimum(t, 1)
    return np.where(reach >= 1, efficiency, np.maximum(reach, -1e6) - 1), t


# the command


def _theirs(run: Path, file: Path) -> list[dict]:
    """The points of a run's summary; a folder of runs holds one folder for each study file."""
    summary = run / file.stem / "summary.json"
    summary = summary if summary.is_file() else run / "summary.json"
    return json.loads(summary.read_text(encoding="utf-8"))["points"]


def _tasks(arguments, file: Path) -> Iterator[tuple[str, dict, float, float | None]]:
    """(variant, study, efficiency, value found by others or None) for all that was asked for."""
    named = variants(load(file))
    theirs = _theirs(arguments.against, file) if arguments.against else None
    for name, study in named.items():
        if arguments.variant is not None and name != arguments.variant:
            continue
        if theirs is None:
            points = [(float(p), None) for p in efficiencies(study)]
        else:
            mine = [t for t in theirs if len(named) == 1 or str(t.get("variant")) == name]
            points = [(t["efficiency"], t["value"]) for t in mine if t["value"] is not None]
        if arguments.points is not None and len(points) > arguments.points:
            kept = np.linspace(0, len(points) - 1, arguments.points).round().astype(int)
            points = [points[i] for i in kept]
        yield from ((name, study, *point) for point in points)


def _thresholds(arguments, file: Path) -> None:
    for name, study in variants(load(file)).items():
        if arguments.variant in (None, name):
            found = threshold(study, arguments.threshold, arguments.seed)
            print(f"{file.stem:28} {name:20} threshold {found.value:.8f} {_described(found)}")


def _described(found: Optimum) -> str:
    numbers = [f"{name}={value:.6g}" for name, value in found.parameters.items()]
    filters = [f"{k}=({v[0]:.5g}, {v[1]:.5g})" for k, v in found.filters.items()]
    at_bound = [f"at the bound: {', '.join(found.at_bound)}"] if found.at_bound else []
    return " ".join([*numbers, *filters, *at_bound])


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="+", type=Path, metavar="STUDY.yaml")
    parser.add_argument("--variant", help="only this one")
    parser.add_argument("--points", type=int, help="at most so many efficiencies of each variant")
    parser.add_argument(
        "--against", type=Path, metavar="RUN_DIR", help="compare with a run's values"
    )
    parser.add_argument("--threshold", type=float, metavar="MARGIN", help="the inverse problem")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> int:
    """0 where all agrees (or nothing was compared), 1 where a value differs by more than 1e-6."""
    arguments = _arguments(words)
    differing, compared = [], 0
    for file in arguments.studies:
        if arguments.threshold is not None:
            _thresholds(arguments, file)
            continue
        for name, study, efficiency, other in _tasks(arguments, file):
            found = best(study, efficiency, arguments.seed)
            line = f"{file.stem:28} {name:20} {efficiency:<10.6g} {found.value:.9f}"
            print(line, "" if other is None else f"{other - found.value:+.1e}", _described(found))
            compared += other is not None
            if other is not None and not abs(other - found.value) <= AGREEMENT:
                winner = "theirs is better" if other > found.value else "ours is better"
                differing.append(f"{line} against {other:.9f}: {winner}")
    if arguments.against:
        print(f"{compared} values compared, {len(differing)} differ by more than {AGREEMENT:g}")
        print(*differing, sep="\n")
    return 1 if differing or (arguments.against and not compared) else 0


if __name__ == "__main__":
    sys.exit(main())
