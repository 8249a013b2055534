"""What comes due by itself: leases of silent consoles, and holds whose time has come.

In: the clock, as the database tells it. Out: incidents back in the alarm queue. A due time is a column, not a
sleeping task, so it outlives every process.
"""

from __future__ import annotations

import contextlib

from station.incident_events import DISPATCHER, Happening, HoldEnd, HoldEnded, IncidentEvent, LeaseExpired
from station.incidents import OnHold, Taken, follow
from station.store import incidents
from station.store.database import Database, MovedOn
from station.store.restored import effects_released


async def return_due(database: Database) -> int:
    """Put back into the queue what is due; how many incidents. None in a restored station until it is released."""
    if not await effects_released(database):
        return 0
    due = [*await incidents.expired_leases(database), *await incidents.due_holds(database)]
    returned = 0
    for incident_id in due:
        # Whoever was faster has done something newer: it is looked at again in a moment.
        with contextlib.suppress(MovedOn):
            returned += await return_if_due(database, incident_id)
    return returned


async def return_if_due(database: Database, incident_id: int) -> bool:
    """Put this one back into the queue, if it is due.

    Raises:
        MovedOn: somebody else was faster.
    """
    row = await incidents.incident_row(database, incident_id)
    if row is None or (what := _due(row)) is None:
        return False
    event = IncidentEvent(row.incident.last_n + 1, row.now, DISPATCHER, what)
    await incidents.append(database, incident_id, event, follow(row.incident, event))
    return True


def _due(row: incidents.IncidentRow) -> Happening | None:
    match row.incident.state:
        case Taken(operator=operator) if row.lease_until is not None and row.lease_until < row.real_now:
            return LeaseExpired(operator)
        case OnHold(until=until) if until <= row.now:
            return HoldEnded(HoldEnd.DUE)
        case _:
            return None
