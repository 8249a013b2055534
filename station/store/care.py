"""What is agreed for an account, panel users, patrols and services, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from station.facts import UserKind
from station.responders import Service
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)

T = TypeVar("T")

_INSTANT: Final = "an instant with its zone, such as 2027-01-31T12:00:00+01:00"
_TIME_OF_DAY: Final = "a local time, such as 22:30"


def _flag(value: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _count(value: Any) -> int:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a whole number, not below 0")
    return value


def _word(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, str):
        raise TypeError("a text")
    return value


def _instant(value: Any) -> dt.datetime:  # noqa: ANN401 - whatever JSON holds
    at = _read(dt.datetime.fromisoformat, value, _INSTANT)
    if at.tzinfo is None:
        raise ValueError(_INSTANT)
    return at


def _day(value: Any) -> dt.date:  # noqa: ANN401 - whatever JSON holds
    return _read(dt.date.fromisoformat, value, "a day, such as 2027-01-31")


def _time_of_day(value: Any) -> dt.time:  # noqa: ANN401 - whatever JSON holds
    at = _read(dt.time.fromisoformat, value, _TIME_OF_DAY)
    if at.tzinfo is not None:
        raise ValueError(_TIME_OF_DAY)
    return at


def _read(reader: Callable[[str], T], value: Any, expected: str) -> T:  # noqa: ANN401 - whatever JSON holds
    try:
        return reader(_word(value))
    except (TypeError, ValueError) as error:
        raise ValueError(expected) from error


#: The columns of `care` that may be set, and what makes their values of JSON.
SETTINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "counter_first": _flag,
    "window_s": _count,
    "detectors": _count,
    "domestic": _flag,
    "guard": _flag,
    "guard_visits": _count,
    "technician": _flag,
    "call_instead": _flag,
    "quiet_hours": _word,
    "suspended_until": _instant,
    "suspended_by": _word,
    "permit": _word,
    "permit_until": _day,
    "police": _count,
    "fire": _count,
    "medical": _count,
    "schedule": _word,
    "arm_reminder": _time_of_day,
    "restore_within_s": _count,
    "multi_knock_s": _count,
    "carrier": _word,
    "media_consent": _flag,
}


@attrs.frozen(kw_only=True)
class UserEntry:
    """Whose code the panel reports."""

    number: str
    name: str
    kind: UserKind
    contact: int | None


async def set_care(session: Session, account: int, values: Mapping[str, Any]) -> None:
    """Set the columns that are named; names come from `SETTINGS` alone."""
    await session.execute(_SQL["ensure"], account)
    names = sorted(values.keys() & SETTINGS.keys())
    if names:
        columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, start=2))
        sql = f"update care set {columns} where account = $1"  # noqa: S608 - columns of ours
        await session.execute(sql, account, *(values[name] for name in names))


async def settings_of(session: Session, account: int) -> Row:
    """What is agreed, by the names of `SETTINGS`; empty where nothing is."""
    return await fetch_one(session, _SQL["settings"], account) or {}


async def users_of(session: Session, account: int) -> Sequence[UserEntry]:
    """Who arms and disarms."""
    return [
        UserEntry(number=row["number"], name=row["name"], kind=UserKind(row["kind"]), contact=row["contact"])
        for row in await session.fetch(_SQL["users"], account)
    ]


async def set_users(session: Session, account: int, users: Sequence[UserEntry]) -> None:
    """All of them anew."""
    await session.execute(_SQL["forget_users"], account)
    rows = [(account, user.number, user.name, user.kind.value, user.contact) for user in users]
    await session.execute_many(_SQL["add_user"], rows)


async def service_of(session: Session, agency: int) -> Service | None:
    """Which service an agency is; None: there is none of that number."""
    row = await fetch_one(session, _SQL["service_of"], agency)
    return None if row is None else Service(row["service"])


async def add_guard(session: Session, name: str, phone: str, place: str, position: int) -> int:
    """A patrol; its number."""
    (row,) = await session.fetch(_SQL["add_guard"], name, phone, place, position)
    guard: int = row["id"]
    return guard


async def add_agency(session: Session, service: Service, values: Sequence[str]) -> int:
    """A service: name, country, phone, e-mail, webhook; its number.

    Raises:
        Conflict: the phone is no full number, or the webhook is not https.
    """
    (row,) = await session.fetch(_SQL["add_agency"], service.value, *values)
    agency: int = row["id"]
    return agency


async def listed(session: Session, what: str) -> Sequence[Row]:
    """All `guards` or `agencies`."""
    return await session.fetch(_SQL[what])
