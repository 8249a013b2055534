"""Mass outages: many lost their mains or their path within minutes, and one incident says more than hundreds.

In: open incidents that share a place or a carrier. Out: one parent, of which they become members; each member is told
once, when an operator has confirmed it, and closes when it is back. The parent stays open until each is.
"""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from dispatcher.timers import advances_of
from station.incident_events import Happening
from station.own_signals import own_signal
from station.response_events import Attached, MemberCounted, OutageConfirmed
from station.signals import Kind, Qualifier, Signal
from station.store import incidents, outages
from station.store.database import Database, Session
from station.store.facts import known_of
from station.store.install import station_now
from station.store.outages import Parent, Stricken

PREFIX: Final = "OUTAGE "


@attrs.frozen(kw_only=True)
class OutageSettings:
    """When many become one."""

    #: So many incidents of one place or carrier within so many seconds.
    members: int = 20
    within_s: int = 600


def causes(stricken: Sequence[Stricken], least: int) -> Mapping[str, list[int]]:
    """What enough of them share, and who they are; a carrier before a place."""
    found: dict[str, list[int]] = {}
    left = list(stricken)
    for share in ("carrier", "city"):
        groups: dict[str, list[int]] = collections.defaultdict(list)
        for one in left:
            if getattr(one, share):
                groups[f"{PREFIX}{one.matter} {getattr(one, share)}"].append(one.id)
        found |= {name: ids for name, ids in groups.items() if len(ids) >= least}
        taken = {id_ for ids in found.values() for id_ in ids}
        left = [one for one in left if one.id not in taken]
    return found


async def outage_signals(session: Session, settings: OutageSettings) -> list[Signal]:
    """A report of each outage that has no incident yet."""
    stricken = await outages.stricken(session, settings.within_s)
    known = {parent.account for parent in await outages.parents(session)}
    now = await station_now(session)
    return [
        own_signal(
            now,
            Kind.STATION,
            Qualifier.NEW,
            account=name,
            account_id=None,
            text=f"{len(ids)} sites report the same within minutes",
            occasion=now.isoformat(timespec="minutes"),
        )
        for name, ids in causes(stricken, settings.members).items()
        if name not in known
    ]


async def gather(database: Database, settings: OutageSettings) -> int:
    """Attach new members, count them, and tell them what an operator confirmed; how many incidents changed.

    Raises:
        MovedOn: somebody wrote to one of the incidents meanwhile; nothing is done.
    """
    async with database.transaction() as session:
        found = causes(await outages.stricken(session, settings.within_s), 1)
        changes: list[tuple[int, Happening]] = []
        now = await station_now(session)
        for parent in await outages.parents(session):
            new = found.get(parent.account, [])
            changes += [(id_, Attached(parent.id)) for id_ in new]
            changes += await _counted(session, parent, len(new), now)
        await _apply(session, changes)
    return len(changes)


async def _counted(session: Session, parent: Parent, new: int, now: dt.datetime) -> list[tuple[int, Happening]]:
    members, still = parent.members + new, parent.open + new
    changes: list[tuple[int, Happening]] = []
    if (members, still) != (parent.progress.members, parent.progress.open_members):
        changes.append((parent.id, MemberCounted(members, still, now)))
    if parent.progress.outage_confirmed:
        ids = await outages.open_members(session, parent.id, 500)
        rows = await incidents.incident_rows(session, ids)
        changes += [(row.id, OutageConfirmed()) for row in rows if not row.incident.progress.outage_confirmed]
    return changes


async def _apply(session: Session, changes: Sequence[tuple[int, Happening]]) -> None:
    rows = await incidents.incident_rows(session, {id_ for id_, _ in changes})
    if not rows:
        return
    advances = await advances_of(session, rows)
    accounts = {row.incident.account_id for row in rows if row.incident.account_id is not None}
    known = await known_of(session, accounts, rows[0].now)
    for id_, what in changes:
        incident = advances.incident(id_)
        if incident.open:
            account = known.get(incident.account_id or 0)
            advances.add(id_, what, rows[0].now, None if account is None else account.facts)
    await advances.write(session)
