"""Whether the clock is known to be right, second by second, and what people are told."""

from __future__ import annotations

import datetime as dt
import itertools

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from receiver.clock.rules import Finding, OwnClock, Standing
from receiver.clock.settings import ClockSettings, check_clock, endpoints
from receiver.clock.sntp import Measured
from station.signals import Qualifier

NOON = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
ALONE = ClockSettings()
ASKING = ClockSettings(time_sources=("192.0.2.1",))


class World:
    """A host whose clock jumped `ahead_s` ahead of the truth and drifted `drifted_s`, and what its rules make of it."""

    def __init__(self, settings: ClockSettings, now: dt.datetime = NOON) -> None:
        self._start = now
        self.now_s = 1000.0
        self.ahead_s = 0.0
        self.drifted_s = 0.0
        self.clock = OwnClock(settings, "north", self.now_s, now)
        self.reports: list[tuple[Qualifier, str]] = []

    @property
    def now(self) -> dt.datetime:
        return self._start + dt.timedelta(seconds=self.now_s - 1000 + self.ahead_s)

    def look(self) -> Finding:
        finding = self.clock.look(self.now_s, self.now)
        if finding.report is not None:
            self.reports.append((finding.report, finding.text))
        return finding

    def wait(self, seconds: int) -> Finding:
        for _ in range(seconds):
            self.now_s += 1
            self.look()
        return self.look()

    def ask(self, *wrong: float, round_trip_s: float = 0.02) -> Finding:
        """Servers answer that are so wrong themselves."""
        ahead_s = self.ahead_s + self.drifted_s
        self.clock.sources_said([Measured(ahead_s - off_s, round_trip_s) for off_s in wrong], self.now_s)
        return self.look()

    def ask_database(self, wrong_s: float = 0.0) -> Finding:
        self.clock.database_said(Measured(self.ahead_s - wrong_s, 0.001))
        return self.look()

    @property
    def told(self) -> list[Qualifier]:
        return [qualifier for qualifier, _ in self.reports]


def test_with_nobody_to_ask_and_nothing_against_it_the_clock_counts_as_right() -> None:
    world = World(ALONE)
    assert world.look().right
    assert world.wait(6 * 3600).right
    assert world.reports == []


# Jumps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump_s", [2.1, -2.1, 3600.0, -86_400.0])
def test_a_clock_that_jumped_is_trusted_again_after_ten_minutes_of_calm(jump_s: float) -> None:
    world = World(ALONE)
    world.wait(5)
    world.ahead_s += jump_s
    finding = world.look()
    assert (finding.jumped, finding.standing) == (True, Standing.JUMPED)
    assert world.wait(599).standing is Standing.JUMPED
    assert world.wait(1).right
    assert world.told == [Qualifier.NEW, Qualifier.RESTORE]
    assert f"jumped {abs(jump_s):.1f} s {'ahead' if jump_s > 0 else 'back'}" in world.reports[0][1]


def test_each_jump_begins_the_calm_anew() -> None:
    world = World(ALONE)
    for _ in range(3):
        world.ahead_s += 10
        world.look()
        assert not world.wait(590).right
    assert world.wait(10).right


def test_many_little_jumps_are_one() -> None:
    world = World(ALONE)
    for _ in range(3):
        world.ahead_s += 0.9
        world.wait(60)
    assert world.look().standing is Standing.JUMPED


def test_a_leap_second_is_no_jump() -> None:
    world = World(ALONE)
    world.ahead_s += 1
    assert world.wait(10).right


def test_a_jump_that_time_servers_confirm_at_once_is_nobodys_business() -> None:
    world = World(ASKING)
    world.ask(0.0)
    world.ahead_s += 30  # the truth itself seems to have jumped: the host was paused
    assert not world.look().right
    world.clock.sources_said([Measured(0.0, 0.02)], world.now_s)
    assert world.wait(700).right
    assert world.told == [Qualifier.RESTORE]  # from the start: an earlier process may have reported


def test_where_time_servers_are_set_calm_alone_is_not_enough() -> None:
    world = World(ASKING)
    world.ask(0.0)
    world.ahead_s += 30
    world.look()
    assert world.wait(3000).standing is Standing.JUMPED
    assert world.ask(30.0).right


