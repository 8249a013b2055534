"""Opening hours of premises: when they should be opened and closed, with holidays, exceptions and both clock changes.

In: a timetable in local time. Out: spans in UTC, and what is due next. A local time that the clock skips in spring
counts as the first instant after the gap; of an hour that comes twice in autumn an opening means the first, a closing
the second, so that nobody is late an hour early. Spans that touch or overlap are one: nobody closes where the next span
goes on, and premises that never close are never late.
"""

from __future__ import annotations

import datetime as dt
import enum
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from station.schedule_texts import date, local_time, table_of, time_text, time_zone, tolerance

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: A timetable that opens on no day of a year opens never.
_HORIZON_DAYS: Final = 370
_TOLERANCE_S: Final = 900
_KEYS: Final = ("zone", "week", "holidays", "exceptions", "early_s", "late_s", "promised")


@attrs.frozen
class Span:
    """Opened and closed in local time; a closing at or before the opening is on the next day."""

    opens: dt.time
    closes: dt.time


@attrs.frozen(kw_only=True)
class Schedule:
    """A timetable. Tolerances in seconds."""

    time_zone: str
    #: By weekday, 0 is Monday.
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    holidays: frozenset[dt.date] = frozenset()
    #: Days that differ from their weekday; they count before holidays.
    exceptions: Mapping[dt.date, tuple[Span, ...]] = attrs.field(factory=dict)
    early_s: int = _TOLERANCE_S
    late_s: int = _TOLERANCE_S
    #: The panel arms by itself: the times are a promise, not a habit.
    promised: bool = False


class Judgement(enum.Enum):
    """An opening or closing against the timetable."""

    IN_TIME = "in_time"
    EARLY_TO_OPEN = "early_to_open"
    LATE_TO_OPEN = "late_to_open"
    EARLY_TO_CLOSE = "early_to_close"
    LATE_TO_CLOSE = "late_to_close"


class Overdue(enum.Enum):
    """What did not happen."""

    LATE_TO_CLOSE = "late_to_close"
    FAIL_TO_OPEN = "fail_to_open"


@attrs.frozen
class Due:
    """What is reported at `at` if it has not happened by then."""

    at: dt.datetime
    what: Overdue


def spans_of(schedule: Schedule, day: dt.date) -> tuple[Span, ...]:
    """The spans that begin on a local day."""
    exception = schedule.exceptions.get(day)
    if exception is not None:
        return exception
    return () if day in schedule.holidays else schedule.week[day.weekday()]


