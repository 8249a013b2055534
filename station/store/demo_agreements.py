"""What demo customers have agreed, written for all of them at once."""

from __future__ import annotations

from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


async def fill(session: Session, password: str, duress: str, counter_sealed: bytes) -> None:
    """Services, patrols, words and panel users, for every account that has none."""
    await session.execute(_SQL["agencies"])
    await session.execute(_SQL["guards"])
    await session.execute(_SQL["care"], password, duress, counter_sealed)
    await session.execute(_SQL["users"])
