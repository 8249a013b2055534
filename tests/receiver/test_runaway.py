"""A panel that floods is recognised, its repeats are suppressed, and nothing that matters is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.runaway import NEVER_SUPPRESSED, SEEN_LIMIT, Runaway
from receiver.runaway_rules import RunawayRules
from station.signals import Authenticity, Kind, Qualifier, Signal
from tests.dispatcher.writers import a_signal

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
#: Five at once, one more each four seconds; twelve within a minute.
RULES = RunawayRules(
    runaway_burst=5,
    runaway_per_s=0.25,
    runaway_window_signals=12,
    runaway_window_s=60,
    runaway_recovery_s=40,
    runaway_reminder_s=100,
)
KEY = b"sixteen bytes!!!"


def report(
    kind: Kind = Kind.BURGLARY,
    qualifier: Qualifier = Qualifier.NEW,
    *,
    slot: int = 0,
    zone: str | None = "001",
    area: str | None = "1",
    authenticity: Authenticity = Authenticity.UNPROVEN,
) -> Signal:
    came = a_signal(
        kind, qualifier, account=f"{slot:04}", account_id=slot + 1, zone=zone, authenticity=authenticity, repeat_key=KEY
    )
    return attrs.evolve(came, area=area, received_at=NOON)


def at(now_s: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=now_s)


def flooded(rules: RunawayRules = RULES, now_s: float = 0.0) -> Runaway:
    """The account in slot 0 floods, with burglaries of zone 001."""
    runaway = Runaway(rules)
    for _ in range(rules.runaway_burst + 1):
        runaway.judge(0, [report()], now_s)
    assert runaway.flooding == 1
    return runaway


def is_suppressed(runaway: Runaway, signal: Signal, now_s: float = 0.0) -> bool:
    (judged,) = runaway.judge(0, [signal], now_s)
    return judged.suppressed


# How it begins ---------------------------------------------------------------------------------------------------


def test_a_burst_is_borne_and_one_signal_more_is_a_flood() -> None:
    runaway = Runaway(RULES)
    for _ in range(5):
        came = [report()]
        assert runaway.judge(0, came, 100.0) is came
        assert not came[0].suppressed

    sixth, told = runaway.judge(0, [report()], 100.0)
    assert not sixth.suppressed
    assert (told.kind, told.qualifier, told.account, told.account_id) == (Kind.RUNAWAY, Qualifier.NEW, "0000", 1)
    assert told.repeat_key is not None
    assert not told.suppressed

    (seventh,) = runaway.judge(0, [report()], 100.0)
    # Its key stays: a copy of it is marked as one.
    assert (seventh.suppressed, seventh.repeat_key) == (True, KEY)
    assert runaway.suppressed == 1


def test_the_bucket_is_refilled_by_time() -> None:
    runaway = Runaway(RULES)
    for _ in range(5):
        runaway.judge(0, [report()], 0.0)
    for now_s in (4.0, 8.0, 12.0, 16.0):
        assert len(runaway.judge(0, [report()], now_s)) == 1
    assert len(runaway.judge(0, [report()], 19.0)) == 2


def test_a_slow_flood_is_found_by_its_window() -> None:
    """One in four seconds never empties the bucket, and is fifteen a minute."""
    runaway = Runaway(RULES)
    told = []
    for second in range(120):
        told += runaway.due(second, at(second))
        if second % 4 == 0:
            told += [s for s in runaway.judge(0, [report()], second) if s.kind is Kind.RUNAWAY]
        if told:
            break
    assert [s.qualifier for s in told] == [Qualifier.NEW]
    assert 48 < second <= 65


def test_ten_thousand_accounts_at_an_ordinary_pace_are_never_flagged() -> None:
    """Ten signals within a second four times an hour, and one each two minutes all the time, for two hours."""
    runaway = Runaway(RunawayRules())
    frames = [[report(slot=slot)] for slot in range(10_000)]
    bursts = [[report(slot=slot) for _ in range(10)] for slot in range(10_000)]
    for now_s in range(0, 7200, 120):
        for slot in range(10_000):
            came = bursts[slot] if now_s % 840 == 0 else frames[slot]
            assert runaway.judge(slot, came, now_s + slot / 100) is came
        for second in (100, 101):
            assert runaway.due(now_s + second, at(now_s)) == []
    assert (runaway.flooding, runaway.suppressed) == (0, 0)


def test_one_panels_flood_is_not_its_neighbours() -> None:
    runaway = flooded()
    for slot in (1, 2, 4000):
        assert not any(s.suppressed for s in runaway.judge(slot, [report(slot=slot), report(slot=slot)], 0.0))
    assert runaway.flooding == 1


# What is suppressed, and what never ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.PANIC_HOLDUP, Kind.MEDICAL, Kind.GAS_CO])
@pytest.mark.parametrize("qualifier", [Qualifier.NEW, Qualifier.RESTORE])
def test_what_may_be_about_a_life_is_never_suppressed(kind: Kind, qualifier: Qualifier) -> None:
    runaway = flooded()
    for _ in range(100):
        assert not is_suppressed(runaway, report(kind, qualifier))


def test_a_flood_of_fires_is_reported_and_none_of_them_suppressed() -> None:
    runaway = Runaway(RULES)
    stored = [s for _ in range(100) for s in runaway.judge(0, [report(Kind.FIRE)], 0.0)]
    assert [s.kind for s in stored if s.kind is not Kind.FIRE] == [Kind.RUNAWAY]
    assert not any(s.suppressed for s in stored)


@pytest.mark.parametrize(
    "other",
    [
        report(zone="002"),
        report(zone=None),
        report(area="2"),
        report(Kind.TAMPER),
        report(qualifier=Qualifier.RESTORE),
        attrs.evolve(report(), event_code="BV"),
    ],
    ids=["zone", "no zone", "area", "kind", "qualifier", "code"],
)
def test_what_is_new_in_a_flood_queues_at_once_and_its_repeats_do_not(other: Signal) -> None:
    runaway = flooded()
    assert is_suppressed(runaway, report())
    assert not is_suppressed(runaway, attrs.evolve(other))
    assert is_suppressed(runaway, attrs.evolve(other))


def test_of_one_frame_only_the_repeats_are_suppressed() -> None:
    stored = flooded().judge(0, [report(), report(zone="002"), report(Kind.FIRE), report(zone="002")], 0.0)
    assert [s.suppressed for s in stored] == [True, False, False, True]


def test_what_cannot_be_read_is_only_repeated_by_the_very_same() -> None:
    runaway = flooded()
    assert not is_suppressed(runaway, attrs.evolve(report(Kind.UNREADABLE), payload="one"))
    assert not is_suppressed(runaway, attrs.evolve(report(Kind.UNREADABLE), payload="other"))
    assert is_suppressed(runaway, attrs.evolve(report(Kind.UNREADABLE), payload="one"))


def test_the_memory_of_a_flood_is_bounded_and_errs_towards_the_queue() -> None:
    runaway = flooded()
    for zone in range(3 * SEEN_LIMIT):
        assert not is_suppressed(runaway, report(zone=str(zone)))
    (flood,) = runaway._floods.values()
    assert len(flood.seen) <= SEEN_LIMIT


@pytest.mark.parametrize("proof", [proof for proof in Authenticity if proof.authenticated is False])
def test_a_stranger_can_neither_bring_about_nor_be_hidden_by_a_flood(proof: Authenticity) -> None:
    runaway = Runaway(RULES)
    for _ in range(1000):
        assert not is_suppressed(runaway, report(authenticity=proof))
    assert runaway.flooding == 0
    assert len(runaway.judge(0, [report()], 0.0)) == 1

    runaway = flooded()
    for _ in range(1000):
        assert not is_suppressed(runaway, report(authenticity=proof))


def test_link_tests_do_not_count() -> None:
    runaway = Runaway(RULES)
    for second in range(1000):
        assert len(runaway.judge(0, [report(Kind.LINK_TEST)], second)) == 1
        assert runaway.due(second, at(second)) == []


# How it lasts and ends -------------------------------------------------------------------------------------------


def reports_of(runaway: Runaway, seconds: Iterable[int], speaks: Callable[[int], bool]) -> list[tuple[int, Qualifier]]:
    """What the receiver reports in these seconds, while the panel repeats itself in some of them."""
    told = []
    for second in seconds:
        if speaks(second):
            runaway.judge(0, [report()], second)
        told += [(second, s.qualifier) for s in runaway.due(second, at(second)) if s.kind is Kind.RUNAWAY]
    return told


def test_it_comes_back_to_a_person_as_long_as_it_lasts() -> None:
    told = reports_of(flooded(), range(1, 350), lambda second: True)
    assert told == [(100, Qualifier.STATUS), (200, Qualifier.STATUS), (300, Qualifier.STATUS)]


def test_a_quarter_of_an_hour_is_the_default() -> None:
    rules = RunawayRules()
    told = reports_of(flooded(rules), range(1, 2000), lambda second: True)
    assert told == [(900, Qualifier.STATUS), (1800, Qualifier.STATUS)]


def test_a_silent_panel_has_recovered() -> None:
    runaway = flooded()
    assert reports_of(runaway, range(1, 100), lambda second: False) == [(40, Qualifier.RESTORE)]
    assert runaway.flooding == 0
    assert not is_suppressed(runaway, report(), 100.0)


def test_a_panel_that_goes_on_at_an_ordinary_pace_has_recovered() -> None:
    """One in twenty seconds is well under one in five, which is the window's pace."""
    runaway = flooded()
    ((second, qualifier),) = reports_of(runaway, range(1, 300), lambda second: second % 20 == 0)
    assert (second < 100, qualifier) == (True, Qualifier.RESTORE)


