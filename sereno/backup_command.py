"""`sereno backup` and `sereno restore`: the station's own database, kept a second time, and brought back.

In: a target folder, keys, a moment. Out: sealed files; or a new data folder, in which nothing acts by itself until a
person says so with `sereno restore release`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import pathlib
from collections.abc import Iterator
from typing import Annotated, Final

import trio
from cyclopts import App, Parameter

from sereno import roles
from sereno.asking import ask
from sereno.backup import archive
from sereno.backup.archive import Base
from sereno.backup.archiver import ArchiverSettings, run_archiver
from sereno.backup.backup_key import BackupKey, backup_key_file, load, load_or_make
from sereno.backup.base import make_base
from sereno.backup.chain import begin_once
from sereno.backup.choose import shown, spans
from sereno.backup.restoring import Request
from sereno.backup.restoring import restore as restore_station
from sereno.backup.source import Source, source
from sereno.embedded_postgres import SUPERUSER
from sereno.logs import set_up_logs
from sereno.problems import CannotRun, first_of, give_up
from sereno.settings import Backup, Inherited, Logs, MetricsDoor, Where
from sereno.whereabouts import database_url, key_file
from station.errors import StoreUnavailable
from station.store import wal
from station.store.database import Database, open_database
from station.store.restored import release, restoration

_LATEST: Final = "latest"

backup = App(name="backup", help="Keep the station's database a second time, sealed.")
restore = App(name="restore", help="A station as it was, from a backup.")

From = Annotated[pathlib.Path, Parameter(name="--from")]


# Backup ----------------------------------------------------------------------------------------------------------


@backup.default
def backup_command(*, to: pathlib.Path | None = None, settings: Backup = Backup(), where: Where = Where()) -> None:
    """Make a backup of the running station now. Without --to it goes where `backup_to` says.

    The folder must be there. Its files are sealed with the backup key, which is made at the first backup. The station
    key is not in the backup. Keep copies of both keys apart from it.

    For example:

      sereno backup --to /mnt/usb/sereno

    Args:
        to: The folder that the backup is written to.
    """
    target = to or settings.backup_to
    if target is None:
        give_up("Say where the backup is to go: --to DIR")
    with _told():
        station = source(where)
        key, made = load_or_make(where.data)
        base = trio.run(_backup, station, target.resolve(), key)
        print(f"Backed up as of {shown(base.finished_at)} to {base.path.parent}")
    key_path, station_path = backup_key_file(where.data), key_file(where.data)
    if made:
        print(f"\nA backup key was made: {key_path}. Without it nobody can read the backup.")
    print(f"Keep copies of {key_path} and of the station key {station_path} somewhere else, apart from the backup.")


async def _backup(source: Source, target: pathlib.Path, key: BackupKey) -> Base:
    archive.prepare(target)
    async with open_database(source.url, SUPERUSER, size=1) as owner:
        await wal.make_role(owner)
    async with open_database(source.url, wal.ROLE) as database, database.dedicated() as session:
        return await make_base(source, session, await begin_once(session, target, key, source.wal), fast=True)


@backup.command(name="list")
def list_command(*, from_: From, backup_key: pathlib.Path | None = None, where: Where = Where()) -> None:
    """The base backups in a folder, and the times that each leads to.

    For example:

      sereno backup list --from /mnt/usb/sereno --backup-key backup.key

    Args:
        from_: The folder that holds the backup.
        backup_key: The key that it was sealed with; else the one in the data folder.
    """
    with _told():
        found = spans(from_, load(backup_key or backup_key_file(where.data)))
    for span in found:
        gap = "  then log is missing" if span.after_gap is not None else ""
        print(f"{shown(span.base.finished_at)}  to  {shown(span.until)}{gap}")
    if not found:
        print("No backup yet.")


# Restore ---------------------------------------------------------------------------------------------------------


@restore.default
def restore_command(
    *,
    from_: From,
    to: str,
    data: pathlib.Path,
    backup_key: pathlib.Path,
    station_key: pathlib.Path | None = None,
) -> None:
    """Make the data folder of a station as it was at a time, from a backup. The station that runs is not touched.

    Whatever was committed at or before that time is there, nothing that came after it. In the restored station no timer
    fires and no message leaves until `sereno restore release`.

    For example:

      sereno restore --from /mnt/usb/sereno --backup-key backup.key --station-key station.key --to latest --data new
      sereno restore --from /mnt/usb/sereno --backup-key backup.key --to '2026-11-22 08:15:00+01:00' --data new

    Args:
        from_: The folder that holds the backup.
        to: A time with its distance from UTC, or with Z for UTC; or `latest`.
        data: The folder of the new station: empty, or not there yet.
        backup_key: The key that the backup was sealed with.
        station_key: The key of the station that was backed up. Without it, put it into the folder before `sereno run`.
    """
    moment = None if to == _LATEST else _moment(to)
    with _told():
        request = Request(
            target=from_.resolve(), key=load(backup_key), moment=moment, data=data, station_key=station_key
        )
        gap = trio.run(restore_station, request)
    print(f"Restored to {shown(gap.since)} in {data}")
    print(f"What came from then until {shown(gap.until)} is missing.")
    if station_key is None:
        print(f"Before you start it, put the station key there: {key_file(data)}")
    print(f"Start it with: sereno run --data {data}")
    print("No timer fires and no message leaves it until you say: sereno restore release")


@restore.command(name="release")
def release_command(*, where: Where = Where()) -> None:
    """Let the timers and messages of a restored station go on. Look first at what waits: it may be long out of date.

    For example:

      sereno restore release
    """
    print(ask(database_url(where), _release))


async def _release(database: Database) -> str:
    gap = await restoration(database)
    if gap is None:
        return "This station was never restored: nothing is held back."
    missing = f"What came from {shown(gap.since)} until {shown(gap.until)} stays missing."
    if await release(database, "command"):
        return f"Released: timers fire and messages leave again. {missing}"
    return f"It was released before: nothing is held back. {missing}"


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        give_up(f"--to {text} is no time. Write it like 2026-11-22 08:15:00Z, or say: --to {_LATEST}")
    if moment.tzinfo is None:
        here = dt.datetime.now().astimezone().isoformat()[-6:]
        give_up(f"Say in which zone --to {text} is: {text}Z for UTC, or {text}{here} as on this host.")
    return moment.astimezone(dt.UTC)


# The archiver ----------------------------------------------------------------------------------------------------


def archiver(
    settings: Backup = Backup(),
    where: Where = Where(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    handed: Inherited = Inherited(),
) -> None:
    """Run the archiver alone: keep the backup of a running station complete, some seconds behind."""
    set_up_logs(logs.log_format)
    if settings.backup_to is None:
        give_up("Say where the backup is to go: --backup-to DIR")
    with _told():
        station = source(where)
        key, _ = load_or_make(where.data)
        archiving = ArchiverSettings(
            source=station, target=settings.backup_to.resolve(), key=key, keep_days=settings.backup_keep_days
        )
        roles.run_role("archiver", functools.partial(run_archiver, archiving), metrics, handed)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say what is in the way, in one line, and end with exit code 2."""
    problem = ""
    try:
        yield
    except* CannotRun as problems:
        problem = str(first_of(problems))
    except* StoreUnavailable as problems:
        problem = f"The database does not answer: {first_of(problems)}. Check that the station runs, then try again."
    if problem:
        give_up(problem)
