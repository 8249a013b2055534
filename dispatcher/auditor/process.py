"""The auditor: looks from outside whether the engine keeps up, and takes the station's heads.

In: a database. Out: a station alarm when something is wrong twice in a row, and its end; an outside heartbeat that is
heard only while all is well, so that whoever listens for it notices even the loss of the whole host.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import urllib.parse
from collections.abc import AsyncIterator
from typing import Final

import httpx
import structlog
import trio

from dispatcher.auditor import metrics
from dispatcher.auditor.heads import HeadKeeper
from dispatcher.auditor.matters import ENDING, Matter, Matters
from dispatcher.auditor.rules import WELL_TEXT, Watch, alarm_text, faults, late_s
from dispatcher.auditor.settings import AuditorSettings
from station.errors import StoreUnavailable
from station.store.auditor import Look, look, report
from station.store.database import Conflict, Connection, Database, Unstorable, open_database
from station.store.install import station_row

log = structlog.get_logger()

ROLE: Final = "sereno_auditor"
#: A database that takes longer does not answer.
_LOOK_LIMIT_S: Final = 5.0
_HTTP_TIMEOUT_S: Final = 10.0


async def run_auditor(
    database_url: str,
    settings: AuditorSettings,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Audit until cancelled."""
    async with (
        open_database(database_url, ROLE) as database,
        httpx.AsyncClient(timeout=_HTTP_TIMEOUT_S) as client,
    ):
        await station_row(database)
        matters = Matters()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(HeadKeeper(database, settings, matters, client).keep)
            task_status.started()
            await _Auditor(database, settings, matters, client, nursery).look_forever()


class _Auditor:
    def __init__(
        self,
        database: Database,
        settings: AuditorSettings,
        matters: Matters,
        client: httpx.AsyncClient,
        nursery: trio.Nursery,
    ) -> None:
        self._database = database
        self._settings = settings
        self._matters = matters
        self._client = client
        self._nursery = nursery
        self._watch = Watch()
        self._beat_due_s = trio.current_time()
        self._first = True

    async def look_forever(self) -> None:
        while True:
            try:
                async with self._database.dedicated() as connection:
                    while True:
                        await self._look(connection)
                        await trio.sleep(self._settings.look_every_s)
            except (StoreUnavailable, Conflict, Unstorable) as error:
                log.error("auditor_without_database", why=str(error))
                self._watch.note(None)
            await trio.sleep(self._settings.look_every_s)

    async def _look(self, connection: Connection) -> None:
        async with _within_limit(connection):
            found = await look(connection, self._settings.tolerances.due_s, [matter.value for matter in ENDING])
        if self._first:
            self._matters.know(found.standing)
            self._watch.alarm = Matter.ENGINE.value in found.standing
            self._first = False
        self._note(found)
        if told := self._matters.unstored:
            # On a connection of its own: its end says that the lane gets no more.
            async with self._database.dedicated() as writing, _within_limit(writing):
                await report(writing, told)
            self._matters.stored(told)
        # Not before: who can't report does not say that all is well.
        if self._watch.well:
            self._beat_if_due()

    def _note(self, found: Look) -> None:
        wrong = faults(found, self._settings.tolerances)
        before = self._watch.alarm
        self._watch.note(wrong)
        metrics.WITHOUT_DUE.set(found.without_due + (found.due_late if found.released else 0))
        metrics.LATE.set(late_s(found))
        now = dt.datetime.now(dt.UTC)
        if wrong:
            log.error("engine_not_well", faults=[fault.text for fault in wrong], alarm=self._watch.alarm)
        if self._watch.alarm:
            self._matters.raise_(Matter.ENGINE, alarm_text(wrong), now)
        elif before:
            log.warning("engine_well_again")
            self._matters.end(Matter.ENGINE, WELL_TEXT, now)

    def _beat_if_due(self) -> None:
        if self._settings.heartbeat_url is None or trio.current_time() < self._beat_due_s:
            return
        self._beat_due_s = trio.current_time() + self._settings.heartbeat_every_s
        self._nursery.start_soon(_beat, self._client, self._settings.heartbeat_url)


async def _beat(client: httpx.AsyncClient, url: str) -> None:
    """One heartbeat. The address itself may be a secret: only its host is logged."""
    host = urllib.parse.urlsplit(url).hostname
    try:
        with trio.fail_after(_HTTP_TIMEOUT_S):
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL, trio.TooSlowError) as error:
        log.warning("heartbeat_not_answered", host=host, why=type(error).__name__)
        return
    if answer.is_success:
        metrics.HEARTBEATS.inc()
    else:
        log.warning("heartbeat_refused", host=host, status=answer.status_code)


@contextlib.asynccontextmanager
async def _within_limit(connection: Connection) -> AsyncIterator[None]:
    with trio.move_on_after(_LOOK_LIMIT_S) as scope:
        yield
    if scope.cancelled_caught:
        connection.terminate()
        raise StoreUnavailable(f"no answer within {_LOOK_LIMIT_S:.0f} s")