def test_a_panel_that_slows_down_only_a_little_still_floods() -> None:
    runaway = flooded()
    told = reports_of(runaway, range(1, 100), lambda second: second % 4 == 0)
    assert told == []
    assert is_suppressed(runaway, report(), 100.0)


def test_after_a_recovery_it_may_flood_again() -> None:
    runaway = flooded()
    runaway.due(60.0, at(60))
    told = [s for _ in range(6) for s in runaway.judge(0, [report()], 61.0) if s.kind is Kind.RUNAWAY]
    assert [s.qualifier for s in told] == [Qualifier.NEW]


def test_the_reports_say_how_much_was_kept_back_and_what_last() -> None:
    runaway = flooded()
    for _ in range(1234):
        runaway.judge(0, [report()], 0.0)
    (told,) = runaway.due(40.0, at(40))
    assert told.qualifier is Qualifier.RESTORE
    assert (told.account, told.account_id, told.received_at) == ("0000", 1, at(40))
    assert "1,234 signals" in told.text
    assert "burglary new 1 001" in told.text


def test_each_report_is_an_occasion_of_its_own() -> None:
    runaway = flooded()
    keys = [s.repeat_key for second in (100, 200, 300) for s in _repeated(runaway, second)]
    assert len(set(keys)) == 3


