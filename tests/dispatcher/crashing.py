"""A database that fails, or lets something else happen, after so many statements of one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from station.store.database import Database, Row, Session

#: Called between two statements, with how many have been made and the session that makes them.
Between = Callable[[int, Session], Awaitable[None]]


class Interrupted(Database):
    """A `Database` whose transactions call `between` after each statement."""

    def __init__(self, real: Database, between: Between) -> None:
        self._real = real
        self._between = between

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Outside transactions nothing is interrupted."""
        return await self._real.fetch(sql, *values)

    async def execute(self, sql: str, *values: object) -> None:
        """The same."""
        await self._real.execute(sql, *values)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:  # type: ignore[override]  # all that is used of a connection
        """As that of the real one."""
        async with self._real.transaction() as session:
            yield _InterruptedSession(session, self._between)


class _InterruptedSession:
    def __init__(self, real: Session, between: Between) -> None:
        self._real = real
        self._between = between
        self._made = 0

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        rows = await self._real.fetch(sql, *values)
        await self._count()
        return rows

    async def execute(self, sql: str, *values: object) -> None:
        await self._real.execute(sql, *values)
        await self._count()

    async def execute_many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        for row in rows:
            await self.execute(sql, *row)

    async def _count(self) -> None:
        self._made += 1
        await self._between(self._made, self._real)
