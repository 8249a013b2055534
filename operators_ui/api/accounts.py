"""Accounts, premises on test, tasks, approvals, keys, patrols and services.

In: JSON. Out: what was made or changed, or lists. Without an open incident, opening an account asks why.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import attrs
from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from dispatcher import desk_care, desk_customers
from dispatcher.desk_customers import NewPasswords, TestAsked
from operators_ui.api import bodies
from operators_ui.api.showing import Json
from operators_ui.console import OperatorRequest, ThisConsole
from station.errors import Reason, Refused
from station.operators import Operator, Role
from station.store import care, customers
from station.store.audit import append as audit
from station.store.care import UserEntry
from station.store.customers import ContactEntry
from station.store.database import Conflict, Row

_V1 = "/api/v1"


def _plain(rows: Sequence[Row]) -> list[Json]:
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return value.isoformat() if isinstance(value, dt.datetime | dt.date | dt.time) else value


@get(f"{_V1}/accounts/{{number:str}}")
async def get_account(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], reason: FromQuery[str] = ""
) -> Json:
    """An account: contacts, users, areas, keys. Without an open incident a reason is needed; each look is recorded."""
    account = await desk_customers.look_at(console.desk, request.user.operator, number, reason)
    async with console.database.transaction() as session:
        contacts = await customers.contacts_of(session, account)
        users = await care.users_of(session, account)
        return {
            "number": number,
            "contacts": [attrs.asdict(one, value_serializer=_serialized) for one in contacts],
            "users": [attrs.asdict(one, value_serializer=_serialized) for one in users],
            "areas_armed": _plain(await customers.listed(session, "areas_armed", account)),
            "keys": _plain(await customers.listed(session, "keys", account)),
            "false_alarms": _plain(await customers.listed(session, "false_alarms", account)),
        }


def _serialized(_: object, __: object, value: Any) -> Any:  # noqa: ANN401 - attrs' own signature
    return getattr(value, "value", value)


@put(f"{_V1}/accounts/{{number:str}}/contacts")
async def put_contacts(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], data: JSONBody[bodies.Contacts]
) -> Json:
    """The customer's list, in its order; counts from this second. While an incident is open it becomes a task."""
    entries = [
        ContactEntry(
            id=one.id,
            name=one.name,
            phone=one.phone,
            language=one.language,
            role=one.role,
            hours=None if one.hours is None else json.dumps(one.hours),
        )
        for one in data.contacts
    ]
    await desk_customers.set_contacts(console.desk, request.user.operator, number, entries)
    return {"contacts": len(entries)}


@put(f"{_V1}/accounts/{{number:str}}/passwords")
async def put_passwords(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], data: JSONBody[bodies.Passwords]
) -> Json:
    """New words; they count from this second and are kept as hashes."""
    new = NewPasswords(password=data.password, duress=data.duress, counter=data.counter)
    await desk_customers.set_passwords(console.desk, request.user.operator, number, new)
    return {"changed": True}


@put(f"{_V1}/accounts/{{number:str}}/care")
async def put_care(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], data: JSONBody[bodies.Care]
) -> Json:
    """What is agreed: window_s, guard, call_instead, quiet_hours, schedule, police, fire, medical and the like."""
    await desk_care.set_care(console.desk, request.user.operator, number, data.settings)
    return {"changed": sorted(data.settings)}


@put(f"{_V1}/accounts/{{number:str}}/users")
async def put_users(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], data: JSONBody[bodies.PanelUsers]
) -> Json:
    """Whose code the panel reports under which number."""
    users = [UserEntry(number=one.number, name=one.name, kind=one.kind, contact=one.contact) for one in data.users]
    await desk_care.set_users(console.desk, request.user.operator, number, users)
    return {"users": len(users)}


@get(f"{_V1}/tests")
async def get_tests(console: ThisConsole) -> list[Json]:
    """What is on test now."""
    return _plain(await customers.listed(console.database, "tests"))


@post(f"{_V1}/tests", status_code=201)
async def post_test(request: OperatorRequest, console: ThisConsole, data: JSONBody[bodies.OnTest]) -> Json:
    """Put premises on test; at grade 3 and 4 with the approval of a second person."""
    asked = TestAsked(
        account=data.account,
        zones=data.zones,
        kinds=data.kinds,
        minutes=data.minutes,
        asked_by=data.asked_by,
        reason=data.reason,
        approval=data.approval,
    )
    return {"test": await desk_customers.start_test(console.desk, request.user.operator, asked)}


@post(f"{_V1}/tests/{{test:int}}/extend", status_code=200)
async def extend_test(
    request: OperatorRequest, console: ThisConsole, test: FromPath[int], data: JSONBody[bodies.Longer]
) -> Json:
    """Let it go on, to its latest end at most."""
    await desk_customers.extend_test(console.desk, request.user.operator, test, data.minutes)
    return {"test": test}


@post(f"{_V1}/tests/{{test:int}}/end", status_code=200)
async def end_test(request: OperatorRequest, console: ThisConsole, test: FromPath[int]) -> Json:
    """End it: what is still in alarm queues."""
    await desk_customers.end_test(console.desk, request.user.operator, test)
    return {"test": test}


