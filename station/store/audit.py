"""The audit trail: writing a line of it, and proving all of it and all incidents.

In: who did what. Out: a row of the append-only table `audit`. And: the tables, read in pages, each page of incidents
in one snapshot, so that a station at work can be verified and no page holds more than its share in memory.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

import attrs

from station.chain import Altered, AuditRow, ContentRow, EventRow, History, check_incident, next_audit_hash, next_event
from station.store.database import Database, Row, Session
from station.store.queries import queries_beside

_INCIDENTS: Final = 500
_ROWS: Final = 5000
#: Not among the named queries: PostgreSQL can't prepare it.
_ONE_SNAPSHOT: Final = "set transaction isolation level repeatable read, read only"

_SQL = queries_beside(__file__)


@attrs.frozen
class Verified:
    """How much was found as it was written. `erased` of the texts are gone by intent."""

    audit_rows: int = 0
    incidents: int = 0
    events: int = 0
    texts: int = 0
    erased: int = 0


async def append(session: Session, actor: str, action: str, body: Mapping[str, object]) -> None:
    """Append to the station's chain. `actor` is a process, `command` or `console`, or `operator:<id>`."""
    await session.execute(_SQL["append"], actor, action, json.dumps(body, sort_keys=True, ensure_ascii=False))


async def verify(database: Database) -> Verified:
    """Recompute every chain, follow every incident, compare every text.

    Raises:
        Altered: the first thing that is not as it was written.
    """
    found = Verified(audit_rows=await _verify_audit(database))
    last = 0
    while True:
        async with database.transaction() as session:
            await session.execute(_ONE_SNAPSHOT)
            incidents = await session.fetch(_SQL["incidents_after"], last, _INCIDENTS)
            if not incidents:
                return found
            found = await _verify_incidents(session, last, incidents, found)
            last = incidents[-1]["id"]


async def _verify_audit(database: Database) -> int:
    last: AuditRow | None = None
    while rows := await database.fetch(_SQL["audit_after"], last.n if last else 0, _ROWS):
        for row in rows:
            read = AuditRow(**row)
            next_audit_hash(last, read)
            last = read
    return last.n if last else 0


async def _verify_incidents(session: Session, after: int, incidents: Sequence[Row], found: Verified) -> Verified:
    """Those of one page: all incidents from `after` exclusive to the last of `incidents`."""
    to = incidents[-1]["id"]
    contents = {
        row["id"]: ContentRow(row["incident"], row["salt"], row["text"])
        for row in await session.fetch(_SQL["contents"], after, to)
    }
    histories: dict[int, History] = {}
    events = 0
    async with contextlib.aclosing(_events(session, after, to)) as rows:
        async for event in rows:
            histories[event.incident] = next_event(histories.get(event.incident), event, contents)
            events += 1
    for row in incidents:
        check_incident(row["id"], row, histories.pop(row["id"], None))
    for incident in histories:
        raise Altered(f"incident {incident}: it has events, and is itself missing")
    return Verified(
        found.audit_rows,
        found.incidents + len(incidents),
        found.events + events,
        found.texts + len(contents),
        found.erased + sum(content.text is None for content in contents.values()),
    )


async def _events(session: Session, after: int, to: int) -> AsyncGenerator[EventRow, None]:
    incident, n = after + 1, 0
    while rows := await session.fetch(_SQL["events_after"], incident, n, to, _ROWS):
        for row in rows:
            yield EventRow(**row)
        incident, n = rows[-1]["incident"], rows[-1]["n"]
