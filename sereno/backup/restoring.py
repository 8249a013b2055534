"""A station from a backup, in a folder of its own: its database as it was at a moment, marked as restored.

In: the target folder of a backup, its key, and a moment. Out: a data folder for `sereno run`. It is built beside its
place and put there whole: a restore that is killed leaves nothing that could be taken for a station.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import pathlib
import shutil
from collections.abc import Iterator

import attrs
import trio

from sereno.backup.backup_key import BackupKey, backup_key_file
from sereno.backup.choose import Span, choose, spans
from sereno.backup.recovery import lay_out, recovered
from sereno.problems import CannotRun
from sereno.whereabouts import key_file, occupy, write_private
from station.errors import SchemaMismatch, StoreUnavailable
from station.station_key import StationKey, WrongStationKey
from station.store.database import Database
from station.store.install import install
from station.store.restored import Restoration, a_sealed_key, mark


@attrs.frozen(kw_only=True)
class Request:
    """What to restore."""

    target: pathlib.Path
    key: BackupKey
    #: None: the latest that the backup holds.
    moment: dt.datetime | None
    #: A folder that is empty or not there.
    data: pathlib.Path
    station_key: pathlib.Path | None = None


async def restore(request: Request) -> Restoration:
    """Make the data folder of a station as it was; gives what is missing since.

    Raises:
        CannotRun: nothing in the backup leads there, a file is damaged, a key is wrong, or the folder is in use; alone
            or in a group.
    """
    station_key = None if request.station_key is None else _station_key(request.station_key)
    span = choose(await trio.to_thread.run_sync(spans, request.target, request.key), request.moment)
    data = request.data.resolve()
    _refuse_used(data)
    with _occupied(data):
        half = data / "restoring"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        try:
            restoration = await _database(request, span, station_key, half)
            write_private(backup_key_file(data), request.key.to_text())
            if station_key is not None:
                write_private(key_file(data), station_key.to_text())
            half.rename(data / "postgres")
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return restoration


async def _database(request: Request, span: Span, station_key: StationKey | None, folder: pathlib.Path) -> Restoration:
    cluster = await lay_out(span, request.key, request.moment, folder)
    try:
        async with recovered(cluster, request.moment) as owner:
            # Brings an older schema forward, as `sereno run` does.
            await install(owner, demo=False)
            await _try(station_key, owner, request.station_key)
            async with owner.transaction() as session:
                return await mark(session, span.until if request.moment is None else request.moment)
    except SchemaMismatch as error:
        raise CannotRun(f"The backup was made by another version of Sereno: {error}.") from None
    except StoreUnavailable as error:
        raise CannotRun(f"The restored database can't be used: {error}.") from None
    finally:
        shutil.rmtree(cluster.socket_folder, ignore_errors=True)


async def _try(key: StationKey | None, owner: Database, path: pathlib.Path | None) -> None:
    sealed = await a_sealed_key(owner)
    if key is None or sealed is None:
        return
    try:
        key.open(sealed)
    except WrongStationKey as error:
        raise CannotRun(
            f"The station key {path} does not open what this backup holds ({error}). Give the one that belongs to it, "
            "or leave it out and put it there later: --station-key FILE"
        ) from None


def _station_key(path: pathlib.Path) -> StationKey:
    try:
        return StationKey.from_text(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotRun(f"The station key {path} can't be read ({error}). Use another copy of it.") from None


def _refuse_used(data: pathlib.Path) -> None:
    """What an earlier restore left when it was killed is no hindrance."""
    found = sorted(path.name for path in data.iterdir()) if data.is_dir() else []
    if set(found) - {"restoring", "lock"}:
        raise CannotRun(f"{data} is in use: it holds {found[0]}. Choose a new folder: --data DIR")


@contextlib.contextmanager
def _occupied(data: pathlib.Path) -> Iterator[None]:
    lock = occupy(data)
    try:
        yield
    finally:
        os.close(lock)
