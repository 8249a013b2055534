"""Sweeps for all receivers: looks at every path each second, and tells what it finds.

In: the arrays of its host, and through the database what other hosts have heard. Out: signals, and then rows that say
what was told. Told first and noted then: a sweeper that ends between the two tells it again, which is a repeat. Whoever
follows it begins from those rows, so what was lost stays lost and is not told anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs
import numpy as np
import structlog
import trio

from receiver.journal import Journal, entry_of
from receiver.supervision import metrics, reports
from receiver.supervision.arrays import PathArrays, Slots
from receiver.supervision.hearing import Hearing
from receiver.supervision.late_test_reports import LateTestReports
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.storms import Storm, Storms
from receiver.supervision.sweep import confirmed, cut_off, sweep
from station.signals import Signal
from station.store import paths as store
from station.store.database import Session

log = structlog.get_logger()

#: Signals in one entry of the journal.
_CHUNK: Final = 500
#: A storm that grows is told again this often.
_STORM_TOLD_EVERY_S: Final = 15.0


@attrs.define
class _Found:
    """What one look is to tell; slots."""

    #: Told one by one.
    lost: list[int] = attrs.field(factory=list)
    back: list[int] = attrs.field(factory=list)
    #: Primary slots of sites that nothing reaches us from, and of those where that ended, with the path that is back.
    cut_off: list[int] = attrs.field(factory=list)
    reached: dict[int, int] = attrs.field(factory=dict)
    storms: list[Storm] = attrs.field(factory=list)
    over: list[Storm] = attrs.field(factory=list)
    #: To be noted: everything that came back, and each lost path with the storm that tells of it.
    noted_back: list[int] = attrs.field(factory=list)
    noted_lost: dict[int, str | None] = attrs.field(factory=dict)


class Sweeper:
    """Sweeps as long as one session of the database lasts; whatever fails there ends it."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        arrays: PathArrays,
        hearing: Hearing,
        settings: SupervisionSettings,
    ) -> None:
        self._session = session
        self._journal = journal
        self._arrays = arrays
        self._hearing = hearing
        self._settings = settings
        self._storms = Storms(arrays, settings)
        self._storm_told: dict[str, float] = {}
        self._cut_off: set[int] = set()
        self._tests = LateTestReports(session, settings)

    async def begin(self, now_s: float) -> None:
        """Take over from whoever swept before."""
        self._hearing.take_over(await store.last_sweep(self._session), now_s)
        arrays = self._arrays
        arrays.recover(np.flatnonzero(arrays.lost[: arrays.used]))
        known = [path for path in await store.lost_paths(self._session) if path.slot < arrays.used]
        slots = np.array([path.slot for path in known], np.intp)
        arrays.lose(slots, np.array([path.lost_s for path in known]))
        self._cut_off = set(cut_off(arrays, slots))
        for path in known:
            if path.storm is not None:
                self._storms.resume(path.storm, [path.slot])
        self._count()

    async def look(self, now_s: float) -> None:
        """Look once. Returns when all that was found is committed and noted.

        Raises:
            StoreUnavailable: the turn is lost; what was not noted will be told again.
        """
        while self._hearing.deaf:
            deaf = self._hearing.deaf[0]
            await self._tests.excuse(_instant(deaf.began_s), _instant(deaf.ended_s))
            del self._hearing.deaf[0]
        listening = self._hearing.listening
        await store.note_sweep(self._session, store.LastSweep(now_s, listening.since_s, listening.anew_s))
        arrays = self._arrays
        self._take_over_from_other_hosts(await store.heard_again(self._session))
        with metrics.SWEEP_DURATION.time():
            swept = await trio.to_thread.run_sync(sweep, arrays, now_s, listening)
        overdue = swept.overdue
        if len(overdue):
            self._take_over_from_other_hosts(await store.heard_of(self._session, overdue.tolist()))
            overdue = confirmed(arrays, overdue, now_s, listening)
        # A storm of a hundred thousand paths is sorted and written down beside the panels' replies, not before them.
        found = await trio.to_thread.run_sync(self._sort, overdue, swept.back, now_s)
        await self._tell(found, now_s)
        await commit(self._journal, await self._tests.look(_instant(now_s)))
        await self._tests.note()

    def _take_over_from_other_hosts(self, heard: Mapping[int, float]) -> None:
        if heard:
            slots = np.fromiter(heard, np.intp)
            slots = slots[slots < self._arrays.used]
            times = np.array([heard[slot] for slot in slots.tolist()])
            self._arrays.heard[slots] = np.maximum(self._arrays.heard[slots], times)
            self._arrays.told[slots] = np.maximum(self._arrays.told[slots], times)

    def _sort(self, overdue: Slots, back: Slots, now_s: float) -> _Found:
        """What to tell, and mark it in the arrays."""
        found = _Found(noted_back=back.tolist())
        if len(back):
            self._arrays.recover(back)
            quiet = self._storms.back(found.noted_back)
            found.back = [slot for slot in found.noted_back if slot not in quiet]
            for slot in found.noted_back:
                primary = int(self._arrays.primary[slot])
                if primary in self._cut_off:
                    self._cut_off.discard(primary)
                    found.reached[primary] = slot
        if len(overdue):
            self._arrays.lose(overdue, now_s)
            found.cut_off = cut_off(self._arrays, overdue)
            self._cut_off.update(found.cut_off)
            became = self._storms.sort(overdue, self._cut_off, now_s)
            found.lost = became.alone
            found.noted_lost = {slot: name for name, slots in became.folded.items() for slot in slots}
        self._sort_storms(found, now_s)
        found.noted_lost |= dict.fromkeys(found.lost)
        if found.noted_lost or found.noted_back:
            self._count()
        return found

    def _sort_storms(self, found: _Found, now_s: float) -> None:
        found.lost += self._storms.conspicuous(self._cut_off, now_s)
        found.over = self._storms.over()
        for storm in found.over:
            found.lost += storm.members
            self._storm_told.pop(storm.name, None)
        for storm in self._storms.lasting.values():
            told_s = self._storm_told.get(storm.name, 0.0)
            if storm.grew_s > told_s and now_s - told_s >= _STORM_TOLD_EVERY_S:
                found.storms.append(storm)
                self._storm_told[storm.name] = now_s
                if not told_s:
                    metrics.STORMS_BEGUN.inc()

    async def _tell(self, found: _Found, now_s: float) -> None:
        now = _instant(now_s)
        involved = {*found.lost, *found.back, *found.cut_off, *found.reached.values()}
        involved |= {slot for storm in found.storms for slot in storm.members}
        if involved or found.over:
            whose = await store.owners(self._session, sorted(involved))
            signals = await trio.to_thread.run_sync(self._signals, found, whose, now)
            await commit(self._journal, signals)
        if found.noted_back:
            await store.mark_back(self._session, found.noted_back)
        if found.noted_lost:
            slots, storms = zip(*found.noted_lost.items(), strict=True)
            await store.mark_lost(self._session, slots, now_s, storms)

    def _signals(self, found: _Found, whose: Mapping[int, store.Whose], now: dt.datetime) -> list[Signal]:
        heard = self._arrays.heard
        signals = [reports.path_back(now, whose[slot], float(heard[slot])) for slot in _known(found.back, whose)]
        signals += [reports.one_path_back(now, whose[slot]) for slot in found.reached.values() if slot in whose]
        signals += [reports.path_lost(now, whose[slot], float(heard[slot])) for slot in _known(found.lost, whose)]
        signals += [reports.all_paths_lost(now, whose[slot]) for slot in _known(found.cut_off, whose)]
        for storm in found.storms:
            numbers = [whose[slot].account for slot in _known(storm.members, whose)]
            signals.append(reports.storm(now, storm.name, numbers, self._settings.storm_listed))
            log.warning("storm", matter=storm.name, paths=len(numbers))
        signals += [
            reports.storm_over(now, storm.name, storm.peak - len(storm.members), storm.peak) for storm in found.over
        ]
        return signals

    def _count(self) -> None:
        lost = self._arrays.grade[: self._arrays.used][self._arrays.lost[: self._arrays.used]]
        for grade, count in enumerate(np.bincount(lost, minlength=5)[:5].tolist()):
            metrics.OVERDUE.labels(str(grade) if grade else "none").set(count)
        metrics.STORMS.set(len(self._storms.lasting))


async def commit(journal: Journal, signals: Sequence[Signal]) -> None:
    """Store signals; returns when they are."""
    for start in range(0, len(signals), _CHUNK):
        await journal.wait_for_room()
        committed = trio.Event()
        journal.submit(0, entry_of(signals[start : start + _CHUNK], committed.set))
        await committed.wait()


def _known(slots: Iterable[int], whose: Collection[int]) -> list[int]:
    """Paths that were deleted meanwhile are nobody's."""
    return [slot for slot in sorted(set(slots)) if slot in whose]


def _instant(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
