"""The journal: signals to the database, as many in one commit as have gathered meanwhile.

In: entries, each one frame's signals and what to do once they are committed. Out: that call, and nothing before it.
A commit whose outcome is unknown is made again on a new connection and in a new lane; the dispatcher recognises the
copies. So an entry is stored at least once, and an ACK is never sent for one that is not.
"""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import structlog
import trio

from receiver import metrics
from station.errors import StoreUnavailable
from station.signals import Kind, Protocol, Reply, Signal, Transport
from station.store.database import Conflict, Connection, Database, Unstorable
from station.store.lanes import open_lane
from station.store.notices import Bell
from station.store.signals import bare, row_of, storable_row, write_rows

log = structlog.get_logger()

#: Signals and bytes of frames in one commit: a longer one makes the first panel wait for the last.
BATCH_LIMIT: Final = 2000
BATCH_LIMIT_BYTES: Final = 1_000_000
#: Signals in memory at most; over it nothing more is read, and panels wait in their own sockets.
WAITING_LIMIT: Final = 20_000
#: Then the next commit has its turn, and panels that say something.
_ANSWERED_AT_ONCE: Final = 64
#: After this a frozen database connection is cut and the batch written on another.
WRITE_DEADLINE_S: Final = 8.0
_RETRY_S: Final = 0.25
#: A clock that steps back further than this begins a new lane: in one lane readers search two hours back at most.
_STEP_BACK: Final = dt.timedelta(hours=1)


class Entry(NamedTuple):
    """One frame's signals: all stored or none."""

    #: One for each signal, as `station.store.signals` writes them.
    rows: Sequence[bytes]
    received_at: dt.datetime
    #: What is counted once they are committed.
    reply: Reply
    kinds: Sequence[tuple[Protocol, Transport, Kind]]
    committed: Callable[[], None]
    #: The signals themselves: asked for only while they can't be stored.
    signals: Callable[[], Sequence[Signal]]


