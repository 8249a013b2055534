"""The proof that nobody rewrote what happened: hash chains recomputed, incidents followed again from their events.

In: rows as stored, in order. Out: nothing if all is as it was written, or `Altered` with the first thing that is not.
The hashes are computed here from the rule written in schema.sql (`incidents_append`, `audit_append`), not by SQL, so
that neither a changed row nor a changed function goes unseen. Someone who may rewrite a whole chain can still do so:
against that, keep its last hash elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import cattrs

from station.errors import IllegalTransition
from station.incident_events import Happening, IncidentEvent, Joined, Opened, happening
from station.incidents import Closed, Incident, OnHold, Taken, follow, opened, state_name
from station.progress_text import progress_text
from station.response_events import Content

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Columns that an incident of an older station has not filled.
_OF_THE_PLAN: Final = frozenset({"next_due_at", "progress"})
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_UNREADABLE: Final = (ValueError, KeyError, TypeError, cattrs.BaseValidationError)


class Altered(Exception):
    """Something is not as it was written; the text says which, and how that shows."""


@attrs.frozen(kw_only=True)
class AuditRow:
    """A row of the table `audit`."""

    n: int
    at: dt.datetime
    actor: str
    action: str
    body: str
    prev_hash: bytes
    hash: bytes


@attrs.frozen(kw_only=True)
class EventRow:
    """A row of the table `incident_event`."""

    incident: int
    n: int
    at: dt.datetime
    actor: str
    kind: str
    signal: int | None
    body: str
    prev_hash: bytes
    hash: bytes
    #: The frame of `signal` as it is stored now; None if there is none.
    raw: bytes | None


@attrs.frozen
class ContentRow:
    """A row of the table `incident_content`; `text` is None once erased."""

    incident: int
    salt: bytes
    text: str | None


@attrs.frozen
class History:
    """What is known of an incident after its first events, and the last hash."""

    incident: Incident
    last_hash: bytes


def next_audit_hash(last: AuditRow | None, row: AuditRow) -> None:
    """Check `row`, which follows `last` (None: it is the first).

    Raises:
        Altered: it does not follow.
    """
    where = f"audit row {row.n}"
    expected_n = 1 if last is None else last.n + 1
    if row.n != expected_n:
        raise Altered(f"audit row {expected_n}: it is missing")
    link = _link(b"" if last is None else last.hash, row.n, _microseconds(row.at), row.actor, row.action, row.body)
    _check_link(where, row.prev_hash, b"" if last is None else last.hash, row.hash, link)


def next_event(history: History | None, row: EventRow, contents: Mapping[uuid.UUID, ContentRow]) -> History:
    """What is known after `row`, which follows `history` (None: it is the first).

    Args:
        contents: the personal texts of this incident, if not of others too.

    Raises:
        Altered: the row does not follow, or a text that it names is not the one that was written.
    """
    expected_n = 1 if history is None else history.incident.last_n + 1
    if row.n != expected_n:
        raise Altered(f"incident {row.incident}, event {expected_n}: it is missing")
    where = f"incident {row.incident}, event {row.n}"
    last = b"" if history is None else history.last_hash
    signal = "-" if row.signal is None else row.signal
    link = _link(last, row.incident, row.n, _microseconds(row.at), row.actor, row.kind, signal, row.body)
    _check_link(where, row.prev_hash, last, row.hash, link)
    event = _event(where, row)
    _check_content(where, row.incident, event.what, contents)
    _check_frame(where, row, event.what)
    try:
        incident = opened(event) if history is None else follow(history.incident, event)
    except IllegalTransition as error:
        raise Altered(f"{where}: it can't have happened: {error}") from error
    return History(incident, row.hash)


def _check_frame(where: str, row: EventRow, what: Happening) -> None:
    if isinstance(what, Opened | Joined):
        if row.raw is None:
            raise Altered(f"{where}: its signal {row.signal} is missing")
        if hashlib.sha256(row.raw).hexdigest() != what.digest:
            raise Altered(f"{where}: the frame of its signal {row.signal} is not the one that was received")


def projection(history: History) -> dict[str, object]:
    """What the row of the table `incident` must hold, by column; leases are not part of the history."""
    incident, state = history.incident, history.incident.state
    return {
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
        "last_hash": history.last_hash,
        "signals": incident.signals,
        "points": sorted(incident.points),
        "plan": incident.progress.plan,
        "step": incident.progress.step,
        "confirmed": incident.progress.confirmed,
        "duress": incident.progress.duress,
        "to_review": incident.progress.to_review,
        "parent": incident.progress.parent,
        "next_due_at": incident.next_due_at,
        "progress": progress_text(incident.progress),
    }


def check_incident(incident: int, row: Mapping[str, object], history: History | None) -> None:
    """Compare a row of the table `incident` with what its events add up to.

    Raises:
        Altered: they differ.
    """
    if history is None:
        raise Altered(f"incident {incident}: it has no events")
    planless = not row["progress"]  # from before there were plans
    for column, expected in projection(history).items():
        found = row[column]
        if planless and column in _OF_THE_PLAN:
            continue
        if found != expected:
            raise Altered(f"incident {incident}: {column} is {_shown(found)}, its events say {_shown(expected)}")


def contents_of(what: Happening) -> Sequence[Content]:
    """The personal texts that an event names."""
    return [value for value in attrs.asdict(what, recurse=False).values() if isinstance(value, Content)]


def _link(last: bytes, *parts: object) -> bytes:
    return hashlib.sha256(last + "|".join(str(part) for part in parts).encode()).digest()


def _microseconds(at: dt.datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _check_link(where: str, prev_hash: bytes, last: bytes, found: bytes, link: bytes) -> None:
    if prev_hash != last:
        raise Altered(f"{where}: it does not follow the one before it")
    if found != link:
        raise Altered(f"{where}: its content does not match its hash")


def _event(where: str, row: EventRow) -> IncidentEvent:
    try:
        what = happening(row.kind, row.body)
    except _UNREADABLE as error:
        raise Altered(f"{where}: its content can't be read") from error
    if row.signal != (what.signal if isinstance(what, Opened | Joined) else None):
        raise Altered(f"{where}: its signal is {_shown(row.signal)}, its content says otherwise")
    return IncidentEvent(row.n, row.at, row.actor, what)


def _check_content(where: str, incident: int, what: Happening, contents: Mapping[uuid.UUID, ContentRow]) -> None:
    for content in contents_of(what):
        row = contents.get(content.id)
        if row is None or row.incident != incident:
            raise Altered(f"{where}: the text that it names is missing")
        if row.text is not None and hashlib.sha256(row.salt + row.text.encode()).hexdigest() != content.digest:
            raise Altered(f"{where}: its text is not the one that was written")


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bytes():
            return value.hex()
        case dt.datetime():
            return value.isoformat()
        case _:
            return str(value)
