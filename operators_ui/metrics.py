"""What the console counts about itself, for Prometheus.

In: requests and streams. Out: metrics of the default registry; no label grows with accounts or incidents.
"""

from __future__ import annotations

import time
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Gauge, Histogram

OPERATORS_SIGNED_ON: Final = Gauge("sereno_operators_logged_in", "People with a live session at a console")
STREAMS: Final = Gauge("sereno_console_streams", "Browsers that follow the queue live")
UNKNOWN_NAMES: Final = Counter("sereno_sign_on_unknown_names", "Tries to sign on with a name that nobody has")
_REQUESTS: Final = Histogram(
    "sereno_http_request_duration_seconds",
    "Time to answer a request of a console",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def measured(app: ASGIApp) -> ASGIApp:
    """Time each request, by route template and class of status; streams last for hours and are left out."""

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) != "http" or scope["path"] == "/stream":
            await app(scope, receive, send)
            return
        started = time.monotonic()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noting)
        finally:
            took_s = time.monotonic() - started
            _REQUESTS.labels(_route(scope), str(scope.get("method")), f"{status // 100}xx").observe(took_s)

    return timed


def _route(scope: Scope) -> str:
    return str(scope.get("path_template") or "none")
