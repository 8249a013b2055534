"""The receiver's watch: it looks every few seconds whether somebody looks, and raises the alarm itself if nobody does.

In: the database, on a session of its own, and the journal. Out: a noise (a program, a web address), a log line, a
metric, a signal of our own, the emergency list over HTTP; and, if so set, no more ACKs until somebody looks again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shlex
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

import structlog
import trio

from receiver import metrics
from receiver.journal import Journal
from receiver.watch.crying import call_webhook, run_program
from receiver.watch.emergency import serve_forever
from receiver.watch.listing import listing, unstored
from receiver.watch.rules import Finding, Vigil
from receiver.watch.settings import WatchSettings
from station.errors import StoreUnavailable
from station.own_signals import own_signal
from station.signals import Kind, Qualifier, Signal
from station.store.database import Connection, Database
from station.store.waiting import UNATTENDED, Attention, WaitingAlarm, attention, waiting_alarms

log = structlog.get_logger()

#: A database that takes longer does not answer.
_LOOK_LIMIT_S: Final = 5.0
#: Lists made at the same moment; others wait for them.
_LISTS_AT_ONCE: Final = 2


class Watch:
    """What the rest of the receiver may ask."""

    def __init__(self) -> None:
        #: Store what comes, and send no reply: panels are to turn to their second receiver.
        self.stop_acknowledging = False
        #: Where the emergency list is served; None: not yet.
        self.emergency_port: int | None = None


def _none() -> Sequence[Signal]:
    return ()


async def watch(
    state: Watch,
    database: Database,
    journal: Journal,
    settings: WatchSettings,
    emergency: tuple[str, int],
    uncommitted: Callable[[], Iterable[Signal]] = _none,
) -> None:
    """Watch, for ever; through every loss of the database.

    Args:
        state: kept up to date.
        emergency: address and port of the emergency list; port 0 picks one.
        uncommitted: the signals that were read and are not stored yet, for the emergency list.
    """
    async with trio.open_nursery() as nursery:
        watcher = _Watcher(state, database, journal, settings, uncommitted, nursery)
        nursery.start_soon(watcher.look_forever)
        nursery.start_soon(serve_forever, *emergency, watcher.page, watcher.note_port)


class _Watcher:
    def __init__(
        self,
        state: Watch,
        database: Database,
        journal: Journal,
        settings: WatchSettings,
        uncommitted: Callable[[], Iterable[Signal]],
        nursery: trio.Nursery,
    ) -> None:
        self._state = state
        self._database = database
        self._journal = journal
        self._settings = settings
        self._uncommitted = uncommitted
        self._nursery = nursery
        self._command = shlex.split(settings.unattended_command)
        self._vigil = Vigil(settings, trio.current_time())
        self._crying = False
        self._lists = trio.CapacityLimiter(_LISTS_AT_ONCE)
        #: What waited when the database last answered, and when that was.
        self._last_seen: tuple[dt.datetime, Sequence[WaitingAlarm]] | None = None

    async def look_forever(self) -> None:
        interval_s = self._settings.unattended_look_s
        while True:
            try:
                async with self._database.dedicated() as connection:
                    while True:
                        self._note(await self._look(connection))
                        await trio.sleep(interval_s)
            except StoreUnavailable as error:
                log.warning("watch_without_database", why=str(error))
                self._note(None)
            await trio.sleep(interval_s)

    async def _look(self, connection: Connection) -> Attention:
        lately = dt.timedelta(seconds=self._settings.operator_idle_s)
        async with _within_limit(connection):
            found = await attention(connection, lately)
            if found.unread or found.waiting:
                self._last_seen = dt.datetime.now(dt.UTC), await waiting_alarms(connection)
            else:
                self._last_seen = dt.datetime.now(dt.UTC), []
        return found

    def _note(self, found: Attention | None) -> None:
        finding = self._vigil.look(found, trio.current_time())
        metrics.UNATTENDED.set(bool(finding.reasons))
        if finding.stop_acknowledging != self._state.stop_acknowledging:
            self._state.stop_acknowledging = finding.stop_acknowledging
            log.error("acknowledging_stopped" if finding.stop_acknowledging else "acknowledging_again")
        if finding.began or finding.ended:
            self._report(finding)
        if finding.cry:
            log.error("nobody_looks_at_alarms", reasons=[reason.value for reason in finding.reasons], found=found)
        if finding.ended:
            log.warning("somebody_looks_at_alarms_again")
        if finding.cry or finding.ended:
            self._nursery.start_soon(self._cry, finding, found)

    def _report(self, finding: Finding) -> None:
        now = dt.datetime.now(dt.UTC)
        told = own_signal(
            now,
            Kind.STATION,
            Qualifier.NEW if finding.began else Qualifier.RESTORE,
            account=UNATTENDED,
            account_id=None,
            text=finding.text,
            occasion=now.isoformat(),
        )
        self._journal.report(told)

    async def _cry(self, finding: Finding, found: Attention | None) -> None:
        if self._crying and not finding.ended:
            return  # the last cry is still going on
        self._crying = True
        try:
            async with trio.open_nursery() as nursery:
                if self._command and finding.cry:
                    nursery.start_soon(run_program, self._command, finding.text)
                if self._settings.unattended_webhook is not None:
                    nursery.start_soon(call_webhook, self._settings.unattended_webhook, _body(finding, found))
        finally:
            self._crying = False

    # The emergency list ----------------------------------------------------------------------------------------------

    def note_port(self, port: int) -> None:
        self._state.emergency_port = port

    async def page(self) -> str:
        """The list as it is now; without the database, what is known without it."""
        now = dt.datetime.now(dt.UTC)
        try:
            async with self._lists, self._database.dedicated() as connection, _within_limit(connection):
                return listing(await waiting_alarms(connection), now)
        except StoreUnavailable:
            parts = ["THE DATABASE DOES NOT ANSWER. Nothing can be stored, and panels get no ACK, until it does.\n\n"]
            parts.append(unstored(self._uncommitted()))
            if self._last_seen is None:
                parts.append("\nWhat waited before is not known.\n")
            else:
                at, alarms = self._last_seen
                parts.append(f"\nWhat waited when it last answered, {_clock(at)} UTC:\n\n{listing(alarms, now)}")
            return "".join(parts)


@contextlib.asynccontextmanager
async def _within_limit(connection: Connection) -> AsyncIterator[None]:
    with trio.move_on_after(_LOOK_LIMIT_S) as scope:
        yield
    if scope.cancelled_caught:
        connection.terminate()
        raise StoreUnavailable(f"no answer within {_LOOK_LIMIT_S:.0f} s")


def _body(finding: Finding, found: Attention | None) -> dict[str, object]:
    return {
        "event": "unattended" if finding.reasons else "attended",
        "reasons": [reason.name.lower() for reason in finding.reasons],
        "text": finding.text,
        "unread": None if found is None else found.unread,
        "waiting": None if found is None else found.waiting,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def _clock(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
