"""A part of the station is down, or its clock is wrong: nothing that was acknowledged is lost."""

from __future__ import annotations

import datetime as dt
import functools

import trio

from dispatcher.process import run_dispatcher
from receiver.journal import Journal, entry_of
from station.signals import Signal
from station.store import notices
from station.store.database import open_database
from tests.dispatcher.writers import a_signal, history, now
from tests.stories.conftest import Station
from tests.stories.panels import calling


async def test_the_dispatcher_is_down_while_alarms_arrive(station: Station) -> None:
    numbers = [f"{n:04}" for n in range(1000, 1020)]
    for number in numbers:
        await station.account(number)
    ana = await station.operator("Ana")
    async with station.receiving() as port:
        for number in numbers:
            async with calling(port, number) as panel:
                await panel.report("Nri1/BA001")
                await panel.report("Nri1/BR001")
        assert await station.incidents() == []
        async with station.dispatching():
            await station.until("select 1 from incident where restored_at is not null having count(*) = 20")

    taken = []
    while (lease := await station.desk_at_rest.take_next(ana)) is not None:
        taken.append(lease.incident)
    rows = {row["id"]: row for row in await station.incidents()}
    assert [rows[id_]["account"] for id_ in taken] == numbers
    for id_ in taken:
        assert await history(station.owner, id_) == ["opened", "joined", "taken"]


async def test_the_dispatcher_loses_its_connections(station: Station) -> None:
    await station.account("1111")
    async with station.receiving() as port, station.dispatching(), calling(port, "1111") as panel:
        await panel.report("Nri1/BA001")
        await station.until("select id from incident where points = '{001}'")
        await station.owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = 'sereno_dispatcher'"
        )
        await panel.report("Nri1/BA002")
        await station.until("select id from incident where points = '{001,002}'")


async def test_the_receiver_loses_its_connections(station: Station) -> None:
    await station.account("1111")
    async with station.receiving() as port, station.dispatching(), calling(port, "1111") as panel:
        for n in range(1, 5):
            await panel.report(f"Nri1/BA{n:03}")
            await station.owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'sereno_receiver'"
            )
        await panel.report("Nri1/BA005")
        await station.until("select id from incident where points = '{001,002,003,004,005}'")
    (incident,) = await station.incidents()
    assert incident["signals"] == 5


async def test_two_dispatchers_of_one_station(station: Station) -> None:
    for n in range(30):
        await station.account(f"{n:04}")
    async with station.receiving() as port, trio.open_nursery() as nursery:
        await nursery.start(run_dispatcher, station.database_url)
        await nursery.start(run_dispatcher, station.database_url)
        for n in range(30):
            async with calling(port, f"{n:04}") as panel:
                await panel.report("Nri1/BA001")
        await station.until("select 1 from incident having count(*) = 30")
        nursery.cancel_scope.cancel()
    for incident in await station.incidents():
        assert await history(station.owner, incident["id"]) == ["opened"]


async def test_a_clock_that_was_hours_ahead_and_is_corrected_hides_no_signal(station: Station) -> None:
    """A receiver runs for hours; then its host's clock steps back by three: what it acknowledges is still found."""
    committed: list[Signal] = []
    began = now()
    async with open_database(station.database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "test", notices.Bell(database, notices.SIGNAL), lanes=1)
        nursery.start_soon(journal.run)
        async with station.dispatching():
            for account, hours in (("1111", 5), ("2222", 2), ("3333", 2.1), ("4444", 5.5)):
                signal = a_signal(account=account, received_at=began + dt.timedelta(hours=hours))
                journal.submit(1, entry_of([signal], functools.partial(committed.append, signal)))
                with trio.fail_after(30):
                    await journal.wait_until_settled()
                with trio.move_on_after(1):
                    await station.until("select id from incident where account = $1", account)
            assert len(committed) == 4
        nursery.cancel_scope.cancel()

    assert [row["account"] for row in await station.incidents()] == ["1111", "2222", "3333", "4444"]
