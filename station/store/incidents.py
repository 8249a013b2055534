"""Incidents: appending events to their chains, and reading what they add up to.

In: an event and the incident after it. Out: both stored in one transaction by the SQL function that is the only way
to write them; it checks the order of events and the lease of the writer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import attrs

from station.incident_events import Disposition, IncidentEvent, Joined, Opened, body_of, happening, name_of
from station.incidents import Automatic, Closed, Incident, OnHold, State, Taken, Waiting, state_name
from station.plan_events import EffectPlanned
from station.progress_text import progress_of, progress_text
from station.response_events import Content
from station.signals import Kind
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
_SALT_BYTES: Final = 16
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
#: The name space of our keys with providers.
_EFFECTS: Final = uuid.UUID("6f1f2c1e-5e0a-4c3a-9d0b-7b9a4f1d2c55")


@attrs.frozen
class IncidentRow:
    """An incident as stored, with what is not part of its history."""

    id: int
    incident: Incident
    lease_until: dt.datetime | None
    holder: str | None
    #: Station time and real time at the moment of reading, by the database's clock.
    now: dt.datetime
    real_now: dt.datetime
    last_hash: bytes


@attrs.frozen
class QueueLength:
    """How many open incidents of one priority are in one state, and since when the oldest is open."""

    priority: int
    state: str
    incidents: int
    oldest: dt.datetime


@attrs.frozen(kw_only=True)
class Advance:
    """Events of one incident, in order, and what they lead from and to. `before` None: the first of them opens it."""

    incident: int
    events: Sequence[IncidentEvent]
    before: Incident | None
    after: Incident
    #: Of the event before them; empty if there is none.
    last_hash: bytes = b""
    #: The writer's right to it; None: the engine's, which takes nothing from a holder.
    fence: int | None = None
    #: Begins or moves the holder's lease; None leaves it as it is.
    lease_until: dt.datetime | None = None


async def append(
    session: Session,
    incident_id: int | None,
    event: IncidentEvent,
    after: Incident,
    *,
    fence: int | None = None,
    lease_until: dt.datetime | None = None,
) -> int:
    """Store one event and the incident that it leads to; the incident's id. `None` makes a new incident.

    Raises:
        As `append_all`.
    """
    id_ = await reserve(session) if incident_id is None else incident_id
    row = await fetch_one(session, _SQL["last_hash"], id_)
    await append_all(
        session,
        [
            Advance(
                incident=id_,
                events=[event],
                before=None,
                after=after,
                last_hash=b"" if row is None else row["last_hash"],
                fence=fence,
                lease_until=lease_until,
            )
        ],
    )
    return id_


async def reserve(session: Session) -> int:
    """The id of an incident that is about to be opened."""
    (id_,) = await reserve_many(session, 1)
    return id_


async def reserve_many(session: Session, count: int) -> list[int]:
    """Ids of so many incidents that are about to be opened."""
    return [row["id"] for row in await session.fetch(_SQL["reserve"], count)]


async def append_all(session: Session, advances: Sequence[Advance]) -> None:
    """Store all of it in one statement, or none.

    Raises:
        LeaseGone: a `fence` is given and is not the holder's any more, or a holder would lose what he holds.
        MovedOn: one of the incidents has other events than the writer knew.
        StoreUnavailable: nothing is stored.
    """
    if not advances:
        return
    events: list[tuple[object, ...]] = []
    rows: list[Mapping[str, object]] = []
    timed: list[int] = []
    timers: list[tuple[object, ...]] = []
    effects: list[Mapping[str, object]] = []
    for advance in advances:
        last_hash = advance.last_hash
        for event in advance.events:
            values, last_hash = _linked(advance.incident, event, last_hash)
            events.append(values)
            if isinstance(event.what, EffectPlanned):
                effects.append(_effect_row(advance, event))
        rows.append(_row_values(advance, last_hash))
        if advance.before is None or advance.before.progress.timers != advance.after.progress.timers:
            timed.append(advance.incident)
            timers += [(advance.incident, name, at) for name, at in advance.after.progress.timers.items()]
    await session.fetch(
        _SQL["append"],
        *_columns(events, 9),
        json.dumps(rows),
        [advance.incident for advance in advances],
        [advance.fence for advance in advances],
        timed,
        *_columns(timers, 3),
        json.dumps(effects),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _linked(incident: int, event: IncidentEvent, prev: bytes) -> tuple[tuple[object, ...], bytes]:
    """The columns of one event, and its hash: the rule of `incidents_append` in schema.sql."""
    what = event.what
    kind, body = name_of(what), body_of(what)
    signal = what.signal if isinstance(what, Opened | Joined) else None
    micros = (event.at - _EPOCH) // _MICROSECOND
    said = f"{incident}|{event.n}|{micros}|{event.actor}|{kind}|{'-' if signal is None else signal}|{body}"
    link = hashlib.sha256(prev + said.encode()).digest()
    return (incident, event.n, event.at, event.actor, kind, signal, body, prev, link), link


def _row_values(advance: Advance, last_hash: bytes) -> Mapping[str, object]:
    """The row of the table `incident`, as JSON."""
    after = advance.after
    state, progress = after.state, after.progress
    return {
        "id": advance.incident,
        "account_id": after.account_id,
        "account": after.account,
        "matter": after.matter,
        "kind": after.kind.value,
        "priority": after.priority,
        "authenticated": after.authenticated,
        "state": state_name(state),
        "opened_at": after.opened_at.isoformat(),
        "restored_at": _iso(after.restored_at),
        "operator": state.operator if isinstance(state, Taken) else None,
        "fence": after.fence,
        "lease_until": _iso(advance.lease_until) if isinstance(state, Taken) else None,
        "hold_until": _iso(state.until) if isinstance(state, OnHold) else None,
        "closed_at": _iso(state.at) if isinstance(state, Closed) else None,
        "disposition": state.disposition.value if isinstance(state, Closed) else None,
        "last_n": after.last_n,
        "last_signal_n": after.last_signal_n,
        "last_hash": f"\\x{last_hash.hex()}",
        "signals": after.signals,
        "points": sorted(after.points),
        "plan": progress.plan,
        "step": progress.step,
        "confirmed": progress.confirmed,
        "duress": progress.duress,
        "to_review": progress.to_review,
        "parent": progress.parent,
        "next_due_at": _iso(after.next_due_at),
        "progress": progress_text(progress),
    }


def _effect_row(advance: Advance, event: IncidentEvent) -> Mapping[str, object]:
    planned = event.what
    assert isinstance(planned, EffectPlanned)  # noqa: S101 - the caller has looked
    return {
        "id": str(effect_id(advance.incident, planned.no)),
        "incident": advance.incident,
        "no": planned.no,
        "kind": planned.kind.value,
        "template": planned.template,
        "recipient": planned.to,
        "about": planned.about,
        "urgent": planned.urgent,
        "priority": advance.after.priority,
        "not_before": _iso(planned.not_before),
        "due_at": planned.due_at.isoformat(),
        "queued_at": event.at.isoformat(),
    }


def effect_id(incident: int, no: int) -> uuid.UUID:
    """The provider's key of one message: the same however often it is computed."""
    return uuid.uuid5(_EFFECTS, f"{incident}/{no}")


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


