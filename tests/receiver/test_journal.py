"""The journal against a real database: nothing is settled before its commit, and nothing settled is missing."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import attrs
import pytest
import trio

from receiver import journal as journal_module
from receiver.conversation import Conversation
from receiver.journal import Entry, Journal, entry_of
from receiver.protocols.dc09_frame import Frame
from receiver.reading import read
from station.signals import LANE_SPAN, Signal, Transport
from station.store.database import Database, open_database
from station.store.notices import SIGNAL, Bell
from tests.receiver.peers import written


def signals_of(number: int, events: int = 1) -> list[Signal]:
    """The signals of one frame, told apart by their account."""
    packets = "/".join(f"BA{place}" for place in range(events))
    (frame,) = Conversation().receive_data(written(b'"SIA-DCS"0001L0#%d[#1|Nri1/%s]' % (number, packets.encode())))
    assert isinstance(frame, Frame)
    return read(frame, None, dt.datetime.now(dt.UTC), Transport.TCP, "192.0.2.7:40001").signals


@attrs.define
class Settled:
    """What the journal reported as committed, in order."""

    names: list[str] = attrs.Factory(list)
    _changed: trio.Event = attrs.Factory(trio.Event)

    def entry(self, number: int, events: int = 1) -> Entry:
        return entry_of(signals_of(number, events), self.noting(str(number)))

    def noting(self, name: str) -> Callable[[], None]:
        def note() -> None:
            self.names.append(name)
            self._changed.set()

        return note

    async def wait_for(self, count: int, limit_s: float = 30) -> None:
        with trio.fail_after(limit_s):
            while len(self.names) < count:
                self._changed = trio.Event()
                await self._changed.wait()


@contextlib.asynccontextmanager
async def running_journal(database_url: str, lanes: int = 1) -> AsyncIterator[Journal]:
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        bell = Bell(database, SIGNAL)
        journal = Journal(database, "receiver", bell, lanes=lanes)
        nursery.start_soon(bell.run)
        nursery.start_soon(journal.run)
        yield journal
        nursery.cancel_scope.cancel()


async def rows(owner: Database) -> Sequence[Any]:
    return await owner.fetch("select id, account, event_code, zone from signal order by id")


async def cut_the_receivers_connections(owner: Database) -> None:
    await owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sereno_receiver'"
                        " and datname = current_database()")  # fmt: skip


async def test_nothing_is_settled_before_its_commit(database_url: str, owner: Database) -> None:
    settled = Settled()
    async with running_journal(database_url) as journal:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            journal.submit(1, settled.entry(1))
            await trio.sleep(0.5)
            assert settled.names == []
            assert journal.waiting == 1
        await settled.wait_for(1)
        assert [row["account"] for row in await rows(owner)] == ["1"]
        assert journal.waiting == 0


async def test_places_in_a_lane_are_contiguous_from_one(database_url: str, owner: Database) -> None:
    settled = Settled()
    async with running_journal(database_url, lanes=2) as journal:
        for number in range(300):
            journal.submit(number % 7, settled.entry(number, events=1 + number % 3))
            if number % 10 == 0:
                await trio.sleep(0.002)
        await settled.wait_for(300)
    stored = await rows(owner)
    lanes = sorted({row["id"] // LANE_SPAN for row in stored})
    assert len(lanes) == 2
    for lane in lanes:
        places = [row["id"] % LANE_SPAN for row in stored if row["id"] // LANE_SPAN == lane]
        assert places == list(range(1, len(places) + 1))
    assert len(stored) == sum(1 + number % 3 for number in range(300))


async def test_entries_of_one_origin_keep_their_order(database_url: str, owner: Database) -> None:
    settled = Settled()
    async with running_journal(database_url, lanes=2) as journal:
        for number in range(200):
            journal.submit(3, settled.entry(number))
            if number % 20 == 0:
                await trio.sleep(0.002)
        await settled.wait_for(200)
    assert [row["account"] for row in await rows(owner)] == [str(number) for number in range(200)]
    assert settled.names == [str(number) for number in range(200)]


async def test_one_commit_takes_what_has_gathered(database_url: str, owner: Database) -> None:
    settled = Settled()
    async with running_journal(database_url) as journal:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            for number in range(500):
                journal.submit(1, settled.entry(number))
                if number == 0:
                    await trio.sleep(0.2)
        await settled.wait_for(500)
    (transactions,) = await owner.fetch("select count(distinct xmin::text) as n from signal")
    assert transactions["n"] == 2


async def test_after_a_lost_connection_all_is_written_again_in_a_new_lane(database_url: str, owner: Database) -> None:
    settled = Settled()
    async with running_journal(database_url) as journal:
        journal.submit(1, settled.entry(1))
        await settled.wait_for(1)
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            journal.submit(1, settled.entry(2, events=3))
            await trio.sleep(0.2)
            journal.submit(1, settled.entry(3))
            await cut_the_receivers_connections(owner)
            await trio.sleep(0.2)
            assert settled.names == ["1"]
        await settled.wait_for(3)
    stored = [(row["id"] // LANE_SPAN, row["id"] % LANE_SPAN, row["account"]) for row in await rows(owner)]
    first, last = stored[0][0], stored[-1][0]
    assert last > first
    assert [entry for entry in stored if entry[0] == last] == [
        (last, 1, "2"),
        (last, 2, "2"),
        (last, 3, "2"),
        (last, 4, "3"),
    ]
    assert settled.names == ["1", "2", "3"]


async def test_a_backend_that_does_not_answer_is_left(
    database_url: str, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "WRITE_DEADLINE_S", 0.3)
    settled = Settled()
    async with running_journal(database_url) as journal:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            journal.submit(1, settled.entry(1))
            await trio.sleep(1.2)
            assert settled.names == []
            (lanes,) = await session.fetch("select count(*) as n from lane")
            assert lanes["n"] >= 2
        await settled.wait_for(1)
        journal.submit(1, settled.entry(2))
        await settled.wait_for(2)
    assert settled.names == ["1", "2"]
    assert {row["account"] for row in await rows(owner)} == {"1", "2"}


async def test_one_entry_that_cannot_be_stored_holds_up_no_other(database_url: str, owner: Database) -> None:
    settled = Settled()
    (signal,) = signals_of(13)
    unbearable = entry_of([attrs.evolve(signal, token="A\0B")], settled.noting("13"))
    async with running_journal(database_url) as journal:
        journal.submit(1, settled.entry(1))
        journal.submit(1, unbearable)
        journal.submit(1, settled.entry(2))
        with trio.move_on_after(4):
            await settled.wait_for(3)
        assert {"1", "2"} <= set(settled.names)
    assert {"1", "2"} <= {row["account"] for row in await rows(owner)}


async def test_reading_stops_while_too_much_waits(
    database_url: str, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "WAITING_LIMIT", 10)
    settled = Settled()
    async with running_journal(database_url) as journal:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            for number in range(10):
                journal.submit(1, settled.entry(number))
            with trio.move_on_after(0.3) as waited:
                await journal.wait_for_room()
            assert waited.cancelled_caught
        with trio.fail_after(30):
            await journal.wait_for_room()
        with trio.fail_after(30):
            await journal.wait_until_settled()
        assert len(settled.names) == 10
