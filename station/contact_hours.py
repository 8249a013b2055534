"""When somebody may be called or written to: hours of the week, in the zone of the premises.

In: hours as kept in the database, and an instant. Out: whether it lies inside, or the end of the span that it lies in.
No hours at all mean: at any time.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import zoneinfo
from typing import Final

import attrs

_WEEK: Final = 7
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@attrs.frozen
class Window:
    """A span of one weekday (0 is Monday); one that ends at or before its beginning ends on the next day."""

    weekday: int
    begins: dt.time
    ends: dt.time


Hours = tuple[Window, ...]


@functools.lru_cache(maxsize=4096)
def hours_of_json(text: str | None) -> Hours:
    """Hours as kept: `{"mon": [["08:00", "20:00"]], "daily": [["22:00", "07:00"]]}`.

    Raises:
        ValueError: the text says no hours.
    """
    if text is None:
        return ()
    table = json.loads(text)
    if not isinstance(table, dict) or not {*table} <= {*_DAYS, "daily"}:
        raise ValueError(f"hours are given by day: {', '.join(_DAYS)} or daily")
    windows = []
    for day, spans in table.items():
        weekdays = range(_WEEK) if day == "daily" else (_DAYS.index(day),)
        for begins, ends in spans:
            span = dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)
            windows += [Window(weekday, *span) for weekday in weekdays]
    return tuple(sorted(windows, key=lambda window: (window.weekday, window.begins)))


def reachable(hours: Hours, zone: str, at: dt.datetime) -> bool:
    """Whether `at` lies inside; always where no hours are said."""
    return not hours or _end_of_span(hours, zone, at) is not None


def next_unreachable(hours: Hours, zone: str, at: dt.datetime) -> dt.datetime | None:
    """The end of the span that `at` lies in; None: it lies in none."""
    end = _end_of_span(hours, zone, at)
    while end is not None and (later := _end_of_span(hours, zone, end)) is not None and later > end:
        end = later
        if end - at > dt.timedelta(days=_WEEK):
            return end
    return end


def _end_of_span(hours: Hours, zone: str, at: dt.datetime) -> dt.datetime | None:
    where = zoneinfo.ZoneInfo(zone)
    local = at.astimezone(where)
    for back in (0, 1):
        day = local.date() - dt.timedelta(days=back)
        for window in hours:
            if window.weekday != day.weekday():
                continue
            last = day if window.ends > window.begins else day + dt.timedelta(days=1)
            begins = dt.datetime.combine(day, window.begins, where).astimezone(dt.UTC)
            ends = dt.datetime.combine(last, window.ends, where).astimezone(dt.UTC)
            if begins <= at < ends:
                return ends
    return None
