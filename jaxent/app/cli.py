"""The command line; see ``jaxent --help``.

Exit codes: 0 where everything asked for was delivered, 1 for a failed run, 2 for a bad input,
130 when interrupted. Errors are one line on standard error, and so are progress and hints, which
are only for terminals.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import io
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from numpy.linalg import LinAlgError

from jaxent.app.errors import InputError, fault, machine_of, one_line, out_of_memory, show, told
from jaxent.directions import MAX_MEASUREMENTS

app = typer.Typer(
    name="jaxent",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# Typer brings the classes of click along under another name than click itself does.
_UsageError: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

_INTERRUPTED = 130
_FAILURES = (
    RuntimeError,
    ArithmeticError,
    LinAlgError,
    MemoryError,
    OSError,
    ImportError,
)

_KEPT = (
    "What JAX compiles is kept for the next time in ~/.cache/jaxent (or $XDG_CACHE_HOME/jaxent). "
    "JAX_COMPILATION_CACHE_DIR names another folder, JAX_ENABLE_COMPILATION_CACHE=false keeps "
    "nothing."
)

_JSON = typer.Option(False, "--json", help="Print JSON in place of tables.")
_QUIET = typer.Option(False, "--quiet", "-q", help="Neither progress nor hints.")
_DEVICE = typer.Option(
    None, help="Where to compute: cpu or gpu; what JAX prefers unless given.", metavar="cpu|gpu"
)
_STUDY = typer.Argument(..., help="A study file.", show_default=False)


def _examples(*lines: str) -> str:
    """What a command's help ends with, each example a line."""
    # The mark keeps click from filling the lines up.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def _collect_less() -> None:
    """Collect cyclic garbage less often than Python does by default, and none at the end.

    Tracing leaves many small objects, few of them garbage: looking through them again and again,
    and once more at the exit, takes a fifth of a short command.
    """
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Args:
        arguments: the words after ``jaxent``; those of the process unless given.
    """
    _collect_less()
    code: Any = None
    try:
        given = None if arguments is None else list(arguments)
        code = app(args=given, prog_name="jaxent", standalone_mode=False)
        sys.stdout.flush()
    except _UsageError as error:  # a wrong option, a missing file
        message = error.format_message().rstrip(".")
        code = _complain(f"{message}; jaxent --help and jaxent COMMAND --help say more", 2)
    except KeyboardInterrupt:
        code = _complain("interrupted", _INTERRUPTED)
    except OSError as error:
        # Whoever read the output has seen enough, or its disk is full; keep Python from writing
        # the rest at exit.
        with contextlib.suppress(io.UnsupportedOperation):  # a notebook's output is no file
            output = sys.stdout.fileno()
            os.dup2(os.open(os.devnull, os.O_WRONLY), output)
        if not code and not isinstance(error, BrokenPipeError):
            _complain(f"standard output: {told(error)}", 1)
        code = 1
    if code == _INTERRUPTED:
        # A compiled search goes on in XLA's threads and would crash an interpreter that takes
        # itself apart, with another exit code.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int) -> int:
    typer.echo(f"error: {one_line(message)}", err=True)
    return code


def _hint(message: str, quiet: bool) -> None:
    """Say what may come next, where somebody sees it."""
    if not quiet and sys.stderr.isatty():
        typer.echo(message, err=True)


def _milestone(quiet: bool, message: str) -> None:
    """Say what is finished, where no bar shows it."""
    if not quiet and not sys.stderr.isatty():
        typer.echo(one_line(message), err=True)


def _reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what goes wrong in a command into one line and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except InputError as error:
            raise typer.Exit(_complain(str(error), 2)) from None
        except KeyboardInterrupt as error:
            raise typer.Exit(_complain(told(error), _INTERRUPTED)) from None
        except (BrokenPipeError, typer.Exit):
            raise
        except Exception as error:
            if isinstance(error, _FAILURES) and not machine_of(error):
                raise typer.Exit(_complain(told(error), 1)) from None
            if os.environ.get("JAXENT_DEBUG"):
                raise
            message = f"{fault(error)}; JAXENT_DEBUG=1 shows where"
            raise typer.Exit(_complain(message, 1)) from None

    return wrapped


@contextlib.contextmanager
def _continued(next_step: Callable[[], str]) -> Iterator[None]:
    """Say how to go on after what no fault of the computation has ended."""
    try:
        yield
    except (KeyboardInterrupt, OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        if isinstance(error, RuntimeError) and not out_of_memory(error):
            raise
        code = _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
        raise typer.Exit(_complain(f"{told(error)}; {next_step()}", code)) from None


def _on(device: str | None) -> list[str]:
    """The words that ask for a device again."""
    return [] if device is None else ["--device", device]


def _print_json(value: Any) -> None:
    from jaxent.app.results import to_json

    typer.echo(to_json(value))


@app.command(
    epilog=_examples(
        "jaxent run configs/quickstart.yaml",
        "jaxent run study.yaml --out runs/other --resume --json",
    )
)
@_reported
def run(
    study: Path = _STUDY,
    out: Path = typer.Option(None, help="Folder of the results; runs/<study> unless given."),
    resume: bool = typer.Option(
        False, "--resume", help="Continue the run in the folder, also one that was killed."
    ),
    device: str = _DEVICE,
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """Solve a study: curve, certificates, files, figure.

    A study names a machine, what is free in it, and what is maximised at which efficiencies:

    \b
      machine:
        kind: two_qubit
        bath_a: {statistics: fermion, gamma: 1, temperature: -0.0}
        bath_b: {statistics: fermion, gamma: bath_a.gamma, temperature: 0}
      free: {g: {low: 1e-3, high: 10}, filters.b: {}}
      objective: chsh
      efficiency: {from: 0.01, to: 0.3, points: 12, scale: log}
      constraints: [g <= bath_a.gamma, 2*g <= bath_b.gamma]

    Constraints compare two products of parameters and positive numbers by <= or >=. A parameter
    given by the name of another one (gamma of bath_b here) takes its value: a tie. What stands
    under free is free, whatever machine says about it, a value or a tie.
    """  # noqa: D301 - click keeps the lines after this mark as they are
    from jaxent.app import devices
    from jaxent.app.config import load_study_file

    file = load_study_file(study)
    devices.use(device)
    from jaxent.app import folders, runs, tables

    out = out or Path("runs") / study.stem
    again = shlex.join(["jaxent", "run", str(study), "--out", str(out), *_on(device), "--resume"])

    def next_step() -> str:
        return f"{again} continues" if folders.stored(out) else "nothing was stored yet"

    with (
        folders.run_folder(out, resume, lambda summary: runs.different(summary, file)),
        _continued(next_step),
        tables.progress_bar(quiet) as progress,
    ):
        summary = runs.run_study(file, out, progress)
    if as_json:
        _print_json(summary)
    else:
        tables.print_run(summary, out)
    if runs.of_two_qubits(summary):
        _hint(f"jaxent certify {shlex.quote(str(out))} certifies the steering of its states", quiet)


@app.command(
    epilog=_examples(
        "jaxent state state.yaml",
        "jaxent state state.yaml --set g=0.3 --set filters.b=[0.2,1] --json",
    )
)
@_reported
def state(
    files: list[Path] = typer.Argument(..., metavar="FILE...", help="State files."),
    assign: list[str] = typer.Option(
        [],
        "--set",
        metavar="KEY=VALUE",
        help="Change a parameter (g=0.2, bath_b.gamma=2) or a filter (filters.b=[1,0.3]) in "
        "all files; null deletes.",
    ),
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """A machine's state with all its measures."""
    from jaxent.app import tables
    from jaxent.app.config import load_state
    from jaxent.app.state import state_report

    requests = [load_state(file, assign) for file in files]
    reports = []
    with tables.progress_bar(quiet) as progress:
        for file, request in zip(files, requests, strict=True):
            progress(f"{file}", len(reports) / len(files))
            try:
                reports.append(state_report(request))
            except InputError as error:
                raise InputError(f"{file}: {error}") from None
    if as_json:
        for report in reports:
            _print_json(report)
        return
    for file, report in zip(files, reports, strict=True):
        tables.print_state(str(file), report)


