"""False alarms as each law counts them."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.legal.false_alarms import PassedOn, Permit, Warning_, permit_warnings, standing

NOW = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)


def ago(days: float, *, confirmed: bool = False, false: bool = True, fault: str = "") -> PassedOn:
    return PassedOn(at=NOW - dt.timedelta(days=days), confirmed=confirmed, false=false, fault=fault)


@pytest.mark.parametrize(
    ("country", "passed", "warnings"),
    [
        ("ES", [ago(1)], ()),
        ("ES", [ago(1), ago(59)], (Warning_.REPORT_FOR_SANCTION,)),
        ("ES", [ago(1), ago(61)], ()),
        ("ES", [ago(1, false=False), ago(2, false=False), ago(3, false=False)], ()),
        (
            "ES",
            [ago(30, confirmed=True), ago(40, confirmed=True), ago(50, confirmed=True)],
            (Warning_.THREE_CONFIRMED_FALSE,),
        ),
        # Art. 14.1: what was confirmed is not false, and art. 15 counts false ones; for the others see art. 14.4.
        ("ES", [ago(2, confirmed=True), ago(4, confirmed=True)], ()),
        ("ES", [ago(2, confirmed=True), ago(4)], ()),
        ("ES", [ago(2), ago(4)], (Warning_.REPORT_FOR_SANCTION, Warning_.REPAIR_WITHIN_72_H)),
        ("PT", [ago(1), ago(100)], ()),
        ("PT", [ago(1), ago(100), ago(300)], (Warning_.SWITCH_OFF_UNTIL_REPAIRED,)),
        ("PT", [ago(1), ago(100), ago(366)], ()),
        ("GB", [ago(1), ago(100)], (Warning_.RESPONSE_AT_RISK,)),
        ("GB", [ago(1), ago(100), ago(300)], (Warning_.RESPONSE_WITHDRAWN,)),
        ("US", [ago(1), ago(2), ago(3)], ()),
    ],
)
def test_what_the_counts_lead_to(country: str, passed: list[PassedOn], warnings: tuple[Warning_, ...]) -> None:
    assert standing(country, passed, NOW).warnings == warnings


def test_repeats_of_one_fault_within_a_day_count_once() -> None:
    """INT/316/2011 art. 14.1."""
    same = [ago(1, fault="zone 3"), ago(1.5, fault="zone 3"), ago(1.9, fault="zone 3")]
    assert standing("ES", same, NOW).days_60 == 1
    assert standing("ES", [*same, ago(1.2, fault="zone 4")], NOW).days_60 == 2
    assert standing("ES", [ago(1, fault="zone 3"), ago(2.1, fault="zone 3")], NOW).days_60 == 2


@pytest.mark.parametrize("country", ["PT", "GB"])
def test_repeats_of_one_fault_are_left_out_in_spain_alone(country: str) -> None:
    """Art. 14.1 is Spain's: three false calls in a rolling year are three in Britain, and three alarms in Portugal."""
    same = [ago(1, fault="zone 3"), ago(1.5, fault="zone 3"), ago(1.9, fault="zone 3")]
    found = standing(country, same, NOW)
    assert found.year == 3
    assert found.warnings in {(Warning_.RESPONSE_WITHDRAWN,), (Warning_.SWITCH_OFF_UNTIL_REPAIRED,)}


def test_the_month_is_the_calendars() -> None:
    counted = standing("ES", [ago(1), ago(19), ago(20), ago(25)], NOW)
    assert (counted.month, counted.days_60, counted.year) == (2, 4, 4)


def test_permits_and_suspensions() -> None:
    suspended = Permit(number="7", suspended_until=NOW + dt.timedelta(days=30))
    assert permit_warnings("ES", suspended, NOW) == (Warning_.SUSPENDED,)
    assert permit_warnings("ES", suspended, NOW + dt.timedelta(days=31)) == ()
    assert permit_warnings("US", Permit(), NOW) == (Warning_.PERMIT_MISSING,)
    assert permit_warnings("US", Permit(number="7", valid_until=dt.date(2026, 3, 19)), NOW) == (
        Warning_.PERMIT_EXPIRED,
    )
