"""The clock of the host that the database runs on.

In: nothing. Out: what it shows, and whether it is another host's than ours.
"""

from __future__ import annotations

import attrs

from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class DatabaseClock:
    """One reading of it."""

    #: Seconds since 1970.
    at_s: float
    #: Another host keeps it, as far as addresses tell: a container on our own host looks like another.
    elsewhere: bool


async def database_clock(session: Session) -> DatabaseClock:
    """What the database's clock shows now.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    (row,) = await session.fetch(_SQL["database_clock"])
    return DatabaseClock(at_s=row["at_s"], elsewhere=row["elsewhere"])