def _repeated(runaway: Runaway, second: int) -> list[Signal]:
    runaway.judge(0, [report()], second)
    return runaway.due(second, at(second))


# Against a slow, plain model ---------------------------------------------------------------------------------------


@attrs.define
class Model:
    """One account: a bucket that is filled when it is looked at, and every counted signal on a list."""

    tokens: float = 5.0
    filled_at_s: float = 0.0
    #: The half window in which each came.
    counted: list[int] = attrs.field(factory=list)
    half: int = 0
    half_ends_at_s: float | None = None
    over_window: bool = False
    flooding: bool = False
    seen: list[object] = attrs.field(factory=list)
    told_at_s: float = 0.0
    over_at_s: float = 0.0

    def judge(self, signals: Sequence[Signal], now_s: float) -> tuple[list[bool], bool]:
        """Which are suppressed, and whether it began."""
        if signals[0].kind is Kind.LINK_TEST or signals[0].authenticity.authenticated is False:
            return [False] * len(signals), False
        self.tokens = min(5.0, self.tokens + 0.25 * (now_s - self.filled_at_s))
        self.filled_at_s = now_s
        self.counted += [self.half] * len(signals)
        began = False
        if self.tokens >= len(signals) and not self.over_window:
            self.tokens -= len(signals)
        elif not self.flooding:
            began = True
            self.flooding, self.seen, self.told_at_s, self.over_at_s = True, [], now_s, now_s + 40
        if not self.flooding:
            return [False] * len(signals), False
        self.over_at_s = min(max(self.over_at_s, now_s) + 5 * len(signals), now_s + 40)
        return [self._is_repeat(signal) for signal in signals], began

    def _is_repeat(self, signal: Signal) -> bool:
        if signal.kind in NEVER_SUPPRESSED:
            return False
        like = (signal.kind, signal.qualifier, signal.area, signal.zone)
        known = like in self.seen
        self.seen.append(like)
        return known

    def due(self, now_s: float) -> list[Qualifier]:
        if self.half_ends_at_s is None:
            self.half_ends_at_s = now_s + 30
        elif now_s >= self.half_ends_at_s:
            self.half, self.half_ends_at_s = self.half + 1, now_s + 30
        was, self.over_window = self.over_window, len([half for half in self.counted if half >= self.half - 1]) > 12
        if was and not self.over_window:
            self.tokens, self.filled_at_s = 5.0, now_s
        if self.flooding and self.over_at_s <= now_s:
            self.flooding, self.over_window, self.counted = False, False, []
            self.tokens, self.filled_at_s = 5.0, now_s
            return [Qualifier.RESTORE]
        if self.flooding and now_s - self.told_at_s >= 100:
            self.told_at_s = now_s
            return [Qualifier.STATUS]
        return []


