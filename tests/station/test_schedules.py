"""Opening hours over whole years, with both changes of the clock."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.contact_hours import hours_of_json, next_unreachable, reachable
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


def test_the_night_that_has_no_half_past_two() -> None:
    """29 March 2026: 02:00 is followed by 03:00. The closing at 02:30 is at the end of the gap, 01:00 UTC."""
    (span,) = [
        span
        for span in spans_between(daily(NIGHT), utc("2026-03-28T12:00"), utc("2026-03-29T12:00"))
        if span[0] == utc("2026-03-28T21:00")
    ]
    assert span[1] == utc("2026-03-29T01:00")


def test_the_night_that_has_half_past_two_twice() -> None:
    """25 October 2026: a shop that closes at 02:30 may do so at the second, 01:30 UTC: nobody is late an hour early."""
    spans = list(spans_between(daily(NIGHT), utc("2026-10-24T12:00"), utc("2026-10-25T12:00")))
    assert (utc("2026-10-24T20:00"), utc("2026-10-25T01:30")) in spans


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


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: utc("2026-01-01T00:00") + dt.timedelta(minutes=minutes))
spans = st.builds(Span, st.times().map(lambda at: at.replace(second=0, microsecond=0)),
                  st.times().map(lambda at: at.replace(second=0, microsecond=0)))  # fmt: skip


@given(moments, spans, st.sampled_from([MADRID, "America/Santiago"]), st.sampled_from([None, True, False]))
@settings(max_examples=100, deadline=None)
def test_something_is_due_later_and_never_now(at: dt.datetime, span: Span, zone: str, armed: bool | None) -> None:
    due = next_due(daily(span, zone), at, armed)
    assert due is not None
    assert at < due.at <= at + dt.timedelta(days=3)


@given(st.lists(spans, max_size=2), st.sampled_from([MADRID, "UTC"]), st.booleans())
def test_as_json_and_back(week: list[Span], zone: str, promised: bool) -> None:
    schedule = Schedule(time_zone=zone, week=(tuple(week),) * 7, promised=promised)
    assert schedule_from_json(schedule_to_json(schedule)) == schedule


@pytest.mark.parametrize(
    "wrong", [{}, {"zone": "Mars"}, {"zone": "UTC", "week": {"someday": []}}, {"zone": "UTC", "x": 1}]
)
def test_what_is_no_timetable_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        schedule_from_json(wrong)


def test_hours_of_contacts_and_quiet_hours() -> None:
    hours = hours_of_json('{"daily": [["22:00", "07:00"]], "sun": [["12:00", "15:00"]]}')
    assert reachable(hours, MADRID, utc("2026-03-02T22:00"))
    assert not reachable(hours, MADRID, utc("2026-03-02T12:00"))
    assert reachable((), MADRID, utc("2026-03-02T12:00"))
    assert next_unreachable(hours, MADRID, utc("2026-03-02T23:00")) == utc("2026-03-03T06:00")
    assert next_unreachable(hours, MADRID, utc("2026-03-02T12:00")) is None
    # The night of the change is an hour shorter, and still ends at seven.
    assert next_unreachable(hours, MADRID, utc("2026-03-28T23:00")) == utc("2026-03-29T05:00")
