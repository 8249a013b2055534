"""The auditor at work: a real database, a real web server that hears the heartbeat, and no engine but the tests."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import AsyncIterator, Callable

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from dispatcher.auditor import metrics
from dispatcher.auditor.head_files import head_paths, heads_folder, load_public_key, public_key_file, read_heads
from dispatcher.auditor.process import run_auditor
from dispatcher.auditor.settings import AuditorSettings, Tolerances
from station.heads import follow
from station.signals import Kind
from station.store.database import Database, open_database
from tests.dispatcher.auditor.conftest import Outside
from tests.dispatcher.writers import alarms, work_off_all

PATIENCE_S = 60.0


async def until(happened: Callable[[], object]) -> None:
    with trio.fail_after(PATIENCE_S):
        while True:
            if happened():
                return
            await trio.sleep(0.02)


async def beats_again(outside: Outside, times: int = 2) -> None:
    heard = outside.beats
    await until(lambda: outside.beats >= heard + times)


@pytest.fixture
def settings(tmp_path: pathlib.Path, outside: Outside) -> AuditorSettings:
    """Everything happens soon, but signals may wait: only what a test asks for is a fault."""
    return AuditorSettings(
        data=tmp_path,
        tolerances=Tolerances(unread_s=3600),
        look_every_s=0.05,
        heartbeat_url=outside.url,
        heartbeat_every_s=0.05,
        head_retry_s=0.1,
    )


@contextlib.asynccontextmanager
async def auditor(database_url: str, settings: AuditorSettings) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        await nursery.start(run_auditor, database_url, settings)
        yield
        nursery.cancel_scope.cancel()


async def told(owner: Database) -> list[tuple[str, str, str]]:
    """What the station reported of itself: account, qualifier, text."""
    rows = await owner.fetch(
        "select account, qualifier, text from signal where kind = 'station' order by received_at, id"
    )
    return [(row["account"], row["qualifier"], row["text"]) for row in rows]


async def wait_told(owner: Database, count: int) -> list[tuple[str, str, str]]:
    with trio.fail_after(PATIENCE_S):
        while True:
            if len(found := await told(owner)) >= count:
                return found
            await trio.sleep(0.02)


def kept(settings: AuditorSettings) -> list[pathlib.Path]:
    """The heads in the station's own folder."""
    return sorted(heads_folder(settings.data).glob("head-*.json"))


@pytest.fixture
async def incident(owner: Database, dispatching: Database) -> int:
    """One that the engine will see to in an hour."""
    (id_,) = await alarms(owner, dispatching, Kind.FIRE)
    await due(owner, "station_now() + interval '1 h'")
    return id_


async def due(owner: Database, when: str) -> None:
    await owner.execute(f"update incident set next_due_at = {when} where kind <> 'station'")  # noqa: S608 (words of ours)


FORGOTTEN = "The auditor finds that the engine does not keep up: incident {} is without a next action: open it now."


async def test_a_forgotten_incident_is_an_alarm_and_stops_the_heartbeat_until_all_is_well(
    database_url: str, owner: Database, outside: Outside, settings: AuditorSettings, incident: int
) -> None:
    heard = metrics.HEARTBEATS._value.get()
    async with auditor(database_url, settings):
        await beats_again(outside)
        assert await told(owner) == []
        await until(lambda: metrics.HEARTBEATS._value.get() > heard)
        assert metrics.WITHOUT_DUE._value.get() == 0

        await due(owner, "null")
        alarm = ("auditor", "new", FORGOTTEN.format(incident))
        assert await wait_told(owner, 1) == [alarm]
        assert metrics.WITHOUT_DUE._value.get() == 1
        await trio.sleep(0.2)  # a heartbeat that was on its way
        silent_since = outside.beats
        await trio.sleep(0.5)
        assert outside.beats == silent_since
        assert await told(owner) == [alarm]

        await due(owner, "station_now() + interval '1 h'")
        assert await wait_told(owner, 2) == [alarm, ("auditor", "restore", "The engine keeps up again.")]
        await beats_again(outside)


async def test_the_alarm_reaches_operators_as_one_incident_that_ends(
    database_url: str,
    owner: Database,
    dispatching: Database,
    settings: AuditorSettings,
    incident: int,
) -> None:
    async with auditor(database_url, settings):
        await due(owner, "null")
        await wait_told(owner, 1)
    await work_off_all(dispatching)
    rows = await owner.fetch("select priority, account, restored_at from incident where kind = 'station'")
    assert [tuple(row.values()) for row in rows] == [(2, "auditor", None)]

    # Another auditor, and all is well before it looks for the first time.
    await owner.execute("update incident set next_due_at = station_now() + interval '1 h'")
    async with auditor(database_url, settings):
        await wait_told(owner, 2)
    await work_off_all(dispatching)
    rows = await owner.fetch("select restored_at is not null as ended from incident where kind = 'station'")
    assert [row["ended"] for row in rows] == [True]