async def renew(session: Session, incident_id: int, operator: int, fence: int, lease_s: float) -> bool:
    """Keep a lease for `lease_s` more; False if it is gone."""
    row = await fetch_one(session, _SQL["renew"], incident_id, operator, fence, dt.timedelta(seconds=lease_s))
    return row is not None and row["renewed"] is True


async def incident_row(session: Session, incident_id: int) -> IncidentRow | None:
    """One incident, or None."""
    row = await fetch_one(session, _SQL["incident"], incident_id)
    return None if row is None else _incident_row(row)


async def incident_rows(session: Session, ids: Collection[int]) -> list[IncidentRow]:
    """These incidents."""
    return [_incident_row(row) for row in await session.fetch(_SQL["incidents"], list(ids))]


async def events_of(session: Session, incident_id: int) -> list[IncidentEvent]:
    """All events of one incident, in order."""
    rows = await session.fetch(_SQL["events"], incident_id)
    return [IncidentEvent(row["n"], row["at"], row["actor"], happening(row["kind"], row["body"])) for row in rows]


async def latest(session: Session, limit: int) -> list[int]:
    """The last incidents that were opened, newest first."""
    return [row["id"] for row in await session.fetch(_SQL["latest"], limit)]


async def planless(session: Session, limit: int) -> list[int]:
    """Open incidents from before there were plans."""
    return [row["id"] for row in await session.fetch(_SQL["planless"], limit)]


