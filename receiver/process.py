"""A receiver: doors, journal and accounts, running.

In: sockets that the supervisor opened, a database, the station key. Out: committed signals and answered panels. It
starts serving once its accounts are loaded; after that it lives through every loss of the database. When cancelled
it stops reading, waits for what is being committed, answers it, and ends.
"""

from __future__ import annotations

import contextlib
import gc
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import attrs
import structlog
import trio

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.automation.doors import run_links
from receiver.automation.link import LinkDesk
from receiver.automation.settings import LinkSettings
from receiver.clock.settings import ClockSettings
from receiver.clock.watching import ClockWatch
from receiver.doors import Doors, TlsDoor
from receiver.intake import Intake
from receiver.journal import Journal
from receiver.limits import Limits
from receiver.runaway import Runaway
from receiver.runaway_reports import report_runaways
from receiver.runaway_rules import RunawayRules
from receiver.supervision.arrays import PathArrays
from receiver.supervision.duty import supervise
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from receiver.watch.settings import WatchSettings
from receiver.watch.watching import Watch, watch
from station.errors import StoreUnavailable
from station.station_key import StationKey
from station.store import notices
from station.store.database import Database, open_database
from station.store.install import station_row
from station.store.panel_accounts import all_accounts, changes_since

log = structlog.get_logger()

ROLE: Final = "sereno_receiver"
_ACCOUNT_POLL_S: Final = 1.0
_RETRY_S: Final = 0.5
_COLLECT_AFTER: Final = (50_000, 50, 100)
#: How long frames that were read may still take to be committed and answered when the receiver is told to stop.
_DRAIN_S: Final = 2.0


@attrs.frozen(kw_only=True)
class ReceiverSettings:
    """What a receiver is given."""

    database_url: str
    station_key: StationKey = attrs.field(repr=False)
    #: Bound, listening, non-blocking.
    tcp: socket.socket
    #: Bound to the same port, non-blocking.
    udp: socket.socket
    #: For DC-09 over TLS, on another port.
    tls: TlsDoor | None = None
    #: Names its lanes.
    name: str = "receiver"
    limits: Limits = attrs.field(factory=Limits)
    runaway: RunawayRules = attrs.field(factory=RunawayRules)
    supervision: SupervisionSettings = attrs.field(factory=SupervisionSettings)
    #: Descriptor of the memory that all receiver processes of this host share; None: this one has its own.
    paths_memory: int | None = None
    watch: WatchSettings = attrs.field(factory=WatchSettings)
    clock: ClockSettings = attrs.field(factory=ClockSettings)
    #: Address and port of the emergency list; port 0 picks one.
    emergency: tuple[str, int] = ("127.0.0.1", 0)
    #: Hardware receivers; they connect to one receiver process of a station, not to each.
    links: Sequence[LinkSettings] = ()


async def run_receiver(
    settings: ReceiverSettings, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Receive until cancelled."""
    async with open_database(settings.database_url, ROLE) as database:
        accounts = PanelAccounts(settings.station_key)
        await _load(database, accounts)
        bell = notices.Bell(database, notices.SIGNAL)
        journal = Journal(database, settings.name, bell)
        arrays = PathArrays(settings.paths_memory)
        paths = Paths(arrays, settings.supervision)
        signs = Signs(paths, settings.supervision, journal.report, receiver=settings.name)
        runaway, watching = Runaway(settings.runaway), Watch()
        clock = ClockWatch(settings.clock)
        intake = Intake(accounts, journal, signs, runaway, watching, clock, settings.limits)
        doors = Doors(settings.tcp, settings.udp, settings.tls, intake, journal, settings.limits)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bell.run)
            nursery.start_soon(_follow_changes, database, accounts)
            nursery.start_soon(clock.run, database, journal)
            desk = LinkDesk(
                relayed=lambda signals: signs.relayed(signals, time.time()),
                judged=lambda signals: runaway.judge_relayed(signals, accounts.slot_of, trio.current_time()),
                acknowledging=lambda: not watching.stop_acknowledging,
            )
            nursery.start_soon(run_links, settings.links, accounts, journal, desk)
            nursery.start_soon(report_runaways, runaway, journal)
            nursery.start_soon(supervise, database, journal, paths, signs, settings.supervision)
            nursery.start_soon(
                watch, watching, database, journal, settings.watch, settings.emergency, journal.uncommitted
            )
            # The journal outlives the doors: what they read is committed and answered before all ends.
            writing = trio.CancelScope(shield=True)
            nursery.start_soon(_within, writing, journal.run)
            task_status.started()
            try:
                await doors.serve()
            finally:
                with trio.CancelScope(shield=True, deadline=trio.current_time() + _DRAIN_S):
                    await journal.wait_until_settled()
                writing.cancel()
                doors.close()


async def _within(scope: trio.CancelScope, work: Callable[[], Awaitable[None]]) -> None:
    with scope:
        await work()


async def _load(database: Database, accounts: PanelAccounts) -> None:
    while True:
        try:
            await station_row(database)
            # Closed here, not by the collector at some later moment, if we are told to end meanwhile.
            async with contextlib.aclosing(all_accounts(database)) as slices:
                async for some in slices:
                    accounts.apply(some)
        except StoreUnavailable as error:
            log.warning("accounts_not_loaded_yet", why=str(error))
            await trio.sleep(_RETRY_S)
        else:
            metrics.ACCOUNTS.set(len(accounts))
            # The accounts stay: the collector need not look at each of them again.
            gc.collect()
            gc.freeze()
            # What a frame leaves behind dies with its commit; looking for garbage more often finds none.
            gc.set_threshold(*_COLLECT_AFTER)
            return


async def _follow_changes(database: Database, accounts: PanelAccounts) -> None:
    """Apply what is imported or edited, within a moment."""
    async with notices.open_ear(database, notices.ACCOUNT) as ear:
        while True:
            await ear.wait(_ACCOUNT_POLL_S)
            try:
                while (changes := await changes_since(database, accounts.last_change)).gone:
                    accounts.apply(changes)
            except StoreUnavailable:
                continue
            metrics.ACCOUNTS.set(len(accounts))