def spans_between(
    schedule: Schedule, start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Openings and closings in UTC of all spans that touch the time from `start` to `end`, in order, each by itself.

    A span that goes on for more than a day outside that time is cut there.
    """
    whole: tuple[dt.datetime, dt.datetime] | None = None
    for opens, closes in _pieces(schedule, start, end):
        if whole is not None and opens <= whole[1]:
            whole = whole[0], max(whole[1], closes)
            continue
        if whole is not None and whole[1] > start:
            yield whole
        whole = opens, closes
    if whole is not None and whole[1] > start:
        yield whole


def _pieces(schedule: Schedule, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """What the timetable says, day by day, by the time of opening."""
    zone = zoneinfo.ZoneInfo(schedule.time_zone)
    day = start.astimezone(zone).date() - dt.timedelta(days=2)
    last = end.astimezone(zone).date()
    while day <= last:
        for span in sorted(spans_of(schedule, day), key=lambda span: span.opens):
            closing_day = day if span.closes > span.opens else day + dt.timedelta(days=1)
            opens = _instant(day, span.opens, zone, later=False)
            closes = _instant(closing_day, span.closes, zone, later=True)
            if opens < closes and opens < end:
                yield opens, closes
        day += dt.timedelta(days=1)


def _instant(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo, *, later: bool) -> dt.datetime:
    local = dt.datetime.combine(day, time, zone)
    # Fold 1 before a gap reads the clock as it stood before it: the first instant after the gap lies between the two.
    first, second = local.replace(fold=0).astimezone(dt.UTC), local.replace(fold=1).astimezone(dt.UTC)
    if first > second:
        return _end_of_gap(second, first, zone)
    return second if later else first


def _end_of_gap(low: dt.datetime, high: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    before = low.astimezone(zone).utcoffset()
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def is_open(schedule: Schedule, at: dt.datetime) -> bool:
    """Whether the premises should be open."""
    return any(opens <= at < closes for opens, closes in spans_between(schedule, at, at + dt.timedelta(seconds=1)))


def next_due(schedule: Schedule, after: dt.datetime, armed: bool | None) -> Due | None:
    """What would be wrong next.

    Still disarmed after closing, or still armed after opening. None: nothing within a year.
    """
    late = dt.timedelta(seconds=schedule.late_s)
    horizon = after + dt.timedelta(days=_HORIZON_DAYS)
    for opens, closes in spans_between(schedule, after - late, horizon):
        if armed is not False and opens + late > after:
            return Due(opens + late, Overdue.FAIL_TO_OPEN)
        if armed is not True and closes + late > after:
            # A closing at the horizon is where premises that never close were cut.
            return None if closes >= horizon else Due(closes + late, Overdue.LATE_TO_CLOSE)
    return None


def judge(schedule: Schedule, at: dt.datetime, *, opening: bool) -> Judgement:
    """An opening or closing at `at` against the timetable."""
    early, late = dt.timedelta(seconds=schedule.early_s), dt.timedelta(seconds=schedule.late_s)
    day = dt.timedelta(days=1)
    spans = list(spans_between(schedule, at - 2 * day, at + 2 * day))
    inside = [(opens, closes) for opens, closes in spans if opens - early <= at <= closes + late]
    if not inside:
        return Judgement.EARLY_TO_OPEN if opening else Judgement.LATE_TO_CLOSE
    opens, closes = inside[0]
    if opening:
        return Judgement.IN_TIME if at <= opens + late or at >= closes else Judgement.LATE_TO_OPEN
    return Judgement.IN_TIME if at >= closes - early else Judgement.EARLY_TO_CLOSE


def schedule_from_json(table: Mapping[str, Any]) -> Schedule:
    """A timetable as kept: `{"zone": "Europe/Madrid", "week": {"mon": [["09:00", "20:00"]]}, "holidays": [...], ...}`.

    Raises:
        ValueError: the table says no timetable; the text says what is wrong.
    """
    given = table_of(table, "a timetable")
    unknown = sorted({*given} - {*_KEYS})
    if unknown:
        raise ValueError(f"a timetable has no {', '.join(unknown)}; it has {', '.join(_KEYS)}")
    if "zone" not in given:
        raise ValueError("a timetable needs a zone, such as Europe/Madrid")
    week = table_of(given.get("week", {}), "week")
    if not {*week} <= {*DAYS}:
        raise ValueError(f"the days of the week are {', '.join(DAYS)}")
    holidays, promised = given.get("holidays", []), given.get("promised", False)
    if not isinstance(holidays, list):
        raise ValueError(f"holidays is a list of dates, not {holidays!r}")
    if not isinstance(promised, bool):
        raise ValueError(f"promised is true or false, not {promised!r}")
    exceptions = table_of(given.get("exceptions", {}), "exceptions")
    return Schedule(
        time_zone=time_zone(given["zone"]),
        week=tuple(spans_from_json(week.get(day, []), day) for day in DAYS),
        holidays=frozenset(map(date, holidays)),
        exceptions={date(day): spans_from_json(spans, day) for day, spans in exceptions.items()},
        early_s=tolerance("early_s", given.get("early_s", _TOLERANCE_S)),
        late_s=tolerance("late_s", given.get("late_s", _TOLERANCE_S)),
        promised=promised,
    )


def spans_from_json(found: object, day: str) -> tuple[Span, ...]:
    """Spans as kept: `[["09:00", "14:00"], ["17:00", "20:00"]]`. `day` names them in what is said when they are none.

    Raises:
        ValueError: they are no spans.
    """
    if not isinstance(found, list):
        raise ValueError(f'{day} has a list of spans such as [["09:00", "20:00"]], not {found!r}')
    return tuple(_span(one, day) for one in found)


def _span(found: object, day: str) -> Span:
    match found:
        case [str(opens), str(closes)]:
            return Span(local_time(opens, day), local_time(closes, day))
        case _:
            raise ValueError(f'a span of {day} is two times such as ["09:00", "20:00"], not {found!r}')


def schedule_to_json(schedule: Schedule) -> dict[str, Any]:
    """The inverse of `schedule_from_json`."""
    return {
        "zone": schedule.time_zone,
        "week": week_to_json(schedule.week),
        "holidays": sorted(day.isoformat() for day in schedule.holidays),
        "exceptions": {day.isoformat(): _written(spans) for day, spans in sorted(schedule.exceptions.items())},
        "early_s": schedule.early_s,
        "late_s": schedule.late_s,
        "promised": schedule.promised,
    }


def week_to_json(week: tuple[tuple[Span, ...], ...]) -> dict[str, list[list[str]]]:
    """The spans of a week by day; days without any are left out."""
    return {day: _written(spans) for day, spans in zip(DAYS, week, strict=True) if spans}


def _written(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[time_text(span.opens), time_text(span.closes)] for span in spans]
