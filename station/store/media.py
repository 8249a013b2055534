"""Pictures and films in the store: wanted, fetched, looked at, forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs

from station.media import Media, MediaState, Wanted, links_in
from station.store.database import Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
#: Spain allows a month at most.
KEPT: Final = dt.timedelta(days=30)
NO_CONSENT: Final = "the customer has not agreed to pictures"


async def wants(session: Session, incident: int, signal: int, extended: str, *, consent: bool) -> None:
    """The links that an alarm carries, if any; without consent each is noted as refused."""
    if urls := links_in(extended):
        state, why = (MediaState.WANTED, "") if consent else (MediaState.REFUSED, NO_CONSENT)
        await session.execute(_SQL["want"], incident, signal, urls, state.value, why, KEPT)


async def next_wanted(session: Session, limit: int) -> Sequence[Wanted]:
    """What is to be fetched next; it is the caller's for two minutes."""
    return [Wanted(**row) for row in await session.fetch(_SQL["next"], limit)]


@attrs.frozen
class Host:
    """From where anything may be fetched; a leading dot means all below it."""

    host: str
    plain: bool


async def hosts(session: Session) -> Sequence[Host]:
    """From where anything may be fetched."""
    return [Host(row["host"], row["plain"]) for row in await session.fetch(_SQL["hosts"])]


async def store(session: Session, id_: int, content: bytes, content_type: str) -> None:
    """It was fetched."""
    await session.execute(_SQL["store"], id_, content, content_type)


async def give_up(session: Session, id_: int, state: MediaState, why: str) -> None:
    """It will not be fetched."""
    await session.execute(_SQL["give_up"], id_, state.value, why)


async def again(session: Session, id_: int, why: str, in_s: float) -> None:
    """It is tried again after so many seconds."""
    await session.execute(_SQL["again"], id_, why, dt.timedelta(seconds=in_s))


async def forget(session: Session) -> int:
    """What was kept as long as it may be is erased; how many."""
    return len(await session.fetch(_SQL["forget"]))


async def of_incident(session: Session, incident: int) -> Sequence[Media]:
    """What an incident has."""
    rows = await session.fetch(_SQL["of_incident"], incident)
    return [Media(**{**row, "state": MediaState(row["state"])}) for row in rows]


async def open_media(session: Session, id_: int, operator: int, reason: str) -> tuple[bytes, str] | None:
    """A look, which is recorded; None: it may not be shown."""
    row = await fetch_one(session, _SQL["open"], id_, operator, reason)
    return None if row is None else (row["content"], row["content_type"])


async def allow(session: Session, host: str, *, plain: bool) -> None:
    """From this host."""
    await session.execute(_SQL["allow"], host, plain)
