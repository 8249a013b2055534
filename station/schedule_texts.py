"""The single words of a timetable, as they are kept: times, dates, zones, tolerances.

In: what JSON held in their place. Out: the value, or a ValueError that says to a person what is wrong.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Any, Final

_LONGEST_TOLERANCE_S: Final = 24 * 3600


def local_time(text: str, day: str) -> dt.time:
    """A time of `day` on the clock on the wall.

    Raises:
        ValueError: it is none, or says a zone of its own.
    """
    try:
        time = dt.time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} on {day} is no time such as 09:00; midnight is 00:00") from error
    if time.tzinfo is not None:
        raise ValueError(f"{text} on {day} has a zone of its own; times are local")
    return time


def time_text(time: dt.time) -> str:
    """The inverse of `local_time`."""
    return time.isoformat("auto" if time.second or time.microsecond else "minutes")


def date(found: object) -> dt.date:
    """A day of the calendar.

    Raises:
        ValueError: it is none.
    """
    try:
        return dt.date.fromisoformat(found)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{found!r} is no date such as 2026-12-25") from error


def time_zone(found: object) -> str:
    """The name of a zone that exists.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return zoneinfo.ZoneInfo(found).key  # type: ignore[arg-type]
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise ValueError(f"{found!r} is no time zone such as Europe/Madrid") from error


def tolerance(name: str, found: object) -> int:
    """Seconds, at most a day.

    Raises:
        ValueError: it is no such number.
    """
    try:
        seconds = int(found)  # type: ignore[call-overload]
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name} is a number of seconds, not {found!r}") from error
    if not 0 <= seconds <= _LONGEST_TOLERANCE_S:
        raise ValueError(f"{name} is {seconds} seconds; it can be 0 to {_LONGEST_TOLERANCE_S}")
    return int(seconds)


def table_of(found: object, what: str) -> Mapping[str, Any]:
    """Something by name.

    Raises:
        ValueError: it is no table.
    """
    if not isinstance(found, Mapping):
        raise ValueError(f"{what} is a table by name, not {found!r}")
    return found
