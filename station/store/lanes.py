"""Lanes: how signals are followed in order without ever skipping a late commit.

Each writing connection of a receiver has a lane and at most one transaction in flight, so what a reader sees of a
lane is always a beginning of it. In: a cursor a lane. Out: what lies behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from station.signals import LANE_SPAN, Authenticity, Kind, Qualifier, StoredSignal
from station.store.database import Connection, Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
# Looking a value up by calling its enum takes several times as long.
_KINDS: Final = {kind.value: kind for kind in Kind}
_QUALIFIERS: Final = {qualifier.value: qualifier for qualifier in Qualifier}
_AUTHENTICITIES: Final = {authenticity.value: authenticity for authenticity in Authenticity}


async def open_lane(connection: Connection, receiver: str, now: dt.datetime) -> int:
    """A new lane, alive as long as `connection` is. `now` is the clock that the signals will be stamped with."""
    async with connection.transaction() as session:
        (row,) = await session.fetch(_SQL["open_lane"], receiver, now)
    lane: int = row["id"]
    return lane


async def take_turn(session: Session) -> None:
    """Keep other dispatchers from reading the lanes and moving their cursors until this transaction ends."""
    await session.fetch(_SQL["take_turn"])


async def next_signals(session: Session, limit: int) -> list[StoredSignal]:
    """At most `limit` signals of each lane, all of them next in their lane; by the time of receipt."""
    return [_stored_signal(row) for row in await session.fetch(_SQL["follow"], limit)]


async def move_cursors(session: Session, worked_off: Sequence[StoredSignal]) -> None:
    """Everything in `worked_off`, which came from `next_signals`, has been acted upon."""
    last: dict[int, StoredSignal] = {}
    for signal in worked_off:
        lane = signal.id // LANE_SPAN
        if lane not in last or last[lane].id < signal.id:
            last[lane] = signal
    ids = [signal.id for signal in last.values()]
    await session.execute(_SQL["move_cursors"], ids, [signal.received_at for signal in last.values()])


async def silent_lanes(session: Session) -> list[int]:
    """Lanes whose writer is gone."""
    return [row["id"] for row in await session.fetch(_SQL["silent_lanes"])]


async def retire_lanes(session: Session, silent: Sequence[int]) -> None:
    """Stop following those lanes of `silent` that hold nothing unread; `silent` must be older than the last reading."""
    await session.execute(_SQL["retire_lanes"], list(silent))


def _stored_signal(row: Row) -> StoredSignal:
    return StoredSignal(
        id=row["id"],
        received_at=row["received_at"],
        account_id=row["account_id"],
        account=row["account"],
        kind=_KINDS[row["kind"]],
        qualifier=_QUALIFIERS[row["qualifier"]],
        zone=row["zone"],
        authenticity=_AUTHENTICITIES[row["authenticity"]],
        old=row["old"],
        repeat_key=row["repeat_key"],
        suppressed=row["suppressed"],
        event_code=row["event_code"],
        area=row["area"],
        user=row["user_number"],
        extended=row["extended"],
        raw=row["raw"],
    )
