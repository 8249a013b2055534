"""Wake-ups between processes: a bell that is rung after commits, and an ear for it.

NOTIFY inside a writing transaction serialises commits, so bells ring on a connection of their own, at most a hundred
times a second. A bell may be lost with its connection: whoever listens also looks by himself from time to time.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

import trio

from station.errors import StoreUnavailable
from station.store.database import Database

SIGNAL: Final = "signal"
INCIDENT: Final = "incident"
ACCOUNT: Final = "account"

#: Whoever listens reads all that has gathered; a bell costs as much as thirty signals.
_RING_INTERVAL_S: Final = 0.03
_RECONNECT_S: Final = 0.5
# How soon a listener notices that its server is gone.
_STILL_THERE_S: Final = 5.0


class Bell:
    """Rings one channel, from `run`."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._due = trio.Event()

    def ring(self) -> None:
        """There is something new. Returns at once."""
        self._due.set()

    async def run(self) -> None:
        """Pass the rings on, for ever."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                async with self._database.dedicated() as connection:
                    while True:
                        await self._due.wait()
                        self._due = trio.Event()
                        await connection.execute(f"notify {self._channel}")
                        await trio.sleep(_RING_INTERVAL_S)
            await trio.sleep(_RECONNECT_S)


class Ear:
    """Hears one channel, from `run`; between connections it hears nothing, so waits have a limit."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel
        self._heard = trio.Event()

    async def wait(self, limit_s: float) -> None:
        """Until the channel rings, or `limit_s` have passed."""
        with trio.move_on_after(limit_s):
            await self._heard.wait()
        self._heard = trio.Event()

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                async with self._database.dedicated() as connection:
                    await connection.listen(self._channel, lambda: self._heard.set())
                    self._heard.set()
                    while True:
                        await trio.sleep(_STILL_THERE_S)
                        await connection.execute("select 1")
            await trio.sleep(_RECONNECT_S)


async def ring_once(database: Database, channel: str) -> None:
    """One ring, for those who seldom do."""
    await database.execute(f"notify {channel}")


@contextlib.asynccontextmanager
async def open_ear(database: Database, channel: str) -> AsyncIterator[Ear]:
    """An ear that listens while the block runs."""
    async with trio.open_nursery() as nursery:
        ear = Ear(database, channel)
        nursery.start_soon(ear.run)
        yield ear
        nursery.cancel_scope.cancel()
