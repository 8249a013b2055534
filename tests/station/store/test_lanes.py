"""Lanes: what a reader sees of one is always a beginning of it, and none is let go while it may still speak."""

from __future__ import annotations

import datetime as dt

import trio

from station.signals import signal_id
from station.store import lanes
from station.store.database import Connection, Database, open_database
from tests.dispatcher.writers import Writer, a_signal, now, open_writer

ROLE = "sereno_dispatcher"


async def read(database: Database, limit: int = 100) -> list[int]:
    """Read on, and move the cursors."""
    async with database.transaction() as session:
        await lanes.take_turn(session)
        signals = await lanes.next_signals(session, limit)
        await lanes.move_cursors(session, signals)
    return [signal.id for signal in signals]


async def retired(owner: Database) -> list[int]:
    return [row["id"] for row in await owner.fetch("select id from lane where retired_at is not null order by id")]


async def test_ids_are_lane_and_place(owner: Database) -> None:
    async with open_writer(owner) as one, open_writer(owner) as other:
        assert other.lane == one.lane + 1
        assert await one.write(a_signal(), a_signal()) == [one.lane * 2**32 + 1, one.lane * 2**32 + 2]
        assert await other.write(a_signal()) == [signal_id(other.lane, 1)]


async def test_a_lane_is_read_in_its_own_order_and_once(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as writer:
        ids = await writer.write(*[a_signal() for _ in range(5)])
        assert await read(database, limit=3) == ids[:3]
        assert await read(database, limit=3) == ids[3:]
        assert await read(database) == []


async def test_the_limit_holds_for_each_lane(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as one, open_writer(owner) as other:
        first = await one.write(*[a_signal() for _ in range(3)])
        second = await other.write(a_signal())
        assert await read(database, limit=2) == first[:2]
        assert await read(database, limit=4) == [first[2], *second]


async def test_no_lane_is_read_ahead_of_one_that_holds_more_than_the_limit(database_url: str, owner: Database) -> None:
    """A panel that called again has its later report in another lane."""
    async with open_database(database_url, ROLE) as database, open_writer(owner) as one, open_writer(owner) as other:
        early = await one.write(*[a_signal() for _ in range(3)])
        later = await other.write(a_signal())
        last = await one.write(a_signal())
        seen: list[int] = []
        for _ in range(4):
            async with database.transaction() as session:
                batch = await lanes.next_signals(session, 2)
                await lanes.move_cursors(session, batch)
            seen += [signal.id for signal in batch]
    assert seen == early + later + last


async def test_a_lane_that_is_not_committed_hides_no_other(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as one, open_writer(owner) as other:
        async with one.connection.transaction():
            late = await one.write(a_signal())
            early = await other.write(a_signal())
            assert await read(database) == early
        assert await read(database) == late


async def test_the_cursor_moves_with_the_transaction_or_not_at_all(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as writer:
        ids = await writer.write(a_signal())
        with trio.CancelScope() as scope:
            async with database.transaction() as session:
                await lanes.move_cursors(session, await lanes.next_signals(session, 10))
                scope.cancel()
                await trio.lowlevel.checkpoint()
        assert await read(database) == ids


async def test_a_clock_that_steps_back_by_minutes_hides_nothing(database_url: str, owner: Database) -> None:
    start = now()
    async with open_database(database_url, ROLE) as database, open_writer(owner, start) as writer:
        ids = await writer.write(a_signal(received_at=start))
        assert await read(database) == ids
        ids = await writer.write(a_signal(received_at=start - dt.timedelta(minutes=59)))
        assert await read(database) == ids


async def test_signals_of_yesterday_are_read_when_the_dispatcher_was_down(database_url: str, owner: Database) -> None:
    start = now() - dt.timedelta(hours=30)
    async with open_database(database_url, ROLE) as database, open_writer(owner, start) as writer:
        ids = []
        for hours in (0, 13, 26, 30):
            ids += await writer.write(a_signal(received_at=start + dt.timedelta(hours=hours)))
        assert await read(database) == ids


async def test_two_readers_take_turns(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as writer:
        ids = await writer.write(a_signal())
        async with database.transaction() as session:
            await lanes.take_turn(session)
            with trio.move_on_after(0.3) as waiting:
                await read(database)
            assert waiting.cancelled_caught
        assert await read(database) == ids


# Retirement ----------------------------------------------------------------------------------------------------------


async def until_silent(database: Database, lane: int) -> None:
    """Until the server has noticed that the lane's connection is gone."""
    with trio.fail_after(30):
        while lane not in await lanes.silent_lanes(database):  # noqa: ASYNC110 - the server tells nobody
            await trio.sleep(0.02)


async def test_a_lane_lives_as_long_as_its_connection(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database:
        async with open_writer(owner) as writer:
            await writer.write(a_signal())
            await read(database)
            assert await lanes.silent_lanes(database) == []
        await until_silent(database, writer.lane)
        await lanes.retire_lanes(database, [writer.lane])
        assert await retired(owner) == [writer.lane]


async def test_a_lane_whose_connection_is_gone_is_read_to_its_end_first(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database:
        async with open_writer(owner) as writer:
            ids = await writer.write(a_signal(), a_signal())
        await until_silent(database, writer.lane)
        await lanes.retire_lanes(database, [writer.lane])
        assert await retired(owner) == []
        assert await read(database, limit=1) == ids[:1]
        await lanes.retire_lanes(database, [writer.lane])
        assert await retired(owner) == []
        assert await read(database) == ids[1:]
        await lanes.retire_lanes(database, [writer.lane])
        assert await retired(owner) == [writer.lane]
        assert await read(database) == []


async def test_only_those_found_silent_are_retired(database_url: str, owner: Database) -> None:
    async with open_database(database_url, ROLE) as database, open_writer(owner) as living:
        async with open_writer(owner) as gone:
            pass
        await until_silent(database, gone.lane)
        await lanes.retire_lanes(database, await lanes.silent_lanes(database))
        assert await retired(owner) == [gone.lane]
        ids = await living.write(a_signal())
        assert await read(database) == ids


async def test_a_receiver_opens_its_lane_under_its_own_role(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_receiver") as database, database.dedicated() as connection:
        assert isinstance(connection, Connection)
        writer = Writer(connection, await lanes.open_lane(connection, "north", now()))
        await writer.write(a_signal())
    (row,) = await owner.fetch("select receiver, read_to, retired_at from lane")
    assert tuple(row.values()) == ("north", 0, None)
