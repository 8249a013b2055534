"""Timers that come due, and the outbox: messages claimed, sent, and told to their incidents.

In: the shards that are held. Out: what is due. A message is claimed in a transaction of its own before the provider is
called; so whoever finds it claimed and its sender gone knows that it may have been sent.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import attrs

from station.plan_events import EffectKind, EffectState
from station.signals import Kind
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class DueTimer:
    """A timer of an incident that came due."""

    incident: int
    name: str


@attrs.frozen(kw_only=True)
class Message:
    """A row of the outbox."""

    id: uuid.UUID
    incident: int
    no: int
    kind: EffectKind
    template: str
    recipient: str
    about: str
    urgent: bool
    priority: int
    due_at: dt.datetime
    state: EffectState
    attempts: int
    reference: str
    why: str
    queued_at: dt.datetime


@attrs.frozen(kw_only=True)
class Recipient:
    """Whom a message reaches. `phone` None: the duty telephone."""

    phone: str | None
    language: str
    site: str
    account: str
    kind: Kind
    opened_at: dt.datetime
    time_zone: str


@attrs.frozen
class News:
    """What became of a message, for its incident."""

    incident: int
    no: int
    state: EffectState
    why: str


async def due_timers(session: Session, shards: Collection[int], limit: int) -> Sequence[DueTimer]:
    """The first timers that came due."""
    rows = await session.fetch(_SQL["due_timers"], list(shards), limit)
    return [DueTimer(row["incident"], row["name"]) for row in rows]


async def claim(session: Session, shards: Collection[int], claim_s: float, limit: int) -> Sequence[Message]:
    """The next messages to send; they are ours for `claim_s`."""
    rows = await session.fetch(_SQL["claim"], list(shards), dt.timedelta(seconds=claim_s), limit)
    found = [_message(row) for row in rows]
    return sorted(found, key=lambda message: (not message.urgent, message.priority, message.queued_at))


async def abandoned(session: Session, shards: Collection[int], limit: int) -> Sequence[Message]:
    """Messages whose sender died between the claim and the record."""
    return [_message(row) for row in await session.fetch(_SQL["abandoned"], list(shards), limit)]


async def move(
    session: Session, id_: uuid.UUID, state: EffectState, why: str = "", *, reference: str = "", again_s: float = 0.0
) -> None:
    """What became of a message; if it is queued again, not before `again_s` from now."""
    await session.execute(_SQL["move"], id_, state.value, why, reference, dt.timedelta(seconds=again_s))


async def untold(session: Session, shards: Collection[int], limit: int) -> Sequence[News]:
    """What incidents do not know yet."""
    rows = await session.fetch(_SQL["untold"], list(shards), limit)
    return [News(row["incident"], row["no"], EffectState(row["state"]), row["why"]) for row in rows]


async def mark_told(session: Session, news: Sequence[News]) -> None:
    """Their incidents know."""
    states = [one.state.value for one in news]
    await session.execute(_SQL["told"], [one.incident for one in news], [one.no for one in news], states)


async def give_up(session: Session, given_up: Sequence[News]) -> None:
    """The incidents have given these up."""
    if given_up:
        numbers = [one.no for one in given_up]
        await session.execute(_SQL["stale"], [one.incident for one in given_up], numbers, [one.why for one in given_up])


async def of_incident(session: Session, incident: int) -> Sequence[Message]:
    """The messages of an incident, in order."""
    return [_message(row) for row in await session.fetch(_SQL["of_incident"], incident)]


async def recipient(session: Session, id_: uuid.UUID) -> Recipient | None:
    """Whom a message reaches; None: he is not there any more."""
    row = await fetch_one(session, _SQL["recipient"], id_)
    return None if row is None else Recipient(**{**row, "kind": Kind(row["kind"])})


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        incident=row["incident"],
        no=row["no"],
        kind=EffectKind(row["kind"]),
        template=row["template"],
        recipient=row["recipient"],
        about=row["about"],
        urgent=row["urgent"],
        priority=row["priority"],
        due_at=row["due_at"],
        state=EffectState(row["state"]),
        attempts=row["attempts"],
        reference=row["reference"],
        why=row["why"],
        queued_at=row["queued_at"],
    )
