"""A dispatcher: follows the lanes, lets due things happen, keeps the house in order.

In: a database. Out: incidents in the alarm queue. It lives through every loss of the database; two of them take turns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
import trio

from dispatcher import metrics
from dispatcher.follow import work_off
from dispatcher.repeats import REPEAT_WINDOW
from dispatcher.timers import return_due
from station.errors import StoreUnavailable
from station.store import incidents, lanes, notices, repeats
from station.store.database import Conflict, Database, MovedOn, open_database
from station.store.install import make_partitions, station_row, strays

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
_RETRY_S: Final = 0.5


async def run_dispatcher(database_url: str, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Dispatch until cancelled."""
    async with open_database(database_url, ROLE) as database:
        await station_row(database)
        bell = notices.Bell(database, notices.INCIDENT)
        async with notices.open_ear(database, notices.SIGNAL) as ear, trio.open_nursery() as nursery:
            nursery.start_soon(bell.run)
            nursery.start_soon(_every, _TIMERS_S, _let_due_things_happen, database, bell)
            nursery.start_soon(_every, _HOUSEKEEPING_S, _keep_house, database, bell)
            nursery.start_soon(_every, _COUNT_S, _count_queue, database, bell)
            task_status.started()
            await _follow_forever(database, ear, bell)


async def _follow_forever(database: Database, ear: notices.Ear, bell: notices.Bell) -> None:
    while True:
        started = trio.current_time()
        try:
            worked = await work_off(database)
        except MovedOn:
            continue  # an operator wrote to one of the incidents meanwhile: the batch is decided anew
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


async def _every(
    interval_s: float,
    duty: Callable[[Database, notices.Bell], Awaitable[None]],
    database: Database,
    bell: notices.Bell,
) -> None:
    while True:
        try:
            await duty(database, bell)
        except (StoreUnavailable, Conflict) as error:
            # What one duty can't do must not keep the others, least of all the following of lanes, from theirs.
            log.warning("duty_not_done", duty=duty.__name__, why=str(error))
        await trio.sleep(interval_s)


async def _let_due_things_happen(database: Database, bell: notices.Bell) -> None:
    if await return_due(database):
        bell.ring()


async def _keep_house(database: Database, _: notices.Bell) -> None:
    silent = await lanes.silent_lanes(database)
    if silent:
        await lanes.retire_lanes(database, silent)
    await repeats.forget_keys(database, 2 * REPEAT_WINDOW)
    await make_partitions(database)
    metrics.STRAYS.set(count := await strays(database))
    if count:
        log.error("signals_without_partition", signals=count)


async def _count_queue(database: Database, _: notices.Bell) -> None:
    lengths = await incidents.queue_lengths(database)
    metrics.QUEUE.clear()
    metrics.OLDEST.clear()
    metrics.LEASES.set(sum(length.incidents for length in lengths if length.state == "taken"))
    for length in lengths:
        metrics.QUEUE.labels(str(length.priority), length.state).set(length.incidents)
        if length.state == "waiting":
            metrics.OLDEST.labels(str(length.priority)).set(length.oldest.timestamp())
