"""When somebody may be called or written to: hours of the week, in the zone of the premises.

In: hours as kept in the database, and an instant. Out: whether it lies inside, when it next does, or the end of the
span that it lies in. No hours at all mean: at any time. Both changes of the clock are those of the timetables in
`schedules.py`.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from typing import Final

from station.schedules import DAYS, Schedule, Span, is_open, spans_between, spans_from_json, week_to_json

#: A window that the clock skips in spring comes again a week later.
_HORIZON: Final = dt.timedelta(days=15)
_WEEK: Final = dt.timedelta(days=7)

#: By weekday, 0 is Monday; empty means at any time.
Hours = tuple[tuple[Span, ...], ...]


@functools.lru_cache(maxsize=4096)
def hours_of_json(text: str | None) -> Hours:
    """Hours as kept: `{"mon": [["08:00", "20:00"]], "daily": [["22:00", "07:00"]]}`.

    Raises:
        ValueError: the text says no hours.
    """
    if text is None:
        return ()
    table = json.loads(text)
    if not isinstance(table, dict) or not {*table} <= {*DAYS, "daily"}:
        raise ValueError(f"hours are given by day: {', '.join(DAYS)} or daily")
    daily = spans_from_json(table.get("daily", []), "daily")
    week = tuple(daily + spans_from_json(table.get(day, []), day) for day in DAYS)
    return week if any(week) else ()


def hours_to_json(hours: Hours) -> str | None:
    """The inverse of `hours_of_json`, each day by its own name."""
    return json.dumps(week_to_json(hours)) if hours else None


def reachable(hours: Hours, zone: str, at: dt.datetime) -> bool:
    """Whether `at` lies inside; always where no hours are said."""
    return not hours or is_open(Schedule(time_zone=zone, week=hours), at)


def next_reachable(hours: Hours, zone: str, at: dt.datetime) -> dt.datetime | None:
    """`at` itself where it lies inside, else the beginning of the next span. None: there is none."""
    if not hours:
        return at
    opens = (begins for begins, _ in spans_between(Schedule(time_zone=zone, week=hours), at, at + _HORIZON))
    return next((max(begins, at) for begins in opens), None)


def next_unreachable(hours: Hours, zone: str, at: dt.datetime) -> dt.datetime | None:
    """The end of the span that `at` lies in; None: it lies in none. Of hours without an end: after a week."""
    if not hours:
        return None
    spans = spans_between(Schedule(time_zone=zone, week=hours), at, at + _WEEK)
    return next((ends for begins, ends in spans if begins <= at), None)
