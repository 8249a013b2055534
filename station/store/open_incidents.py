"""All that is open, with how far each incident is on its plan: the alarm queue as programs read it.

In: how many of each state at most. Out: frozen lines, the most urgent first, then the oldest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs

from station.signals import Kind
from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen(kw_only=True)
class OpenIncident:
    """One line; fields as in `station.incidents.Incident` and its progress. `holder` is an operator's name."""

    id: int
    account: str
    name: str
    city: str
    kind: Kind
    priority: int
    authenticated: bool | None
    state: str
    opened_at: dt.datetime
    restored_at: dt.datetime | None
    signals: int
    last_n: int
    plan: str
    step: str
    confirmed: bool
    duress: bool
    next_due_at: dt.datetime | None
    holder: str | None
    hold_until: dt.datetime | None


async def open_incidents(session: Session, limit: int) -> Sequence[OpenIncident]:
    """The first `limit` of each state."""
    return [OpenIncident(**{**row, "kind": Kind(row["kind"])}) for row in await session.fetch(_SQL["open"], limit)]
