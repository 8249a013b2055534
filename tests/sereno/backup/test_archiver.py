"""What keeps a backup complete goes on through everything that happens to its target, and never stops the station."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import pathlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest
import trio
from prometheus_client import REGISTRY

from sereno.backup import archive
from sereno.backup.archiver import ArchiverSettings, run_archiver
from sereno.backup.base import make_base
from sereno.backup.chain import begin_or_continue
from sereno.backup.choose import spans
from sereno.backup.retention import thin
from sereno.problems import CannotRun
from station.store import wal
from station.store.database import open_database
from tests.dispatcher.writers import a_signal, now, open_writer
from tests.proof.restored import restore_and_verify
from tests.sereno.backup.conftest import Home

PATIENCE_S = 120.0


@contextlib.asynccontextmanager
async def archiving(settings: ArchiverSettings) -> AsyncIterator[None]:
    """An archiver runs while the block does."""
    async with trio.open_nursery() as nursery:
        await nursery.start(run_archiver, settings)
        yield
        nursery.cancel_scope.cancel()


async def until_complete(home: Home) -> None:
    """Wait until everything of before is in the backup."""
    moment = now()
    with trio.fail_after(PATIENCE_S):
        while not any(span.until >= moment for span in spans(home.target, home.key)):  # noqa: ASYNC110 - files are read
            await trio.sleep(0.1)


async def write_log(home: Home, megabytes: int) -> None:
    """Make the database write so much log."""
    for _ in range(megabytes // 4):
        await home.owner.execute("select pg_logical_emit_message(false, 'test', repeat('x', 4194304))")


def failures() -> float:
    return REGISTRY.get_sample_value("sereno_backup_failures_total") or 0.0


async def until_failed(times: float = 1) -> None:
    enough = failures() + times
    with trio.fail_after(PATIENCE_S):
        while failures() < enough:  # noqa: ASYNC110 - a metric
            await trio.sleep(0.05)


async def test_it_goes_on_in_its_chain_after_a_restart(home: Home, tmp_path: pathlib.Path) -> None:
    ids = []
    for _ in range(3):
        async with archiving(home.archiving()), open_writer(home.owner) as writer:
            ids += await writer.write(a_signal())
            await until_complete(home)
        await write_log(home, 20)  # a segment and more, while nobody ships

    assert len(archive.chains(home.target)) == 1
    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")
    assert found.signals == set(ids)


async def test_full_segments_take_the_place_of_their_pieces(home: Home) -> None:
    async with archiving(home.archiving()):
        await until_complete(home)
        (chain,) = archive.chains(home.target)
        for _ in range(3):
            await write_log(home, 4)
            await until_complete(home)
        small = [piece for piece in archive.pieces(chain) if piece.end - piece.start < archive.SEGMENT_BYTES]
        for piece in small:
            os.utime(piece.path, (0, 0))
        await write_log(home, 32)
        await until_complete(home)

    assert len(small) >= 3
    pieces = archive.pieces(chain)
    assert not {piece.path for piece in pieces} & {piece.path for piece in small}
    begun = [piece for piece in pieces if piece.end - piece.start < archive.SEGMENT_BYTES]
    pieces = [piece for piece in pieces if piece not in begun]
    for before, after in itertools.pairwise(pieces):
        assert before.end == after.start
    assert sum(piece.end - piece.start == archive.SEGMENT_BYTES for piece in pieces) >= 2


async def test_log_that_is_shipped_is_not_kept_any_longer(home: Home) -> None:
    async with archiving(home.archiving()):
        await until_complete(home)
        await write_log(home, 60)
        await until_complete(home)
        (slot,) = await wal.slots(home.owner)
        position = await wal.position(home.owner)

    assert slot.kept_from is not None
    assert position.lsn - slot.kept_from <= archive.SEGMENT_BYTES


async def test_a_target_that_is_away_is_waited_for(home: Home, tmp_path: pathlib.Path) -> None:
    away = tmp_path / "away"
    async with archiving(home.archiving()), open_writer(home.owner) as writer:
        await until_complete(home)
        home.target.rename(away)
        home.target.mkdir()  # what is left of a disk that is not mounted
        ids = await writer.write(a_signal())
        await until_failed()
        assert list(home.target.iterdir()) == []  # nothing is written to the wrong disk

        home.target.rmdir()
        away.rename(home.target)
        await until_complete(home)

    assert len(archive.chains(home.target)) == 1
    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")
    assert found.signals == set(ids)


async def test_another_disk_gets_a_chain_of_its_own(home: Home, tmp_path: pathlib.Path) -> None:
    async with archiving(home.archiving()), open_writer(home.owner) as writer:
        await until_complete(home)
        shutil.move(home.target, tmp_path / "first")
        home.target.mkdir()
        archive.prepare(home.target)
        ids = await writer.write(a_signal())
        await until_complete(home)

    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")
    assert found.signals == set(ids)
    assert len(await wal.slots(home.owner)) == 1  # the log is not kept for the first disk


async def test_log_that_grew_too_much_is_given_up_and_a_new_chain_begun(home: Home, tmp_path: pathlib.Path) -> None:
    async with archiving(home.archiving()):
        await until_complete(home)
    await write_log(home, 160)  # the limit of these tests is 64 MB
    await home.owner.execute("checkpoint")
    (slot,) = await wal.slots(home.owner)
    assert slot.lost

    async with archiving(home.archiving()), open_writer(home.owner) as writer:
        ids = await writer.write(a_signal())
        await until_complete(home)

    assert len(archive.chains(home.target)) == 2
    found = await restore_and_verify(home.target, home.key_file, None, tmp_path / "restored")
    assert found.signals == set(ids)


async def test_a_person_is_told_and_told_when_it_is_over(home: Home) -> None:
    readme = home.target / "README.txt"
    readme.rename(home.target / "elsewhere")

    async def told(qualifier: str) -> bool:
        rows = await home.owner.fetch("select qualifier from signal where kind = 'station' and account = 'backup'")
        return [row["qualifier"] for row in rows].count(qualifier) == 1

    async with archiving(home.archiving(report_after_s=0.3)):
        with trio.fail_after(PATIENCE_S):
            while not await told("new"):  # noqa: ASYNC110 - the database is asked
                await trio.sleep(0.05)
        await until_failed(3)
        assert await told("new")  # once
        (home.target / "elsewhere").rename(readme)
        with trio.fail_after(PATIENCE_S):
            while not await told("restore"):  # noqa: ASYNC110 - the same
                await trio.sleep(0.05)


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_is_told_and_leaves_no_backup(home: Home, small_disk: pathlib.Path) -> None:
    archive.prepare(small_disk)

    with pytest.raises(CannotRun, match="No space left on device") as refused:
        await attrs.evolve(home, target=small_disk).back_up()

    assert str(small_disk) in str(refused.value)
    assert spans(small_disk, home.key) == []


async def test_a_full_disk_does_not_stop_the_archiver(home: Home, small_disk: pathlib.Path) -> None:
    archive.prepare(small_disk)
    async with archiving(attrs.evolve(home, target=small_disk).archiving()), open_writer(home.owner) as writer:
        await until_failed(2)
        await writer.write(a_signal())
        await until_failed()


async def test_what_no_moment_needs_any_more_is_removed(home: Home, tmp_path: pathlib.Path) -> None:
    by_hand = await home.back_up()
    finished, signals = [], []
    async with open_database(home.url, wal.ROLE) as database, open_writer(home.owner) as writer:
        shipping = await begin_or_continue(database, home.target, home.key, home.source.wal)
        for _ in range(3):
            signals += await writer.write(a_signal())
            base = await make_base(home.source, database, shipping, fast=True)
            finished.append(base.finished_at)
            await trio.sleep(1.1)  # bases are named by the second
    before = {piece.path for piece in archive.pieces(shipping.chain)}

    thin(home.target, shipping.chain, home.key, finished[1] + dt.timedelta(milliseconds=1))

    assert [base.finished_at for base in archive.bases(shipping.chain, home.key)] == finished[1:]
    assert {piece.path for piece in archive.pieces(shipping.chain)} < before
    assert by_hand.path.exists()
    found = await restore_and_verify(home.target, home.key_file, finished[1], tmp_path / "restored")
    assert found.signals == set(signals[:2])
    thin(home.target, tmp_path / "another", home.key, now() + dt.timedelta(days=1))
    assert not shipping.chain.exists()
    assert by_hand.path.exists()
