"""Mass outages in the store: who is stricken, which outages are open, who belongs to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs

from station.progress import Progress
from station.progress_text import progress_of
from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class Stricken:
    """An incident that may be one of many."""

    id: int
    carrier: str
    city: str
    matter: str


@attrs.frozen
class Parent:
    """A mass outage; `account` names what its members share."""

    id: int
    account: str
    progress: Progress
    members: int
    open: int


async def stricken(session: Session, within_s: float) -> Sequence[Stricken]:
    """Incidents that began within so many seconds and may be one of many."""
    return [Stricken(**row) for row in await session.fetch(_SQL["stricken"], dt.timedelta(seconds=within_s))]


async def parents(session: Session) -> Sequence[Parent]:
    """Mass outages that are open."""
    return [
        Parent(row["id"], row["account"], progress_of(row["progress"]), row["members"], row["open"])
        for row in await session.fetch(_SQL["parents"])
    ]


async def open_members(session: Session, parent: int, limit: int) -> list[int]:
    """Members that are neither restored nor handled."""
    return [row["id"] for row in await session.fetch(_SQL["members"], parent, limit)]
