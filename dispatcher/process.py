"""A dispatcher: follows the lanes, lets due things happen, keeps the house in order.

In: a database. Out: incidents in the alarm queue. It lives through every loss of the database; two of them take turns.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Final

import attrs
import structlog
import trio

from dispatcher import metrics
from dispatcher.duties import Duty, overdue_signals, test_signals
from dispatcher.follow import work_off
from dispatcher.outages import OutageSettings, gather, outage_signals
from dispatcher.outbox import NoProvider, Provider, send_waiting
from dispatcher.repeats import REPEAT_WINDOW
from dispatcher.reporting import report
from dispatcher.sharding import Held, keep_held, renew
from dispatcher.timers import adopt_planless, fire_due, return_due, tell_news
from station.errors import StoreUnavailable
from station.store import incidents, lanes, notices, repeats, shards
from station.store.database import Conflict, Database, LeaseGone, MovedOn, ShardLost, open_database
from station.store.install import make_partitions, station_row, strays
from station.store.restored import effects_released

log = structlog.get_logger()

ROLE: Final = "sereno_dispatcher"
#: Behind every bell stands a look of one's own.
_POLL_S: Final = 0.5
#: While many come, the least time from one batch to the next: a transaction costs as much as a hundred signals.
_MANY: Final = 50
_GATHER_S: Final = 0.05
_TIMERS_S: Final = 1.0
_HOUSEKEEPING_S: Final = 30.0
_COUNT_S: Final = 2.0
_OUTBOX_S: Final = 0.5
_DUTIES_S: Final = 5.0
_RETRY_S: Final = 0.5


@attrs.frozen(kw_only=True)
class DispatcherSettings:
    """What a dispatcher is told."""

    #: Fewer operators on duty than this are a system alarm (INT/316/2011 art. 6.2).
    least_operators: int = 2
    outages: OutageSettings = attrs.field(factory=OutageSettings)


async def run_dispatcher(
    database_url: str,
    *,
    provider: Provider | None = None,
    settings: DispatcherSettings | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Dispatch until cancelled."""
    carrier, told = provider or NoProvider(), settings or DispatcherSettings()
    async with open_database(database_url, ROLE, size=8) as database:
        await station_row(database)
        held, duty = Held(), Duty(told.least_operators)
        bell = notices.Bell(database, notices.INCIDENT)
        try:
            async with notices.open_ear(database, notices.SIGNAL) as ear, trio.open_nursery() as nursery:
                await renew(database, held)
                nursery.start_soon(bell.run)
                nursery.start_soon(keep_held, database, held)
                nursery.start_soon(_every, _TIMERS_S, "timers", lambda: _let_due_things_happen(database, held, bell))
                nursery.start_soon(_every, _OUTBOX_S, "outbox", lambda: _send(database, carrier, held, bell))
                nursery.start_soon(_every, _DUTIES_S, "duties", lambda: _do_duties(database, held, duty, told, bell))
                nursery.start_soon(_every, _HOUSEKEEPING_S, "house", lambda: _keep_house(database, held))
                nursery.start_soon(_every, _COUNT_S, "count", lambda: _count_queue(database))
                task_status.started()
                await _follow_forever(database, held, ear, bell)
        finally:
            await _give_back(database, held)


async def _give_back(database: Database, held: Held) -> None:
    """Whoever ends in order leaves its work to others at once."""
    with trio.move_on_after(1) as last_words, contextlib.suppress(StoreUnavailable):
        last_words.shield = True
        await shards.give_back(database, held.name)


async def _follow_forever(database: Database, held: Held, ear: notices.Ear, bell: notices.Bell) -> None:
    while True:
        started = trio.current_time()
        try:
            worked = await work_off(database, held.only_lanes()) if held.follows_lanes else 0
        except (MovedOn, LeaseGone, ShardLost, Conflict) as reason:
            log.debug("batch_again", why=str(reason))
            continue  # somebody wrote to one of the incidents meanwhile: the batch is decided anew
        except StoreUnavailable as error:
            log.warning("lanes_not_read", why=str(error))
            await trio.sleep(_RETRY_S)
            continue
        metrics.LAST_LOOK.set_to_current_time()
        if worked:
            metrics.BATCH_DURATION.observe(trio.current_time() - started)
            bell.ring()
            if worked > _MANY:
                await trio.sleep_until(started + _GATHER_S)
        else:
            await ear.wait(_POLL_S)


async def _every(interval_s: float, name: str, duty: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await duty()
        except (StoreUnavailable, Conflict, MovedOn, LeaseGone, ShardLost) as error:
            # What one duty can't do must not keep the others, least of all the following of lanes, from theirs.
            log.warning("duty_not_done", duty=name, why=str(error))
        await trio.sleep(interval_s)


async def _let_due_things_happen(database: Database, held: Held, bell: notices.Bell) -> None:
    if await return_due(database, held):
        bell.ring()
    while await fire_due(database, held):
        bell.ring()
    if await tell_news(database, held):
        bell.ring()


async def _send(database: Database, provider: Provider, held: Held, bell: notices.Bell) -> None:
    while await send_waiting(database, provider, held):
        if await tell_news(database, held):
            bell.ring()


async def _do_duties(
    database: Database, held: Held, duty: Duty, settings: DispatcherSettings, bell: notices.Bell
) -> None:
    if not held.follows_lanes or not await effects_released(database):
        return
    for find in (overdue_signals, test_signals, duty.signals):
        await report(database, find)
    await report(database, functools.partial(outage_signals, settings=settings.outages))
    if await gather(database, settings.outages):
        bell.ring()


async def _keep_house(database: Database, held: Held) -> None:
    await adopt_planless(database, held)
    silent = await lanes.silent_lanes(database)
    if silent:
        await lanes.retire_lanes(database, silent)
    await repeats.forget_keys(database, 2 * REPEAT_WINDOW)
    await make_partitions(database)
    metrics.STRAYS.set(count := await strays(database))
    if count:
        log.error("signals_without_partition", signals=count)


async def _count_queue(database: Database) -> None:
    lengths = await incidents.queue_lengths(database)
    metrics.QUEUE.clear()
    metrics.OLDEST.clear()
    metrics.LEASES.set(sum(length.incidents for length in lengths if length.state == "taken"))
    for length in lengths:
        metrics.QUEUE.labels(str(length.priority), length.state).set(length.incidents)
        if length.state == "waiting":
            metrics.OLDEST.labels(str(length.priority)).set(length.oldest.timestamp())
