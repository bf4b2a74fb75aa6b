"""The largest efficiencies of brask2022's machines, as a Markdown table.

    python experiments/brask2022/thresholds.py configs/brask2022/*.yaml > THRESHOLDS.md

Each row is one variant of a study, as `jaxent threshold --json` prints it: up to which efficiency
the objective beats its classical bound, up to which by 0.001, and what sits at a bound of the
search just below the threshold. Where something does, the threshold is approached and not attained.
"""

import json
import subprocess
import sys
from pathlib import Path

TITLE = """# Thresholds

The largest efficiencies at which the machines of brask2022 beat the classical bound, from
`python experiments/brask2022/thresholds.py configs/brask2022/*.yaml`. Where something sits at a
bound of the search the threshold is approached and not attained.
"""
HEAD = ("study", "variant", "strictly", "by 0.001", "at the bound")


def rows(study: Path) -> list[tuple[str, ...]]:
    """One row for each variant."""
    command = [sys.executable, "-m", "jaxent.app.cli", "threshold", str(study), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = []
    for report in map(json.loads, done.stdout.splitlines()):
        numbers = report["threshold"], report["with_margin"]["1e-3"]
        percent = (f"{100 * x:.6g} %" if x else "never" for x in numbers)
        bounds = ", ".join(f"`{bound}`" for bound in report["at_bound"])
        found.append((study.stem, report.get("variant") or "", *percent, bounds))
    return found


def main() -> None:
    print(TITLE)
    for line in (HEAD, ["---"] * len(HEAD)):
        print("|", " | ".join(line), "|")
    for study in map(Path, sys.argv[1:]):
        for row in rows(study):
            print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main()
