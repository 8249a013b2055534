"""How people write paths and intervals: `1|DP3; 2|DP3|G2`, `1|90s/120s|udp`, `24h`.

In: the parts of an item, without blanks around them. Out: the value, or `BadValue` with a reason that says what to
write instead. And back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from station.account_texts import BadValue, line_field
from station.paths import Category, Path
from station.signals import Transport

#: Shown where a cell can't be read.
FORM: Final = "1|DP3; 2|DP3|G2"

_NUMBER: Final = re.compile(r"[1-9][0-9]?")
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NETWORK_PATH: Final = re.compile(r"[Gg]([0-9]{1,4})")
_YEAR_S: Final = 366 * 86400
_BAD_MARK: Final = "names how its frames are told by blanks between G2, L1, R1, and tcp, udp or tls"


def duration_s(text: str) -> int:
    """A number and its unit: s, m, h or d."""
    found = _DURATION.fullmatch(text.lower())
    seconds = int(found[1]) * _UNIT_S[found[2]] if found else 0
    if not 1 <= seconds <= _YEAR_S:
        raise BadValue("must be a number and a unit, such as 90s, 5m, 24h or 7d")
    return seconds


def duration_text(seconds: int) -> str:
    """The shortest such text; a day is 24h, as the trade says."""
    unit = next(unit for unit in "dhms" if seconds % _UNIT_S[unit] == 0 and (unit != "d" or seconds > 86400))
    return f"{seconds // _UNIT_S[unit]}{unit}"


def path(number: str, how_often: str, told_by: str) -> Path:
    """One path. `how_often`: a category, an interval, or interval/limit; `told_by`: G2, L1, R1, udp, or empty."""
    if _NUMBER.fullmatch(number) is None:
        raise BadValue("must number its paths from 1 to 99")
    plain = Path(number=int(number), category=Category.CUSTOM, **_marks(told_by.split()))
    if how_often.upper() in Category.__members__ and how_often.upper() != Category.CUSTOM.name:
        return attrs.evolve(plain, category=Category[how_often.upper()])
    interval, stroke, reporting = how_often.partition("/")
    try:
        interval_s = duration_s(interval)
        reporting_s = duration_s(reporting) if stroke else None
    except BadValue:
        raise BadValue("must give each path a category, SP1 to SP6 or DP1 to DP4, or an interval as 90s") from None
    if reporting_s is not None and reporting_s < interval_s:
        raise BadValue("has a path that is lost before its interval is over; write it as 90s/120s")
    return attrs.evolve(plain, interval_s=interval_s, reporting_s=reporting_s)


def _marks(words: Sequence[str]) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    for word in words:
        column, value = _mark(word)
        if column in marks:
            raise BadValue(f"{_BAD_MARK}, each once")
        marks[column] = value
    return marks


def _mark(word: str) -> tuple[str, int | str | Transport]:
    if found := _NETWORK_PATH.fullmatch(word):
        return "network_path", int(found[1])
    if word.lower() in ("tcp", "udp", "tls"):
        return "transport", Transport(word.lower())
    match word[:1].upper():
        case "L" | "R" as letter if len(word) > 1:
            return ("prefix" if letter == "L" else "receiver"), line_field(word, letter)
        case _:
            raise BadValue(_BAD_MARK)


def path_parts(path: Path) -> tuple[str, str, str]:
    """The parts that `path` reads."""
    how_often = path.category.value
    if path.interval_s is not None:
        limit = "" if path.reporting_s is None else f"/{duration_text(path.reporting_s)}"
        how_often = duration_text(path.interval_s) + limit
    told_by = [
        "" if path.network_path is None else f"G{path.network_path}",
        "" if path.prefix is None else f"L{path.prefix}",
        "" if path.receiver is None else f"R{path.receiver}",
        "" if path.transport is None else path.transport.value,
    ]
    return str(path.number), how_often, " ".join(filter(None, told_by))