async def test_no_heartbeat_while_the_database_lets_nobody_in(
    database_url: str, owner: Database, outside: Outside, settings: AuditorSettings, incident: int
) -> None:
    (row,) = await owner.fetch("select current_database() as name")
    elsewhere = database_url.replace(row["name"], "postgres")
    async with auditor(database_url, settings), open_database(elsewhere, "postgres") as server:
        await beats_again(outside)
        await server.execute(f"alter database {row['name']} allow_connections false")
        try:
            await server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", row["name"]
            )
            await trio.sleep(0.3)
            silent_since = outside.beats
            await trio.sleep(0.5)
            assert outside.beats == silent_since
        finally:
            await server.execute(f"alter database {row['name']} allow_connections true")
        await beats_again(outside)
    async with open_database(database_url, "postgres") as anew:
        assert await told(anew) == []


async def test_a_heartbeat_that_is_refused_is_logged_without_its_address(
    database_url: str, outside: Outside, settings: AuditorSettings, incident: int
) -> None:
    outside.status = 500
    with capture_logs() as logs:
        async with auditor(database_url, settings):
            await beats_again(outside)
            await until(lambda: any(line["event"] == "heartbeat_refused" for line in logs))
    assert "token" not in str(logs)


async def test_heads_are_taken_and_kept_and_it_is_said_that_they_lie_on_this_host(
    database_url: str, settings: AuditorSettings, incident: int
) -> None:
    hourly = attrs.evolve(settings, head_every_s=0.1)
    with capture_logs() as logs:
        async with auditor(database_url, hourly):
            await until(lambda: len(kept(settings)) >= 2)
    assert [line["log_level"] for line in logs if line["event"] == "heads_stay_on_this_host"] == ["warning"]
    assert any(line["event"] == "head_key_made" and "BEGIN PUBLIC KEY" in line["public"] for line in logs)
    first = len(kept(settings))
    async with auditor(database_url, hourly):
        await until(lambda: len(kept(settings)) > first)
    expected = follow(read_heads(kept(settings)), load_public_key(public_key_file(settings.data)))
    assert expected.complete
    assert [(id_, mark.n) for id_, mark in expected.incidents.items()] == [(incident, 3)]


async def test_an_hour_is_waited_for_from_the_last_head_on(
    database_url: str, settings: AuditorSettings, incident: int, outside: Outside
) -> None:
    for _ in range(2):
        async with auditor(database_url, settings):
            await until(lambda: kept(settings))
            await beats_again(outside)
    assert len(kept(settings)) == 1


async def test_heads_that_can_not_be_sent_are_an_alarm_and_sent_later(
    database_url: str, owner: Database, settings: AuditorSettings, incident: int, tmp_path: pathlib.Path
) -> None:
    there = tmp_path / "other-host"
    with capture_logs() as logs:
        there.mkdir()
        async with auditor(database_url, attrs.evolve(settings, heads_to=there)):
            await until(lambda: list(there.glob("head-*.json")))
    assert [line["event"] for line in logs if line["event"].startswith("heads_stay")] == ["heads_stay_on_this_disk"]
    for path in there.iterdir():
        path.unlink()
    there.rmdir()
    async with auditor(database_url, attrs.evolve(settings, heads_to=there)):
        (alarm,) = await wait_told(owner, 1)
        assert alarm == (
            "heads",
            "new",
            f"The proof that nobody rewrote the station's history is not sent: there is no folder {there}.",
        )
        assert not there.exists()
        there.mkdir()
        assert (await wait_told(owner, 2))[1] == ("heads", "restore", "Heads are taken and sent again.")
    assert [path.read_bytes() for path in head_paths([there])] == [path.read_bytes() for path in kept(settings)]


async def test_a_deleted_incident_is_reported_by_the_next_head(
    database_url: str, owner: Database, settings: AuditorSettings, incident: int
) -> None:
    async with auditor(database_url, settings):
        await until(lambda: kept(settings))
    await owner.execute("alter table incident_event disable trigger all; alter table incident disable trigger all")
    await owner.execute("delete from incident")
    async with auditor(database_url, attrs.evolve(settings, head_every_s=0.1)):
        (alarm, *_) = await wait_told(owner, 1)
    assert alarm == (
        "history",
        "new",
        f"The station's history is not what it was: incident {incident}: it was missing at head 2; head 1 saw it with "
        "3 events. Call an administrator; run `sereno audit verify`.",
    )
