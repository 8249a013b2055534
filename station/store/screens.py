"""What the consoles show: the alarm queue, who holds what, the latest signals, and one incident whole.

In: an incident's id, or nothing. Out: frozen rows, read as they are; nothing here writes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from station.accounts import Zone
from station.incident_events import Disposition, Happening, happening
from station.languages import Language
from station.signals import Authenticity, Kind, Qualifier, Transport
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

#: No console shows more of each list: who has a hundred alarms waiting needs colleagues, not a longer page.
ROWS_SHOWN: Final = 100
SIGNALS_SHOWN: Final = 50
EVENTS_SHOWN: Final = 200

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class QueueLine:
    """One line of a list of incidents. `account_id` None: nobody we serve. `name` is that of the premises."""

    id: int
    account_id: int | None
    account: str
    name: str
    city: str
    kind: Kind
    priority: int
    authenticated: bool | None
    state: str
    opened_at: dt.datetime
    restored_at: dt.datetime | None
    signals: int
    last_n: int
    fence: int
    operator: int | None
    operator_name: str | None
    held_since: dt.datetime | None
    hold_until: dt.datetime | None

    @property
    def version(self) -> str:
        """Differs after every event, and after nothing else."""
        return f"{self.last_n}.{self.fence}.{self.state}"


@attrs.frozen(kw_only=True)
class RecentSignal:
    """One line of the strip of latest signals."""

    id: int
    received_at: dt.datetime
    account: str
    name: str
    token: str
    kind: Kind
    qualifier: Qualifier
    event_code: str | None
    area: str | None
    zone: str | None
    authenticity: Authenticity


@attrs.frozen(kw_only=True)
class SignalOfIncident:
    """One signal as an operator sees it; `n` is the event that brought it."""

    n: int
    id: int
    received_at: dt.datetime
    peer: str
    transport: Transport
    token: str
    sequence: str
    kind: Kind
    qualifier: Qualifier
    event_code: str | None
    area: str | None
    zone: str | None
    user: str | None
    text: str
    extended: tuple[tuple[str, str], ...]
    occurred_at: dt.datetime | None
    old: bool
    payload: str
    raw: bytes
    authenticity: Authenticity


@attrs.frozen
class HistoryLine:
    """One event. `who` is an operator's name or None for the dispatcher; `content` the note that belongs to it."""

    n: int
    at: dt.datetime
    who: str | None
    what: Happening
    content: str | None


@attrs.frozen(kw_only=True)
class Premises:
    """What stands there."""

    name: str
    premises: str
    address: str
    city: str
    country: str
    language: Language
    time_zone: str
    grade: int | None
    notes: str


@attrs.frozen
class ContactRow:
    """Whom to call; position 1 is the principal."""

    position: int
    name: str
    phone: str
    language: Language


@attrs.frozen
class EarlierIncident:
    """What was closed here before."""

    id: int
    kind: Kind
    opened_at: dt.datetime
    disposition: Disposition


@attrs.frozen(kw_only=True)
class IncidentWhole:
    """An incident with all that its screen shows. `points` are the zones still in alarm, as sent."""

    row: QueueLine
    points: frozenset[str]
    closed_at: dt.datetime | None
    disposition: Disposition | None
    premises: Premises | None
    areas: Mapping[str, str]
    zones: Sequence[Zone]
    contacts: Sequence[ContactRow]
    signals: Sequence[SignalOfIncident]
    history: Sequence[HistoryLine]
    earlier: Sequence[EarlierIncident]


async def waiting(session: Session) -> Sequence[QueueLine]:
    """The head of the alarm queue, in its order."""
    return tuple(_queue_line(row) for row in await session.fetch(_SQL["waiting"], ROWS_SHOWN))


async def taken_or_on_hold(session: Session) -> Sequence[QueueLine]:
    """What operators have taken and what is put aside, the most urgent first."""
    return tuple(_queue_line(row) for row in await session.fetch(_SQL["taken_or_on_hold"], ROWS_SHOWN))


async def counts(session: Session) -> Mapping[int, int]:
    """How many incidents wait, by priority."""
    return {row["priority"]: row["waiting"] for row in await session.fetch(_SQL["counts"])}


async def recent_signals(session: Session, limit: int) -> Sequence[RecentSignal]:
    """The latest signals of the last day, link tests and repeats left out, newest first."""
    return tuple(_recent_signal(row) for row in await session.fetch(_SQL["recent_signals"], limit))


