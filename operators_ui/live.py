"""What all consoles show, read once for all of them as it changes.

In: NOTIFY on `incident` and `signal`, and a look of its own every second, since a bell may be lost. Out: a `Screen`,
which the streams send to the browsers. However many signals come, the database is read four times a second at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import structlog
import trio

from operators_ui.metrics import OPERATORS_SIGNED_ON
from station.errors import StoreUnavailable
from station.store import screens
from station.store.database import Connection, Database, Session
from station.store.install import station_now, station_row
from station.store.notices import INCIDENT, SIGNAL
from station.store.restored import Restoration, restoration
from station.store.sign_on import operators_signed_on

POLL_S: Final = 1.0
_READ_INTERVAL_S: Final = 0.25
_RECONNECT_S: Final = 0.5
_RECENT_SHOWN: Final = 14

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class Snapshot:
    """The queue, what is taken or on hold, and what came last, at one moment."""

    waiting: Sequence[screens.QueueLine] = ()
    taken_or_on_hold: Sequence[screens.QueueLine] = ()
    counts: Mapping[int, int] = attrs.field(factory=dict)
    recent: Sequence[screens.RecentSignal] = ()
    #: What is missing since a restore, as long as nobody has released what waits for it.
    restoration: Restoration | None = None

    @property
    def versions(self) -> Mapping[str, str]:
        """What a page compares to learn that its incident moved on."""
        return {str(row.id): row.version for row in (*self.taken_or_on_hold, *self.waiting)}


class Screen:
    """The newest snapshot, how old it is, and what kind of station this is."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        #: Counts snapshots that differ from the one before.
        self.version = 0
        #: None until the database has answered.
        self.demo: bool | None = None
        self._read_at = -float("inf")
        self._offset_s = 0.0
        self._changed = trio.Event()

    @property
    def age_s(self) -> float:
        """Seconds since the database last answered; infinite before it ever did."""
        return trio.current_time() - self._read_at

    @property
    def now(self) -> dt.datetime:
        """Station time, from the last answer on."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._offset_s)

    def show(self, snapshot: Snapshot, station_time: dt.datetime) -> None:
        """Put up what was just read."""
        self._read_at = trio.current_time()
        self._offset_s = (station_time - dt.datetime.now(dt.UTC)).total_seconds()
        if snapshot != self.snapshot or self.version == 0:
            self.snapshot = snapshot
            self.version += 1
            self._changed.set()
            self._changed = trio.Event()

    async def wait_changed(self, limit_s: float) -> None:
        """Until there is a new snapshot, or `limit_s` have passed."""
        with trio.move_on_after(limit_s):
            await self._changed.wait()


async def read(session: Session) -> Snapshot:
    """The lists of the screen. Whoever is taken between two of them stands in both until the next look."""
    gap = await restoration(session)
    return Snapshot(
        waiting=await screens.waiting(session),
        taken_or_on_hold=await screens.taken_or_on_hold(session),
        counts=await screens.counts(session),
        recent=await screens.recent_signals(session, _RECENT_SHOWN),
        restoration=gap if gap is not None and gap.released_at is None else None,
    )


async def follow(database: Database, screen: Screen) -> None:
    """Keep the screen up to date, for ever; while the database is away it only grows older.

    Raises:
        SchemaMismatch: the database holds a schema that this program does not know.
    """
    while True:
        try:
            async with database.dedicated() as connection:
                screen.demo = (await station_row(connection)).demo
                await _follow(connection, screen)
        except StoreUnavailable as error:
            log.warning("database_away", error=str(error))
        await trio.sleep(_RECONNECT_S)


async def _follow(connection: Connection, screen: Screen) -> None:
    # Two bells, one ear: each look reads both subjects.
    heard = trio.Event()

    def ring() -> None:
        heard.set()

    await connection.listen(INCIDENT, ring)
    await connection.listen(SIGNAL, ring)
    while True:
        heard = trio.Event()
        screen.show(await read(connection), await station_now(connection))
        OPERATORS_SIGNED_ON.set(await operators_signed_on(connection))
        await trio.sleep(_READ_INTERVAL_S)
        with trio.move_on_after(POLL_S - _READ_INTERVAL_S):
            await heard.wait()
