"""A base backup: the files of the running database, as PostgreSQL's own pg_basebackup reads them, sealed on the way.

In: a running database and a chain. Out: one sealed file, and beside it, once the log that it needs is in the chain too,
the note that it is usable. Nothing of it is ever plain on the target, and a killed backup leaves nothing usable.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import tempfile
from typing import IO, Final

import trio

from sereno.backup import archive, metrics
from sereno.backup.archive import Base
from sereno.backup.sealed_file import Writer
from sereno.backup.shipping import Shipping, floor
from sereno.backup.source import Source
from sereno.embedded_postgres import binaries
from sereno.problems import CannotRun
from station.store import wal
from station.store.database import Session

_READ_BYTES: Final = 1 << 20
_LINES_SHOWN: Final = 3


async def make_base(source: Source, session: Session, shipping: Shipping, *, fast: bool) -> Base:
    """Add a base backup to the chain of `shipping`.

    Args:
        fast: write all changed pages at once; else within minutes, so that nobody at work notices.

    Raises:
        CannotRun: the target can't be written, or the files can't be read.
        StoreUnavailable: the database does not answer.
    """
    await trio.to_thread.run_sync(_clear, shipping.chain)
    before = await wal.position(session)
    path = archive.new_base_path(shipping.chain, before.at)
    writer = await trio.to_thread.run_sync(Writer, path, shipping.key, {"started_at": before.at.isoformat()})
    try:
        await _copy(source, writer, fast=fast)
        await trio.to_thread.run_sync(writer.finish)
    finally:
        writer.abandon()
    metrics.WRITTEN.inc(writer.bytes)
    after = await wal.position(session)
    base = Base(path, after.at, floor(before.lsn), after.lsn, after.timeline)
    await shipping.ship(session)
    await trio.to_thread.run_sync(archive.declare_usable, base, shipping.key)
    metrics.LAST_BASE.set(base.finished_at.timestamp())
    return base


async def _copy(source: Source, writer: Writer, *, fast: bool) -> None:
    command = [str(binaries() / "pg_basebackup"), *source.replication, "--pgdata=-", "--format=tar"]
    # The log is shipped apart, and every byte is authenticated, so neither stands in the base.
    command += ["--wal-method=none", "--no-manifest", f"--checkpoint={'fast' if fast else 'spread'}"]
    with tempfile.TemporaryFile() as said:
        process, tar = await _started(command, said)
        async with tar:
            try:
                while data := await tar.receive_some(_READ_BYTES):
                    await trio.to_thread.run_sync(writer.write, bytes(data))
                await process.wait()
            finally:
                with trio.CancelScope(shield=True):
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()[-_LINES_SHOWN:]
            raise CannotRun("The database's files could not be copied. PostgreSQL said:\n" + "\n".join(lines))


async def _started(command: list[str], said: IO[bytes]) -> tuple[trio.Process, trio.lowlevel.FdStream]:
    """The process, and what it writes; what it complains about goes to `said`."""
    read, write = os.pipe()
    tar = trio.lowlevel.FdStream(read)
    try:
        process = await trio.lowlevel.open_process(
            command, stdin=subprocess.DEVNULL, stdout=write, stderr=said, start_new_session=True
        )
    finally:
        os.close(write)
    return process, tar


def _clear(chain: pathlib.Path) -> None:
    for path in archive.half_bases(chain):
        with contextlib.suppress(OSError):  # the target says itself what is wrong with it, when it is written
            path.unlink()
