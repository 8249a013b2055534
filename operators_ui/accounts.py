"""A customer's page, and what is changed there: contacts, words, agreements, users, tests, tasks, keys.

In: an account's number and forms. Out: the page, and after a form the page again. Without an open incident it asks why
somebody looks; every look is recorded.
"""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from dispatcher import desk_care, desk_customers
from dispatcher.desk_customers import NewPasswords, TestAsked
from operators_ui import customer_words, plan_words
from operators_ui.answers import go, html, safe_path
from operators_ui.console import OperatorRequest, ThisConsole
from operators_ui.customer_view import customer_view
from operators_ui.forms import Fields, read_fields
from operators_ui.frame import frame
from operators_ui.stream import section
from station.errors import Reason, Refused
from station.facts import ContactRole, UserKind
from station.languages import Language
from station.priorities import LIFE_SAFETY
from station.signals import Kind
from station.store.care import UserEntry
from station.store.customers import ContactEntry

_FLAGS = {"": None, "yes": True, "no": False}


def _back(request: Request[Any, Any, Any], fields: Fields, number: str) -> Response[Any]:
    return go(request, safe_path(fields.text("back") or f"/accounts/{number}"))


@get("/accounts/{number:str}")
async def account_page(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], reason: FromQuery[str] = ""
) -> Response[str]:
    """The customer; or first the question why."""
    operator, snapshot = request.user.operator, console.screen.snapshot
    around = {
        **frame(request, console, snapshot),
        "queue": section(console.pages[operator.language], "queue", snapshot, operator),
        "number": number,
    }
    try:
        account = await desk_customers.look_at(console.desk, operator, number, reason)
    except Refused as refused:
        if refused.reason is not Reason.REASON_NEEDED:
            raise
        return html(console, operator.language, "account_why.html", around)
    async with console.database.transaction() as session:
        customer = await customer_view(session, number, account, operator)
    back = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    values = {**around, "customer": customer, "customer_words": customer_words, "plan_words": plan_words, "back": back}
    return html(console, operator.language, "account.html", values)


@get("/accounts")
async def find_account(request: OperatorRequest, number: FromQuery[str]) -> Response[Any]:
    """By its number."""
    return go(request, f"/accounts/{urllib.parse.quote(number.strip().upper(), safe='')}")


@post("/accounts/{number:str}/tests", status_code=200)
async def start_test(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """Put on test: all that does not threaten life, and beside it what was named aloud."""
    fields = await read_fields(request)
    named = {Kind(kind) for kind in fields.all("named") if kind in {one.value for one in LIFE_SAFETY}}
    asked = TestAsked(
        account=number,
        zones=fields.text("zones").replace(",", " ").split(),
        kinds=[kind for kind in Kind if kind not in LIFE_SAFETY or kind in named] if named else [],
        minutes=fields.number("minutes"),
        asked_by=fields.number_if_any("asked_by"),
        reason=fields.text("reason"),
        approval=fields.number_if_any("approval"),
    )
    await desk_customers.start_test(console.desk, request.user.operator, asked)
    return _back(request, fields, number)


@post("/accounts/{number:str}/tasks", status_code=200)
async def make_task(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """Something to do later, with a person to call back."""
    fields = await read_fields(request)
    said = (fields.text("what"), fields.text("text"), fields.text("call_back"))
    await desk_customers.make_task(console.desk, request.user.operator, number, *said)
    return _back(request, fields, number)


@post("/accounts/{number:str}/keys", status_code=200)
async def add_key(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """A key comes into our keeping."""
    fields = await read_fields(request)
    await desk_customers.add_key(console.desk, request.user.operator, number, fields.text("code"))
    return _back(request, fields, number)


@post("/accounts/{number:str}/keys/{key:int}/move", status_code=200)
async def move_key(
    request: OperatorRequest, console: ThisConsole, number: FromPath[str], key: FromPath[int]
) -> Response[Any]:
    """To a guard, or back."""
    fields = await read_fields(request)
    to_guard, approval = fields.number_if_any("to_guard"), fields.number_if_any("approval")
    await desk_customers.move_key(console.desk, request.user.operator, number, key, to_guard, approval)
    return _back(request, fields, number)


@post("/accounts/{number:str}/contacts", status_code=200)
async def set_contacts(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """The whole list, in the order of its numbers; a line without a name goes."""
    fields = await read_fields(request)
    rows = zip(
        *(fields.all(name) for name in ("place", "id", "name", "phone", "language", "role", "hours")), strict=True
    )
    entries = [
        ContactEntry(
            id=int(id_) if id_.isdigit() else None,
            name=name.strip(),
            phone=phone.replace(" ", ""),
            language=fields.choice(language, Language),
            role=fields.choice(role, ContactRole),
            hours=hours.strip() or None,
        )
        for _, id_, name, phone, language, role, hours in sorted(rows, key=lambda row: row[0].zfill(4))
        if name.strip()
    ]
    await desk_customers.set_contacts(console.desk, request.user.operator, number, entries)
    return _back(request, fields, number)


@post("/accounts/{number:str}/users", status_code=200)
async def set_users(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """Whose code the panel reports; a line without a number goes."""
    fields = await read_fields(request)
    rows = fields.rows(("user", "name", "kind", "contact"))
    users = [
        UserEntry(
            number=user.strip(),
            name=name.strip(),
            kind=fields.choice(kind, UserKind),
            contact=int(contact) if contact.isdigit() else None,
        )
        for user, name, kind, contact in rows
        if user.strip()
    ]
    await desk_care.set_users(console.desk, request.user.operator, number, users)
    return _back(request, fields, number)


@post("/accounts/{number:str}/passwords", status_code=200)
async def set_passwords(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """New words; what is empty stays as it was."""
    fields = await read_fields(request)
    new = NewPasswords(password=fields.text("password"), duress=fields.text("duress"), counter=fields.text("counter"))
    await desk_customers.set_passwords(console.desk, request.user.operator, number, new)
    return _back(request, fields, number)


@post("/accounts/{number:str}/agreements", status_code=200)
async def set_agreements(request: OperatorRequest, console: ThisConsole, number: FromPath[str]) -> Response[Any]:
    """What is agreed, where the form was changed; an empty line means: nothing."""
    fields = await read_fields(request)
    changed = [name for name in customer_words.SETTINGS if fields.text(name) != fields.text(f"was-{name}")]
    settings = {name: _typed(name, fields.text(name)) for name in changed}
    await desk_care.set_care(console.desk, request.user.operator, number, settings)
    return _back(request, fields, number)


def _typed(name: str, text: str) -> Any:  # noqa: ANN401 - each setting has a type of its own
    setting = customer_words.SETTINGS[name]
    entry = customer_words.Entry
    try:
        match setting.entry:
            case entry.FLAG:
                return _FLAGS[text]
            case entry.TEXT:
                return text
            case entry.NUMBER | entry.AGENCY:
                return int(text) if text else None
            case entry.HOURS:
                return json.loads(text) if text else None
            case entry.MOMENT | entry.DATE | entry.TIME:
                return text or None
    except (ValueError, KeyError) as error:
        raise Refused(Reason.NOT_UNDERSTOOD, f"{name}: {text}") from error


HANDLERS = (
    account_page,
    find_account,
    start_test,
    make_task,
    add_key,
    move_key,
    set_contacts,
    set_users,
    set_passwords,
    set_agreements,
)
