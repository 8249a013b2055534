"""What a shift has to see to beside the alarm queue: approvals, tests, tasks, and closed incidents to look at.

In: forms. Out: one page of lists, and after a form the page that it came from.
"""

from __future__ import annotations

import json
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from dispatcher import desk_customers
from dispatcher.desk_customers import KEY_RELEASE, ON_TEST, POLICE_CANCEL
from operators_ui import customer_words, plan_words
from operators_ui.answers import go, html, safe_path
from operators_ui.console import OperatorRequest, ThisConsole
from operators_ui.forms import Fields, read_fields
from operators_ui.frame import frame
from operators_ui.stream import section
from station.incident_events import Disposition
from station.signals import Kind
from station.store import customers

PATH = "/shift"


@get(PATH)
async def shift_page(request: OperatorRequest, console: ThisConsole) -> Response[str]:
    """The lists."""
    operator, snapshot = request.user.operator, console.screen.snapshot
    async with console.database.transaction() as session:
        rows = {name: await customers.listed(session, name) for name in customers.LISTS}
    approvals = [{**row, "of": json.loads(row["body"])} for row in rows["approvals"] if not row["approved"]]
    values = {
        **frame(request, console, snapshot),
        "queue": section(console.pages[operator.language], "queue", snapshot, operator),
        "approvals": approvals,
        "tests": rows["tests"],
        "tasks": rows["tasks"],
        "reviews": [
            {**row, "kind": Kind(row["kind"]), "disposition": Disposition(row["disposition"])}
            for row in rows["to_review"]
        ],
        "customer_words": customer_words,
        "plan_words": plan_words,
    }
    return html(console, operator.language, "shift.html", values)


def _back(request: OperatorRequest, fields: Fields) -> Response[Any]:
    return go(request, safe_path(fields.text("back") or PATH))


@post("/tests/{test:int}/extend", status_code=200)
async def extend_test(request: OperatorRequest, console: ThisConsole, test: FromPath[int]) -> Response[Any]:
    """It goes on for so many minutes more."""
    fields = await read_fields(request)
    await desk_customers.extend_test(console.desk, request.user.operator, test, fields.number("minutes"))
    return _back(request, fields)


@post("/tests/{test:int}/end", status_code=200)
async def end_test(request: OperatorRequest, console: ThisConsole, test: FromPath[int]) -> Response[Any]:
    """It ends now; what is still in alarm queues."""
    await desk_customers.end_test(console.desk, request.user.operator, test)
    return _back(request, await read_fields(request))


@post("/tasks/{task:int}/done", status_code=200)
async def finish_task(request: OperatorRequest, console: ThisConsole, task: FromPath[int]) -> Response[Any]:
    """It is done."""
    await desk_customers.finish_task(console.desk, request.user.operator, task)
    return _back(request, await read_fields(request))


@post("/approvals", status_code=200)
async def ask_approval(request: OperatorRequest, console: ThisConsole) -> Response[Any]:
    """Ask for a second person."""
    fields = await read_fields(request)
    what = fields.text("what")
    of: dict[str, dict[str, object]] = {
        ON_TEST: {"account": fields.text("account")},
        POLICE_CANCEL: {"incident": fields.number_if_any("incident")},
        KEY_RELEASE: {"key": fields.number_if_any("key")},
    }
    await desk_customers.ask_approval(console.desk, request.user.operator, what, of.get(what, {}))
    return _back(request, fields)


@post("/approvals/{approval:int}/approve", status_code=200)
async def approve(request: OperatorRequest, console: ThisConsole, approval: FromPath[int]) -> Response[Any]:
    """The other of two people agrees."""
    await desk_customers.approve(console.desk, request.user.operator, approval)
    return _back(request, await read_fields(request))


HANDLERS = (shift_page, extend_test, end_test, finish_task, ask_approval, approve)
