"""Supervision, running: paths are followed, the database is told what was heard, and one receiver of all sweeps.

In: the database, the journal, the paths that this process's doors note signs of life for. Out: signals, and rows. It
lives through every loss of the database; what was heard meanwhile lies in the arrays.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np
import structlog
import trio

from receiver.journal import Journal
from receiver.supervision import metrics
from receiver.supervision.arrays import ARMED, DISARMED, UNKNOWN, PathArrays, Slots
from receiver.supervision.hearing import Hearing
from receiver.supervision.late_test_reports import ends_of_lateness, note_tests, plans_of
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from receiver.supervision.sweeper import Sweeper, commit
from station.errors import StoreUnavailable
from station.store import notices
from station.store import paths as store
from station.store.database import Conflict, Database, Session
from station.store.paths import Heard

log = structlog.get_logger()

Clock = Callable[[], float]

_CHANGES_POLL_S: Final = 1.0
_RETRY_S: Final = 1.0
_BEAT_S: Final = 1.0
#: How long a receiver that is told to stop may take to tell what it heard last.
_LAST_WORD_S: Final = 1.0
#: How often a receiver that does not sweep asks whether anybody does.
_TAKE_TURN_S: Final = 3.0
#: Rows in one statement: panels wait while they are gathered.
_CHUNK: Final = 1_000
_ARMED: Final = {UNKNOWN: None, DISARMED: False, ARMED: True}
#: What was heard is told when it is this share of the path's limit newer than what the database knows.
_WORTH_TELLING: Final = 0.25
#: The same for the last signal, in seconds: it is asked for by the half hour, and each costs as much as a signal.
_SIGNAL_WORTH_TELLING_S: Final = 60.0


async def supervise(
    database: Database,
    journal: Journal,
    paths: Paths,
    signs: Signs,
    settings: SupervisionSettings,
    *,
    clock: Clock = time.time,
) -> None:
    """Supervise, for ever. `clock` gives seconds since 1970."""
    await _until_it_answers(lambda: load(database, paths))
    async with trio.open_nursery() as nursery:
        hearing = Hearing(settings, clock())
        nursery.start_soon(_beat, hearing, paths.arrays, clock)
        nursery.start_soon(_follow_changes, database, paths)
        nursery.start_soon(_tell_what_was_heard, database, journal, paths.arrays, signs, settings)
        nursery.start_soon(_sweep_in_turn, database, journal, paths, hearing, settings, clock)


async def load(database: Database, paths: Paths) -> None:
    """Take all paths over from the database."""
    paths.times = await store.category_times(database)
    async with contextlib.aclosing(store.all_paths(database, slice_accounts=2_000)) as slices:
        async for some in slices:
            paths.apply(some)
            await trio.lowlevel.checkpoint()
    _count(paths)


async def _follow_changes(database: Database, paths: Paths) -> None:
    async with notices.open_ear(database, notices.ACCOUNT) as ear:
        while True:
            await ear.wait(_CHANGES_POLL_S)
            await _until_it_answers(lambda: _apply_changes(database, paths))


async def _apply_changes(database: Database, paths: Paths) -> None:
    while (changes := await store.changes_since(database, paths.last_change)).gone:
        paths.times = await store.category_times(database)
        paths.apply(changes)
        _count(paths)


def _count(paths: Paths) -> None:
    metrics.SUPERVISED.set(len(paths))
    metrics.LEFT_OUT.set(paths.left_out)
    if paths.left_out:
        log.error("paths_left_out", paths=paths.left_out, why="the arrays are full", room=paths.arrays.capacity)


# What was heard --------------------------------------------------------------------------------------------------


async def _tell_what_was_heard(
    database: Database, journal: Journal, arrays: PathArrays, signs: Signs, settings: SupervisionSettings
) -> None:
    try:
        while True:
            await trio.sleep(settings.supervision_flush_s)
            try:
                if arrays.claim():
                    await flush(database, arrays)
                await flush_tests(database, journal, signs, settings)
            except (StoreUnavailable, Conflict) as error:
                log.warning("supervision_not_flushed", why=str(error))
    finally:
        with (
            trio.CancelScope(shield=True, deadline=trio.current_time() + _LAST_WORD_S),
            contextlib.suppress(StoreUnavailable),
        ):
            if arrays.claim():
                await flush(database, arrays)


async def flush(session: Session, arrays: PathArrays) -> None:
    """Let the database know what was heard since it was last told."""
    news = await trio.to_thread.run_sync(_news, arrays)
    for start in range(0, len(news), _CHUNK):
        slots = news[start : start + _CHUNK]
        heard, told = _heard(arrays, slots), False
        # Already now: a site that is armed meanwhile takes this back.
        arrays.told_signal[slots] = heard.signal_s
        try:
            await store.write_heard(session, heard)
            told = True
        finally:
            if not told:
                arrays.told_signal[slots] = 0.0
        arrays.told[slots] = heard.heard_s
        metrics.FLUSHED.inc(len(slots))


def _news(arrays: PathArrays) -> Slots:
    used = slice(0, arrays.used)
    limit = arrays.limit[used]
    news = arrays.heard[used] - arrays.told[used] >= np.maximum(_WORTH_TELLING * limit, 1e-6)
    news |= arrays.signal[used] - arrays.told_signal[used] > _SIGNAL_WORTH_TELLING_S
    news &= limit > 0
    return np.flatnonzero(news)


def _heard(arrays: PathArrays, slots: Slots) -> Heard:
    return Heard(
        slot=slots.tolist(),
        heard_s=arrays.heard[slots].tolist(),
        sent_s=arrays.sent[slots].tolist(),
        signal_s=arrays.signal[slots].tolist(),
        source=arrays.source[slots].tolist(),
        armed=[_ARMED[armed] for armed in arrays.armed[slots].tolist()],
    )


async def flush_tests(database: Database, journal: Journal, signs: Signs, settings: SupervisionSettings) -> None:
    """Note the test reports that came to this process."""
    tests, signs.tests = signs.tests, {}
    if not tests:
        return
    try:
        plans = await plans_of(database, tests)
        await commit(journal, ends_of_lateness(plans, dt.datetime.now(dt.UTC)))
        await note_tests(database, plans, tests, settings)
    except (StoreUnavailable, Conflict):
        signs.tests = tests | signs.tests
        raise


# Sweeping --------------------------------------------------------------------------------------------------------


async def _sweep_in_turn(
    database: Database, journal: Journal, paths: Paths, hearing: Hearing, settings: SupervisionSettings, clock: Clock
) -> None:
    """Sweeper whenever nobody else does."""
    while True:
        try:
            async with database.dedicated() as connection:
                if await store.take_turn(connection):
                    log.info("supervision_sweeper_taken")
                    await _sweep(connection, journal, paths, hearing, settings, clock)
        except (StoreUnavailable, Conflict) as error:
            metrics.OVERDUE.clear()
            log.warning("supervision_sweeper_lost", why=str(error))
        await trio.sleep(_TAKE_TURN_S)


async def _sweep(
    session: Session, journal: Journal, paths: Paths, hearing: Hearing, settings: SupervisionSettings, clock: Clock
) -> None:
    sweeper = Sweeper(session, journal, paths.arrays, hearing, settings)
    await sweeper.begin(clock())
    while True:
        await sweeper.look(clock())
        await trio.sleep(settings.supervision_sweep_s)


async def _beat(hearing: Hearing, arrays: PathArrays, clock: Clock) -> None:
    """Notice when this process stands still, and when its clock is set."""
    while True:
        now_s = clock()
        if hearing.beat(now_s):
            arrays.nothing_lies_ahead(now_s)
            log.warning("clock_set_back")
        await trio.sleep(_BEAT_S)


async def _until_it_answers(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except StoreUnavailable as error:
            log.warning("paths_not_loaded_yet", why=str(error))
            await trio.sleep(_RETRY_S)
        else:
            return
