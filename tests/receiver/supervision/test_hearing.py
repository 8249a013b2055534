"""A path is never lost because we were deaf."""

from __future__ import annotations

from receiver.supervision.hearing import Deaf, Hearing
from receiver.supervision.settings import SupervisionSettings
from station.store.paths import LastSweep

SETTINGS = SupervisionSettings(supervision_deaf_s=10.0, supervision_long_deaf_s=60.0, supervision_settle_s=600.0)
NOW_S = 1_700_000_000.0


def test_whoever_follows_at_once_was_not_deaf() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.take_over(LastSweep(NOW_S - 9, 0, 0), NOW_S)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (0, 0)


def test_a_restart_of_half_a_minute() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.take_over(LastSweep(NOW_S - 30, 0, 0), NOW_S)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S, 0)
    assert hearing.deaf == []


def test_a_night_without_a_receiver() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.take_over(LastSweep(NOW_S - 30_000, 0, 0), NOW_S)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S, NOW_S)
    assert hearing.deaf == [Deaf(NOW_S - 30_000, NOW_S)]


def test_a_restart_soon_after_a_long_silence_forgets_none_of_it() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.take_over(LastSweep(NOW_S - 2, NOW_S - 5, NOW_S - 7), NOW_S)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S - 5, NOW_S - 7)
    assert hearing.deaf == []


def test_the_first_start_of_all() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.take_over(None, NOW_S)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S, NOW_S)
    assert hearing.deaf == []


def test_a_database_that_was_away_makes_nobody_deaf() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    for second in range(1000):
        hearing.beat(NOW_S + second)
    hearing.take_over(LastSweep(NOW_S + 100, 0, 0), NOW_S + 1000)
    # Other hosts get the time to tell what they have heard, no more.
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S + 1000, 0)
    assert hearing.deaf == []


def test_a_process_that_stood_still_was_deaf() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    hearing.beat(NOW_S + 9)
    assert hearing.listening.since_s == 0
    hearing.beat(NOW_S + 20)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S + 20, 0)
    hearing.beat(NOW_S + 90)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S + 90, NOW_S + 90)
    assert hearing.deaf == [Deaf(NOW_S + 20, NOW_S + 90)]


def test_a_clock_that_is_set_back_begins_anew() -> None:
    hearing = Hearing(SETTINGS, NOW_S)
    assert not hearing.beat(NOW_S - 1)
    assert hearing.beat(NOW_S - 3600)
    assert (hearing.listening.since_s, hearing.listening.anew_s) == (NOW_S - 3600, NOW_S - 3600)
