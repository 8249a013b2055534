"""Which paths are overdue and which are back, against a slow model that looks at one path at a time."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from receiver.supervision.arrays import PathArrays, new_memory
from receiver.supervision.sweep import Listening, cut_off, sweep
from station.paths import Category, every
from tests.receiver.supervision.sites import ROOM, add, no_paths, of

START_S = 1_700_000_000.0
#: Nobody was ever deaf.
ALWAYS = Listening(since_s=0.0, settle_s=600.0, anew_s=0.0)


def test_a_path_is_lost_in_time_and_not_before() -> None:
    paths = no_paths()
    (slot,) = add(paths, 1, of(Category.SP4), heard_s=START_S)
    assert sweep(paths.arrays, START_S + 177, ALWAYS).overdue.tolist() == []
    assert sweep(paths.arrays, START_S + 177.1, ALWAYS).overdue.tolist() == [slot]
    paths.arrays.lose(np.array([slot]), START_S + 177.1)
    assert sweep(paths.arrays, START_S + 1000, ALWAYS).overdue.tolist() == []
    paths.arrays.heard_from(slot, START_S + 1001)
    assert sweep(paths.arrays, START_S + 1002, ALWAYS).back.tolist() == [slot]


def test_an_alternative_path_is_held_to_its_short_time_from_when_the_primary_is_lost() -> None:
    paths = no_paths()
    primary, alternative = add(paths, 1, of(Category.DP3), of(Category.DP3, 2), heard_s=START_S)
    now_s = START_S + 20 * 3600
    paths.arrays.heard_from(primary, now_s)
    lost_s = now_s + 178
    assert sweep(paths.arrays, lost_s, ALWAYS).overdue.tolist() == [primary]
    paths.arrays.lose(np.array([primary]), lost_s)
    assert sweep(paths.arrays, lost_s + 177, ALWAYS).overdue.tolist() == []
    assert sweep(paths.arrays, lost_s + 178, ALWAYS).overdue.tolist() == [alternative]
    # With the primary path back, it has its 25 h again.
    paths.arrays.heard_from(primary, lost_s + 178)
    paths.arrays.recover(np.array([primary]))
    assert sweep(paths.arrays, lost_s + 179, ALWAYS).overdue.tolist() == []


def test_a_site_is_cut_off_when_the_last_of_several_paths_is_lost() -> None:
    paths = no_paths()
    primary, alternative = add(paths, 1, of(Category.DP3), of(Category.DP3, 2), heard_s=START_S)
    (single,) = add(paths, 2, of(Category.SP4), heard_s=START_S)
    paths.arrays.lose(np.array([primary, single]), START_S)
    assert cut_off(paths.arrays, np.array([primary, single])) == []
    paths.arrays.lose(np.array([alternative]), START_S)
    assert cut_off(paths.arrays, np.array([alternative])) == [primary]


def test_after_a_short_deafness_panels_get_the_time_to_try_again() -> None:
    paths = no_paths()
    short, long = add(paths, 1, every(60))[0], add(paths, 2, of(Category.SP2))[0]
    up_s = START_S + 90_100
    listening = Listening(since_s=up_s, settle_s=600.0, anew_s=0.0)
    paths.arrays.heard[[short, long]] = [up_s - 70, START_S]
    assert sweep(paths.arrays, up_s + 77, listening).overdue.tolist() == []
    assert sweep(paths.arrays, up_s + 78, listening).overdue.tolist() == [short]
    assert sweep(paths.arrays, up_s + 601, listening).overdue.tolist() == [short, long]


def test_after_a_long_deafness_each_path_has_its_whole_time() -> None:
    paths = no_paths()
    (slot,) = add(paths, 1, of(Category.SP2), heard_s=START_S)
    up_s = START_S + 80_000
    listening = Listening(since_s=up_s, settle_s=600.0, anew_s=up_s)
    assert sweep(paths.arrays, up_s + 89_997, listening).overdue.tolist() == []
    assert sweep(paths.arrays, up_s + 89_998, listening).overdue.tolist() == [slot]


@pytest.mark.parametrize("place", [1, 32_767, 32_768, 65_536, 99_999])
def test_the_place_of_a_path_in_the_arrays_does_not_matter(place: int) -> None:
    arrays = PathArrays(new_memory(100_000))
    arrays.used = 100_000
    arrays.heard[1:] = START_S
    arrays.limit[1:] = 1000.0
    arrays.heard[place] = START_S - 1000
    assert sweep(arrays, START_S + 1, ALWAYS).overdue.tolist() == [place]


def test_two_processes_see_what_the_other_one_hears() -> None:
    memory = new_memory(ROOM)
    one, other = PathArrays(memory), PathArrays(memory)
    one.heard_from(7, START_S)
    other.heard_from_many([8, 9], START_S + 1)
    assert other.heard[7] == START_S
    assert one.heard[7:10].tolist() == [START_S, START_S + 1, START_S + 1]


@attrs.define
class ModelPath:
    """One path, in plain words."""

    heard_s: float
    up_s: float
    alone_s: float
    primary: int | None
    lost_s: float | None = None


CATEGORIES = {  # reporting times by hand, less three seconds
    Category.SP5: (87.0, 87.0, 87.0),
    Category.DP3: (177.0, 89_997.0, 177.0),
    Category.DP4: (87.0, 17_997.0, 87.0),
}


class SweepMachine(RuleBasedStateMachine):
    """Time passes, panels speak, we go deaf; after each look both must agree."""

    @initialize(
        sites=st.lists(st.tuples(st.sampled_from(sorted(CATEGORIES, key=str)), st.booleans()), min_size=1, max_size=6)
    )
    def begin(self, sites: list[tuple[Category, bool]]) -> None:
        self.now_s = START_S
        self.listening = ALWAYS
        self.paths = no_paths()
        self.model: dict[int, ModelPath] = {}
        for account, (category, dual) in enumerate(sites, start=1):
            several = [of(category), of(category, 2)] if dual else [of(category)]
            slots = add(self.paths, account, *several, heard_s=START_S)
            first_s, up_s, alone_s = CATEGORIES[category]
            self.model[slots[0]] = ModelPath(START_S, first_s, first_s, None)
            if dual:
                self.model[slots[1]] = ModelPath(START_S, up_s, alone_s, slots[0])

    @rule(seconds=st.sampled_from([1.0, 30.0, 86.0, 90.0, 178.0, 600.0, 18_000.0, 90_000.0]))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(chance=st.randoms(use_true_random=False))
    def some_speak(self, chance: object) -> None:
        for slot, path in self.model.items():
            if chance.random() < 0.5:  # type: ignore[attr-defined]  # hypothesis gives a random.Random
                self.paths.arrays.heard_from(slot, self.now_s)
                path.heard_s = self.now_s

    @rule(long=st.booleans())
    def go_deaf(self, long: bool) -> None:
        self.now_s += 61.0 if long else 11.0
        anew_s = self.now_s if long else self.listening.anew_s
        self.listening = Listening(since_s=self.now_s, settle_s=600.0, anew_s=anew_s)

    @rule()
    def look(self) -> None:
        swept = sweep(self.paths.arrays, self.now_s, self.listening)
        overdue = [slot for slot, path in self.model.items() if self._is_overdue(path)]
        back = [s for s, p in self.model.items() if p.lost_s is not None and p.heard_s > p.lost_s]
        assert swept.overdue.tolist() == overdue
        assert swept.back.tolist() == back
        self.paths.arrays.recover(swept.back)
        self.paths.arrays.lose(swept.overdue, self.now_s)
        for slot in back:
            self.model[slot].lost_s = None
        for slot in overdue:
            self.model[slot].lost_s = self.now_s

    def _is_overdue(self, path: ModelPath) -> bool:
        if path.lost_s is not None:
            return False
        limit_s, since_s = path.up_s, max(path.heard_s, self.listening.anew_s)
        primary = None if path.primary is None else self.model[path.primary]
        if primary is not None and primary.lost_s is not None:
            limit_s, since_s = path.alone_s, max(since_s, primary.lost_s)
        tried = self.now_s - self.listening.since_s > min(limit_s, 600.0)
        return self.now_s - since_s > limit_s and tried

    @invariant()
    def lost_is_what_the_model_says(self) -> None:
        lost = np.flatnonzero(self.paths.arrays.lost[: self.paths.arrays.used]).tolist()
        assert lost == [slot for slot, path in self.model.items() if path.lost_s is not None]


TestSweepMachine = SweepMachine.TestCase
TestSweepMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
