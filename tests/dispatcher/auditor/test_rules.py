"""What counts as late, and when it is an alarm."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.auditor.matters import Matter, Matters
from dispatcher.auditor.rules import Check, Fault, Watch, alarm_text, faults, late_s
from dispatcher.auditor.settings import Tolerances
from station.signals import Kind, Qualifier
from station.store.auditor import Look

NOW = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
USUAL = Tolerances()

A = Fault(Check.SIGNALS, "a")
B = Fault(Check.TIMERS, "b")


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (Look(without_due=1, a_without_due=7), "incident 7 is without a next action: open it now"),
        (Look(without_due=3, a_without_due=7), "3 incidents, among them 7, are without a next action: open it now"),
        (Look(due_late=1, a_due_late=4, due_late_s=15.4), "incident 4 is overdue by 15 s: open it now"),
        (Look(timer_late_s=15.1), "a timer is overdue by 15 s"),
        (Look(unread_s=5.1), "signals wait 5 s for the dispatcher"),
        (Look(queued_s=60.1), "a message waits 60 s to be sent"),
        (Look(sending_late_s=30.1), "a message was begun and is not sent 30 s after its time"),
    ],
)
def test_what_is_late_is_said_in_plain_words(look: Look, text: str) -> None:
    assert [fault.text for fault in faults(look, USUAL)] == [text]


def test_what_is_within_the_tolerance_is_no_fault() -> None:
    on_time = Look(due_late_s=15.0, timer_late_s=15.0, unread_s=5.0, queued_s=60.0, sending_late_s=30.0)
    assert faults(on_time, USUAL) == []
    assert faults(Look(), USUAL) == []


def test_a_restored_station_is_not_late_with_what_it_must_not_do_yet() -> None:
    hours = Look(due_late=2, a_due_late=1, due_late_s=7e3, timer_late_s=7e3, queued_s=7e3, sending_late_s=7e3)
    assert len(faults(hours, USUAL)) == 4
    restored = Look(
        due_late=2, a_due_late=1, due_late_s=7e3, timer_late_s=7e3, queued_s=7e3, sending_late_s=7e3, released=False
    )
    assert faults(restored, USUAL) == []
    assert late_s(restored) == 0


def test_a_restored_station_still_works_off_signals_and_forgets_no_incident() -> None:
    look = Look(without_due=1, a_without_due=7, unread_s=9, released=False)
    assert [fault.check for fault in faults(look, USUAL)] == [Check.WITHOUT_DUE, Check.SIGNALS]
    assert late_s(look) == 9


def test_the_engine_is_as_late_as_the_latest_of_all() -> None:
    assert late_s(Look()) == 0
    assert late_s(Look(due_late_s=1, timer_late_s=3, unread_s=2)) == 3


def test_only_what_is_wrong_twice_in_a_row_is_an_alarm_and_one_look_ends_it() -> None:
    watch = Watch()
    seen = []
    for found in ([A], [], [A], [B], [A, B], [A], [B], [], [B]):
        watch.note(found)
        seen.append((watch.alarm, watch.well))
    assert seen == [
        (False, False),
        (False, True),
        (False, False),
        (False, False),  # another check than before
        (True, False),
        (True, False),
        (True, False),  # all was not well since
        (False, True),
        (False, False),
    ]


def test_a_silent_database_is_never_well_and_changes_nothing_else() -> None:
    watch = Watch()
    watch.note([])
    watch.note(None)
    assert (watch.well, watch.alarm) == (False, False)
    watch.note([A])
    watch.note(None)
    watch.note([A])
    assert watch.alarm
    watch.note(None)
    assert (watch.well, watch.alarm) == (False, True)


@given(st.lists(st.none() | st.lists(st.sampled_from([A, B]), max_size=2)))
def test_while_an_alarm_stands_nobody_is_told_that_all_is_well(looks: list[list[Fault] | None]) -> None:
    watch = Watch()
    for found in looks:
        watch.note(found)
        assert watch.well == (found == [])
        assert not (watch.alarm and watch.well)


def test_the_alarm_names_every_fault() -> None:
    assert alarm_text([A, B]) == "The auditor finds that the engine does not keep up: a; b."


def test_a_matter_is_told_once_until_it_ends() -> None:
    matters = Matters()
    matters.end(Matter.ENGINE, "well", NOW)
    assert not matters.unstored
    matters.raise_(Matter.ENGINE, "late", NOW)
    matters.raise_(Matter.ENGINE, "later", NOW)
    matters.raise_(Matter.HEADS, "not sent", NOW)
    first = matters.unstored
    matters.end(Matter.ENGINE, "well", NOW)
    assert [(told.account, told.qualifier, told.text) for told in matters.unstored] == [
        ("auditor", Qualifier.NEW, "late"),
        ("heads", Qualifier.NEW, "not sent"),
        ("auditor", Qualifier.RESTORE, "well"),
    ]
    assert {told.kind for told in matters.unstored} == {Kind.STATION}
    assert len({told.repeat_key for told in matters.unstored}) == 3
    matters.stored(first)
    assert [told.qualifier for told in matters.unstored] == [Qualifier.RESTORE]


def test_what_an_earlier_auditor_raised_is_ended_and_a_rewritten_history_is_always_news() -> None:
    matters = Matters()
    matters.know(["auditor", "history", "clock"])
    matters.raise_(Matter.ENGINE, "late", NOW)
    assert not matters.unstored
    matters.end(Matter.ENGINE, "well", NOW)
    matters.happened(Matter.HISTORY, "incident 1", NOW)
    matters.happened(Matter.HISTORY, "incident 2", NOW)
    assert [told.account for told in matters.unstored] == ["auditor", "history", "history"]
