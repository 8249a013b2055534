"""What accounts are to have done by a time, tests that end, and who is on duty.

In: accounts and due times. Out: what has not happened in time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs

from station.action_plans import Armed
from station.signals import Kind
from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
RESTORE: Final = "restore"


@attrs.frozen
class Overdue:
    """What has not happened by `due_at`."""

    account: int
    number: str
    what: str
    subject: str
    due_at: dt.datetime


@attrs.frozen
class TestDue:
    """A test that is over, or will soon be."""

    __test__ = False  # no test of ours

    id: int
    account: int
    number: str
    over: bool
    ends_at: dt.datetime


@attrs.frozen
class StillInAlarm:
    """What a test leaves in alarm."""

    kind: Kind
    zone: str
    event_code: str | None
    area: str | None
    token: str


async def armed_of(session: Session, account: int) -> dict[str, Armed]:
    """How the areas of an account are armed."""
    return {row["area"]: Armed(row["armed"]) for row in await session.fetch(_SQL["armed"], account)}


async def expect(session: Session, account: int, due: Sequence[tuple[str, str, dt.datetime]]) -> None:
    """What is due by the account's timetable: what, of what, by when. What was due before is forgotten."""
    await session.execute(_SQL["forget"], account)
    await _expect(session, account, due)


async def expect_restore(session: Session, account: int, kind: Kind, zone: str, by: dt.datetime) -> None:
    """An alarm that must end by then."""
    await _expect(session, account, [(RESTORE, f"{kind.value} {zone}", by)])


async def also_expect(session: Session, account: int, what: str, at: dt.datetime) -> None:
    """One thing more, beside what is due by the timetable."""
    await _expect(session, account, [(what, "", at)])


async def _expect(session: Session, account: int, due: Sequence[tuple[str, str, dt.datetime]]) -> None:
    if due:
        what, subject, at = zip(*due, strict=True)
        await session.execute(_SQL["expect"], account, list(what), list(subject), list(at))


async def restored(session: Session, ended: Sequence[tuple[int, Kind, str]]) -> None:
    """Alarms that ended: account, kind, zone."""
    if ended:
        account, kind, zone = zip(*ended, strict=True)
        await session.execute(_SQL["restored"], list(account), [one.value for one in kind], list(zone))


async def overdue(session: Session, limit: int) -> Sequence[Overdue]:
    """What has not happened in time; each is told once."""
    rows = await session.fetch(_SQL["due"], limit)
    return [Overdue(row["account"], row["number"], row["what"], row["subject"], row["due_at"]) for row in rows]


async def tests_due(session: Session) -> Sequence[TestDue]:
    """Tests that are over or will soon be; locked until the transaction ends."""
    return [TestDue(**row) for row in await session.fetch(_SQL["tests_due"])]


async def end_test(session: Session, test: int) -> Sequence[StillInAlarm]:
    """End it; what it leaves in alarm."""
    if not await session.fetch(_SQL["end_test"], test):
        return []
    rows = await session.fetch(_SQL["still_in_alarm"], test)
    return [StillInAlarm(Kind(row["kind"]), row["zone"], row["event_code"], row["area"], row["token"]) for row in rows]


async def reminded(session: Session, test: int) -> None:
    """Somebody was reminded of it."""
    await session.execute(_SQL["reminded"], test)


async def operators_on_duty(session: Session, lately_s: float) -> int:
    """How many operators have done something within so many seconds."""
    (row,) = await session.fetch(_SQL["operators_on_duty"], dt.timedelta(seconds=lately_s))
    count: int = row["operators"]
    return count
