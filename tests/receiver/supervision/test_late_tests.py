"""When a test report is due: by hand, from the calendars of Lisbon and Bogotá."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.supervision.late_tests import due_at

HOUR_S = 3600
DAY_S = 86_400


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("tested_at", "every_s", "time_zone", "expected"),
    [
        ("2026-06-15 02:00", DAY_S, "Europe/Lisbon", "2026-06-16 03:00"),
        # Three in the morning in Lisbon is 03:00 UTC in winter and 02:00 in summer.
        ("2026-03-28 03:00", DAY_S, "Europe/Lisbon", "2026-03-29 03:00"),
        ("2026-10-24 02:00", DAY_S, "Europe/Lisbon", "2026-10-25 04:00"),
        # Over the change a week has 167 or 169 hours.
        ("2026-03-25 03:00", 7 * DAY_S, "Europe/Lisbon", "2026-04-01 03:00"),
        ("2026-10-21 02:00", 7 * DAY_S, "Europe/Lisbon", "2026-10-28 04:00"),
        # 01:30 does not exist on 29 March: it is waited for until it would have passed.
        ("2026-03-28 01:30", DAY_S, "Europe/Lisbon", "2026-03-29 02:30"),
        # 01:30 comes twice on 25 October: the second one still counts.
        ("2026-10-24 00:30", DAY_S, "Europe/Lisbon", "2026-10-25 02:30"),
        # No change of clocks.
        ("2026-03-28 03:00", DAY_S, "America/Bogota", "2026-03-29 04:00"),
        # Hours that make no days are hours.
        ("2026-03-28 20:00", 12 * HOUR_S, "Europe/Lisbon", "2026-03-29 09:00"),
        ("2026-03-28 03:00", 25 * HOUR_S, "Europe/Lisbon", "2026-03-29 05:00"),
    ],
)
def test_with_an_hour_of_patience(tested_at: str, every_s: int, time_zone: str, expected: str) -> None:
    assert due_at(utc(tested_at), every_s, time_zone, HOUR_S) == utc(expected)


@given(
    st.integers(1_577_836_800, 1_893_456_000),
    st.integers(1, 30),
    st.sampled_from(["UTC", "Europe/Lisbon", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_a_panel_that_reports_by_its_own_clock_is_never_late(tested_s: int, days: int, time_zone: str) -> None:
    tested_at = dt.datetime.fromtimestamp(tested_s, dt.UTC)
    due = due_at(tested_at, days * DAY_S, time_zone, 0)
    assert due.tzinfo is dt.UTC
    assert abs((due - tested_at).total_seconds() - days * DAY_S) <= 2 * HOUR_S
