"""What is agreed for an account, panel users, patrols and services, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from station.facts import UserKind
from station.responders import Service
from station.store.database import Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)

#: The columns of `care` that may be set, and what makes their values of JSON.
SETTINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "counter_first": bool,
    "window_s": int,
    "detectors": int,
    "domestic": bool,
    "guard": bool,
    "guard_visits": int,
    "technician": bool,
    "call_instead": bool,
    "quiet_hours": str,
    "suspended_until": dt.datetime.fromisoformat,
    "suspended_by": str,
    "permit": str,
    "permit_until": dt.date.fromisoformat,
    "police": int,
    "fire": int,
    "medical": int,
    "schedule": str,
    "arm_reminder": dt.time.fromisoformat,
    "restore_within_s": int,
    "multi_knock_s": int,
    "carrier": str,
    "media_consent": bool,
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
