"""The server of the explorer: for this computer alone, for its own page alone, for its user alone.

It listens on the loopback address. A page from elsewhere could still reach it through the user's
browser, by a name that resolves to this address or by a request across origins: so a request whose
``Host`` is not this server, or whose ``Origin`` is not its page, is refused before it is read.
Other users of the computer could reach it, too: so is a request to any address without the token
of this start, which only the page's own address bears.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaxent.app.errors import InputError, fault, listed, refused
from jaxent.app.explorer import Explorer
from jaxent.app.pages import policy
from jaxent.app.results import Failed

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

ADDRESS = "127.0.0.1"
"""The loopback address."""

MAX_BYTES = 64 * 1024
"""The largest request that is read."""

_LARGEST_PORT = 2**16 - 1
_USUAL_PORT = 80  # which browsers leave out
_PATIENCE = 5.0  # seconds that it may take to end where nothing is being solved

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def demand_libraries() -> None:
    """Demand the libraries of the extra ``explore``.

    Raises:
        Failed: one is missing.
    """
    for name in ("starlette", "uvicorn"):
        try:
            import_module(name)
        except ImportError as error:
            raise Failed(
                f"explore needs {error.name or name}; pip install 'jaxent[explore]' installs it"
            ) from None


def listening(port: int) -> socket.socket:
    """A socket that listens on the loopback address.

    Args:
        port: the port; 0 for any that is free.

    Raises:
        InputError: the port cannot be had.
    """
    if not 0 <= port <= _LARGEST_PORT:
        raise refused("--port", port, f"an integer from 0 to {_LARGEST_PORT}")
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((ADDRESS, port))
        found.listen()
    except OSError as error:
        found.close()
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"--port: {port}: {reason}; allowed: a free port, or 0 for any") from None
    return found


def fresh_token() -> str:
    """What the address of a page bears, so that nobody guesses it."""
    return secrets.token_urlsafe(24)


def serve(explorer: Explorer, listener: socket.socket, token: str, browser: bool) -> None:
    """Serve the explorer until it is interrupted.

    Args:
        explorer: what to serve.
        listener: from :func:`listening`.
        token: from :func:`fresh_token`.
        browser: whether to open its page in the user's browser.

    Raises:
        KeyboardInterrupt: it is interrupted while something is being solved.
    """
    import uvicorn

    port = listener.getsockname()[1]
    config = uvicorn.Config(
        application(explorer, port, token),
        # A request that Ctrl-C has cut off is no error to a user.
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    if browser:
        # A browser of the terminal would not return.
        page = address(port, token)
        threading.Thread(target=webbrowser.open, args=[page], daemon=True).start()
    server, over = uvicorn.Server(config), threading.Event()

    def run() -> None:
        try:
            server.run([listener])
        finally:
            over.set()

    # Beside this thread, so that an interrupt waits for nothing that is being solved.
    threading.Thread(target=run, daemon=True).start()
    try:
        over.wait()
    except KeyboardInterrupt:  # how it is meant to end
        server.should_exit = True
        if not over.wait(0 if explorer.busy else _PATIENCE):
            raise
    finally:
        listener.close()


def address(port: int, token: str) -> str:
    """Where the page is."""
    return f"http://{ADDRESS}:{port}/{token}/"


def application(explorer: Explorer, port: int, token: str) -> Starlette:
    """The explorer as an ASGI application that is served on a port of this computer."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
    from starlette.routing import Route

    headers = {
        **_HEADERS,
        "Content-Security-Policy": f"{policy('explorer.js', True)}; frame-ancestors 'none'",
    }

    def refusal(message: str, status: int) -> Response:
        return PlainTextResponse(message, status, headers)

    def guarded(answer: Callable[[Request], Awaitable[Response]]) -> Any:
        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except InputError as error:
                return refusal(str(error), 400)
            except Failed as error:
                return refusal(str(error), 500)
            except Exception as error:  # what one request does must not end the others
                return refusal(fault(error), 500)

        return told

    async def page(request: Request) -> Response:
        return HTMLResponse(await run_in_threadpool(explorer.page), headers=headers)

    async def state(request: Request) -> Response:
        asked = _parsed(await _body(request))
        return JSONResponse(await run_in_threadpool(explorer.answer, asked), headers=headers)

    guard = Middleware(_OwnPageAlone, port=port, token=token, refusal=refusal)
    routes = [
        Route(f"/{token}/", guarded(page)),
        Route(f"/{token}/state", guarded(state), methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[guard])


class _OwnPageAlone:
    """Refuses requests that are not meant for this server, or do not come from its page."""

    def __init__(self, app: Any, port: int, token: str, refusal: Callable[[str, int], Any]):
        self.app, self.token, self.refusal = app, token.encode(), refusal
        names = (ADDRESS, "localhost")
        self.hosts = [f"{name}:{port}" for name in names]
        self.hosts += names if port == _USUAL_PORT else ()
        self.origins = [f"http://{host}" for host in self.hosts]

    async def __call__(self, scope: Any, receive: Any, send: Callable[..., Awaitable]) -> None:
        if scope["type"] != "http":
            return
        answer = self._refused(scope["method"], scope["path"], scope["headers"])
        await (answer or self.app)(scope, receive, send)

    def _refused(self, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> Any:
        rules = [
            ("Host", self.hosts, True, 421),
            ("Origin", self.origins, False, 403),
            ("Sec-Fetch-Site", ["same-origin", "none"], False, 403),
            ("Content-Type", ["application/json"], method == "POST", 415),
        ]
        for name, allowed, needed, status in rules:
            key = name.lower().encode()
            given = [value.decode("latin-1") for other, value in headers if other == key]
            if given not in [[one] for one in allowed] and (given or needed):
                return self.refusal(str(refused(name, ", ".join(given), listed(allowed))), status)
        first = path.removeprefix("/").partition("/")[0]
        if not secrets.compare_digest(first.encode(), self.token):
            message = "address: not the page's; allowed: the one that jaxent explore has printed"
            return self.refusal(message, 403)
        return None


async def _body(request: Request) -> bytes:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise InputError(f"request: too long; allowed: at most {MAX_BYTES} bytes")
    return content


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise InputError("request: no JSON; allowed: a JSON object") from None
