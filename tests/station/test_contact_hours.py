"""Hours in which contacts may be called, and quiet hours, through both changes of the clock."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.contact_hours import hours_of_json, hours_to_json, next_reachable, next_unreachable, reachable

MADRID = "Europe/Madrid"
DAYTIME = hours_of_json('{"mon": [["08:00", "14:00"], ["16:00", "20:00"]], "fri": [["08:00", "14:00"]]}')
QUIET = hours_of_json('{"daily": [["22:00", "07:00"]], "sun": [["12:00", "15:00"]]}')
ALWAYS = hours_of_json('{"daily": [["00:00", "00:00"]]}')


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T06:59", False),  # Monday 07:59
        ("2026-03-02T07:00", True),
        ("2026-03-02T12:59", True),
        ("2026-03-02T13:00", False),
        ("2026-03-02T15:00", True),
        ("2026-03-03T10:00", False),  # Tuesday
        ("2026-03-06T10:00", True),  # Friday
        ("2026-07-06T06:00", True),  # Monday 08:00 in summer
    ],
)
def test_a_contact_is_called_in_his_hours(at: str, expected: bool) -> None:
    assert reachable(DAYTIME, MADRID, utc(at)) is expected


def test_without_hours_anybody_is_called_at_any_time() -> None:
    at = utc("2026-03-02T02:00")
    for said in (None, "{}", '{"mon": []}'):
        hours = hours_of_json(said)
        assert reachable(hours, MADRID, at)
        assert next_reachable(hours, MADRID, at) == at
        assert next_unreachable(hours, MADRID, at) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02T13:30", "2026-03-02T15:00"),
        ("2026-03-02T19:00", "2026-03-06T07:00"),
        ("2026-03-06T13:00", "2026-03-09T07:00"),
        # The clock changes on the Sunday between.
        ("2026-03-27T13:00", "2026-03-30T06:00"),
    ],
)
def test_when_he_may_be_called_next(at: str, expected: str) -> None:
    assert next_reachable(DAYTIME, MADRID, utc(at)) == utc(expected)


def test_hours_that_one_night_skips_come_again_a_week_later() -> None:
    """29 March 2026, a Sunday, has no 02:10 to 02:50."""
    hours = hours_of_json('{"sun": [["02:10", "02:50"]]}')
    assert next_reachable(hours, MADRID, utc("2026-03-28T12:00")) == utc("2026-04-05T00:10")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T23:00", "2026-03-03T06:00"),
        ("2026-03-02T12:00", None),
        ("2026-03-01T12:00", "2026-03-01T14:00"),  # Sunday, at noon
        # The night of each change ends at seven, after an hour less or more.
        ("2026-03-28T23:00", "2026-03-29T05:00"),
        ("2026-10-24T23:00", "2026-10-25T06:00"),
    ],
)
def test_when_the_quiet_ends(at: str, expected: str | None) -> None:
    assert next_unreachable(QUIET, MADRID, utc(at)) == (None if expected is None else utc(expected))


def test_spans_that_touch_end_with_the_last() -> None:
    hours = hours_of_json('{"mon": [["20:00", "00:00"]], "tue": [["00:00", "08:00"]]}')
    assert next_unreachable(hours, MADRID, utc("2026-03-02T20:00")) == utc("2026-03-03T07:00")


def test_quiet_without_an_end_still_lets_go_after_a_week() -> None:
    at = utc("2026-03-02T12:00")
    end = next_unreachable(ALWAYS, MADRID, at)
    assert end is not None
    assert dt.timedelta(days=7) <= end - at <= dt.timedelta(days=9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[]", "given by day"),
        ('{"someday": []}', "given by day"),
        ('{"mon": 5}', "mon has a list of spans"),
        ('{"daily": [["08:00"]]}', "a span of daily is two times"),
        ('{"mon": [["8", "x"]]}', "on mon is no time"),
        ('{"mon": [["08:00Z", "10:00"]]}', "zone of its own"),
        ("nine to five", "Expecting value"),
    ],
)
def test_what_says_no_hours_is_refused_in_plain_words(wrong: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        hours_of_json(wrong)


clock = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
weeks = st.dictionaries(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily"]),
    st.lists(st.lists(clock, min_size=2, max_size=2), min_size=1, max_size=2),
)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: utc("2026-01-01T00:00") + dt.timedelta(minutes=minutes))


@given(weeks)
def test_as_json_and_back(week: dict[str, list[list[str]]]) -> None:
    hours = hours_of_json(json.dumps(week))
    assert hours_of_json(hours_to_json(hours)) == hours


@given(weeks, moments, st.sampled_from([MADRID, "America/Santiago"]))
@settings(max_examples=100, deadline=None)
def test_next_is_the_first_moment_in_the_hours(week: dict[str, list[list[str]]], at: dt.datetime, zone: str) -> None:
    hours = hours_of_json(json.dumps(week))
    following = next_reachable(hours, zone, at)
    assert following is not None
    assert following >= at
    assert reachable(hours, zone, following)
    assert (following == at) is reachable(hours, zone, at)
    if following > at:
        assert not reachable(hours, zone, following - dt.timedelta(seconds=1))
