"""Making and checking the station's schema.

In: a database URL of the schema's owner. Out: the tables, roles and grants of `schema.sql`, or a clear refusal.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import Final

import attrs

from station.errors import SchemaMismatch
from station.store.database import Database, Session, fetch_one
from station.store.queries import queries_beside

SCHEMA_VERSION: Final = 4
OWNER: Final = "sereno_owner"
ROLES: Final = (
    "sereno_receiver",
    "sereno_dispatcher",
    "sereno_console",
    "sereno_command",
    "sereno_auditor",
    "sereno_fetcher",
)
_TRANSACTION_TIMEOUT_SINCE: Final = 170_000
#: From version n - 1 to n by `n.sql`, in one transaction, and before it `n_values.sql`, which may run twice.
MIGRATIONS: Final = pathlib.Path(__file__).parent / "migrations"
SCHEMA_FILE: Final = pathlib.Path(__file__).parents[2] / "schema.sql"

_SQL = queries_beside(__file__)


@attrs.frozen
class StationRow:
    """What this database is."""

    demo: bool
    virtual_time: bool


async def install(owner: Database, *, demo: bool, virtual_time: bool = False) -> StationRow:
    """Make the schema where there is none; bring an older one forward; check it.

    Raises:
        SchemaMismatch: the database holds a schema of another version.
        StoreUnavailable: the database does not answer, or the user may not create tables and roles.
    """
    async with owner.transaction() as session:
        await session.execute("select pg_advisory_xact_lock(hashtext('sereno install'))")
        if not await is_installed(session):
            await _create_roles(session)
            await session.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
            await session.execute(_SQL["create_station"], SCHEMA_VERSION, demo, virtual_time)
            await make_partitions(session)
    await _bring_forward(owner)
    return await station_row(owner)


async def _bring_forward(owner: Database) -> None:
    """Migrate to the version of this program, a version at a time; a killed migration is begun again."""
    async with owner.transaction() as session:
        await session.execute("select pg_advisory_xact_lock(hashtext('sereno install'))")
        row = await fetch_one(session, _SQL["schema_version"])
        found: int = SCHEMA_VERSION if row is None else row["schema_version"]
        versions = range(found + 1, SCHEMA_VERSION + 1)
    for version in versions:
        values = MIGRATIONS / f"{version:04}_values.sql"
        if values.exists():
            await owner.execute(values.read_text(encoding="utf-8"))
        async with owner.transaction() as session:
            await session.execute("select pg_advisory_xact_lock(hashtext('sereno install'))")
            # Unless another process was faster.
            if await session.fetch(_SQL["begin_migration"], version):
                await session.execute((MIGRATIONS / f"{version:04}.sql").read_text(encoding="utf-8"))


async def is_installed(session: Session) -> bool:
    """Whether this database holds a station at all."""
    (row,) = await session.fetch(_SQL["is_installed"])
    installed: bool = row["installed"]
    return installed


async def _create_roles(session: Session) -> None:
    known = {row["rolname"] for row in await session.fetch(_SQL["existing_roles"], list(ROLES))}
    (server,) = await session.fetch(_SQL["server_version"])
    for role in ROLES:
        if role not in known:
            await session.execute(f"create role {role} login")
        # An abandoned transaction would hold locks and back vacuum up for ever.
        await session.execute(f"alter role {role} set idle_in_transaction_session_timeout = '10s'")
        if server["version"] >= _TRANSACTION_TIMEOUT_SINCE and role != "sereno_command":
            # Neither may a long one; only an import or a verification by command takes its time.
            await session.execute(f"alter role {role} set transaction_timeout = '30s'")
        # The owner's own URL may carry a password: its processes then enter by SET ROLE.
        await session.execute(f"grant {role} to current_user")


async def station_row(session: Session) -> StationRow:
    """What this database is.

    Raises:
        SchemaMismatch: its schema is of another version than this program.
    """
    row = await fetch_one(session, _SQL["schema_version"])
    if row is None or row["schema_version"] != SCHEMA_VERSION:
        found = "none" if row is None else row["schema_version"]
        raise SchemaMismatch(
            f"this program knows schema {SCHEMA_VERSION}, the database holds {found}: run the matching version"
        )
    return StationRow(demo=row["demo"], virtual_time=row["virtual_time"])


async def station_now(session: Session) -> dt.datetime:
    """Station time, aware UTC."""
    (row,) = await session.fetch(_SQL["time_now"])
    now: dt.datetime = row["now"]
    return now


async def make_partitions(session: Session) -> None:
    """Give the coming days of signals a place; cheap when they have one."""
    await session.fetch(_SQL["make_partitions"])


async def strays(session: Session) -> int:
    """How many signals lie in the default partition, a thousand at most: a fault, though nothing is lost."""
    (row,) = await session.fetch(_SQL["strays"])
    count: int = row["signals"]
    return count