def entry_of(signals: Sequence[Signal], committed: Callable[[], None]) -> Entry:
    """The entry of one frame's signals, at least one."""
    first = signals[0]
    return Entry(
        [storable_row(signal) for signal in signals],
        first.received_at,
        first.reply,
        [(signal.protocol, signal.transport, signal.kind) for signal in signals],
        committed,
        lambda: signals,
    )


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
        #: Committed, and not answered yet.
        self._committed: collections.deque[list[Entry]] = collections.deque()
        self._unanswered = trio.Event()
        #: How many signals all three hold.
        self.signals = 0
        #: Signals in the next commit; less after one that failed, in case it failed for being too much.
        self._limit = BATCH_LIMIT
        self._arrived = trio.Event()

    def submit(self, entry: Entry) -> None:
        """Store this next. Returns at once."""
        self._waiting.append(entry)
        self.signals += len(entry.rows)
        self._arrived.set()

    def uncommitted(self) -> list[Signal]:
        """What this lane still holds, in order."""
        return [signal for entry in (*self._batch, *self._waiting) for signal in entry.signals()]

    async def run(self) -> None:
        """Write and answer, for ever; through every loss of the database."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._answer_forever)
            await self._write_forever()

    async def _write_forever(self) -> None:
        while True:
            try:
                async with self._database.dedicated() as connection:
                    await self._write_with(connection)
            except (StoreUnavailable, Conflict) as error:
                if self._batch:
                    metrics.COMMIT_FAILURES.inc()
                    self._halve()
                log.warning("journal_lost_its_connection", why=str(error), signals_waiting=self.signals)
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
            rows = [row for entry in self._batch for row in entry.rows]
            started = trio.current_time()
            await self._commit(connection, lane, place, rows)
            metrics.COMMIT_DURATION.observe(trio.current_time() - started)
            place += len(rows)
            self._note_committed(len(rows))

    async def _commit(self, connection: Connection, lane: int, place: int, rows: list[bytes]) -> None:
        try:
            with _deadline(connection):
                await write_rows(connection, lane, place, rows)
        except Unstorable as error:
            # One value that PostgreSQL can't hold must not keep the others waiting for ever.
            log.error("signal_stored_bare", why=str(error), signals=len(rows))
            metrics.STORED_BARE.inc()
            signals = [signal for entry in self._batch for signal in entry.signals()]
            for offset, signal in enumerate(signals):
                await self._commit_one(connection, lane, place + offset, signal)

    async def _commit_one(self, connection: Connection, lane: int, place: int, signal: Signal) -> None:
        with _deadline(connection):
            try:
                await write_rows(connection, lane, place, [storable_row(signal)])
            except Unstorable:
                await write_rows(connection, lane, place, [row_of(bare(signal))])

    async def _next_batch(self) -> None:
        while not self._waiting:
            self._arrived = trio.Event()
            await self._arrived.wait()
        count, signals, size = 0, 0, 0
        for entry in self._waiting:
            signals += len(entry.rows)
            size += len(entry.rows[0]) if len(entry.rows) == 1 else sum(map(len, entry.rows))
            if count and (signals > self._limit or size > BATCH_LIMIT_BYTES):
                break
            count += 1
        self._batch, self._waiting = self._waiting[:count], self._waiting[count:]

    def _halve(self) -> None:
        """Put half of the batch back: the database may have been too slow for all of it at once."""
        half = (len(self._batch) + 1) // 2
        self._limit = max(1, sum(len(entry.rows) for entry in self._batch[:half]))
        self._batch, self._waiting = self._batch[:half], self._batch[half:] + self._waiting

    def _keep_what_fits(self, latest: dt.datetime) -> dt.datetime:
        """Put back what was received, by the clock of then, long before `latest`; the latest time of the rest."""
        received_at = None
        for count, entry in enumerate(self._batch):
            if entry.received_at is received_at:
                continue  # frames that were read together bear the same instant
            received_at = entry.received_at
            if received_at < latest - _STEP_BACK:
                self._batch, self._waiting = self._batch[:count], self._batch[count:] + self._waiting
                break
            latest = max(latest, received_at)
        return latest

    def _note_committed(self, signals: int) -> None:
        batch, self._batch = self._batch, []
        self._committed.append(batch)
        self._unanswered.set()
        self._limit = min(BATCH_LIMIT, 2 * self._limit)
        metrics.COMMIT_SIGNALS.observe(signals)
        metrics.LAST_SIGNAL.set(batch[-1].received_at.timestamp())
        self._bell.ring()

    async def _answer_forever(self) -> None:
        """Answer what is committed, while the next commit is on its way."""
        while True:
            while self._committed:
                batch = self._committed.popleft()
                for first in range(0, len(batch), _ANSWERED_AT_ONCE):
                    self._answer(batch[first : first + _ANSWERED_AT_ONCE])
                    await trio.lowlevel.checkpoint()
            self._unanswered = trio.Event()
            await self._unanswered.wait()

    def _answer(self, entries: Sequence[Entry]) -> None:
        metrics.ACKNOWLEDGED.count_frames(entries, dt.datetime.now(dt.UTC))
        for entry in entries:
            entry.committed()
            self.signals -= len(entry.rows)
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

    def __init__(self, database: Database, receiver: str, bell: Bell, *, lanes: int = 1) -> None:
        self._room = trio.Event()
        self._lanes = [Lane(database, receiver, bell, self._make_room) for _ in range(lanes)]
        metrics.WAITING.set_function(lambda: self.waiting)

    def submit(self, origin: int, entry: Entry) -> None:
        """Store `entry`; entries of one `origin` keep their order. Returns at once."""
        self._lanes[origin % len(self._lanes)].submit(entry)

    def report(self, signal: Signal, origin: int = 0) -> None:
        """Store a signal of our own: no panel behind it waits for an answer. Returns at once."""
        self.submit(origin, entry_of([signal], _nobody_to_answer))

    def uncommitted(self) -> list[Signal]:
        """What was read and is not stored yet, a lane after the other."""
        return [signal for lane in self._lanes for signal in lane.uncommitted()]

    @property
    def waiting(self) -> int:
        """Signals read and not yet committed."""
        return sum(lane.signals for lane in self._lanes)

    @property
    def full(self) -> bool:
        """True while nothing more may be read."""
        return self.waiting >= WAITING_LIMIT

    async def wait_for_room(self) -> None:
        """Until fewer signals than the limit wait."""
        while self.full:
            self._room = trio.Event()
            await self._room.wait()

    async def wait_until_settled(self) -> None:
        """Until every signal is committed and its panel answered."""
        while self.waiting:
            self._room = trio.Event()
            await self._room.wait()

    async def run(self) -> None:
        """Write, for ever."""
        async with trio.open_nursery() as nursery:
            for lane in self._lanes:
                nursery.start_soon(lane.run)

    def _make_room(self) -> None:
        self._room.set()


def _nobody_to_answer() -> None:
    pass