SIGNALS = st.builds(
    lambda kind, qualifier, zone, area, authenticity: report(
        kind, qualifier, zone=zone, area=area, authenticity=authenticity
    ),
    st.sampled_from([Kind.BURGLARY, Kind.BURGLARY, Kind.POWER, Kind.FIRE, Kind.LINK_TEST]),
    st.sampled_from([Qualifier.NEW, Qualifier.RESTORE]),
    st.sampled_from(["001", "002", None]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([Authenticity.UNPROVEN, Authenticity.UNPROVEN, Authenticity.AUTHENTICATED, Authenticity.WRONG_KEY]),
)
#: Quarters of a second until it happens; the account; the frame, or None: the receiver looks.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 4, 20, 100, 400]),
        st.integers(0, 2),
        st.one_of(st.none(), st.lists(SIGNALS, min_size=1, max_size=4)),
    ),
    max_size=150,
)


@settings(deadline=None)
@given(STEPS)
def test_it_is_what_a_plain_model_says(steps: list[tuple[int, int, list[Signal] | None]]) -> None:
    runaway, models, now_s = Runaway(RULES), [Model() for _ in range(3)], 0.0
    for quarters, slot, frame in steps:
        now_s += quarters / 4
        if frame is None:
            told = sorted((s.account_id, s.qualifier.value) for s in runaway.due(now_s, at(now_s)))
            assert told == [(n, q.value) for n, model in enumerate(models, start=1) for q in model.due(now_s)]
            continue
        signals = [attrs.evolve(signal, account_id=slot + 1) for signal in frame]
        if {signal.authenticity for signal in signals} != {signals[0].authenticity}:
            signals = signals[:1]  # one frame proves one thing
        suppressed, began = models[slot].judge(signals, now_s)
        judged = runaway.judge(slot, signals, now_s)
        assert [s.suppressed for s in judged] == suppressed + [False] * began
    assert runaway.flooding == sum(model.flooding for model in models)
