"""What comes due by itself: timers of incidents, leases of silent consoles, and holds whose time has come.

In: the clock, as the database tells it. Out: incidents one step further, or back in the alarm queue. A due time is a
row, not a sleeping task, so it outlives every process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import Final

from dispatcher.advances import Advances
from dispatcher.plans.library import books_for
from dispatcher.sharding import Held
from station.facts import NOBODY
from station.incident_events import Happening, HoldEnd, HoldEnded, LeaseExpired
from station.incidents import Incident, OnHold, Taken
from station.plan_events import EffectMoved, FactsChanged, TimerDue
from station.store import effects, incidents, shards
from station.store.database import Database, LeaseGone, MovedOn, Session
from station.store.facts import known_of
from station.store.incidents import IncidentRow
from station.store.restored import effects_released

#: Timers in one transaction.
BATCH: Final = 1000
ALL: Final = range(shards.SHARDS)


async def return_due(database: Database, held: Held | None = None) -> int:
    """Put back into the queue what is due; how many incidents. None in a restored station until it is released."""
    if not await effects_released(database):
        return 0
    mine = ALL if held is None else held.shards
    ended = [*await incidents.expired_leases(database), *await incidents.due_holds(database)]
    returned = 0
    for incident_id in ended:
        if incident_id % shards.SHARDS in mine:
            # Whoever was faster has done something newer: it is looked at again in a moment.
            with contextlib.suppress(MovedOn, LeaseGone):
                returned += await return_if_due(database, incident_id)
    return returned


async def return_if_due(database: Database, incident_id: int) -> bool:
    """Put this one back into the queue, if it is due.

    Raises:
        MovedOn: somebody else was faster.
    """
    async with database.transaction() as session:
        row = await incidents.incident_row(session, incident_id)
        if row is None or (what := due(row)) is None:
            return False
        advances = await advances_of(session, [row])
        advances.add(incident_id, what, row.now)
        await advances.write(session)
    return True


def due(row: IncidentRow) -> Happening | None:
    """What puts it back into the queue by itself; None: nothing does."""
    match row.incident.state:
        case Taken(operator=operator) if row.lease_until is not None and row.lease_until < row.real_now:
            return LeaseExpired(operator)
        case OnHold(until=until) if until <= row.now:
            return HoldEnded(HoldEnd.DUE)
        case _:
            return None


async def fire_due(database: Database, held: Held | None = None) -> int:
    """Let timers that came due take their effect; how many. None in a restored station until it is released.

    Raises:
        MovedOn: somebody wrote to one of the incidents meanwhile; nothing is done.
    """
    if not await effects_released(database):
        return 0
    async with database.transaction() as session:
        await _hold(session, held)
        timers = await effects.due_timers(session, ALL if held is None else held.shards, BATCH)
        await _apply(session, [(timer.incident, TimerDue(timer.name)) for timer in timers])
    return len(timers)


async def tell_news(database: Database, held: Held | None = None) -> int:
    """Tell incidents what became of their messages; how many.

    Raises:
        MovedOn: somebody wrote to one of the incidents meanwhile; nothing is done.
    """
    async with database.transaction() as session:
        await _hold(session, held)
        news = await effects.untold(session, ALL if held is None else held.shards, BATCH)
        await _apply(session, [(one.incident, EffectMoved(one.no, one.state, one.why)) for one in news])
        await effects.mark_told(session, news)
    return len(news)


async def adopt_planless(database: Database, held: Held | None = None) -> int:
    """Incidents from before there were plans are worked by plans from now on; how many.

    Raises:
        MovedOn: somebody wrote to one of the incidents meanwhile; nothing is done.
    """
    async with database.transaction() as session:
        await _hold(session, held)
        ids = await incidents.planless(session, BATCH)
        rows = await incidents.incident_rows(session, ids)
        accounts = {row.incident.account_id for row in rows if row.incident.account_id is not None}
        known = await known_of(session, accounts, rows[0].now) if rows else {}
        nobody = [(row.id, known.get(row.incident.account_id or 0)) for row in rows]
        facts = [(id_, FactsChanged(NOBODY if account is None else account.facts)) for id_, account in nobody]
        await _apply(session, facts)
    return len(ids)


async def _hold(session: Session, held: Held | None) -> None:
    if held is not None:
        await shards.hold(session, held.shards)


async def _apply(session: Session, happenings: Sequence[tuple[int, Happening]]) -> None:
    rows = await incidents.incident_rows(session, {id_ for id_, _ in happenings})
    if not rows:
        return
    advances = await advances_of(session, rows)
    accounts = {row.incident.account_id for row in rows if row.incident.account_id is not None}
    known = await known_of(session, accounts, rows[0].now)
    nows = {row.id: row.now for row in rows}
    for id_, what in happenings:
        incident = advances.incident(id_)
        if _still(incident, what):
            account = known.get(incident.account_id or 0)
            advances.add(id_, what, nows[id_], None if account is None else account.facts)
    await advances.write(session)


def _still(incident: Incident, what: Happening) -> bool:
    """Whether it still matters: what an event before it in this transaction took away does not."""
    if not incident.open:
        return False
    return not isinstance(what, TimerDue) or what.name in incident.progress.timers


async def advances_of(session: Session, rows: Collection[IncidentRow]) -> Advances:
    """What is to be added to these incidents, each by its own book."""
    books = await books_for(session, {row.incident.progress.version for row in rows})
    advances = Advances(books)
    for row in rows:
        advances.know(row)
    return advances
