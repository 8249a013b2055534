"""Test reports: when each account's next one is due, and which did not come.

In: accounts, and instants computed by `receiver/supervision/late_tests.py`. Out: rows of `test_due`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence

import attrs

from station.store.database import Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class TestPlan:
    """How often an account tests; `due_at` and `late_at` as far as they are known."""

    account_id: int
    account: str
    #: None: no test report is awaited any more.
    every_s: int | None
    time_zone: str
    tested_at: dt.datetime | None
    due_at: dt.datetime | None
    late_at: dt.datetime | None


@attrs.frozen
class Due:
    """When the next report of an account is due, by which plan."""

    account_id: int
    every_s: int
    time_zone: str
    tested_at: dt.datetime | None
    due_at: dt.datetime


async def plans_of(session: Session, accounts: Sequence[int]) -> list[TestPlan]:
    """The plans of those of `accounts` that have one."""
    return [_plan(row) for row in await session.fetch(_SQL["plans_of"], list(accounts))]


async def plans_changed(session: Session, since: int | None, page: int = 5_000) -> AsyncIterator[list[TestPlan]]:
    """Pages of accounts whose plan is new, another, or gone; `since`: of those changed after this change number."""
    after = 0
    while rows := await session.fetch(_SQL["plans_changed"], since, after, page):
        after = rows[-1]["account"]
        yield [_plan(row) for row in rows]


async def overdue(session: Session, now: dt.datetime, limit: int) -> list[TestPlan]:
    """At most `limit` accounts that are late and not reported as such."""
    return [_plan(row) for row in await session.fetch(_SQL["overdue"], now, limit)]


async def due_while_deaf(
    session: Session, began: dt.datetime, ended: dt.datetime, tolerance_s: float
) -> list[TestPlan]:
    """Accounts whose report may have come while nobody listened."""
    rows = await session.fetch(_SQL["due_while_deaf"], began, ended, dt.timedelta(seconds=tolerance_s))
    return [_plan(row) for row in rows]


async def write_due(session: Session, due: Sequence[Due]) -> None:
    """The next reports; whatever was late is not."""
    await session.execute_many(_SQL["write_due"], [attrs.astuple(row) for row in due])


async def mark_late(session: Session, accounts: Sequence[int], now: dt.datetime) -> None:
    """It is told that these are late."""
    await session.execute(_SQL["mark_late"], list(accounts), now)


async def forget(session: Session, accounts: Sequence[int]) -> None:
    """No report of these is awaited."""
    await session.execute(_SQL["forget"], list(accounts))


def _plan(row: Row) -> TestPlan:
    return TestPlan(
        account_id=row["account"],
        account=row["number"],
        every_s=row["every_s"],
        time_zone=row["time_zone"],
        tested_at=row["tested_at"],
        due_at=row["due_at"],
        late_at=row["late_at"],
    )
