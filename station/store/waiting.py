"""Alarms that wait: how many, whether anybody is there for them, and the list that a person can work from.

In: nothing. Out: an `Attention`, for the receiver's watch; and `WaitingAlarm`s, whole, for the emergency list. Neither
needs a dispatcher: what it has not worked off is read from the lanes.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Final

import attrs

from station.accounts import Contact
from station.languages import Language
from station.priorities import ALARMING, LATE_REPORT_PRIORITY, priority
from station.signals import Kind
from station.store.database import Row, Session
from station.store.queries import queries_beside

#: How a receiver calls the matter "nobody looks" when it reports it; that report alone keeps nobody waiting.
UNATTENDED: Final = "unattended"
#: Who has to work from this list does not get further than so many.
ALARMS_SHOWN: Final = 100

_SQL = queries_beside(__file__)
_KINDS: Final = sorted(kind.value for kind in ALARMING)
_RANKS: Final = [priority(Kind(kind)) for kind in _KINDS]


@attrs.frozen(kw_only=True)
class Attention:
    """What waits, and who is there."""

    #: Alarms that no dispatcher has worked off, and seconds since the oldest was received.
    unread: int
    oldest_unread_s: float | None
    #: Incidents on which nobody works.
    waiting: int
    #: People who have done something lately, or hold an incident.
    operators: int


@attrs.frozen(kw_only=True)
class Report:
    """One signal of a waiting alarm; fields as in `Signal`, and the name of the zone, where it has one."""

    received_at: dt.datetime
    token: str
    event_code: str | None
    area: str | None
    zone: str | None
    zone_name: str | None
    text: str


@attrs.frozen(kw_only=True)
class WaitingAlarm:
    """One line of the emergency list; empty texts: not known."""

    #: 1 is the most urgent.
    rank: int
    kind: Kind
    account: str
    #: None: no dispatcher has seen it yet.
    incident: int | None
    since: dt.datetime
    restored_at: dt.datetime | None
    signals: int
    authenticated: bool | None
    #: The newest, oldest first.
    said: tuple[Report, ...]
    name: str
    premises: str
    address: str
    city: str
    country: str
    notes: str
    contacts: tuple[Contact, ...]


async def attention(session: Session, lately: dt.timedelta) -> Attention:
    """How much waits, and how many operators did something `lately`.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    (row,) = await session.fetch(_SQL["attention"], _KINDS, UNATTENDED, lately)
    return Attention(**row)


async def waiting_alarms(session: Session, limit: int = ALARMS_SHOWN) -> list[WaitingAlarm]:
    """What waits, the most urgent first.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    rows = await session.fetch(_SQL["waiting_alarms"], _KINDS, _RANKS, LATE_REPORT_PRIORITY, limit)
    return [_alarm(row) for row in rows]


def _alarm(row: Row) -> WaitingAlarm:
    return WaitingAlarm(
        rank=row["rank"],
        kind=Kind(row["kind"]),
        account=row["account"],
        incident=row["incident"],
        since=row["since"],
        restored_at=row["restored_at"],
        signals=row["signals"],
        authenticated=row["authenticated"],
        said=tuple(_report(*said) for said in json.loads(row["said"] or "[]")),
        name=row["name"] or "",
        premises=row["premises"] or "",
        address=row["address"] or "",
        city=row["city"] or "",
        country=row["country"] or "",
        notes=row["notes"] or "",
        contacts=tuple(
            Contact(name, phone, Language(lang)) for name, phone, lang in json.loads(row["contacts"] or "[]")
        ),
    )


def _report(
    at: str, token: str, code: str | None, area: str | None, zone: str | None, zone_name: str | None, text: str
) -> Report:
    return Report(
        received_at=dt.datetime.fromisoformat(at),
        token=token,
        event_code=code,
        area=area,
        zone=zone,
        zone_name=zone_name,
        text=text,
    )
