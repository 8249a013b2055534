"""What the command lists: signals as they came, incidents as they stand; whole, page by page.

In: what to leave out. Out: pages of rows as plain values, oldest first. However long the list is, one page of it is
in memory.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncGenerator
from typing import Final

import attrs

from station.signals import Authenticity
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_PAGE: Final = 1000
_BEFORE_ALL: Final = dt.datetime.min.replace(tzinfo=dt.UTC)

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class WhichSignals:
    """What a list of signals holds. None: no limit; `last` keeps the newest of them."""

    account: str | None = None
    since: dt.datetime | None = None
    last: int | None = None
    repeats: bool = True


@attrs.frozen(kw_only=True)
class ListedSignal:
    """A signal in the words of the list; fields as in `station.signals.Signal`, `raw` in hex."""

    id: int
    received_at: dt.datetime
    account: str
    account_name: str | None
    protocol: str
    transport: str
    peer: str
    receiver: str | None
    prefix: str | None
    sequence: str
    token: str
    kind: str
    qualifier: str
    event_code: str | None
    area: str | None
    zone: str | None
    user: str | None
    text: str
    #: Each with `letter` and `content`.
    extended: list[dict[str, str]]
    occurred_at: dt.datetime | None
    old: bool
    payload: str
    raw: str
    authenticity: str
    authenticated: bool | None
    reply: str
    #: The signal that this one is a copy of.
    repeat_of: int | None


@attrs.frozen(kw_only=True)
class ListedIncident:
    """An incident in the words of the list; fields as in `station.incidents.Incident`."""

    id: int
    account: str
    account_name: str | None
    priority: int
    kind: str
    state: str
    authenticated: bool | None
    opened_at: dt.datetime
    restored_at: dt.datetime | None
    hold_until: dt.datetime | None
    closed_at: dt.datetime | None
    disposition: str | None
    #: The name of who holds it.
    operator: str | None
    #: Ids, in the order in which they came.
    signals: list[int]


async def signals_in_pages(session: Session, which: WhichSignals) -> AsyncGenerator[list[ListedSignal], None]:
    """The signals that are stored now."""
    newest = await fetch_one(session, _SQL["newest_signal"])
    if newest is None or newest["received_at"] is None:
        return
    end = newest["received_at"]
    after, last = await _beginning(session, which, end)
    while rows := await session.fetch(_SQL["signals_after"], after, last, end, which.account, which.repeats, _PAGE):
        after, last = rows[-1]["received_at"], rows[-1]["id"]
        yield [_signal(row) for row in rows]


async def _beginning(session: Session, which: WhichSignals, end: dt.datetime) -> tuple[dt.datetime, int]:
    """The place just before the first signal."""
    if which.last is not None:
        first = await fetch_one(session, _SQL["list_from"], end, which.account, which.since, which.repeats, which.last)
        if first is not None:
            return first["received_at"], first["id"] - 1
    return which.since or _BEFORE_ALL, 0


async def incidents_in_pages(session: Session, *, only_open: bool) -> AsyncGenerator[list[ListedIncident], None]:
    """The incidents, by id."""
    last = 0
    while rows := await session.fetch(_SQL["incidents_after"], last, only_open, _PAGE):
        last = rows[-1]["id"]
        yield [_incident(row) for row in rows]


def _signal(row: Row) -> ListedSignal:
    return ListedSignal(
        id=row["id"],
        received_at=row["received_at"],
        account=row["account"],
        account_name=row["account_name"],
        protocol=row["protocol"],
        transport=row["transport"],
        peer=row["peer"],
        receiver=row["receiver"],
        prefix=row["prefix"],
        sequence=row["sequence"],
        token=row["token"],
        kind=row["kind"],
        qualifier=row["qualifier"],
        event_code=row["event_code"],
        area=row["area"],
        zone=row["zone"],
        user=row["user_number"],
        text=row["text"],
        extended=[{"letter": letter, "content": content} for letter, content in json.loads(row["extended"] or "[]")],
        occurred_at=row["occurred_at"],
        old=row["old"],
        payload=row["payload"],
        raw=row["raw"].hex(),
        authenticity=row["authenticity"],
        authenticated=Authenticity(row["authenticity"]).authenticated,
        reply=row["reply"],
        repeat_of=row["repeat_of"],
    )


def _incident(row: Row) -> ListedIncident:
    return ListedIncident(
        id=row["id"],
        account=row["account"],
        account_name=row["account_name"],
        priority=row["priority"],
        kind=row["kind"],
        state=row["state"],
        authenticated=row["authenticated"],
        opened_at=row["opened_at"],
        restored_at=row["restored_at"],
        hold_until=row["hold_until"],
        closed_at=row["closed_at"],
        disposition=row["disposition"],
        operator=row["operator_name"],
        signals=list(row["signal_ids"]),
    )
