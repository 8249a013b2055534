"""The archiver: keeps the backup of a running station complete, all the time.

In: the station's own database and a target folder. Out: its log, some seconds behind, and a base backup a day. A target
that is full, slow or gone stops nobody but the archiver: it tries again, counts it, and after a quarter of an hour it
reports it as a matter of the station, which an operator handles like any alarm.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import Final

import attrs
import structlog
import trio

from sereno.backup import archive, metrics
from sereno.backup.backup_key import BackupKey
from sereno.backup.base import make_base
from sereno.backup.chain import begin_or_continue
from sereno.backup.retention import thin
from sereno.backup.shipping import Shipping
from sereno.backup.source import Source
from sereno.embedded_postgres import SUPERUSER
from sereno.problems import CannotRun, first_of
from station.errors import StoreUnavailable
from station.own_signals import own_signal
from station.signals import Kind, Qualifier
from station.store import wal
from station.store.database import Database, open_database
from station.store.lanes import open_lane
from station.store.signals import row_of, write_rows

#: What a fire that takes the host takes with it: the signals of so many seconds.
SHIP_EVERY_S: Final = 5.0
RETRY_S: Final = 10.0
BASE_EVERY: Final = dt.timedelta(days=1)
#: A disk is unplugged and changed within this; longer is a matter for a person.
REPORT_AFTER_S: Final = 900.0
_RECEIVER: Final = "sereno_receiver"
_MATTER: Final = "backup"
#: A report that takes longer is made again.
_REPORT_WITHIN_S: Final = 10.0

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class ArchiverSettings:
    """What to keep where."""

    source: Source
    target: pathlib.Path
    key: BackupKey
    #: Every moment of so many days can be gone back to.
    keep_days: int
    ship_every_s: float = SHIP_EVERY_S
    retry_s: float = RETRY_S
    report_after_s: float = REPORT_AFTER_S


async def run_archiver(
    settings: ArchiverSettings, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Archive until cancelled. Ready at once: no target can keep a station from starting."""
    async with open_database(settings.source.url, wal.ROLE) as database:
        trouble = _Trouble(settings)
        task_status.started()
        while True:
            try:
                await _archive(settings, database, trouble)
            except* (CannotRun, StoreUnavailable) as errors:
                metrics.FAILURES.inc()
                log.warning("backup_behind", why=str(first_of(errors)))
            await trouble.failed()
            await trio.sleep(settings.retry_s)


async def _archive(settings: ArchiverSettings, database: Database, trouble: _Trouble) -> None:
    async with open_database(settings.source.url, SUPERUSER, size=1) as owner:
        await wal.make_role(owner)
    async with database.dedicated() as turn, trio.open_nursery() as nursery:
        await wal.take_turn(turn)
        shipping = await begin_or_continue(database, settings.target, settings.key, settings.source.wal)
        nursery.start_soon(_keep_bases, settings, database, shipping)
        while True:
            await shipping.ship(database)
            await trouble.over()
            await trio.sleep(settings.ship_every_s)


async def _keep_bases(settings: ArchiverSettings, database: Database, shipping: Shipping) -> None:
    while True:
        found = await trio.to_thread.run_sync(archive.bases, shipping.chain, settings.key)
        now = await wal.position(database)
        due_at = found[-1].finished_at + BASE_EVERY if found else now.at
        if found:
            metrics.LAST_BASE.set(found[-1].finished_at.timestamp())
        if due_at <= now.at:
            # The first one is wanted soon: until it stands, nothing can be restored.
            base = await make_base(settings.source, database, shipping, fast=not found)
            log.info("base_backup_made", path=str(base.path))
            cutoff = now.at - dt.timedelta(days=settings.keep_days)
            await trio.to_thread.run_sync(thin, settings.target, shipping.chain, settings.key, cutoff)
        else:
            await trio.sleep(min((due_at - now.at).total_seconds(), 60.0))


class _Trouble:
    """Since when nothing could be written, and whether a person has been told."""

    def __init__(self, settings: ArchiverSettings) -> None:
        self._settings = settings
        self._well_at = trio.current_time()
        self._told_at: dt.datetime | None = None

    async def failed(self) -> None:
        """It could not be written just now."""
        if self._told_at is None and trio.current_time() - self._well_at >= self._settings.report_after_s:
            now = dt.datetime.now(dt.UTC)
            text = f"No backup is written to {self._settings.target}. Check that its disk is there and has room."
            if await self._report(now, Qualifier.NEW, text, occasion=now.isoformat()):
                self._told_at = now

    async def over(self) -> None:
        """It can be written."""
        self._well_at = trio.current_time()
        if self._told_at is not None:
            now, text = dt.datetime.now(dt.UTC), f"The backup in {self._settings.target} is up to date again."
            if await self._report(now, Qualifier.RESTORE, text, occasion=self._told_at.isoformat()):
                self._told_at = None

    async def _report(self, now: dt.datetime, qualifier: Qualifier, text: str, *, occasion: str) -> bool:
        """Whether it is known to be stored; else it is reported again."""
        signal = own_signal(
            now, Kind.STATION, qualifier, account=_MATTER, account_id=None, text=text, occasion=occasion
        )
        try:
            url = self._settings.source.url
            with trio.move_on_after(_REPORT_WITHIN_S) as scope:
                async with open_database(url, _RECEIVER) as database, database.dedicated() as connection:
                    await write_rows(connection, await open_lane(connection, "archiver", now), 1, [row_of(signal)])
        except StoreUnavailable as error:
            log.warning("backup_trouble_not_reported", why=str(error))
            return False
        return not scope.cancelled_caught
