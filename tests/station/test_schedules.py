"""Opening hours over whole years, with both changes of the clock."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import zoneinfo
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.schedules import (
    Due,
    Judgement,
    Overdue,
    Schedule,
    Span,
    is_open,
    judge,
    next_due,
    schedule_from_json,
    schedule_to_json,
    spans_between,
)

MADRID = "Europe/Madrid"
SHOP = Span(dt.time(9), dt.time(20))
NIGHT = Span(dt.time(22), dt.time(2, 30))


def daily(span: Span, zone: str = MADRID, **more: object) -> Schedule:
    return Schedule(time_zone=zone, week=((span,),) * 7, **more)  # type: ignore[arg-type]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", [MADRID, "Europe/Lisbon", "America/Santiago", "America/Bogota"])
@pytest.mark.parametrize("year", [2026, 2027])
def test_a_shop_opens_and_closes_by_the_clock_on_its_wall_all_year(zone: str, year: int) -> None:
    spans = list(spans_between(daily(SHOP, zone), utc(f"{year}-01-01T00:00"), utc(f"{year + 1}-01-01T00:00")))
    assert len(spans) in {365, 366}
    local = zoneinfo.ZoneInfo(zone)
    for opens, closes in spans:
        assert (opens.astimezone(local).time(), closes.astimezone(local).time()) == (dt.time(9), dt.time(20))


LONGER_AND_SHORTER_NIGHTS = {
    (MADRID, 2026): {"2026-03-28": 7, "2026-10-24": 9},
    (MADRID, 2027): {"2027-03-27": 7, "2027-10-30": 9},
    ("Europe/Lisbon", 2026): {"2026-03-28": 7, "2026-10-24": 9},
    ("Europe/Lisbon", 2027): {"2027-03-27": 7, "2027-10-30": 9},
    # In the south autumn comes first.
    ("America/Santiago", 2026): {"2026-04-04": 9, "2026-09-05": 7},
    ("America/Santiago", 2027): {"2027-04-03": 9, "2027-09-04": 7},
    ("America/Bogota", 2026): {},
    ("America/Bogota", 2027): {},
}


@pytest.mark.parametrize(("zone", "year"), LONGER_AND_SHORTER_NIGHTS)
def test_a_night_from_ten_to_six_is_eight_hours_but_for_the_changes(zone: str, year: int) -> None:
    nights = daily(Span(dt.time(22), dt.time(6)), zone)
    local = zoneinfo.ZoneInfo(zone)
    changed = {
        opens.astimezone(local).date().isoformat(): (closes - opens) / dt.timedelta(hours=1)
        for opens, closes in spans_between(nights, utc(f"{year}-01-01T12:00"), utc(f"{year}-12-31T12:00"))
        if closes - opens != dt.timedelta(hours=8)
    }
    assert changed == LONGER_AND_SHORTER_NIGHTS[zone, year]


@pytest.mark.parametrize(
    ("zone", "span", "opens", "closes"),
    [
        # 02:30 does not exist: 02:00 is followed by 03:00 at 01:00 UTC.
        (MADRID, ("22:00", "02:30"), "2026-03-28T21:00", "2026-03-29T01:00"),
        (MADRID, ("22:00", "02:30"), "2027-03-27T21:00", "2027-03-28T01:00"),
        (MADRID, ("02:30", "10:00"), "2026-03-29T01:00", "2026-03-29T08:00"),
        # 02:30 comes at 00:30 and at 01:30 UTC: an opening means the first, a closing the second.
        (MADRID, ("22:00", "02:30"), "2026-10-24T20:00", "2026-10-25T01:30"),
        (MADRID, ("22:00", "02:30"), "2027-10-30T20:00", "2027-10-31T01:30"),
        (MADRID, ("02:30", "10:00"), "2026-10-25T00:30", "2026-10-25T09:00"),
        # An hour to the west all of it is at 01:00 local time.
        ("Europe/Lisbon", ("22:00", "01:30"), "2026-03-28T22:00", "2026-03-29T01:00"),
        ("Europe/Lisbon", ("22:00", "01:30"), "2026-10-24T21:00", "2026-10-25T01:30"),
        # Midnight is followed by 01:00 in September; in April the last hour of Saturday comes again.
        ("America/Santiago", ("20:00", "00:30"), "2026-09-06T00:00", "2026-09-06T04:00"),
        ("America/Santiago", ("00:00", "08:00"), "2027-09-05T04:00", "2027-09-05T11:00"),
        ("America/Santiago", ("20:00", "23:30"), "2026-04-04T23:00", "2026-04-05T03:30"),
        ("America/Santiago", ("23:30", "06:00"), "2027-04-04T02:30", "2027-04-04T10:00"),
    ],
)
def test_times_that_do_not_exist_or_come_twice(zone: str, span: tuple[str, str], opens: str, closes: str) -> None:
    schedule = daily(Span(*map(dt.time.fromisoformat, span)), zone)
    (found,) = spans_between(schedule, utc(opens), utc(opens) + dt.timedelta(minutes=1))
    assert found == (utc(opens), utc(closes))


def test_spans_that_touch_are_one() -> None:
    """A day written as morning and afternoon is not closed at 14:00, so nobody is late then."""
    shop = Schedule(time_zone=MADRID, week=((Span(dt.time(9), dt.time(14)), Span(dt.time(14), dt.time(20))),) * 7)
    assert next_due(shop, utc("2026-03-02T12:00"), armed=False) == Due(utc("2026-03-02T19:15"), Overdue.LATE_TO_CLOSE)
    assert judge(shop, utc("2026-03-02T13:00"), opening=False) is Judgement.EARLY_TO_CLOSE


def test_spans_that_the_clock_pushes_together_are_one() -> None:
    """25 October 2026: 02:30 as a closing is 01:30 UTC, as an opening 00:30 UTC."""
    shop = Schedule(time_zone=MADRID, week=((NIGHT, Span(dt.time(2, 30), dt.time(10))),) * 7)
    found = list(spans_between(shop, utc("2026-10-24T21:00"), utc("2026-10-25T12:00")))
    assert found == [(utc("2026-10-24T20:00"), utc("2026-10-25T09:00"))]


def test_premises_that_never_close_are_never_late_to_close() -> None:
    always = daily(Span(dt.time(0), dt.time(0)))
    assert is_open(always, utc("2026-03-02T23:00"))
    assert next_due(always, utc("2026-03-02T12:00"), armed=False) is None
    assert judge(always, utc("2026-03-02T23:00"), opening=False) is Judgement.EARLY_TO_CLOSE


def test_premises_that_never_close_but_for_one_holiday() -> None:
    """Christmas Eve ends at midnight, 23:00 UTC."""
    always = daily(Span(dt.time(0), dt.time(0)), holidays=frozenset({dt.date(2026, 12, 25)}))
    christmas = utc("2026-12-24T23:00")
    assert next_due(always, utc("2026-12-20T12:00"), armed=False) == Due(
        christmas + dt.timedelta(minutes=15), Overdue.LATE_TO_CLOSE
    )
    assert next_due(always, christmas, armed=True) == Due(
        christmas + dt.timedelta(days=1, minutes=15), Overdue.FAIL_TO_OPEN
    )


def test_holidays_and_exceptions() -> None:
    schedule = daily(
        SHOP,
        holidays=frozenset({dt.date(2026, 1, 6), dt.date(2026, 12, 25)}),
        exceptions={dt.date(2026, 12, 25): (Span(dt.time(10), dt.time(14)),)},
    )
    assert not is_open(schedule, utc("2026-01-06T11:00"))
    assert is_open(schedule, utc("2026-01-07T11:00"))
    assert is_open(schedule, utc("2026-12-25T12:00"))
    assert not is_open(schedule, utc("2026-12-25T14:00"))


def test_what_is_due_next() -> None:
    shop = daily(SHOP)
    assert next_due(shop, utc("2026-03-02T12:00"), armed=False) == Due(utc("2026-03-02T19:15"), Overdue.LATE_TO_CLOSE)
    assert next_due(shop, utc("2026-03-02T20:00"), armed=True) == Due(utc("2026-03-03T08:15"), Overdue.FAIL_TO_OPEN)
    assert next_due(Schedule(time_zone=MADRID), utc("2026-03-02T20:00"), armed=True) is None


@pytest.mark.parametrize(
    ("at", "opening", "judged"),
    [
        ("07:50", True, Judgement.IN_TIME),
        ("07:30", True, Judgement.EARLY_TO_OPEN),
        ("08:30", True, Judgement.LATE_TO_OPEN),
        ("19:05", False, Judgement.IN_TIME),
        ("18:00", False, Judgement.EARLY_TO_CLOSE),
        ("21:00", False, Judgement.LATE_TO_CLOSE),
        ("02:00", True, Judgement.EARLY_TO_OPEN),
    ],
)
def test_an_opening_or_closing_is_judged(at: str, opening: bool, judged: Judgement) -> None:
    assert judge(daily(SHOP), utc(f"2026-03-02T{at}"), opening=opening) is judged


minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: dt.time(minute // 60, minute % 60))
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: utc("2026-01-01T00:00") + dt.timedelta(minutes=minutes))
spans = st.builds(Span, minutes, minutes)
days = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
schedules = st.builds(
    Schedule,
    time_zone=st.sampled_from([MADRID, "Europe/Lisbon", "America/Santiago", "America/Bogota"]),
    week=st.tuples(*[st.lists(spans, max_size=3).map(tuple)] * 7),
    holidays=st.frozensets(days, max_size=3),
    exceptions=st.dictionaries(days, st.lists(spans, max_size=2).map(tuple), max_size=3),
    early_s=st.integers(0, 7200),
    late_s=st.integers(0, 7200),
    promised=st.booleans(),
)


@given(schedules, moments, st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_no_instant_is_inside_two_spans_and_they_come_in_order(
    schedule: Schedule, at: dt.datetime, length: int
) -> None:
    found = list(spans_between(schedule, at, at + dt.timedelta(days=length)))
    assert all(opens < closes for opens, closes in found)
    assert all(closes < opens for (_, closes), (opens, _) in itertools.pairwise(found))


@given(schedules, moments)
@settings(max_examples=100, deadline=None)
def test_open_is_from_the_opening_until_just_before_the_closing(schedule: Schedule, at: dt.datetime) -> None:
    for opens, closes in spans_between(schedule, at, at + dt.timedelta(days=5)):
        if opens > at:
            assert is_open(schedule, opens)
            assert not is_open(schedule, opens - dt.timedelta(seconds=1))
        if closes < at + dt.timedelta(days=5):
            assert is_open(schedule, closes - dt.timedelta(seconds=1))
            assert not is_open(schedule, closes)


@given(schedules, moments, st.sampled_from([None, True, False]))
@settings(max_examples=100, deadline=None)
def test_what_is_due_lies_ahead_and_is_what_the_timetable_says(
    schedule: Schedule, at: dt.datetime, armed: bool | None
) -> None:
    due = next_due(schedule, at, armed)
    assume(due is not None)
    assert due is not None
    assert due.at > at
    assert due.what is not (Overdue.LATE_TO_CLOSE if armed else Overdue.FAIL_TO_OPEN if armed is False else None)
    changes_at = due.at - dt.timedelta(seconds=schedule.late_s)
    assert is_open(schedule, changes_at) is (due.what is Overdue.FAIL_TO_OPEN)


@given(moments, spans, st.sampled_from([MADRID, "America/Santiago"]), st.sampled_from([None, True, False]))
@settings(max_examples=100, deadline=None)
def test_of_a_shop_that_opens_daily_something_is_due_soon(
    at: dt.datetime, span: Span, zone: str, armed: bool | None
) -> None:
    assume(span.opens != span.closes)
    due = next_due(daily(span, zone), at, armed)
    assert due is not None
    assert at < due.at <= at + dt.timedelta(days=3)


@given(schedules)
def test_as_json_and_back(schedule: Schedule) -> None:
    assert schedule_from_json(json.loads(json.dumps(schedule_to_json(schedule)))) == schedule


def test_the_json_of_a_timetable() -> None:
    schedule = Schedule(
        time_zone=MADRID,
        week=((SHOP,), (), (), (), (), (Span(dt.time(22, 0, 30), dt.time(2)),), ()),
        holidays=frozenset({dt.date(2026, 12, 25), dt.date(2026, 1, 6)}),
        exceptions={dt.date(2026, 12, 24): (Span(dt.time(9), dt.time(14)),), dt.date(2026, 12, 31): ()},
        promised=True,
    )
    assert schedule_to_json(schedule) == {
        "zone": "Europe/Madrid",
        "week": {"mon": [["09:00", "20:00"]], "sat": [["22:00:30", "02:00"]]},
        "holidays": ["2026-01-06", "2026-12-25"],
        "exceptions": {"2026-12-24": [["09:00", "14:00"]], "2026-12-31": []},
        "early_s": 900,
        "late_s": 900,
        "promised": True,
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "a timetable is a table"),
        ({}, "needs a zone"),
        ({"zone": "Mars"}, "'Mars' is no time zone"),
        ({"zone": 5}, "5 is no time zone"),
        ({"zone": "Europe"}, "'Europe' is no time zone"),
        ({"zone": "x" * 300}, "is no time zone"),
        ({"zone": "UTC", "x": 1}, "has no x"),
        ({"zone": "UTC", "week": []}, "week is a table"),
        ({"zone": "UTC", "week": {"someday": []}}, "days of the week are mon, tue"),
        ({"zone": "UTC", "week": {"mon": 5}}, "mon has a list of spans"),
        ({"zone": "UTC", "week": {"mon": [["09:00"]]}}, "a span of mon is two times"),
        ({"zone": "UTC", "week": {"mon": ["09:00-10:00"]}}, "a span of mon is two times"),
        ({"zone": "UTC", "week": {"mon": [["09:00", "24:00"]]}}, "24:00 on mon is no time"),
        ({"zone": "UTC", "week": {"mon": [["09:00+02:00", "10:00"]]}}, "zone of its own"),
        ({"zone": "UTC", "holidays": "2026-01-06"}, "holidays is a list"),
        ({"zone": "UTC", "holidays": ["6 January"]}, "'6 January' is no date"),
        ({"zone": "UTC", "holidays": [5]}, "5 is no date"),
        ({"zone": "UTC", "exceptions": []}, "exceptions is a table"),
        ({"zone": "UTC", "exceptions": {"2026-12-24": None}}, "2026-12-24 has a list of spans"),
        ({"zone": "UTC", "early_s": None}, "early_s is a number of seconds"),
        ({"zone": "UTC", "late_s": -1}, "late_s is -1 seconds"),
        ({"zone": "UTC", "late_s": 10**12}, "it can be 0 to 86400"),
        ({"zone": "UTC", "promised": "yes"}, "promised is true or false"),
    ],
)
def test_what_is_no_timetable_is_refused_in_plain_words(wrong: Any, said: str) -> None:  # noqa: ANN401 - whatever JSON holds
    with pytest.raises(ValueError, match=said):
        schedule_from_json(wrong)
