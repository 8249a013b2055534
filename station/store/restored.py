"""What a restore leaves behind: a gap, and effects that wait for a person.

In: the station's row. Out: the gap, and whether effects are released. The world outside has moved on since the moment
that was restored: a message that was sent then must not be sent again, and a timer that ran out then is no news.
"""

from __future__ import annotations

import datetime as dt

import attrs

from station.store import audit
from station.store.database import Session, fetch_one
from station.store.install import make_partitions
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class Restoration:
    """What came between `since` and `until` is missing. `released_at`: when a person let effects go on."""

    since: dt.datetime
    until: dt.datetime
    released_at: dt.datetime | None


async def restoration(session: Session) -> Restoration | None:
    """The last restore of this station; None if there was none."""
    row = await fetch_one(session, _SQL["restoration"])
    return None if row is None else Restoration(row["restored_to"], row["restored_at"], row["released_at"])


async def effects_released(session: Session) -> bool:
    """Whether timers may fire and messages may leave. True on every station that was never restored.

    Whoever sends an outbox row, or acts because a time has come, asks in the transaction in which it claims the row.
    Rules that answer a signal do not ask: a new alarm is worked, restored station or not.
    """
    (row,) = await session.fetch(_SQL["effects_released"])
    released: bool = row["released"]
    return released


async def release(session: Session, actor: str) -> bool:
    """Let effects go on; False if nothing waited for it. It is audited as done by `actor`."""
    (row,) = await session.fetch(_SQL["release"], actor)
    released: bool = row["released"]
    return released


async def mark(session: Session, since: dt.datetime) -> Restoration:
    """Note that this database was brought back to `since`, as its owner, before anybody works with it."""
    (row,) = await session.fetch(_SQL["mark"], since)
    await session.execute(_SQL["end_sessions"])
    await audit.append(session, "command", "restored", {"to": since.isoformat()})
    await make_partitions(session)
    return Restoration(since, row["restored_at"], None)


async def a_sealed_key(session: Session) -> bytes | None:
    """A panel key as stored, to try a station key on; None if there is none."""
    row = await fetch_one(session, _SQL["a_sealed_key"])
    return None if row is None else row["key_sealed"]
