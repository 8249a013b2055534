"""When an operator's verb is allowed."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from dispatcher import desk_rules
from station.errors import IllegalTransition, Reason, Refused
from station.incident_events import Disposition, TakenBy
from station.incidents import Closed, Incident, OnHold, State, Taken, Waiting
from station.signals import Kind

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WAITING = Incident(
    account_id=1,
    account="1234",
    matter="emergency",
    kind=Kind.BURGLARY,
    priority=2,
    authenticated=None,
    state=Waiting(),
    opened_at=NOON,
    points=frozenset({"001"}),
    restored_at=None,
    fence=0,
    last_n=4,
    last_signal_n=3,
    signals=2,
)
CLOSED = attrs.evolve(WAITING, state=Closed(NOON, Disposition.REAL))


def test_what_waits_or_is_on_hold_can_be_taken() -> None:
    assert desk_rules.take(WAITING, None, 7) == TakenBy(7)
    assert desk_rules.take(attrs.evolve(WAITING, state=OnHold(NOON + HOUR)), None, 7) == TakenBy(7)


def test_what_a_colleague_holds_is_refused_with_his_name() -> None:
    with pytest.raises(Refused) as refused:
        desk_rules.take(attrs.evolve(WAITING, state=Taken(8, 1), fence=1), "Rui", 7)
    assert (refused.value.reason, refused.value.who) == (Reason.HELD_BY_ANOTHER, "Rui")


def test_what_is_closed_stays_closed() -> None:
    with pytest.raises(IllegalTransition) as error:
        desk_rules.take(CLOSED, None, 7)
    assert (error.value.state, error.value.verb) == ("closed", "take")


def test_the_holder_may_go_on() -> None:
    desk_rules.must_hold(attrs.evolve(WAITING, state=Taken(7, 2), fence=2), "Ana", 7, 2, "note")


@pytest.mark.parametrize(
    ("state", "holder"),
    [(Taken(8, 3), "Rui"), (Taken(7, 3), "Ana"), (Waiting(), None), (OnHold(NOON + HOUR), None)],
    ids=["a colleague holds it", "the lease is an older one", "it is back in the queue", "it is on hold"],
)
def test_who_does_not_hold_it_is_refused(state: State, holder: str | None) -> None:
    """Whoever stands in the way is named, unless it is the asker himself, under a newer lease."""
    with pytest.raises(Refused) as refused:
        desk_rules.must_hold(attrs.evolve(WAITING, state=state, fence=3), holder, 7, 2, "note")
    assert (refused.value.reason, refused.value.who) == (Reason.LEASE_LOST, "Rui" if holder == "Rui" else None)


def test_nobody_writes_to_what_is_closed() -> None:
    with pytest.raises(IllegalTransition, match="note"):
        desk_rules.must_hold(CLOSED, None, 7, 2, "note")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_note_says_something(text: str) -> None:
    with pytest.raises(Refused) as refused:
        desk_rules.note_text(text)
    assert refused.value.reason is Reason.EMPTY_NOTE


def test_a_note_keeps_its_words() -> None:
    assert desk_rules.note_text("  nobody answers\nsecond call \n") == "nobody answers\nsecond call"


@pytest.mark.parametrize("ahead", [dt.timedelta(seconds=1), HOUR, dt.timedelta(hours=24)])
def test_a_hold_may_last_a_day(ahead: dt.timedelta) -> None:
    desk_rules.check_hold(NOON + ahead, NOON)


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [
        (dt.timedelta(0), Reason.HOLD_IN_THE_PAST),
        (-HOUR, Reason.HOLD_IN_THE_PAST),
        (dt.timedelta(hours=24, seconds=1), Reason.HOLD_TOO_LONG),
    ],
)
def test_a_hold_ends_and_does_not_begin_in_the_past(ahead: dt.timedelta, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        desk_rules.check_hold(NOON + ahead, NOON)
    assert refused.value.reason is reason


@pytest.mark.parametrize("seen_n", [3, 4])
def test_who_has_seen_the_last_signal_may_close(seen_n: int) -> None:
    desk_rules.check_close(WAITING, seen_n, "operator:1")


def test_nobody_closes_over_a_signal_that_he_has_not_seen() -> None:
    with pytest.raises(Refused) as refused:
        desk_rules.check_close(WAITING, 2, "operator:1")
    assert refused.value.reason is Reason.UNSEEN_SIGNALS
