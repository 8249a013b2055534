"""Virtual time: a database made for rehearsals, whose clock may be moved on."""

from __future__ import annotations

import datetime as dt

from station.store.database import Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


async def shift(session: Session, by: dt.timedelta) -> None:
    """Move station time on.

    Raises:
        Conflict: the database was not made with virtual time.
    """
    await session.execute(_SQL["shift"], by)


async def next_due_at(session: Session) -> dt.datetime | None:
    """The first moment at which anything comes due by itself."""
    row = await fetch_one(session, _SQL["next_due"])
    return None if row is None else row["at"]
