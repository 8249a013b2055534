"""False alarms counted, as the law of each country counts them; permits and suspended premises.

In: what was passed on to police from one connection and what became of it, and `now`. Out: counts, and warnings with
their articles.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from typing import Final

import attrs

_SIXTY_DAYS: Final = dt.timedelta(days=60)
#: INT/316/2011 art. 14.1: repeats from the same fault within a day are not counted.
_SAME_FAULT: Final = dt.timedelta(hours=24)


@attrs.frozen(kw_only=True)
class PassedOn:
    """An alarm that police were told of."""

    at: dt.datetime
    confirmed: bool
    false: bool
    #: What caused it, if it was a fault.
    fault: str = ""


class Warning_(enum.Enum):
    """What the counts lead to. The value names the rule."""

    REPORT_FOR_SANCTION = "INT/316/2011 art. 14.3"
    THREE_CONFIRMED_FALSE = "INT/316/2011 art. 14.4"
    REPAIR_WITHIN_72_H = "INT/316/2011 art. 15"
    SWITCH_OFF_UNTIL_REPAIRED = "Lei 34/2013"
    RESPONSE_AT_RISK = "NPCC two"
    RESPONSE_WITHDRAWN = "NPCC three"
    SUSPENDED = "suspended"
    PERMIT_MISSING = "permit missing"
    PERMIT_EXPIRED = "permit expired"


@attrs.frozen(kw_only=True)
class Standing:
    """How premises stand with the police."""

    days_60: int
    month: int
    year: int
    warnings: tuple[Warning_, ...]


def standing(country: str, passed: Sequence[PassedOn], now: dt.datetime) -> Standing:
    """Counts and warnings.

    The month is the calendar's, in the time zone of `now`; sixty days and twelve months roll.
    """
    false = [one for one in passed if one.false and one.at <= now]
    if country == "ES":
        false = _counted(false)
    recent = [one for one in false if one.at > now - _SIXTY_DAYS]
    month = [one for one in false if _month_of(one.at.astimezone(now.tzinfo)) == _month_of(now)]
    year = [one for one in false if one.at > _a_year_before(now)]
    found: list[Warning_] = []
    match country:
        case "ES":
            if sum(not one.confirmed for one in recent) >= 2:
                found.append(Warning_.REPORT_FOR_SANCTION)
            if sum(one.confirmed for one in recent) >= 3:
                found.append(Warning_.THREE_CONFIRMED_FALSE)
            # Article 14.1: what was confirmed is not false in this sense; three of those have a rule of their own.
            if sum(not one.confirmed for one in month) >= 2:
                found.append(Warning_.REPAIR_WITHIN_72_H)
        case "PT":
            if len(year) >= 3:
                found.append(Warning_.SWITCH_OFF_UNTIL_REPAIRED)
        case "GB":
            if len(year) >= 3:
                found.append(Warning_.RESPONSE_WITHDRAWN)
            elif len(year) == 2:
                found.append(Warning_.RESPONSE_AT_RISK)
        case _:
            pass
    return Standing(days_60=len(recent), month=len(month), year=len(year), warnings=tuple(found))


def _month_of(at: dt.datetime) -> tuple[int, int]:
    return at.year, at.month


def _a_year_before(now: dt.datetime) -> dt.datetime:
    """The same day and hour of the year before; of 29 February, the 28th."""
    leap_day = (now.month, now.day) == (2, 29)
    return now.replace(year=now.year - 1, day=28 if leap_day else now.day)


def _counted(false: Sequence[PassedOn]) -> list[PassedOn]:
    """Without repeats of one fault within a day of its first."""
    counted: list[PassedOn] = []
    first: dict[str, dt.datetime] = {}
    for one in sorted(false, key=lambda passed: passed.at):
        since = first.get(one.fault)
        if one.fault and since is not None and one.at - since < _SAME_FAULT:
            continue
        if one.fault:
            first[one.fault] = one.at
        counted.append(one)
    return counted


@attrs.frozen(kw_only=True)
class Permit:
    """What a town or an authority has said about the premises."""

    number: str = ""
    valid_until: dt.date | None = None
    suspended_until: dt.datetime | None = None


def permit_warnings(country: str, permit: Permit, now: dt.datetime) -> tuple[Warning_, ...]:
    """What the operator must know before police are told."""
    found = []
    if permit.suspended_until is not None and permit.suspended_until > now:
        found.append(Warning_.SUSPENDED)
    if country == "US" and not permit.number:
        found.append(Warning_.PERMIT_MISSING)
    if permit.valid_until is not None and permit.valid_until < now.date():
        found.append(Warning_.PERMIT_EXPIRED)
    return tuple(found)