async def open_incidents(
    session: Session, account_ids: Collection[int], unknown_numbers: Collection[str]
) -> list[IncidentRow]:
    """All open incidents of these accounts, and of these numbers that no account answers to."""
    rows = await session.fetch(_SQL["open_of_accounts"], list(account_ids), list(unknown_numbers))
    return [_incident_row(row) for row in rows]


async def opened_since(
    session: Session, since: dt.datetime, kinds: Sequence[Kind], numbers: Collection[str]
) -> set[tuple[int | None, str, Kind]]:
    """Account id, number and kind of the incidents of these kinds that were opened since then."""
    rows = await session.fetch(_SQL["recently_opened"], since, [kind.value for kind in kinds], list(numbers))
    return {(row["account_id"], row["account"], Kind(row["kind"])) for row in rows}


async def first_waiting(session: Session) -> IncidentRow | None:
    """The head of the alarm queue."""
    row = await fetch_one(session, _SQL["first_waiting"])
    return None if row is None else _incident_row(row)


async def expired_leases(session: Session) -> list[int]:
    """Incidents whose holder fell silent."""
    return [row["id"] for row in await session.fetch(_SQL["expired_leases"])]


async def due_holds(session: Session) -> list[int]:
    """Incidents on hold whose time has come."""
    return [row["id"] for row in await session.fetch(_SQL["due_holds"])]


async def write_content(session: Session, incident_id: int, text: str) -> Content:
    """Keep personal text apart; what the event shall say of it."""
    content_id, salt = uuid.uuid4(), os.urandom(_SALT_BYTES)
    await session.execute(_SQL["write_content"], content_id, incident_id, salt, text)
    return Content(content_id, hashlib.sha256(salt + text.encode()).hexdigest())


async def first_taken_at(session: Session, incident_id: int) -> dt.datetime | None:
    """When an operator first took it."""
    row = await fetch_one(session, _SQL["first_taken"], incident_id)
    return None if row is None else row["at"]


async def queue_lengths(session: Session) -> list[QueueLength]:
    """Open incidents, counted by priority and state."""
    rows = await session.fetch(_SQL["queue_lengths"])
    return [QueueLength(row["priority"], row["state"], row["incidents"], row["oldest"]) for row in rows]


def _incident_row(row: Row) -> IncidentRow:
    incident = Incident(
        account_id=row["account_id"],
        account=row["account"],
        matter=row["matter"],
        kind=Kind(row["kind"]),
        priority=row["priority"],
        authenticated=row["authenticated"],
        state=_state(row),
        opened_at=row["opened_at"],
        points=frozenset(row["points"]),
        restored_at=row["restored_at"],
        fence=row["fence"],
        last_n=row["last_n"],
        last_signal_n=row["last_signal_n"],
        signals=row["signals"],
        progress=progress_of(row["progress"]),
    )
    return IncidentRow(
        row["id"], incident, row["lease_until"], row["operator_name"], row["now"], row["real_now"], row["last_hash"]
    )


def _state(row: Row) -> State:
    match row["state"]:
        case "taken":
            return Taken(row["operator"], row["fence"])
        case "on_hold":
            return OnHold(row["hold_until"])
        case "closed":
            return Closed(row["closed_at"], Disposition(row["disposition"]))
        case "automatic":
            return Automatic()
        case _:
            return Waiting()
