"""The alarm queue: what waits, what is taken or on hold, and taking from it.

In: the live screen. Out: the page, the same as JSON for programs, and incidents taken by one key.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from operators_ui.answers import go, html
from operators_ui.console import OperatorRequest, ThisConsole
from operators_ui.frame import frame
from operators_ui.live import read
from operators_ui.stream import section
from station.store.screens import QueueLine


@get("/")
async def queue_page(request: OperatorRequest, console: ThisConsole) -> Response[str]:
    """The alarm queue."""
    snapshot = await read(console.database)
    pages, operator = console.pages[request.user.operator.language], request.user.operator
    return html(
        console,
        operator.language,
        "queue.html",
        {
            **frame(request, console, snapshot),
            **{name: section(pages, name, snapshot, operator) for name in ("queue", "taken_or_on_hold", "recent")},
        },
    )


@get("/api/queue")
async def queue_json(console: ThisConsole) -> dict[str, object]:
    """The alarm queue for programs, in its order; and what is taken or on hold."""
    snapshot = await read(console.database)
    return {
        "at": console.screen.now.isoformat(),
        "counts": {str(priority): count for priority, count in snapshot.counts.items()},
        "waiting": [_as_json(row) for row in snapshot.waiting],
        "taken_or_on_hold": [_as_json(row) for row in snapshot.taken_or_on_hold],
    }


def _as_json(row: QueueLine) -> dict[str, object]:
    return {
        "id": row.id,
        "account": row.account,
        "account_known": row.account_id is not None,
        "name": row.name,
        "city": row.city,
        "kind": row.kind.value,
        "priority": row.priority,
        "authenticated": row.authenticated,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
        "restored_at": _iso(row.restored_at),
        "signals": row.signals,
        "operator": row.operator_name,
        "held_since": _iso(row.held_since),
        "hold_until": _iso(row.hold_until),
    }


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


@post("/take-next", status_code=200)
async def take_next(request: OperatorRequest, console: ThisConsole) -> Response[Any]:
    """Take the incident that comes next; where nothing waits, back to the queue."""
    lease = await console.desk.take_next(request.user.operator)
    return go(request, "/" if lease is None else f"/incidents/{lease.incident}")


@post("/incidents/{incident:int}/take", status_code=200)
async def take(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Take this one."""
    await console.desk.take(request.user.operator, incident)
    return go(request, f"/incidents/{incident}")
