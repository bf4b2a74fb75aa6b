"""The server of the explorer: for this computer alone, and for its own page alone.

It listens on the loopback address. A page from elsewhere could still reach it through the user's
browser, by a name that resolves to this address or by a request across origins: so a request whose
``Host`` is not this server, or whose ``Origin`` is not its page, is refused before it is read.
"""

from __future__ import annotations

import json
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaxent.app.errors import InputError, fault, refused
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


def serve(explorer: Explorer, listener: socket.socket, browser: bool) -> None:
    """Serve the explorer until it is interrupted.

    Args:
        explorer: what to serve.
        listener: from :func:`listening`.
        browser: whether to open its page in the user's browser.
    """
    import uvicorn

    port = listener.getsockname()[1]
    config = uvicorn.Config(
        application(explorer, port),
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
        threading.Thread(target=webbrowser.open, args=[address(port)], daemon=True).start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:  # how it is meant to end
        pass
    finally:
        listener.close()


def address(port: int) -> str:
    """Where the page is."""
    return f"http://{ADDRESS}:{port}/"


def application(explorer: Explorer, port: int) -> Starlette:
    """The explorer as an ASGI application that is served on a port of this computer."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    headers = {
        **_HEADERS,
        "Content-Security-Policy": f"{policy('explorer.js', True)}; frame-ancestors 'none'",
    }

    def refusal(message: str, status: int) -> Response:
        return JSONResponse({"error": message}, status, headers)

    async def page(request: Request) -> Response:
        return HTMLResponse(await run_in_threadpool(explorer.page), headers=headers)

    async def state(request: Request) -> Response:
        try:
            asked = _parsed(await _body(request))
            return JSONResponse(await run_in_threadpool(explorer.answer, asked), headers=headers)
        except InputError as error:
            return refusal(str(error), 400)
        except Failed as error:
            return refusal(str(error), 500)
        except Exception as error:  # what one request does must not end the others
            return refusal(fault(error), 500)

    guard = Middleware(_OwnPageAlone, port=port, refusal=refusal)
    routes = [Route("/", page), Route("/state", state, methods=["POST"])]
    return Starlette(routes=routes, middleware=[guard])


class _OwnPageAlone:
    """Refuses requests that are not meant for this server, or do not come from its page."""

    def __init__(self, app: Any, port: int, refusal: Callable[[str, int], Any]):
        self.app, self.refusal = app, refusal
        self.hosts = {f"{name}:{port}" for name in (ADDRESS, "localhost")}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Any, receive: Any, send: Callable[..., Awaitable]) -> None:
        if scope["type"] != "http":
            return
        answer = self._refused(scope["method"], scope["headers"])
        await (answer or self.app)(scope, receive, send)

    def _refused(self, method: str, headers: list[tuple[bytes, bytes]]) -> Any:
        def given(name: bytes) -> list[str]:
            return [value.decode("latin-1") for key, value in headers if key == name]

        if len(given(b"host")) != 1 or given(b"host")[0] not in self.hosts:
            return self.refusal("Host: not this server", 421)
        origins, site = given(b"origin"), given(b"sec-fetch-site")
        if not self.origins.issuperset(origins) or not {"same-origin", "none"}.issuperset(site):
            return self.refusal("Origin: not this server's page", 403)
        if method == "POST" and given(b"content-type") != ["application/json"]:
            return self.refusal("Content-Type: allowed: application/json", 415)
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
