"""Shards: how several dispatchers share the work, and how a killed one's work is taken over.

In: a dispatcher's name. Out: numbers of shards, each with the fence under which it is held. Everything a dispatcher
writes is written in a transaction that holds its shards by those fences.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
#: An incident belongs to the shard of its number modulo this.
SHARDS: Final = 16


async def take(session: Session, holder: str, lease_s: float) -> Mapping[int, int]:
    """Take or keep a fair share for `lease_s`; fences by number."""
    rows = await session.fetch(_SQL["take"], holder, dt.timedelta(seconds=lease_s))
    return {row["number"]: row["fence"] for row in rows}


async def hold(session: Session, shards: Mapping[int, int]) -> None:
    """This transaction acts for these shards, and nobody takes them before it ends.

    Raises:
        ShardLost: one of them has another holder by now.
    """
    await session.fetch(_SQL["hold"], list(shards), list(shards.values()))


async def give_back(session: Session, holder: str) -> None:
    """Whoever ends leaves its work to others at once."""
    await session.fetch(_SQL["give_back"], holder)
