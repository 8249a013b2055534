"""A twin of our receiver on asyncio, uvloop and asyncpg: one protocol object a connection, replies through transports.

In: the file of the station key, and SERENO_DATABASE_URL. Out: its port on standard output; the same rows by the same
COPY, and ACKs after the commit. Frames, accounts and all that is known of panels go through our own code, so what
differs is only how bytes come in, how commits are awaited, and how replies go out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import os
import pathlib
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, cast

import asyncpg
import trio
import uvloop

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.clock.settings import ClockSettings
from receiver.clock.watching import ClockWatch
from receiver.conversation import Conversation, Ignored
from receiver.intake import Intake, Moment
from receiver.journal import BATCH_LIMIT, Entry, Journal
from receiver.limits import Limits
from receiver.process import ROLE
from receiver.runaway import Runaway
from receiver.runaway_rules import RunawayRules
from receiver.sources import source
from receiver.supervision.arrays import PathArrays
from receiver.supervision.duty import supervise
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from receiver.watch.watching import Watch
from station.signals import Transport
from station.station_key import StationKey
from station.store import lanes as lane_queries
from station.store import notices
from station.store.database import Connection, Session, as_role, open_database
from station.store.panel_accounts import all_accounts
from station.store.queries import queries_beside
from station.store.signals import write_rows

_BACKLOG = 4096
_WRITERS = 1
_RING_INTERVAL_S = 0.01


class _Raw(Connection):
    """asyncpg itself behind the face that `write_rows` knows: without a bridge."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 (asyncpg's connections have no usable type)
        super().__init__(raw)
        self.raw = raw

    async def copy_in(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """As there."""
        await self.raw.copy_to_table(table, columns=columns, source=_once(rows), format="binary")


async def _once(rows: bytes) -> Any:  # noqa: ANN401 (an asynchronous generator, as asyncpg wants it)
    yield rows


class _Lane:
    """One writer: commits what has gathered while the last commit was on its way."""

    def __init__(self, connection: _Raw, lane: int, rang: asyncio.Event) -> None:
        self._connection = connection
        self._lane = lane
        self._rang = rang
        self._waiting: list[Entry] = []
        self._arrived = asyncio.Event()

    def submit(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._arrived.set()

    async def run(self) -> None:
        place = 1
        while True:
            await self._arrived.wait()
            batch, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]
            if not self._waiting:
                self._arrived.clear()
            rows = [row for entry in batch for row in entry.rows]
            await write_rows(self._connection, self._lane, place, rows)
            place += len(rows)
            metrics.ACKNOWLEDGED.count_frames(batch, dt.datetime.now(dt.UTC))
            for entry in batch:
                entry.committed()
            metrics.COMMIT_SIGNALS.observe(len(rows))
            self._rang.set()


class _Lanes:
    """What takes the journal's place."""

    def __init__(self, lanes: Sequence[_Lane]) -> None:
        self._lanes = lanes

    def submit(self, origin: int, entry: Entry) -> None:
        self._lanes[origin % len(self._lanes)].submit(entry)


class _Panel(asyncio.Protocol):
    """One connection."""

    accepted = 0

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._conversation = Conversation()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        _Panel.accepted += 1
        self._source = source(Transport.TCP, transport.get_extra_info("peername"), _Panel.accepted)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        moment = Moment(dt.datetime.now(dt.UTC), time.monotonic())
        if not self._conversation.waiting and self._intake.take_usual(data, self._source, self._reply, moment):
            return
        for frame in self._conversation.receive_data(data):
            if isinstance(frame, Ignored):
                metrics.IGNORED.labels(frame.reason).inc()
            else:
                self._intake.take(frame, self._source, self._reply, moment)

    def _reply(self, reply: bytes) -> None:
        if self._transport is not None:
            self._transport.write(reply)


async def _opened_lane(url: str, rang: asyncio.Event) -> _Lane:
    raw = await asyncpg.connect(url)
    open_lane = queries_beside(lane_queries.__file__)["open_lane"]
    lane: int = (await raw.fetch(open_lane, "twin", dt.datetime.now(dt.UTC)))[0]["id"]
    return _Lane(_Raw(raw), lane, rang)


async def _ring(url: str, rang: asyncio.Event) -> None:
    connection = await asyncpg.connect(url)
    while True:
        await rang.wait()
        rang.clear()
        await connection.execute(f"notify {notices.SIGNAL}")
        await asyncio.sleep(_RING_INTERVAL_S)


async def _loaded(url: str, key: StationKey) -> PanelAccounts:
    accounts = PanelAccounts(key)
    session = cast(Session, await asyncpg.connect(url))  # it fetches alike
    async for some in all_accounts(session):
        accounts.apply(some)
    gc.collect()
    gc.freeze()
    return accounts


async def _supervise(journal: Journal, paths: Paths, signs: Signs) -> None:
    """What our receiver does beside its doors, as it does it; no path is lost within a benchmark."""
    async with open_database(os.environ["SERENO_DATABASE_URL"], ROLE) as database:
        await supervise(database, journal, paths, signs, SupervisionSettings())


async def _serve(key: StationKey) -> None:
    url = as_role(os.environ["SERENO_DATABASE_URL"], ROLE)
    accounts = await _loaded(url, key)
    rang = asyncio.Event()
    lanes = [await _opened_lane(url, rang) for _ in range(_WRITERS)]
    paths = Paths(PathArrays(), SupervisionSettings())
    signs = Signs(paths, SupervisionSettings(), lambda _: None)
    journal = cast(Journal, _Lanes(lanes))  # it only submits
    threading.Thread(target=trio.run, args=(_supervise, journal, paths, signs), daemon=True).start()
    intake = Intake(accounts, journal, signs, Runaway(RunawayRules()), Watch(), ClockWatch(ClockSettings()), Limits())
    server = await asyncio.get_running_loop().create_server(lambda: _Panel(intake), "127.0.0.1", 0, backlog=_BACKLOG)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(lane.run()) for lane in lanes]
        running.append(tasks.create_task(_ring(url, rang)))
        # Standard input ends when the benchmark does.
        await asyncio.to_thread(sys.stdin.read)
        for task in running:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(_serve(StationKey.from_text(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))))
