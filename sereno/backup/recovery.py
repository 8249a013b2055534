"""A database folder from a backup: unpacked, its log laid beside it, and brought to a moment by PostgreSQL itself.

In: a `Span` of a backup. Out: a cluster that has replayed its log up to the moment and stands on its own again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import pathlib
import shutil
import signal
import subprocess
import tarfile
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import trio

from sereno.backup import archive
from sereno.backup.archive import SEGMENT_BYTES, Piece
from sereno.backup.backup_key import BackupKey
from sereno.backup.choose import Span
from sereno.backup.sealed_file import open_sealed
from sereno.backup.shipping import floor, segment_name
from sereno.embedded_postgres import SUPERUSER, Cluster, prepare
from sereno.logs import last_lines
from sereno.problems import CannotRun
from sereno.unprivileged import give_to
from station.errors import StoreUnavailable
from station.store import wal
from station.store.database import Database, open_database

_ENDED_EARLY: Final = "recovery ended before configured recovery target was reached"


async def lay_out(span: Span, key: BackupKey, moment: dt.datetime | None, folder: pathlib.Path) -> Cluster:
    """Put the files of the database into `folder`, ready to recover.

    Raises:
        CannotRun: a file of the backup is damaged, or there is no room.
    """
    data = folder / "data"
    try:
        await trio.to_thread.run_sync(_unpack, span.base.path, key, data)
        await trio.to_thread.run_sync(_lay_log, span.pieces, key, moment, data / "pg_wal")
        (data / "recovery.signal").touch()
    except OSError as error:
        raise CannotRun(
            f"{folder} can't be written: {error.strerror}. Make room, or choose another: --data DIR"
        ) from error
    cluster = await prepare(folder)
    give_to(cluster.user, data)
    return cluster


def _unpack(path: pathlib.Path, key: BackupKey, data: pathlib.Path) -> None:
    data.mkdir(mode=0o700, parents=True)
    with open_sealed(path, key) as sealed:
        with tarfile.open(fileobj=_Reader(sealed.chunks), mode="r|") as tar:
            for member in tar:
                _unpack_one(tar, member, data)
        for _ in sealed.chunks:  # to its very end, so that a file cut short is noticed
            pass
    data.chmod(0o700)


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, data: pathlib.Path) -> None:
    """A file or a folder, without its old owner. By hand, since `extract` is safe from Python 3.11.4 on only."""
    place = data / member.name
    if not place.resolve().is_relative_to(data.resolve()):
        raise CannotRun(f"The backup holds {member.name}, which would lie outside of the database's folder.")
    if member.isdir():
        place.mkdir(exist_ok=True)
    elif member.isfile() and (content := tar.extractfile(member)) is not None:
        with place.open("xb") as written:
            shutil.copyfileobj(content, written)
    else:
        raise CannotRun(f"The backup holds {member.name}, which is neither a file nor a folder.")
    place.chmod(member.mode)


class _Reader(io.RawIOBase):
    """Chunks as a file that is read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size
        while wanted > 0 and (rest := self._rest or next(self._chunks, b"")):
            part, self._rest = rest[:wanted], rest[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


def _lay_log(pieces: Sequence[Piece], key: BackupKey, moment: dt.datetime | None, folder: pathlib.Path) -> None:
    for piece in pieces:
        segment = folder / segment_name(piece.timeline, floor(piece.start))
        segment.touch(mode=0o600)
        with open_sealed(piece.path, key) as sealed, segment.open("r+b") as file:
            file.truncate(SEGMENT_BYTES)
            file.seek(piece.start % SEGMENT_BYTES)
            for chunk in sealed.chunks:
                file.write(chunk)
            if moment is not None and archive.complete_of(sealed.facts).at > moment:
                return


def _last_words(cluster: Cluster) -> str:
    """Why it ended stands a few lines before its end, among what other processes say meanwhile."""
    return last_lines(cluster.log, 12)


@contextlib.asynccontextmanager
async def recovered(cluster: Cluster, moment: dt.datetime | None) -> AsyncIterator[Database]:
    """The database of the cluster, at `moment` or at the end of its log; it is stopped at the end, whole.

    Raises:
        CannotRun: it does not get there.
    """
    server = await _start(cluster, moment)
    if not await _promoted(cluster, server):
        if moment is None or _ENDED_EARLY not in _last_words(cluster):
            raise CannotRun(f"The database could not be recovered. PostgreSQL said:\n{_last_words(cluster)}")
        # Nothing was committed after the moment: the end of the log is where to go.
        server = await _start(cluster, None)
        if not await _promoted(cluster, server):
            raise CannotRun(f"The database could not be recovered. PostgreSQL said:\n{_last_words(cluster)}")
    try:
        async with open_database(cluster.url(), SUPERUSER) as owner:
            yield owner
    finally:
        await _stop(server)


async def _start(cluster: Cluster, moment: dt.datetime | None) -> trio.Process:
    settings = {
        "restore_command": "false",  # the log lies in the database's own folder
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "recovery_target_inclusive": "on",
    }
    if moment is not None:
        settings["recovery_target_time"] = moment.isoformat()
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with cluster.log.open("ab") as log:
        return await trio.lowlevel.open_process(
            [*cluster.command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


async def _promoted(cluster: Cluster, server: trio.Process) -> bool:
    """Wait until it has left recovery; False if it ended instead. However long it takes: there may be much log."""
    try:
        while server.poll() is None:
            with contextlib.suppress(StoreUnavailable):
                async with open_database(cluster.url(), SUPERUSER, size=1) as owner:
                    if not await wal.is_recovering(owner):
                        return True
            await trio.sleep(0.1)
    except trio.Cancelled:
        await _stop(server)
        raise
    return False


async def _stop(server: trio.Process) -> None:
    with trio.CancelScope(shield=True):
        server.send_signal(signal.SIGINT)
        await server.wait()