# Time sources --------------------------------------------------------------------------------------------------------


def test_until_a_time_server_has_answered_nothing_is_known() -> None:
    world = World(ASKING)
    assert world.look().standing is Standing.UNCONFIRMED
    assert world.wait(1000).standing is Standing.UNCONFIRMED
    assert world.reports == []
    assert world.ask(0.1).right


def test_time_servers_that_fall_silent() -> None:
    world = World(ASKING)
    world.ask(0.0)
    assert world.wait(3599).right
    assert world.ask().right
    assert world.wait(1).standing is Standing.SILENT
    assert world.ask(0.0).right
    assert world.told == [Qualifier.RESTORE, Qualifier.NEW, Qualifier.RESTORE]
    assert "no time source has answered for 60 minutes" in world.reports[1][1]


def test_a_clock_that_is_off_and_is_set_again() -> None:
    world = World(ASKING)
    world.ask(0.0)
    world.drifted_s = 1.9
    assert world.ask(0.0).right
    world.drifted_s = 5.0
    finding = world.ask(0.0)
    assert (finding.standing, finding.ahead_s) == (Standing.OFF, 5.0)
    world.ahead_s = -5.0
    assert not world.look().right
    assert world.ask(0.0).right
    assert world.told == [Qualifier.RESTORE, Qualifier.NEW, Qualifier.RESTORE]
    assert "The clock of north is 5.0 s ahead. Set it" in world.reports[1][1]
    assert world.reports[2][1] == "The clock of north is right."


def test_a_clock_that_drifts_at_the_edge_does_not_go_to_and_fro() -> None:
    world = World(ASKING)
    world.ask(0.0)
    for drifted_s in (2.05, 1.95, 2.05, 1.5, 1.05):
        world.drifted_s = drifted_s
        assert world.ask(0.0).standing is Standing.OFF
    world.drifted_s = 0.95
    assert world.ask(0.0).right
    assert world.told == [Qualifier.RESTORE, Qualifier.NEW, Qualifier.RESTORE]


@pytest.mark.parametrize(
    ("servers", "right"),
    [
        ([0.0, 0.1, 300.0], True),
        ([300.0, 300.1, 0.0], False),
        ([300.0, 300.1], False),
        # One against one: our own clock has the casting vote.
        ([300.0, 0.0], True),
        ([-300.0, 300.0], True),
        ([300.0], False),
    ],
)
def test_most_voices_count(servers: list[float], right: bool) -> None:
    assert World(ASKING).ask(*servers).right is right


def test_an_answer_that_took_too_long_says_nothing() -> None:
    world = World(ASKING)
    world.ask(0.0)
    assert world.ask(300.0, round_trip_s=2.5).right


# The database, and the calendar --------------------------------------------------------------------------------------


def test_a_database_on_another_host_that_shows_another_time() -> None:
    world = World(ALONE)
    world.look()
    assert world.ask_database(7.0).standing is Standing.OFF
    assert "7.0 s behind" in world.reports[0][1]
    assert world.ask_database(0.0).right
    assert world.told == [Qualifier.NEW, Qualifier.RESTORE]


def test_time_servers_know_better_than_the_database() -> None:
    world = World(ASKING)
    world.ask(0.0)
    assert world.ask_database(7.0).right


def test_a_database_that_jumps_along_with_us_confirms_nothing() -> None:
    world = World(ALONE)
    world.ask_database(0.0)
    world.ahead_s += 60
    world.look()
    assert world.ask_database(60.0).standing is Standing.JUMPED


def test_a_database_that_differed_and_now_agrees_confirms_the_jump() -> None:
    world = World(ALONE)
    world.ahead_s = -60.0
    world.wait(700)
    assert not world.ask_database().right
    world.ahead_s = 0.0
    assert world.look().standing is Standing.JUMPED
    assert world.ask_database().right


def test_a_clock_before_the_program_was_written_is_wrong() -> None:
    world = World(ALONE, dt.datetime(2010, 1, 1, tzinfo=dt.UTC))
    assert world.look().standing is Standing.ABSURD
    assert "shows 2010-01-01" in world.reports[0][1]
    world.ahead_s = 86_400 * 365.25 * 16
    assert world.look().standing is Standing.JUMPED
    assert world.wait(600).right
    assert world.told == [Qualifier.NEW, Qualifier.NEW, Qualifier.RESTORE]


