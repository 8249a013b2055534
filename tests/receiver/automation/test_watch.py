"""When a link counts as lost, and when as back."""

from __future__ import annotations

import datetime as dt

from receiver.automation.watch import LinkWatch
from station.signals import Kind, Qualifier, Signal

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def at(s: float) -> tuple[float, dt.datetime]:
    """The same moment on the monotonic clock, which does not begin at 0, and on the wall."""
    return 5000 + s, NOON + dt.timedelta(seconds=s)


def watch() -> LinkWatch:
    return LinkWatch("north", 90.0, at(0)[0])


def told(signal: Signal | None) -> tuple[Kind, Qualifier, str]:
    assert signal is not None
    return signal.kind, signal.qualifier, signal.account


LOST = (Kind.STATION, Qualifier.NEW, "receiver link north")
BACK = (Kind.STATION, Qualifier.RESTORE, "receiver link north")


def test_a_link_that_was_never_connected_is_lost_after_three_periods_and_once() -> None:
    link = watch()

    assert link.look(*at(90)) is None
    assert told(link.look(*at(91))) == LOST
    assert link.look(*at(500)) is None
    assert not link.lives


def test_a_heartbeat_every_period_keeps_it() -> None:
    link = watch()
    link.heard(*at(1))

    for s in range(31, 3000, 30):
        assert link.heard(*at(s)) is None
        assert link.look(*at(s + 29)) is None
    assert link.lives


def test_it_comes_back_and_can_be_lost_again() -> None:
    link = watch()
    lost = link.look(*at(100))
    back = link.heard(*at(130))
    again = link.look(*at(230))

    assert (told(lost), told(back), told(again)) == (LOST, BACK, LOST)
    assert lost is not None
    assert again is not None
    # The second loss is no copy of the first.
    assert lost.repeat_key != again.repeat_key


def test_the_first_word_after_a_start_ends_what_an_earlier_process_reported() -> None:
    link = watch()

    assert told(link.heard(*at(2))) == BACK
    assert link.heard(*at(3)) is None


def test_the_report_says_for_how_long_and_what_to_do() -> None:
    lost = watch().look(*at(95.4))

    assert lost is not None
    assert "nothing heard for 95 s" in lost.text
    assert "Check the receiver and the network" in lost.text
