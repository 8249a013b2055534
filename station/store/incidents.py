"""Incidents: appending events to their chains, and reading what they add up to.

In: an event and the incident after it. Out: both stored in one transaction by the SQL function that is the only way
to write them; it checks the order of events and the lease of the writer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Collection, Sequence

import attrs

from station.incident_events import Content, Disposition, IncidentEvent, Joined, Opened, body_of, name_of
from station.incidents import Closed, Incident, OnHold, State, Taken, Waiting, state_name
from station.signals import Kind
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
_SALT_BYTES = 16


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


@attrs.frozen
class QueueLength:
    """How many open incidents of one priority are in one state, and since when the oldest is open."""

    priority: int
    state: str
    incidents: int
    oldest: dt.datetime


async def append(
    session: Session,
    incident_id: int | None,
    event: IncidentEvent,
    after: Incident,
    *,
    fence: int | None = None,
    lease_until: dt.datetime | None = None,
) -> int:
    """Store `event` and `after`, the incident that it leads to; the incident's id. `None` makes a new incident.

    `lease_until` begins or moves the holder's lease; None leaves it as it is.

    Raises:
        LeaseGone: `fence` is given and is not the holder's any more.
        MovedOn: the incident has other events than the writer knew.
        StoreUnavailable: not stored.
    """
    (row,) = await session.fetch(_SQL["append"], *_values(incident_id, event, after, fence, lease_until))
    stored: int = row["id"]
    return stored


@attrs.frozen
class Step:
    """One event of one incident, and the incident after it."""

    incident: int
    event: IncidentEvent
    after: Incident


async def reserve(session: Session) -> int:
    """The id of an incident that is about to be opened."""
    (row,) = await session.fetch(_SQL["reserve"])
    reserved: int = row["id"]
    return reserved


async def append_all(session: Session, steps: Sequence[Step]) -> None:
    """Store `steps` in order, in one go. An incident's first step opens it under its reserved id.

    Raises:
        MovedOn: one of the incidents has other events than the writer knew; nothing is stored.
        StoreUnavailable: nothing is stored.
    """
    rows = [_values(step.incident, step.event, step.after, None, None) for step in steps]
    await session.execute_many(_SQL["append"], rows)


def _values(
    incident_id: int | None, event: IncidentEvent, after: Incident, fence: int | None, lease_until: dt.datetime | None
) -> tuple[object, ...]:
    """The arguments of `incident_append` in schema.sql."""
    what, state = event.what, after.state
    return (
        incident_id,
        event.n,
        fence,
        event.at,
        event.actor,
        name_of(what),
        what.signal if isinstance(what, Opened | Joined) else None,
        body_of(what),
        after.account_id,
        after.account,
        after.kind.value,
        after.priority,
        after.authenticated,
        state_name(state),
        after.opened_at,
        after.restored_at,
        state.operator if isinstance(state, Taken) else None,
        after.fence,
        lease_until,
        state.until if isinstance(state, OnHold) else None,
        state.at if isinstance(state, Closed) else None,
        state.disposition.value if isinstance(state, Closed) else None,
        after.last_signal_n,
        after.signals,
        sorted(after.points),
    )


async def renew(session: Session, incident_id: int, operator: int, fence: int, lease_s: float) -> bool:
    """Keep a lease for `lease_s` more; False if it is gone."""
    row = await fetch_one(session, _SQL["renew"], incident_id, operator, fence, dt.timedelta(seconds=lease_s))
    return row is not None and row["renewed"] is True


async def incident_row(session: Session, incident_id: int) -> IncidentRow | None:
    """One incident, or None."""
    row = await fetch_one(session, _SQL["incident"], incident_id)
    return None if row is None else _incident_row(row)


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


async def first_waiting(session: Session) -> int | None:
    """The head of the alarm queue."""
    row = await fetch_one(session, _SQL["first_waiting"])
    return None if row is None else row["id"]


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
    )
    return IncidentRow(row["id"], incident, row["lease_until"], row["operator_name"], row["now"], row["real_now"])


def _state(row: Row) -> State:
    match row["state"]:
        case "taken":
            return Taken(row["operator"], row["fence"])
        case "on_hold":
            return OnHold(row["hold_until"])
        case "closed":
            return Closed(row["closed_at"], Disposition(row["disposition"]))
        case _:
            return Waiting()
