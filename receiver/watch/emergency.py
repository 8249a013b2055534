"""The emergency list over HTTP, by the receiver itself: for when there is neither dispatcher nor console.

In: a page to be made anew for each request. Out: HTTP/1.1 (RFC 9112), one answer a connection. It names people and
their telephones, so it is served to this machine alone unless told otherwise, and never to another site's script: the
Host that is asked for must be an address or this machine's name.
"""

from __future__ import annotations

import contextlib
import html
import ipaddress
import socket
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Final

import h11
import structlog
import trio

log = structlog.get_logger()

#: Longer than the database may take to answer or to be given up.
_CONVERSATION_LIMIT_S: Final = 30.0
_READ_BYTES: Final = 65_536
_REFRESH_S: Final = 5
#: At another receiver of this host, or at another program; it may end.
_TRY_AGAIN_S: Final = 10.0
_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
)

_HTML: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="{refresh}">
<title>Sereno: waiting alarms</title>
<pre>
{text}</pre>
</html>
"""

#: Makes the list, as text.
Page = Callable[[], Awaitable[str]]


async def serve_forever(address: str, port: int, page: Page, listening: Callable[[int], None]) -> None:
    """Serve `page`; `listening` is told the port. Where the port is taken, wait until it is free: nothing else does."""
    refused = ""

    async def converse(stream: trio.SocketStream) -> None:
        await _converse(stream, page)

    while True:
        try:
            listeners = await trio.open_tcp_listeners(port, host=address)
        except OSError as error:
            if refused != (refused := str(error)):
                log.error("emergency_list_not_served", address=address, port=port, why=refused)
            await trio.sleep(_TRY_AGAIN_S)
            continue
        bound: int = listeners[0].socket.getsockname()[1]
        log.info("emergency_list_served", address=address, port=bound)
        listening(bound)
        await trio.serve_listeners(converse, listeners)


async def _converse(stream: trio.SocketStream, page: Page) -> None:
    connection = h11.Connection(h11.SERVER)
    with (
        trio.move_on_after(_CONVERSATION_LIMIT_S),
        contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError),  # whoever asked is gone
    ):
        try:
            request = await _request(stream, connection)
        except h11.RemoteProtocolError as error:
            await _send(stream, connection, error.error_status_hint, "This is no HTTP request.\n")
            return
        if request is not None:
            await _answer(stream, connection, request, page)


async def _request(stream: trio.SocketStream, connection: h11.Connection) -> h11.Request | None:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await stream.receive_some(_READ_BYTES))
    return event if isinstance(event, h11.Request) else None


async def _answer(stream: trio.SocketStream, connection: h11.Connection, request: h11.Request, page: Page) -> None:
    if request.method != b"GET":
        await _send(stream, connection, 405, "There is nothing to do here but to read.\n")
    elif not _is_ours(dict(request.headers).get(b"host")):
        await _send(stream, connection, 421, "Ask for this list by the machine's address, or by its own name.\n")
    elif request.target == b"/text":
        await _send(stream, connection, 200, await page())
    elif request.target == b"/":
        text = html.escape(await page())
        await _send(stream, connection, 200, _HTML.format(refresh=_REFRESH_S, text=text), "text/html")
    else:
        await _send(stream, connection, 404, "The list is at / and, as plain text, at /text.\n")


async def _send(
    stream: trio.SocketStream, connection: h11.Connection, status: int, text: str, kind: str = "text/plain"
) -> None:
    body = text.encode()
    headers = [*_HEADERS, ("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    head = connection.send(h11.Response(status_code=status, headers=headers)) or b""
    await stream.send_all(head + body)


def _is_ours(host: bytes | None) -> bool:
    if host is None:  # HTTP/1.0: no browser, so nobody who could be led here by another site
        return True
    try:
        name = urllib.parse.urlsplit(f"//{host.decode('ascii', 'replace')}").hostname or ""
    except ValueError:
        return False
    if name in {"localhost", socket.gethostname().lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
