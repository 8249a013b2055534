"""The proofs of an incident, made anew from what schema.sql documents and from nothing else.

Layout of a link: SHA-256 over the link before it (nothing for the first) and the UTF-8 text of incident, n,
microseconds since 1970, actor, kind, signal or `-`, and body, joined by `|`.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from station.incident_events import IncidentEvent, happening
from station.incidents import Closed, Incident, OnHold, Taken, follow, opened, state_name
from station.store.database import Database

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


async def assert_chains_hold(owner: Database) -> None:
    """Every link of every incident is the hash of its content and of the link before it."""
    for row in await owner.fetch("select id, last_n, last_hash from incident order by id"):
        events = await owner.fetch("select * from incident_event where incident = $1 order by n", row["id"])
        last = b""
        for n, event in enumerate(events, start=1):
            microseconds = (event["at"] - _EPOCH) // dt.timedelta(microseconds=1)
            signal = "-" if event["signal"] is None else str(event["signal"])
            parts = [str(row["id"]), str(n), str(microseconds), event["actor"], event["kind"], signal, event["body"]]
            assert event["n"] == n
            assert event["prev_hash"] == last
            last = hashlib.sha256(last + "|".join(parts).encode()).digest()
            assert event["hash"] == last
        assert (row["last_n"], row["last_hash"]) == (len(events), last)


async def assert_rows_are_what_events_add_up_to(owner: Database) -> None:
    """Replaying the stored events of every incident gives its row."""
    for row in await owner.fetch("select * from incident order by id"):
        incident = await replayed(owner, row["id"])
        state = incident.state
        assert {
            "account_id": incident.account_id,
            "account": incident.account,
            "kind": incident.kind.value,
            "priority": incident.priority,
            "authenticated": incident.authenticated,
            "state": state_name(state),
            "opened_at": incident.opened_at,
            "restored_at": incident.restored_at,
            "operator": state.operator if isinstance(state, Taken) else None,
            "fence": incident.fence,
            "hold_until": state.until if isinstance(state, OnHold) else None,
            "closed_at": state.at if isinstance(state, Closed) else None,
            "disposition": state.disposition.value if isinstance(state, Closed) else None,
            "last_n": incident.last_n,
            "last_signal_n": incident.last_signal_n,
            "signals": incident.signals,
            "points": sorted(incident.points),
        }.items() <= dict(row).items()


async def replayed(owner: Database, incident: int) -> Incident:
    """The incident, from its events alone."""
    rows = await owner.fetch("select * from incident_event where incident = $1 order by n", incident)
    first, *later = [
        IncidentEvent(row["n"], row["at"], row["actor"], happening(row["kind"], row["body"])) for row in rows
    ]
    known = opened(first)
    for event in later:
        known = follow(known, event)
    return known
