"""What the holder of an incident does with it: note, hold, hand over, close; and staying its holder.

In: forms, which carry the fence of the lease that their page knows. Out: `{"go": path}` to a script, a page to a form.
What was typed is kept for the answer, should the desk refuse.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from litestar import Response, post
from litestar.exceptions import ClientException
from litestar.params import FromPath

from dispatcher.desk import Lease
from operators_ui.answers import go
from operators_ui.console import OperatorRequest, ThisConsole
from station.incident_events import Disposition
from station.store.install import station_now

_TYPED: Final = ("text", "reason", "note", "why", "result", "reference")


class Form:
    """The fields of a form, and the lease that it was written under."""

    def __init__(self, fields: dict[str, str], lease: Lease, many: dict[str, list[str]] | None = None) -> None:
        self._fields = fields
        self._many = many or {}
        self.lease = lease

    def text(self, name: str) -> str:
        """A field as typed, without blanks around it; empty if it is not there."""
        # A form sends two characters for a line's end where its page, and so the limit of a text, counts one.
        return self._fields.get(name, "").replace("\r\n", "\n").strip()

    def number(self, name: str) -> int:
        """A field as a whole number.

        Raises:
            ClientException: it is none.
        """
        return _number(self.text(name))

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be given several times."""
        return self._many.get(name, [])


async def read_form(request: OperatorRequest, incident: int) -> Form:
    """The fields of a form, with the lease that its page knows."""
    pairs = [(key, str(value)) for key, value in (await request.form()).multi_items()]
    fields = dict(pairs)
    many: dict[str, list[str]] = {}
    for key, value in pairs:
        many.setdefault(key, []).append(value)
    request.scope["state"]["typed"] = {key: fields[key] for key in _TYPED if fields.get(key)}
    return Form(fields, Lease(incident, request.user.operator.id, _number(fields.get("fence", ""))), many)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ClientException("not a number")
    return int(text)


@post("/incidents/{incident:int}/note", status_code=200)
async def note(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Write a note."""
    form = await read_form(request, incident)
    await console.desk.note(form.lease, form.text("text"))
    return go(request, f"/incidents/{incident}")


@post("/incidents/{incident:int}/hold", status_code=200)
async def hold(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Put it aside for some minutes, or until a time of the station's day."""
    form = await read_form(request, incident)
    until = _until(await station_now(console.database), form.text("minutes"), form.text("time"))
    await console.desk.hold_until(form.lease, until, form.text("reason"))
    return go(request, "/")


@post("/incidents/{incident:int}/hand-over", status_code=200)
async def hand_over(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Give it to an operator by name, or back to the queue."""
    form = await read_form(request, incident)
    await console.desk.hand_over(form.lease, form.text("to") or None)
    return go(request, "/")


@post("/incidents/{incident:int}/close", status_code=200)
async def close(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """End it, unless signals came that its page did not show yet."""
    form = await read_form(request, incident)
    disposition = form.text("disposition")
    if disposition not in {known.value for known in Disposition}:
        raise ClientException("no such disposition")
    await console.desk.close(form.lease, Disposition(disposition), form.text("note"), form.number("seen_n"))
    return go(request, "/")


@post("/incidents/{incident:int}/renew", status_code=200)
async def renew(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> dict[str, bool]:
    """The page is alive: its operator holds on. `kept` is false once the lease is gone."""
    form = await read_form(request, incident)
    return {"kept": await console.desk.renew(form.lease)}


def _until(now: dt.datetime, minutes: str, time: str) -> dt.datetime:
    if time:
        return next_time(now.astimezone(), time)
    return now + dt.timedelta(minutes=_number(minutes))


def next_time(now: dt.datetime, time: str) -> dt.datetime:
    """The next moment, in the zone of `now`, at which clocks show `time` (HH:MM).

    Raises:
        ClientException: that is no time.
    """
    try:
        clock = dt.time.fromisoformat(time)
    except ValueError as error:
        raise ClientException("not a time") from error
    today = now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return today if today > now else today + dt.timedelta(days=1)
