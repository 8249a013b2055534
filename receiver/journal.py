"""The journal: signals to the database, as many in one commit as have gathered meanwhile.

In: entries, each one frame's signals and what to do once they are committed. Out: that call, and nothing before it.
A commit whose outcome is unknown is made again on a new connection and in a new lane; the dispatcher recognises the
copies. So an entry is stored at least once, and an ACK is never sent for one that is not.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

import attrs
import structlog
import trio

from receiver import metrics
from station.errors import StoreUnavailable
from station.signals import Signal
from station.store.database import Conflict, Connection, Database, Unstorable
from station.store.lanes import open_lane
from station.store.notices import Bell
from station.store.signals import bare, write_signals

log = structlog.get_logger()

#: Frames in one commit at most: a longer one makes the first panel wait for the last.
BATCH_LIMIT: Final = 2000
#: Frames in memory at most; over it nothing more is read, and panels wait in their own sockets.
WAITING_LIMIT: Final = 20_000
#: After this a frozen database connection is cut and the batch written on another.
WRITE_DEADLINE_S: Final = 8.0
_RETRY_S: Final = 0.25
#: A clock that steps back further than this begins a new lane: in one lane readers search two hours back at most.
_STEP_BACK: Final = dt.timedelta(hours=1)


@attrs.frozen
class Entry:
    """One frame's signals: all stored or none."""

    signals: list[Signal]
    committed: Callable[[], None]


class Lane:
    """One writer: a database connection with at most one commit in flight."""

    def __init__(self, database: Database, receiver: str, bell: Bell, has_room: Callable[[], None]) -> None:
        self._database = database
        self._receiver = receiver
        self._bell = bell
        self._has_room = has_room
        self._waiting: list[Entry] = []
        #: Being committed; kept until that is known to have happened.
        self._batch: list[Entry] = []
        self._arrived = trio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._batch)

    def submit(self, entry: Entry) -> None:
        """Store this next. Returns at once."""
        self._waiting.append(entry)
        self._arrived.set()

    async def run(self) -> None:
        """Write, for ever; through every loss of the database."""
        while True:
            try:
                async with self._database.dedicated() as connection:
                    await self._write_with(connection)
            except (StoreUnavailable, Conflict) as error:
                if self._batch:
                    metrics.COMMIT_FAILURES.inc()
                log.warning("journal_lost_its_connection", why=str(error), frames_waiting=len(self))
            await trio.sleep(_RETRY_S)

    async def _write_with(self, connection: Connection) -> None:
        """Write batches in one lane, until its connection or its clock fails."""
        opened_at = dt.datetime.now(dt.UTC)
        with _deadline(connection):
            lane = await open_lane(connection, self._receiver, opened_at)
        place, latest = 1, opened_at
        while True:
            if not self._batch:
                await self._next_batch()
            latest = self._keep_what_fits(latest)
            if not self._batch:
                log.warning("clock_stepped_back", lane=lane)
                return
            signals = [signal for entry in self._batch for signal in entry.signals]
            started = trio.current_time()
            with _deadline(connection):
                await self._commit(connection, lane, place, signals)
            metrics.COMMIT_DURATION.observe(trio.current_time() - started)
            place += len(signals)
            self._settle(signals)

    async def _commit(self, connection: Connection, lane: int, place: int, signals: list[Signal]) -> None:
        try:
            await write_signals(connection, lane, place, signals)
        except Unstorable as error:
            # One value that PostgreSQL can't hold must not keep the others waiting for ever.
            log.error("signal_stored_bare", why=str(error), signals=len(signals))
            metrics.STORED_BARE.inc()
            for offset, signal in enumerate(signals):
                try:
                    await write_signals(connection, lane, place + offset, [signal])
                except Unstorable:
                    await write_signals(connection, lane, place + offset, [bare(signal)])

    async def _next_batch(self) -> None:
        while not self._waiting:
            self._arrived = trio.Event()
            await self._arrived.wait()
        self._batch, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]

    def _keep_what_fits(self, latest: dt.datetime) -> dt.datetime:
        """Put back what was received, by the clock of then, long before `latest`; the latest time of the rest."""
        for count, entry in enumerate(self._batch):
            received_at = entry.signals[0].received_at
            if received_at < latest - _STEP_BACK:
                self._batch, self._waiting = self._batch[:count], self._batch[count:] + self._waiting
                break
            latest = max(latest, received_at)
        return latest

    def _settle(self, signals: list[Signal]) -> None:
        batch, self._batch = self._batch, []
        for entry in batch:
            entry.committed()
        metrics.COMMIT_SIGNALS.observe(len(signals))
        metrics.LAST_SIGNAL.set(signals[-1].received_at.timestamp())
        self._bell.ring()
        self._has_room()


@contextlib.contextmanager
def _deadline(connection: Connection) -> Iterator[None]:
    """Cut the connection if what is done with it takes too long: a frozen backend would hold the batch for ever."""
    with trio.move_on_after(WRITE_DEADLINE_S) as scope:
        yield
    if scope.cancelled_caught:
        connection.terminate()
        raise StoreUnavailable(f"no answer within {WRITE_DEADLINE_S:.0f} s")


class Journal:
    """The lanes of one receiver. One panel connection always writes to the same lane, so its order holds."""

    def __init__(self, database: Database, receiver: str, bell: Bell, *, lanes: int = 2) -> None:
        self._room = trio.Event()
        self._lanes = [Lane(database, receiver, bell, self._make_room) for _ in range(lanes)]

    def submit(self, origin: int, entry: Entry) -> None:
        """Store `entry`; entries of one `origin` keep their order. Returns at once."""
        self._lanes[origin % len(self._lanes)].submit(entry)

    @property
    def waiting(self) -> int:
        """Frames read and not yet committed."""
        return sum(len(lane) for lane in self._lanes)

    async def wait_for_room(self) -> None:
        """Until fewer frames than the limit wait."""
        while self.waiting >= WAITING_LIMIT:
            self._room = trio.Event()
            await self._room.wait()

    async def wait_until_settled(self) -> None:
        """Until every frame is committed and answered."""
        while self.waiting:
            self._room = trio.Event()
            await self._room.wait()

    async def run(self) -> None:
        """Write, for ever."""
        async with trio.open_nursery() as nursery:
            for lane in self._lanes:
                nursery.start_soon(lane.run)

    def _make_room(self) -> None:
        metrics.WAITING.set(self.waiting)
        self._room.set()
