"""What the dispatcher itself finds, written as signals: stored, followed and handled like any other.

In: own signals, made in one transaction with what they follow from. Out: rows in a lane of this moment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from station.signals import Signal
from station.store.database import Database, Session
from station.store.install import station_now
from station.store.lanes import open_lane
from station.store.signals import row_of, write_rows


async def report(database: Database, find: Callable[[Session], Awaitable[Sequence[Signal]]]) -> int:
    """Store what `find` finds, in the transaction in which it looks; how many signals."""
    async with database.transaction() as session:
        found = await find(session)
        if found:
            # The lane comes into sight together with all that it will ever hold.
            lane = await open_lane(session, "dispatcher", await station_now(session))
            await write_rows(session, lane, 1, [row_of(signal) for signal in found])
    return len(found)