@app.command(
    epilog=_examples(
        "jaxent threshold configs/quickstart.yaml", "jaxent threshold study.yaml --json --quiet"
    )
)
@_reported
def threshold(
    study: Path = _STUDY,
    device: str = _DEVICE,
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """The largest nonclassical efficiency of a study.

    Up to it the objective beats its classical bound; also with margins.
    """
    from jaxent.app.config import load_study

    studies = load_study(study)
    for one in studies:
        if one.sweep is not None:
            raise InputError(f"{study}: sweep: {one.sweep.parameter} given; allowed: no sweep")
        if not one.problem.heralds:
            raise InputError(
                f"{study}: filters: nothing filters; allowed: free: {{filters.a: {{}}}}, or "
                "fixed filters"
            )
    from jaxent.app import devices, tables
    from jaxent.app.thresholds import threshold_report

    devices.use(device)
    for one in studies:
        with tables.progress_bar(quiet) as progress:
            report = threshold_report(one, progress)
        _print_json(report) if as_json else tables.print_threshold(report)


@app.command(
    epilog=_examples(
        "jaxent certify state.yaml --measuring both --all-projective",
        "jaxent certify runs/quickstart --json",
        "jaxent certify state.yaml --out cert.json",
    )
)
@_reported
def certify(
    states: list[Path] = typer.Argument(
        ...,
        metavar="STATE...",
        help="State files, JSON files with rho, or the folders of runs.",
    ),
    measurements: str = typer.Option(
        "dodecahedron",
        help=f"The measurements: dodecahedron, or a number from 2 to {MAX_MEASUREMENTS}.",
    ),
    measuring: str = typer.Option("a", help="The party that measures: a, b, or both in turn."),
    all_projective: bool = typer.Option(
        False,
        "--all-projective",
        help="Also bound the critical radius R and the noise for all projective measurements: "
        "R >= 1 proves the state unsteerable, R < 1 steerable.",
    ),
    filters: float = typer.Option(
        None,
        "--filters",
        metavar="EFFICIENCY",
        help="In place of steering: the largest singlet fraction that diagonal filters herald so "
        "often from a state, and a bound on that of all local operations.",
    ),
    out: Path = typer.Option(
        None, help="Write the exact certificate of one state to this file, for jaxent verify."
    ),
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """Proven bounds on the steering robustness of states.

    They hold whatever the solver did; q > 0 demonstrates steering.
    """
    if filters is not None:
        _certify_filters(states, filters, out, as_json)
        return
    chosen = _measurements(measurements)
    if measuring not in ("a", "b", "both"):
        raise InputError(f"--measuring: {show(measuring)} is given; allowed: a, b, both")
    if out is not None and measuring == "both":
        raise InputError("--measuring: both is given with --out; allowed: a, b")
    parties: Any = ("a", "b") if measuring == "both" else (measuring,)
    from jaxent.app import certificates, tables
    from jaxent.app.state_files import named_states

    if out is not None:
        certificates.refuse_existing(out)
    named = named_states(states)
    if out is not None:
        certificates.refuse_unprovable(named, chosen)
    with tables.progress_bar(quiet) as progress:
        rows = certificates.named_certificates(named, chosen, parties, all_projective, progress)
        statement = out and certificates.write_exact(out, named, chosen, parties[0])
    if as_json:
        for _, row in rows:
            _print_json(row)
        return
    tables.print_certificates(rows)
    if all_projective:
        tables.print_radii(rows)
    if statement:
        typer.echo(f"{out}: {statement}")
        _hint(f"jaxent verify {shlex.quote(str(out))} checks it without a solver", quiet)


def _certify_filters(
    states: list[Path], efficiency: float, out: Path | None, as_json: bool
) -> None:
    if not 0 < efficiency <= 1:
        raise InputError(f"--filters: {efficiency:g} is given; allowed: in (0, 1]")
    if out is not None:
        raise InputError("--out: given with --filters; allowed: without")
    from jaxent.app import certificates, tables
    from jaxent.app.state_files import named_states

    rows = certificates.filter_rows(named_states(states), efficiency)
    if as_json:
        for _, row in rows:
            _print_json(row)
        return
    tables.print_filters(rows)


def _measurements(text: str) -> str | int:
    if text == "dodecahedron":
        return text
    if text.isascii() and text.isdigit() and len(text) <= 2 and 2 <= int(text) <= MAX_MEASUREMENTS:
        return int(text)
    raise InputError(
        f"--measurements: {show(text)} is given; allowed: dodecahedron, or a number from 2 to "
        f"{MAX_MEASUREMENTS}"
    )


@app.command(
    epilog=_examples(
        "jaxent prove study.yaml --out proof.json",
        "jaxent prove study.yaml --threshold --json",
        "jaxent prove study.yaml --run runs/study",
    )
)
@_reported
def prove(
    study: Path = _STUDY,
    threshold: bool = typer.Option(
        False,
        "--threshold",
        help="The largest efficiency at which the classical bound is beaten, not the values.",
    ),
    width: float = typer.Option(1e-5, help="How wide an interval may be, from 1e-8 to 0.1."),
    out: Path = typer.Option(None, help="Write the proof to this file, for jaxent verify."),
    resume: bool = typer.Option(
        False, "--resume", help="Continue a proof to the same --out that was interrupted."
    ),
    run: Path = typer.Option(
        None,
        help="The folder of the study's finished run: its points, figure and report get the "
        "proven bounds.",
    ),
    device: str = _DEVICE,
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """Proven two-sided bounds on the best values of a study.

    About two_qubit with g, a rate and, where wanted, temperatures and filters free; objective chsh
    or singlet_fraction; constraints g <= bath_a.gamma and g <= bath_b.gamma, or none. What is
    proven is about all couplings and rates, whatever the bounds of the search, and so where they
    are free about all charges, temperatures of the same sign and occupations of bosons. Bounds on
    occupations of fermions hold.
    """
    if not 1e-8 <= width <= 0.1:
        raise InputError(f"--width: {width:g} is given; allowed: from 1e-8 to 0.1")
    if threshold and run is not None:
        raise InputError("--run: a folder is given with --threshold; allowed: without")
    if resume and out is None:
        raise InputError(
            "--resume: given without --out; allowed: the --out of what was interrupted"
        )
    from jaxent.app.config import load_study_file

    file = load_study_file(study)
    from fractions import Fraction

    from jaxent.app import devices, folders, proofs, proven_runs, tables

    proofs.demand_provable(file, threshold)
    devices.use(device)
    asked = [*(["--threshold"] if threshold else []), "--width", f"{width:g}", *_on(device)]
    again = shlex.join(["jaxent", "prove", str(study), *asked, "--out", str(out), "--resume"])
    with contextlib.ExitStack() as alone:
        store = None if out is None else alone.enter_context(proofs.held_parts(out, resume))
        summary = None if run is None else alone.enter_context(proven_runs.held_run(file, run))

        def next_step() -> str:
            if store is None:
                return "--out keeps what is finished"
            return f"{again} continues" if folders.parts(store) else "nothing was stored yet"

        with _continued(next_step), tables.progress_bar(quiet) as progress:
            reports, text = proofs.prove_study(
                file, threshold, Fraction(str(width)), store, progress
            )
        if out is not None and store is not None:
            proofs.write_proof(out, text, store)
        if run is not None and summary is not None:
            from jaxent.app.runs import write_results

            proven = proven_runs.with_proof(summary, reports)
            write_results(run, proven, file.text, same_points=True)
    if as_json:
        for report in reports:
            _print_json(report)
    else:
        tables.print_intervals(list(proofs.rows(reports)))
    if out is not None:
        _hint(f"jaxent verify {shlex.quote(str(out))} checks the proof", quiet)


@app.command(epilog=_examples("jaxent verify cert.json", "python jaxent/verify.py cert.json"))
@_reported
def verify(
    certificate: Path = typer.Argument(
        ..., help="A file that jaxent certify or prove --out wrote.", show_default=False
    ),
    as_json: bool = _JSON,
) -> None:
    """Check an exact certificate or proof, without a solver.

    Exit code 0 where it is proven, 1 where it is refused. A sceptic needs jaxent/verify.py alone,
    and for proofs of optima the folder checker beside it.
    """
    from jaxent.app.certificates import proven_json

    report = proven_json(certificate)
    if as_json:
        _print_json(report)
    elif report["verified"]:
        typer.echo(report["statement"])
    else:
        _complain(f"{certificate}: refused: {report['reason']}", 1)
    raise typer.Exit(0 if report["verified"] else 1)


@app.command(epilog=_examples("jaxent explore configs/quickstart.yaml"))
@_reported
def explore(
    study: Path = _STUDY,
    run: Path = typer.Option(
        None, help="Folder of the study's finished run; runs/<study> unless given."
    ),
    port: int = typer.Option(0, help="The port; 0 for any that is free."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Open no browser."),
) -> None:
    """A study's machine by hand, on a page with sliders.

    The page is served to this computer alone, at an address that is another one each time and that
    nobody guesses, until Ctrl-C ends it.
    """
    from jaxent.app.config import load_study_file

    file = load_study_file(study)
    from jaxent.app import explorer, server

    server.demand_libraries()
    explored = explorer.explorer_of(file, run, Path("runs") / study.stem)
    listener = server.listening(port)
    explored.warm_up()
    token = server.fresh_token()
    address = server.address(listener.getsockname()[1], token)
    typer.echo(f"{address} explores {study}; Ctrl-C ends it")
    sys.stdout.flush()
    server.serve(explored, listener, token, not no_browser)


@app.command(epilog=_examples("jaxent machines", "jaxent machines --json"))
@_reported
def machines(as_json: bool = _JSON) -> None:
    """The machines, their parameters and where they hold."""
    if as_json:
        from jaxent.app.machines import machines_report

        typer.echo(json.dumps(machines_report()))
    else:
        from jaxent.app import tables

        tables.print_machines()


@app.command(
    epilog=_examples("jaxent reproduce", "jaxent reproduce brask2022.fig1 --out runs/reproduce")
)
@_reported
def reproduce(
    names: list[str] = typer.Argument(
        None, metavar="[NAME...]", help="all, a paper, or paper.figure; lists them unless given."
    ),
    out: Path = typer.Option(Path("runs/reproduce"), help="Folder of the results."),
    jobs: int = typer.Option(
        None, min=1, help="How many are made at the same time; one for each core unless given."
    ),
    publish: bool = typer.Option(
        False,
        "--publish",
        help="When everything is made, put the page and the figures beside the scripts.",
    ),
    device: str = _DEVICE,
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """The papers' figures and numbers: claimed against computed.

    jaxent reproduce brask2022.fig6 makes one figure, jaxent reproduce all everything. What is
    finished is kept, and made again only after its code, config or versions have changed. The
    scripts are part of a checkout, not of the installed package.
    """
    from jaxent.app import checkout, claims_page, devices, reproduce, tables
    from jaxent.search.maximise import cores

    if not names:
        found = checkout.targets()
        listing = [{"target": t.full_name, "title": t.title} for t in found]
        _print_json(listing) if as_json else tables.print_targets(listing)
        return
    wanted = checkout.chosen(names)
    if out.exists() and not out.is_dir():
        raise InputError(f"--out: {out} is a file; allowed: a folder")
    devices.use(device, shared=True)
    again = shlex.join(["jaxent", "reproduce", *names, "--out", str(out)])
    with (
        _continued(lambda: f"{again} goes on where this one ended"),
        tables.progress_bar(quiet) as progress,
    ):
        finished = functools.partial(_milestone, quiet)
        results = reproduce.reproduce(wanted, out, progress, jobs or cores(), finished)
    if not quiet:
        for line in claims_page.turned(out, checkout.ROOT):
            typer.echo(f"another verdict than in experiments/CLAIMS.md: {one_line(line)}", err=True)
    if publish:
        reproduce.publish(out, checkout.ROOT)
    _print_json(results) if as_json else tables.print_reproduced(results, out)


@app.command(
    epilog=_examples("jaxent bench --quick", "jaxent bench --only curve --out runs/bench --json")
)
@_reported
def bench(
    only: list[str] = typer.Option([], "--only", metavar="NAME", help="Only this one; repeatable."),
    quick: bool = typer.Option(False, "--quick", help="See only that everything agrees."),
    out: Path = typer.Option(None, help="Folder for the results and figures of each."),
    device: str = _DEVICE,
    quiet: bool = _QUIET,
    as_json: bool = _JSON,
) -> None:
    """The benchmarks, side by side with the peers installed.

    They are part of a checkout, not of the installed package.
    """
    from jaxent.app import bench, devices, tables

    devices.use(device)
    with tables.progress_bar(quiet) as progress:
        results = bench.run_benchmarks(only, quick, out, progress)
    _print_json(results) if as_json else bench.print_benchmarks(results)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(import_module("jaxent").__version__)
        raise typer.Exit


@app.callback(epilog=_KEPT)
@_reported
def _options(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=_print_version, help="Print the version."
    ),
) -> None:
    """Entanglement from autonomous quantum thermal machines: searched, verified, certified."""
    from jaxent.compilation import keep_compiled

    keep_compiled()


if __name__ == "__main__":
    main()
