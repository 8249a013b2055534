"""What a signal does: it opens an incident, joins one, restores one, or is only logged.

In: one signal that is no copy, and the open incidents of its account. Out: a `Decision`. One open incident stands for
one matter, that is an account and a kind; so a burglary that trips ten detectors is one line in the queue.

A signal that is not authenticated ranks as the alarm it claims to be, but restores, cancels and disarms nothing. What
is no alarm and comes from nobody we serve, or in somebody's name, still reaches a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from station.incident_events import Effect
from station.incidents import Incident
from station.priorities import ALARMING, LATE_REPORT_PRIORITY, priority
from station.signals import Kind, Qualifier, StoredSignal

#: Kinds that tell an operator something about an open incident of the same account.
TELLING: Final = frozenset({Kind.OPEN_CLOSE, Kind.CANCEL, Kind.BYPASS, Kind.VERIFICATION, Kind.ACCESS})
#: Incidents made of what is no alarm: once they were opened, link tests open no other for a time.
SELDOM: Final = (Kind.UNKNOWN_ACCOUNT, Kind.NOT_AUTHENTICATED)


@attrs.frozen
class Open:
    """A new incident."""

    kind: Kind
    priority: int


@attrs.frozen
class Join:
    """Another signal of an open incident."""

    incident: int
    effect: Effect
    priority: int


@attrs.frozen
class LogOnly:
    """Nobody needs to act."""


Decision = Open | Join | LogOnly


def decide(signal: StoredSignal, incidents: Mapping[int, Incident], *, told_lately: bool) -> Decision:
    """What `signal` does, given the open `incidents` of its account.

    `told_lately`: an incident of a kind in `SELDOM` was opened for this account within the last hours.
    """
    if signal.suppressed:
        return LogOnly()
    proven = signal.authenticity.authenticated is not False
    urgency = max(priority(signal.kind), LATE_REPORT_PRIORITY) if signal.old else priority(signal.kind)
    if signal.kind in ALARMING and signal.qualifier is not Qualifier.RESTORE:
        return _open_or_join(signal.kind, urgency, incidents)
    if not proven:
        return _report(Kind.NOT_AUTHENTICATED, signal, incidents, told_lately=told_lately)
    if signal.account_id is None and signal.kind is not Kind.STATION:
        return _report(Kind.UNKNOWN_ACCOUNT, signal, incidents, told_lately=told_lately)
    if signal.qualifier is Qualifier.RESTORE:
        same = _of_kind(signal.kind, incidents)
        # A restore that is reported late may be older than the alarm: it is shown, and ends nothing.
        effect = Effect.CONTEXT if signal.old else Effect.RESTORE
        return LogOnly() if same is None else Join(same, effect, urgency)
    if signal.kind is Kind.OPEN_CLOSE and signal.qualifier is Qualifier.NEW:
        # Neither opened nor closed: an exception from the timetable.
        return _open_or_join(signal.kind, urgency, incidents)
    if signal.kind in TELLING and incidents:
        return Join(_most_urgent(incidents), Effect.CONTEXT, urgency)
    return LogOnly()


def _open_or_join(kind: Kind, urgency: int, incidents: Mapping[int, Incident]) -> Decision:
    same = _of_kind(kind, incidents)
    return Open(kind, urgency) if same is None else Join(same, Effect.ALARM, urgency)


def _report(kind: Kind, signal: StoredSignal, incidents: Mapping[int, Incident], *, told_lately: bool) -> Decision:
    if signal.kind is Kind.LINK_TEST and (told_lately or _of_kind(kind, incidents) is not None):
        return LogOnly()
    return _open_or_join(kind, priority(kind), incidents)


def _of_kind(kind: Kind, incidents: Mapping[int, Incident]) -> int | None:
    return next((id_ for id_, incident in incidents.items() if incident.kind is kind), None)


def _most_urgent(incidents: Mapping[int, Incident]) -> int:
    return min(incidents, key=lambda id_: (incidents[id_].priority, incidents[id_].opened_at))
