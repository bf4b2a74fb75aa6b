"""Pages for a browser, from the templates beside this module.

Each is one file that asks for nothing else: its style and its script are part of it, and its
Content-Security-Policy allows these two, by their hashes, and nothing besides. What users wrote is
escaped wherever it appears. The same content makes the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jaxent.app.symbols import pieces, plain

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_STYLE = "page.css"

# In HTML and in SVG, which has no element of its own for what is raised or lowered.
_RAISED = {
    "html": {"base": "{}", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>"},
    "svg": {
        "base": "<tspan>{}</tspan>",
        "sub": '<tspan class="raised" dy="0.3em">{}</tspan><tspan dy="-0.2em">\u200b</tspan>',
        "sup": '<tspan class="raised" dy="-0.4em">{}</tspan><tspan dy="0.3em">\u200b</tspan>',
    },
}


def page(template: str, script: str, connect: bool = False, **content: Any) -> str:
    """A whole page.

    Args:
        template: the name of its template.
        script: the name of its script.
        connect: whether it may ask the server that it came from.
        content: what it shows.

    Returns:
        The HTML.
    """
    from markupsafe import Markup

    style, code = _text(_STYLE), _text(script)
    return (
        _environment()
        .get_template(template)
        .render(
            content,
            style=Markup(style),
            script=Markup(code),
            policy=policy(script, connect),
        )
    )


def fragment(template: str, **content: Any) -> str:
    """A part of a page."""
    return _environment().get_template(template).render(content)


def policy(script: str, connect: bool = False) -> str:
    """The Content-Security-Policy of a page with this script; see :func:`page`."""
    allowed = {
        "default-src": "'none'",
        "script-src": _hash(_text(script)),
        "style-src": _hash(_text(_STYLE)),
        "img-src": "data:",
        "connect-src": "'self'" if connect else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{what} {where}" for what, where in allowed.items())


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _text(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("jaxent.app", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "formula": _formula("html"),
        "svg_formula": _formula("svg"),
        "plain": plain,
    }
    return environment


def _formula(kind: str) -> Callable[[str], Markup]:
    """A filter that sets a text in which ``$...$`` is mathematics."""
    from markupsafe import Markup

    def set_formula(text: str) -> Markup:
        marked = (Markup(_RAISED[kind][level]).format(piece) for piece, level in pieces(text))
        return Markup("").join(marked)

    return set_formula