# Whatever happens ----------------------------------------------------------------------------------------------------


class AnyHost(RuleBasedStateMachine):
    """Clocks jump and drift, servers answer or not; what must always hold, does."""

    @initialize(asking=st.booleans())
    def start(self, asking: bool) -> None:
        self.world = World(ASKING if asking else ALONE)
        self.asking = asking
        self.heard_at_s: float | None = None
        self.jumped_at_s: float | None = None
        self.finding = self.world.look()

    @property
    def ahead_s(self) -> float:
        return self.world.ahead_s + self.world.drifted_s

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds: int) -> None:
        self.world.now_s += seconds
        self.finding = self.world.look()

    @rule(jump_s=st.one_of(st.floats(2.5, 1e6), st.floats(-1e6, -2.5)))
    def jump(self, jump_s: float) -> None:
        self.world.ahead_s += jump_s
        self.jumped_at_s = self.world.now_s
        self.finding = self.world.look()
        assert not self.finding.right

    @rule(drift_s=st.floats(-5, 5))
    def drift(self, drift_s: float) -> None:
        self.world.drifted_s += drift_s

    @rule()
    def set_right(self) -> None:
        if abs(self.ahead_s) > 2.5:
            self.jump(-self.ahead_s)

    @rule(wrong=st.lists(st.floats(-0.4, 0.4), max_size=4))
    def ask(self, wrong: list[float]) -> None:
        if not self.asking:
            return
        self.finding = self.world.ask(*wrong)
        if wrong:
            self.heard_at_s = self.world.now_s
            if abs(self.ahead_s) > 2.5:
                assert self.finding.standing is Standing.OFF
            elif abs(self.ahead_s) < 0.5:
                self.jumped_at_s = None
                assert self.finding.right

    @invariant()
    def is_right_only_when_nothing_speaks_against_it(self) -> None:
        if not self.finding.right:
            return
        now_s = self.world.now_s
        if self.asking:
            assert self.heard_at_s is not None
            assert now_s - self.heard_at_s < 3600
            assert self.jumped_at_s is None or self.heard_at_s >= self.jumped_at_s
        elif self.jumped_at_s is not None:
            assert now_s - self.jumped_at_s >= 600

    @invariant()
    def is_right_again_after_all(self) -> None:
        if not self.asking and (self.jumped_at_s is None or self.world.now_s - self.jumped_at_s >= 600):
            assert self.finding.right

    @invariant()
    def each_restore_ends_something(self) -> None:
        told = self.world.told
        assert all(pair != (Qualifier.RESTORE, Qualifier.RESTORE) for pair in itertools.pairwise(told))
        if self.finding.standing in {Standing.OFF, Standing.SILENT, Standing.ABSURD}:
            assert told[-1] is Qualifier.NEW
        if self.finding.right and told:
            assert told[-1] is Qualifier.RESTORE


TestAnyHost = AnyHost.TestCase


# Settings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("ntp.example.org", "ntp.example.org", 123),
        ("ntp.example.org:1123", "ntp.example.org", 1123),
        ("192.0.2.1", "192.0.2.1", 123),
        ("2001:db8::5", "2001:db8::5", 123),
        ("[2001:db8::5]", "2001:db8::5", 123),
        ("[2001:db8::5]:1123", "2001:db8::5", 1123),
    ],
)
def test_time_servers_as_people_write_them(text: str, host: str, port: int) -> None:
    (endpoint,) = endpoints(attrs.evolve(ALONE, time_sources=(text,)))
    assert (endpoint.host, endpoint.port) == (host, port)


@pytest.mark.parametrize("text", ["", "ntp.example.org:", "ntp.example.org:70000", "a b", "ntp://example.org"])
def test_what_is_no_time_server_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="time_sources"):
        check_clock(None, attrs.evolve(ALONE, time_sources=(text,)))


def test_a_tolerance_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="clock_tolerance_s must be more than 0"):
        check_clock(None, ClockSettings(clock_tolerance_s=0))
