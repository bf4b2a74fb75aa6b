"""How figures look: one column of a journal, colours for every kind of colour vision, and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxent.app.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMN = 3.4
"""The width of one column of a two-column journal, in inches."""

PAGE = 7.0
"""That of both columns."""

# Okabe and Ito's; markers and dashes tell the lines apart in print without any.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))
WARM = COLOURS[1]
"""Of a line across a map."""
GREY = "0.35"
"""Of what is no result: bounds, guides, remarks."""

BOUND: dict[str, Any] = {"color": GREY, "lw": 0.8, "ls": (0, (4, 2)), "zorder": 1}
"""The line at a classical bound."""

STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.labelsize": 9,
    "axes.titlesize": 8,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "mathtext.fontset": "dejavusans",
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "legend.labelspacing": 0.35,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "image.cmap": "cividis",
    "pdf.fonttype": 42,  # text stays text
}


def colour_and_dashes(number: int) -> dict[str, Any]:
    """What tells the line of that number from others."""
    dashes = DASHES[number // len(COLOURS) % len(DASHES)]
    return {"color": COLOURS[number % len(COLOURS)], "ls": dashes}


def line(number: int) -> dict[str, Any]:
    """Colour and dashes of the line of that number, both different from its neighbours'."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "ls": DASHES[number % len(DASHES)],
    }


def marker(number: int) -> str:
    """The marker of the line of that number."""
    return MARKERS[number % len(MARKERS)]


def canvas(height: float, width: float = COLUMN) -> Figure:
    """An empty figure whose panels are laid out without overlap, its size in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def log_ticks(panel: Any, *places: float, axis: str = "x") -> None:
    """A logarithmic axis with ticks at round numbers, which are written out."""
    labels = [f"{place:g}" for place in places]
    panel.set(**{f"{axis}scale": "log"})
    getattr(panel, f"set_{axis}ticks")(places, labels)
    panel.minorticks_off()


def letter(panel: Any, name: str) -> None:
    """Write (a), (b), … at the upper left of a panel, outside of it."""
    panel.set_title(f"({name})", loc="left")


def write(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG (300 dpi) and PDF, the same files whenever it is the same figure.

    Args:
        figure: drawn within ``matplotlib.rc_context(STYLE)``, and written within it.
        stem: the path of both without their suffixes.

    Returns:
        The files.
    """
    # Laid out once, not again for each file.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    paths = []
    for suffix, metadata in ((".png", {"Software": None}), (".pdf", {"CreationDate": None})):
        path = stem.with_suffix(suffix)
        write_atomically(path, lambda file, m=metadata: figure.savefig(file, dpi=300, metadata=m))
        paths.append(path)
    return paths
