"""A station that is backed up at work, and comes back as it was at a moment."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
from collections.abc import AsyncIterator

import attrs
import pytest
import trio

from sereno.backup import archive
from sereno.backup.archiver import run_archiver
from sereno.backup.backup_key import BackupKey
from sereno.backup.base import make_base
from sereno.backup.choose import spans
from sereno.backup.restoring import Request, restore
from sereno.embedded_postgres import SUPERUSER, prepare
from sereno.problems import CannotRun
from station.station_key import StationKey
from station.store.database import open_database
from station.store.restored import effects_released, release, restoration
from tests.dispatcher.writers import a_signal, alarms, now, open_writer
from tests.proof.restored import restore_and_verify, running
from tests.sereno.backup.conftest import Home, damage

PATIENCE_S = 120.0


@attrs.define
class Committed:
    """Signals, each with a moment before it was written and one after it was known to be committed."""

    times: dict[int, tuple[dt.datetime, dt.datetime]] = attrs.field(factory=dict)

    def surely_by(self, moment: dt.datetime) -> set[int]:
        return {id_ for id_, (_, after) in self.times.items() if after <= moment}

    def surely_after(self, moment: dt.datetime) -> set[int]:
        return {id_ for id_, (before, _) in self.times.items() if before > moment}

    async def until_more(self, more: int) -> None:
        """Wait for so many further signals."""
        enough = len(self.times) + more
        with trio.fail_after(PATIENCE_S):
            while len(self.times) < enough:  # noqa: ASYNC110 - counts what another task writes
                await trio.sleep(0.01)


@contextlib.asynccontextmanager
async def under_load(home: Home) -> AsyncIterator[Committed]:
    """Signals are committed one by one while the block runs."""
    committed = Committed()

    async def write() -> None:
        async with open_writer(home.owner) as writer:
            while True:
                before = now()
                (id_,) = await writer.write(a_signal())
                committed.times[id_] = (before, now())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        yield committed
        nursery.cancel_scope.cancel()


async def until_complete(home: Home, moment: dt.datetime) -> None:
    """Wait until there is a base whose log reaches to `moment`."""
    with trio.fail_after(PATIENCE_S):
        while not any(span.until >= moment for span in spans(home.target, home.key)):  # noqa: ASYNC110 - files are read
            await trio.sleep(0.1)


async def test_a_moment_between_two_signals_comes_back(home: Home, tmp_path: pathlib.Path) -> None:
    async with trio.open_nursery() as nursery, under_load(home) as committed:
        await nursery.start(run_archiver, home.archiving())
        await until_complete(home, now())
        await committed.until_more(100)
        moment = now()
        await committed.until_more(100)
        await until_complete(home, now())
        nursery.cancel_scope.cancel()

    found = await restore_and_verify(home.target, home.key_file, moment, tmp_path / "restored")

    assert len(committed.surely_by(moment)) >= 100
    assert len(committed.surely_after(moment)) >= 99
    assert found.signals >= committed.surely_by(moment)
    assert found.signals.isdisjoint(committed.surely_after(moment))
    assert found.gap.since == moment
    assert moment < found.gap.until < now()


async def test_the_latest_is_all_that_was_shipped(home: Home, tmp_path: pathlib.Path) -> None:
    async with trio.open_nursery() as nursery:
        async with under_load(home) as committed:
            await nursery.start(run_archiver, home.archiving())
            await until_complete(home, now())
            await committed.until_more(50)
        await until_complete(home, now())
        nursery.cancel_scope.cancel()

    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")

    assert found.signals >= set(committed.times)


async def test_a_backup_by_hand_under_load_is_whole(home: Home, tmp_path: pathlib.Path) -> None:
    async with under_load(home) as committed:
        await committed.until_more(20)
        base = await home.back_up()
        await committed.until_more(20)

    found = await restore_and_verify(home.target, home.key_file, base.finished_at, tmp_path / "restored")

    assert found.signals >= committed.surely_by(base.finished_at)
    assert found.signals.isdisjoint(committed.surely_after(base.finished_at))


async def test_a_quiet_station_comes_back_to_a_moment_after_its_last_commit(home: Home, tmp_path: pathlib.Path) -> None:
    async with open_writer(home.owner) as writer:
        ids = await writer.write(a_signal())
    async with trio.open_nursery() as nursery:
        await nursery.start(run_archiver, home.archiving())
        await until_complete(home, now())
        moment = now()
        await until_complete(home, moment)
        nursery.cancel_scope.cancel()

    found = await restore_and_verify(home.target, home.key_file, moment, tmp_path / "restored")

    assert found.signals == set(ids)


async def test_incidents_come_back_verified_and_wait_for_a_person(home: Home, tmp_path: pathlib.Path) -> None:
    async with open_database(home.url, "sereno_dispatcher") as dispatching:
        await alarms(home.owner, dispatching, a_signal().kind)
    await home.back_up()

    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")

    assert (found.verified.incidents, found.verified.events) == (1, 3)
    async with running(await prepare(tmp_path / "restored" / "postgres")) as url:
        async with open_database(url, "sereno_command") as command:
            assert await restoration(command) == found.gap
            assert not await effects_released(command)
            assert await release(command, "command")
            assert await effects_released(command)
            assert not await release(command, "command")
        async with open_database(url, SUPERUSER) as owner:
            actions = [row["action"] for row in await owner.fetch("select action from audit order by n")]
            assert actions == ["restored", "effects_released"]


async def test_a_restored_station_is_backed_up_in_a_chain_of_its_own(home: Home, tmp_path: pathlib.Path) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(run_archiver, home.archiving())
        await until_complete(home, now())
        nursery.cancel_scope.cancel()
    await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")

    async with running(await prepare(tmp_path / "restored" / "postgres")) as url:
        restored = attrs.evolve(home, url=url, data=tmp_path / "restored")
        async with trio.open_nursery() as nursery, open_database(url, SUPERUSER) as owner:
            await nursery.start(run_archiver, restored.archiving())
            async with open_writer(owner) as writer:
                ids = await writer.write(a_signal())
            await until_complete(restored, now())
            nursery.cancel_scope.cancel()

    assert len(archive.chains(home.target)) == 2
    again = await restore_and_verify(home.target, home.key_file, None, tmp_path / "again")
    assert again.signals == set(ids)


# Refused ---------------------------------------------------------------------------------------------------------


async def refused(
    home: Home,
    data: pathlib.Path,
    because: str,
    *,
    moment: dt.datetime | None = None,
    key: BackupKey | None = None,
    station_key: pathlib.Path | None = None,
) -> None:
    request = Request(target=home.target, key=key or home.key, moment=moment, data=data, station_key=station_key)
    with pytest.raises(CannotRun, match=because):
        await restore(request)
    assert not (data / "postgres").exists()


async def test_moments_that_the_backup_does_not_hold_are_refused(home: Home, tmp_path: pathlib.Path) -> None:
    early = now()
    base = await home.back_up()
    new = tmp_path / "new"

    await refused(home, new, "lies before the first backup", moment=early)
    await refused(home, new, "lies after the end of this backup", moment=now() + dt.timedelta(hours=1))
    assert base.finished_at > early


async def test_another_backup_key_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    await home.back_up()

    await refused(home, tmp_path / "new", "was sealed with the backup key", key=BackupKey.generate())


async def test_another_stations_key_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    right, wrong = StationKey.generate(), StationKey.generate()
    await home.owner.execute(
        "insert into account (number, key_sealed, key_format) values ('1', $1, 'hex')", right.seal(b"k" * 16)
    )
    await home.back_up()
    (tmp_path / "right.key").write_text(right.to_text())
    (tmp_path / "wrong.key").write_text(wrong.to_text())

    new = tmp_path / "new"
    await refused(home, new, "does not open what this backup holds", station_key=tmp_path / "wrong.key")
    await restore(Request(target=home.target, key=home.key, moment=None, data=new, station_key=tmp_path / "right.key"))
    assert (new / "station.key").read_text() == right.to_text()


@pytest.mark.parametrize("kind", ["*.base", "*.wal", "*.usable"])
async def test_a_damaged_file_is_refused(home: Home, tmp_path: pathlib.Path, kind: str) -> None:
    base = await home.back_up()
    victim = min(base.path.parent.glob(kind))
    damage(victim, victim.stat().st_size // 2)

    await refused(home, tmp_path / "new", "is damaged")


async def test_a_base_cut_short_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    base = await home.back_up()
    base.path.write_bytes(base.path.read_bytes()[:-100])

    await refused(home, tmp_path / "new", "is damaged")


async def test_a_base_that_is_missing_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    base = await home.back_up()
    base.path.unlink()

    await refused(home, tmp_path / "new", "is missing")


async def test_a_base_without_its_log_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    base = await home.back_up()
    for piece in archive.pieces(base.path.parent):
        piece.path.unlink()

    await refused(home, tmp_path / "new", "Log is missing")


async def test_a_gap_in_the_log_is_refused_and_what_lies_before_it_is_not(home: Home, tmp_path: pathlib.Path) -> None:
    async with under_load(home) as committed, home.chain() as (session, shipping):
        base = await make_base(home.source, session, shipping, fast=True)
        for _ in range(3):
            await committed.until_more(5)
            await shipping.ship(session)
    pieces = [piece for piece in archive.pieces(base.path.parent) if piece.start >= base.end]
    assert len(pieces) >= 3
    pieces[1].path.unlink()
    (span,) = spans(home.target, home.key)

    await refused(home, tmp_path / "new", "Log is missing between")
    await refused(home, tmp_path / "new", "Log is missing between", moment=span.until + dt.timedelta(microseconds=1))
    found = await restore_and_verify(home.target, home.key_file, span.until, tmp_path / "new")
    assert found.signals >= committed.surely_by(span.until)


async def test_a_folder_in_use_is_refused(home: Home, tmp_path: pathlib.Path) -> None:
    await home.back_up()
    new = tmp_path / "new"
    new.mkdir()
    (new / "letters.txt").write_text("mine")

    await refused(home, new, "is in use: it holds letters.txt")
    assert (new / "letters.txt").read_text() == "mine"


async def test_what_a_killed_restore_left_is_no_hindrance(home: Home, tmp_path: pathlib.Path) -> None:
    await home.back_up()
    half = tmp_path / "new" / "restoring" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    await restore_and_verify(home.target, home.key_file, None, tmp_path / "new")

    assert not (tmp_path / "new" / "restoring").exists()