@get(f"{_V1}/tasks")
async def get_tasks(console: ThisConsole) -> list[Json]:
    """What is to be done, the oldest first."""
    return _plain(await customers.listed(console.database, "tasks"))


@post(f"{_V1}/tasks", status_code=201)
async def post_task(request: OperatorRequest, console: ThisConsole, data: JSONBody[bodies.Task]) -> Json:
    """Something to do later, with a person to call back."""
    operator = request.user.operator
    task = await desk_customers.make_task(console.desk, operator, data.account, data.what, data.text, data.call_back)
    return {"task": task}


@post(f"{_V1}/tasks/{{task:int}}/done", status_code=200)
async def finish_task(request: OperatorRequest, console: ThisConsole, task: FromPath[int]) -> Json:
    """It is done."""
    await desk_customers.finish_task(console.desk, request.user.operator, task)
    return {"task": task}


@get(f"{_V1}/reviews")
async def get_reviews(console: ThisConsole) -> list[Json]:
    """What a shift looks at: cancelled by customers, without ground, with a step passed over."""
    return _plain(await customers.listed(console.database, "to_review"))


@get(f"{_V1}/approvals")
async def get_approvals(console: ThisConsole) -> list[Json]:
    """What waits for a second person."""
    rows = _plain(await customers.listed(console.database, "approvals"))
    return [{**{name: row[name] for name in row if name != "body"}, "of": json.loads(row["body"])} for row in rows]


@post(f"{_V1}/approvals", status_code=201)
async def post_approval(request: OperatorRequest, console: ThisConsole, data: JSONBody[bodies.Approval]) -> Json:
    """Ask for a second person's approval."""
    return {"approval": await desk_customers.ask_approval(console.desk, request.user.operator, data.what, data.of)}


@post(f"{_V1}/approvals/{{approval:int}}/approve", status_code=200)
async def approve(request: OperatorRequest, console: ThisConsole, approval: FromPath[int]) -> Json:
    """Approve what a colleague asked for; used once, within an hour."""
    await desk_customers.approve(console.desk, request.user.operator, approval)
    return {"approval": approval}


@get(f"{_V1}/accounts/{{number:str}}/keys")
async def get_keys(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], reason: FromQuery[str] = ""
) -> list[Json]:
    """The keys that we keep for an account, and who has them; a look at the account like any other."""
    account = await desk_customers.look_at(console.desk, request.user.operator, number, reason)
    return _plain(await customers.listed(console.database, "keys", account))


@post(f"{_V1}/accounts/{{number:str}}/keys", status_code=201)
async def post_key(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], data: JSONBody[bodies.Key]
) -> Json:
    """A key comes into our keeping."""
    return {"key": await desk_customers.add_key(console.desk, request.user.operator, number, data.code)}


@post(f"{_V1}/accounts/{{number:str}}/keys/{{key:int}}/move", status_code=200)
async def move_key(
    request: OperatorRequest,
    console: ThisConsole,
    number: FromPath[str],
    key: FromPath[int],
    data: JSONBody[bodies.KeyMove],
) -> Json:
    """A key goes to a guard, or comes back; the register says who had it when."""
    await desk_customers.move_key(console.desk, request.user.operator, number, key, data.to_guard, data.approval)
    return {"key": key}


@get(f"{_V1}/guards")
async def get_guards(console: ThisConsole) -> list[Json]:
    """All patrols."""
    return _plain(await care.listed(console.database, "guards"))


@post(f"{_V1}/guards", status_code=201)
async def post_guard(request: OperatorRequest, console: ThisConsole, data: JSONBody[bodies.NewGuard]) -> Json:
    """A patrol; by a supervisor."""
    _supervises(request.user.operator)
    async with console.database.transaction() as session:
        guard = await care.add_guard(session, data.name, data.phone, data.place, data.position)
        await audit(session, request.user.operator.actor, "guard_added", {"guard": guard})
    return {"guard": guard}


@get(f"{_V1}/agencies")
async def get_agencies(console: ThisConsole) -> list[Json]:
    """All services, with their numbers."""
    return _plain(await care.listed(console.database, "agencies"))


@post(f"{_V1}/agencies", status_code=201)
async def post_agency(request: OperatorRequest, console: ThisConsole, data: JSONBody[bodies.NewAgency]) -> Json:
    """A service with a number that works from here, in full; by a supervisor."""
    _supervises(request.user.operator)
    values = (data.name, data.country, data.phone, data.email, data.webhook)
    try:
        async with console.database.transaction() as session:
            agency = await care.add_agency(session, data.service, values)
            await audit(session, request.user.operator.actor, "agency_added", {"agency": agency})
    except Conflict as conflict:
        raise Refused(Reason.NOT_UNDERSTOOD, f"{data.phone} {data.webhook}") from conflict
    return {"agency": agency}


def _supervises(operator: Operator) -> None:
    if operator.role is Role.OPERATOR:
        raise Refused(Reason.NOT_A_SUPERVISOR)


HANDLERS = (
    get_account, put_contacts, put_passwords, put_care, put_users, get_tests, post_test, extend_test, end_test,
    get_tasks, post_task, finish_task, get_reviews, get_approvals, post_approval, approve, get_keys, post_key, move_key,
    get_guards, post_guard, get_agencies, post_agency,
)  # fmt: skip
