"""The live stream: the screen as it changes, to each browser, by server-sent events.

In: the `Screen`. Out: `section` (a list as HTML, only if it differs from what this browser has), `versions` (where each
open incident stands), `tick` every two seconds, `signed_off` at the end of the session. Each browser is sent the newest
state when it is ready to read, never a backlog: a slow one takes no memory and delays nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import trio
from litestar import asgi
from litestar.types import Receive, Scope, Send

from operators_ui.console import Console
from operators_ui.live import Snapshot
from operators_ui.metrics import STREAMS
from operators_ui.pages import Pages
from operators_ui.security import SESSION_COOKIE, hash_of
from operators_ui.words import Sound
from station.errors import StoreUnavailable
from station.operators import Operator
from station.store.sign_on import operator_of_session

TICK_S: Final = 2.0
_SESSION_CHECK_S: Final = 5.0
#: Each list has its template; `taken_or_on_hold` alone differs from operator to operator.
SECTIONS: Final = ("restored", "counts", "queue", "taken_or_on_hold", "recent")


def section(pages: Pages, name: str, snapshot: Snapshot, operator: Operator) -> str:
    """The HTML of one list."""
    return pages.render(f"section_{name}.html", snapshot=snapshot, operator=operator, Sound=Sound)


@asgi("/stream", opt={"exclude_from_auth": True}, copy_scope=False)
async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """One browser's stream, until either side ends it."""
    console: Console = scope["litestar_app"].state.console
    token_hash = hash_of(_cookies(scope).get(SESSION_COOKIE, ""))
    operator = await operator_of_session(console.database, token_hash, by_person=False)
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if operator is None:
        # An error status would make browsers stop without saying why.
        await _send(send, "signed_off", {})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    with STREAMS.track_inprogress():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_end_with_browser, receive, nursery.cancel_scope)
            nursery.start_soon(_send_ticks, console, send)
            nursery.start_soon(_send_changes, console, operator, send)
            await _until_signed_off(console, token_hash)
            await _send(send, "signed_off", {})
            nursery.cancel_scope.cancel()


def _cookies(scope: Scope) -> Mapping[str, str]:
    pairs = (
        part.strip().partition("=")
        for name, value in scope["headers"]
        if name == b"cookie"
        for part in value.decode("latin-1").split(";")
    )
    return {key: value for key, _, value in pairs}


async def _end_with_browser(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _until_signed_off(console: Console, token_hash: bytes) -> None:
    while True:
        await trio.sleep(_SESSION_CHECK_S)
        try:
            if await operator_of_session(console.database, token_hash, by_person=False) is None:
                return
        except StoreUnavailable:
            # Nobody is signed off by a fault; the page says that its data is old.
            continue


async def _send_ticks(console: Console, send: Send) -> None:
    while True:
        screen = console.screen
        age_s = min(screen.age_s, 86_400.0)
        await _send(send, "tick", {"now": round(screen.now.timestamp() * 1000), "age_s": round(age_s, 1)})
        await trio.sleep(TICK_S)


async def _send_changes(console: Console, operator: Operator, send: Send) -> None:
    pages = console.pages[operator.language]
    sent: dict[str, str] = {}
    while True:
        version, snapshot = console.screen.version, console.screen.snapshot
        await _send(send, "versions", dict(snapshot.versions))
        for name in SECTIONS:
            text = section(pages, name, snapshot, operator)
            if sent.get(name) != text:
                sent[name] = text
                await _send(send, "section", {"name": name, "html": text})
        while console.screen.version == version:
            await console.screen.wait_changed(TICK_S)


async def _send(send: Send, event: str, data: Mapping[str, object]) -> None:
    body = f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
    await send({"type": "http.response.body", "body": body.encode(), "more_body": True})
