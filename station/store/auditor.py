"""What the auditor sees of the engine's work: how late it is, and whether anything was forgotten.

In: what counts as late. Out: a `Look`; and signals of the auditor's own, each stored like a receiver's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import attrs

from station.signals import Signal
from station.store.database import Connection, Session
from station.store.lanes import open_lane
from station.store.queries import queries_beside
from station.store.signals import storable_row, write_rows

#: What the auditor's lanes are called.
AUDITOR = "auditor"

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class Look:
    """One look at the engine. Seconds are None where nothing is due or waits."""

    #: Open incidents with no next action, and one of them.
    without_due: int = 0
    a_without_due: int | None = None
    #: Open incidents whose next action is later than the tolerance, and the latest of them.
    due_late: int = 0
    a_due_late: int | None = None
    due_late_s: float | None = None
    timer_late_s: float | None = None
    #: Age of the oldest signal that no dispatcher has worked off.
    unread_s: float | None = None
    #: Since when the oldest message may leave that nobody has begun to send.
    queued_s: float | None = None
    #: Seconds since a sender should have been done.
    sending_late_s: float | None = None
    #: False in a restored station, until a person lets effects go on.
    released: bool = True
    #: The auditor's own matters that were reported and did not end.
    standing: frozenset[str] = frozenset()


async def look(session: Session, late_s: float, matters: Collection[str]) -> Look:
    """How late the engine is.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    (row,) = await session.fetch(_SQL["look"], dt.timedelta(seconds=late_s), sorted(matters))
    return Look(**{**row, "standing": frozenset(row["standing"])})


async def report(connection: Connection, told: Sequence[Signal]) -> None:
    """Store signals in a lane of their own, which ends with `connection`.

    Raises:
        StoreUnavailable: the outcome is unknown; store them again, the copies will be recognised.
    """
    # From a lane's beginning on readers search; what could not be stored for hours must not lie before it.
    begins = min(signal.received_at for signal in told)
    lane = await open_lane(connection, AUDITOR, begins)
    await write_rows(connection, lane, 1, [storable_row(signal) for signal in told])
