"""Our own clock against time sources that are right, wrong, silent or refuse: real sockets, real PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import socket
from collections.abc import AsyncIterator, Callable, Sequence

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from receiver import metrics
from receiver.clock import watching
from receiver.clock.settings import ClockSettings
from receiver.clock.watching import ClockWatch
from receiver.journal import Journal
from simulators.time_server import Mood, TimeServer
from station.station_key import StationKey
from station.store.clock import DatabaseClock, database_clock
from station.store.database import Database, Session, open_database
from station.store.notices import SIGNAL, Bell
from tests.receiver.conftest import add_account, running_station
from tests.receiver.peers import calling, encrypted

KEY = bytes(range(16))
PATIENCE_S = 60.0


async def until(happened: Callable[[], object]) -> None:
    with trio.fail_after(PATIENCE_S):
        while True:
            if happened():
                return
            await trio.sleep(0.02)


@contextlib.asynccontextmanager
async def answering(*servers: TimeServer) -> AsyncIterator[ClockSettings]:
    """The settings that ask these servers, five times a second; on a slow machine no answer is too slow."""
    async with trio.open_nursery() as nursery:
        ports = [await nursery.start(server.serve) for server in servers]
        yield asking(*(f"127.0.0.1:{port}" for port in ports))
        nursery.cancel_scope.cancel()


def asking(*sources: str) -> ClockSettings:
    return ClockSettings(time_sources=sources, time_sources_every_s=0.2)


@contextlib.asynccontextmanager
async def watched(database_url: str, settings: ClockSettings) -> AsyncIterator[ClockWatch]:
    """A watch and the journal that it reports to."""
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "receiver", Bell(database, SIGNAL))
        clock = ClockWatch(settings)
        nursery.start_soon(journal.run)
        nursery.start_soon(clock.run, database, journal)
        yield clock
        await journal.wait_until_settled()
        nursery.cancel_scope.cancel()


async def reports(owner: Database) -> Sequence[tuple[str, str]]:
    rows = await owner.fetch("select * from signal where kind = 'station' order by id")
    assert all((row["account"], row["zone"]) == ("clock", socket.gethostname()) for row in rows)
    return [(row["qualifier"], row["text"]) for row in rows]


async def test_a_clock_that_agrees_with_its_time_server_is_right(database_url: str, owner: Database) -> None:
    server = TimeServer()
    async with answering(server) as settings, watched(database_url, settings) as clock:
        assert not clock.right
        await until(lambda: clock.right)
        await until(lambda: metrics.CLOCK_RIGHT._value.get() == 1)
        assert abs(metrics.CLOCK_OFFSET._value.get()) < 1
    assert await reports(owner) == [("restore", f"The clock of {socket.gethostname()} is right.")]


@pytest.mark.parametrize(("offset_s", "how"), [(5.0, "behind."), (-3600.0, "ahead.")])
async def test_a_clock_that_is_wrong_is_reported_once_and_once_more_when_it_is_right(
    database_url: str, owner: Database, offset_s: float, how: str
) -> None:
    server = TimeServer(offset_s=offset_s)
    async with answering(server) as settings, watched(database_url, settings) as clock:
        await until(lambda: server.asked >= 3)
        assert not clock.right
        assert metrics.CLOCK_RIGHT._value.get() == 0
        assert metrics.CLOCK_OFFSET._value.get() == pytest.approx(-offset_s, abs=1)
        server.offset_s = 0.0
        await until(lambda: clock.right)
    (began, text), (ended, _) = await reports(owner)
    assert (began, ended) == ("new", "restore")
    amount, _, way = text.split(" is ")[1].split()[:3]
    assert float(amount) == pytest.approx(abs(offset_s), abs=1)  # as far as a slow machine measures it
    assert way == how


@pytest.mark.parametrize("mood", [Mood.SILENT, Mood.KISS_OF_DEATH, Mood.UNSYNCHRONISED, Mood.FORGING])
async def test_a_server_that_says_nothing_useful_confirms_nothing(
    database_url: str, owner: Database, mood: Mood
) -> None:
    with capture_logs() as logs:
        async with answering(TimeServer(mood=mood, offset_s=500)) as settings:
            silent = attrs.evolve(settings, time_sources_silent_s=3.0)
            async with watched(database_url, silent) as clock:
                await until(lambda: any(line["event"] == "time_source_useless" for line in logs))
                await until(lambda: any(line.get("standing") == "silent" for line in logs))
                assert not clock.right
                assert math.isnan(metrics.CLOCK_OFFSET._value.get())
    ((qualifier, text),) = await reports(owner)
    assert qualifier == "new"
    assert "no time source has answered" in text


async def test_who_forbids_to_be_asked_is_asked_once(database_url: str) -> None:
    unwilling, willing = TimeServer(mood=Mood.KISS_OF_DEATH), TimeServer()
    async with answering(unwilling, willing) as settings, watched(database_url, settings) as clock:
        await until(lambda: willing.asked >= 5)
        assert clock.right
    assert unwilling.asked == 1


async def test_two_servers_outvote_a_third(database_url: str) -> None:
    servers = [TimeServer(), TimeServer(offset_s=900), TimeServer()]
    async with answering(*servers) as settings, watched(database_url, settings) as clock:
        await until(lambda: clock.right)
        await until(lambda: min(server.asked for server in servers) >= 3)
        assert clock.right


async def test_a_server_that_is_not_there_is_named_and_the_others_are_heard(database_url: str) -> None:
    with capture_logs() as logs:
        async with answering(TimeServer()) as settings:
            both = attrs.evolve(settings, time_sources=("127.0.0.1:9", *settings.time_sources))
            async with watched(database_url, both) as clock:
                await until(lambda: clock.right)
    assert "127.0.0.1:9" in {line.get("server") for line in logs}


async def test_the_database_on_this_host_proves_nothing(database_url: str, owner: Database) -> None:
    theirs = await database_clock(owner)
    assert not theirs.elsewhere
    assert abs(theirs.at_s - dt.datetime.now(dt.UTC).timestamp()) < 60
    async with watched(database_url, ClockSettings()) as clock:
        await trio.sleep(0.5)
        assert clock.right
        assert math.isnan(metrics.CLOCK_OFFSET._value.get())
    assert await reports(owner) == []


async def test_a_database_on_another_host_that_shows_another_time(
    database_url: str, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def elsewhere(session: Session) -> DatabaseClock:
        theirs = await database_clock(session)
        return DatabaseClock(at_s=theirs.at_s - 700, elsewhere=True)

    monkeypatch.setattr(watching, "database_clock", elsewhere)
    async with watched(database_url, ClockSettings()) as clock:
        await until(lambda: not clock.right)
    ((qualifier, text),) = await reports(owner)
    assert qualifier == "new"
    amount, _, way = text.split(" is ")[1].split()[:3]
    assert float(amount) == pytest.approx(700, abs=1)
    assert way == "ahead."


async def test_no_panel_is_told_the_time_while_the_clock_is_wrong(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    await add_account(owner, station_key, "1234", key=KEY)
    server = TimeServer(offset_s=5.0)

    def late(number: int) -> bytes:
        two_minutes_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)
        return encrypted(KEY, b'"*SIA-DCS"%04dL0#1234' % number, b"#1234|Nri1/BA003", two_minutes_ago)

    async with (
        answering(server) as settings,
        running_station(database_url, owner, station_key, clock=settings) as station,
        calling(station.port) as panel,
    ):
        await until(lambda: server.asked >= 2)
        assert (await panel.ask(late(1))).startswith(b'"*ACK"0001')

        server.offset_s = 0.0
        number = 1
        with trio.fail_after(PATIENCE_S):
            while not (reply := await panel.ask(late(number := number + 1))).startswith(b'"NAK"'):
                assert reply.startswith(b'"*ACK"')
                await trio.sleep(0.1)
        stored = [row for row in await station.signals() if row["account"] == "1234"]

    assert {row["authenticity"] for row in stored} == {"outside_window"}
    assert [row["reply"] for row in stored] == ["ack"] * (number - 1) + ["nak"]
    assert [qualifier for qualifier, _ in await reports(owner)] == ["new", "restore"]