async def operators(session: Session) -> Mapping[int, str]:
    """Names of the operators to whom an incident can be handed over, by id."""
    return {row["id"]: row["name"] for row in await session.fetch(_SQL["operators"])}


async def taken_by(session: Session, operator: int) -> Sequence[tuple[int, int]]:
    """What an operator has taken: incident and fence."""
    return [(row["id"], row["fence"]) for row in await session.fetch(_SQL["taken_by"], operator)]


async def incident_whole(session: Session, incident: int) -> IncidentWhole | None:
    """All that the screen of an incident shows, or None; read it in one transaction for one moment's truth."""
    row = await fetch_one(session, _SQL["incident"], incident)
    if row is None:
        return None
    account = row["account_id"]
    premises = await fetch_one(session, _SQL["premises"], account)
    return IncidentWhole(
        row=_queue_line(row),
        points=frozenset(row["points"]),
        closed_at=row["closed_at"],
        disposition=None if row["disposition"] is None else Disposition(row["disposition"]),
        premises=None if premises is None else _premises(premises),
        areas={area["number"]: area["name"] for area in await session.fetch(_SQL["areas"], account)},
        zones=[Zone(**zone) for zone in await session.fetch(_SQL["zones"], account)],
        contacts=[_contact(contact) for contact in await session.fetch(_SQL["contacts"], account)],
        signals=[
            _signal(signal) for signal in await session.fetch(_SQL["signals_of_incident"], incident, SIGNALS_SHOWN)
        ],
        history=[_history_line(event) for event in await session.fetch(_SQL["history"], incident, EVENTS_SHOWN)],
        earlier=[_earlier(one) for one in await session.fetch(_SQL["earlier"], row["account"], incident, account)],
    )


def _queue_line(row: Row) -> QueueLine:
    return QueueLine(
        id=row["id"],
        account_id=row["account_id"],
        account=row["account"],
        name=row["name"],
        city=row["city"],
        kind=Kind(row["kind"]),
        priority=row["priority"],
        authenticated=row["authenticated"],
        state=row["state"],
        opened_at=row["opened_at"],
        restored_at=row["restored_at"],
        signals=row["signals"],
        last_n=row["last_n"],
        fence=row["fence"],
        operator=row["operator"],
        operator_name=row["operator_name"],
        held_since=row["held_since"],
        hold_until=row["hold_until"],
    )


def _recent_signal(row: Row) -> RecentSignal:
    return RecentSignal(
        id=row["id"],
        received_at=row["received_at"],
        account=row["account"],
        name=row["name"],
        token=row["token"],
        kind=Kind(row["kind"]),
        qualifier=Qualifier(row["qualifier"]),
        event_code=row["event_code"],
        area=row["area"],
        zone=row["zone"],
        authenticity=Authenticity(row["authenticity"]),
    )


def _signal(row: Row) -> SignalOfIncident:
    return SignalOfIncident(
        n=row["n"],
        id=row["id"],
        received_at=row["received_at"],
        peer=row["peer"],
        transport=Transport(row["transport"]),
        token=row["token"],
        sequence=row["sequence"],
        kind=Kind(row["kind"]),
        qualifier=Qualifier(row["qualifier"]),
        event_code=row["event_code"],
        area=row["area"],
        zone=row["zone"],
        user=row["user_number"],
        text=row["text"],
        extended=tuple((letter, content) for letter, content in json.loads(row["extended"] or "[]")),
        occurred_at=row["occurred_at"],
        old=row["old"],
        payload=row["payload"],
        raw=row["raw"],
        authenticity=Authenticity(row["authenticity"]),
    )


def _history_line(row: Row) -> HistoryLine:
    return HistoryLine(row["n"], row["at"], row["operator_name"], happening(row["kind"], row["body"]), row["content"])


def _premises(row: Row) -> Premises:
    return Premises(**{**row, "language": Language(row["language"])})


def _contact(row: Row) -> ContactRow:
    return ContactRow(row["position"], row["name"], row["phone"], Language(row["language"]))


def _earlier(row: Row) -> EarlierIncident:
    return EarlierIncident(row["id"], Kind(row["kind"]), row["opened_at"], Disposition(row["disposition"]))
