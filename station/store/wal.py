"""The write-ahead log of the station's own PostgreSQL, as backups follow it.

In: a session of a role that may replicate. Out: how far the log is safe on disk, and slots, which keep it from being
removed before a backup has it. Places in the log are bytes since the cluster was made.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from station.store.database import Connection, Database, Session, fetch_one
from station.store.queries import queries_beside

#: May copy the whole cluster, and read and write nothing in it.
ROLE: Final = "sereno_backup"

_SQL = queries_beside(__file__)


@attrs.frozen
class Position:
    """Whatever was committed by `at` lies before `lsn`. `timeline` as in the names of the log's files."""

    at: dt.datetime
    lsn: int
    timeline: str


@attrs.frozen
class Slot:
    """Log from `kept_from` on is kept, unless that grew too much and it was `lost`."""

    name: str
    kept_from: int | None
    lost: bool


async def make_role(owner: Database) -> None:
    """Make sure that the server knows whom backups are made as."""
    row = await fetch_one(owner, _SQL["role_exists"], ROLE)
    if row is None or not row["known"]:
        await owner.execute(f"create role {ROLE} login replication")


async def take_turn(connection: Connection) -> None:
    """Keep other archivers waiting while this connection lasts."""
    await connection.execute(_SQL["take_turn"])


async def position(session: Session) -> Position:
    """How far the log is safe on disk now."""
    (row,) = await session.fetch(_SQL["position"])
    return Position(row["at"], row["lsn"], row["timeline"])


async def slots(session: Session) -> list[Slot]:
    """All slots of ours."""
    return [Slot(row["slot_name"], row["kept_from"], row["lost"]) for row in await session.fetch(_SQL["slots"])]


async def make_slot(session: Session, name: str, *, temporary: bool) -> None:
    """Keep log from now on; with `temporary`, as long as this session lasts."""
    await session.execute(_SQL["make_slot"], name, temporary)


async def advance_slot(session: Session, name: str, to: int) -> None:
    """Let log before `to` go."""
    await session.execute(_SQL["advance_slot"], name, to)


async def drop_slot(session: Session, name: str) -> None:
    """Let all log go."""
    await session.execute(_SQL["drop_slot"], name)


async def is_recovering(session: Session) -> bool:
    """Whether the server still replays log."""
    (row,) = await session.fetch(_SQL["in_recovery"])
    recovering: bool = row["recovering"]
    return recovering
