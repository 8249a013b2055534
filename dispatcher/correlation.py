"""What a signal does: it opens an incident, joins one, restores one, belongs to a test, or is only logged.

In: one signal that is no copy, the open incidents of its account, and the tests that go on there. Out: a `Decision`.
One open incident stands for one matter: all emergencies of an account are one, and each kind of condition is one; so a
burglary that trips ten detectors is one line in the queue.

A signal that is not authenticated ranks as the alarm it claims to be, but restores, cancels and disarms nothing. What
is no alarm and comes from nobody we serve, or in somebody's name, still reaches a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from station.facts import OnTest
from station.incident_events import Effect
from station.incidents import EMERGENCIES, Incident, matter
from station.priorities import ALARMING, LATE_REPORT_PRIORITY, LIFE_SAFETY, priority
from station.signals import Kind, Qualifier, StoredSignal

#: Kinds that tell an operator something about an open incident of the same account.
TELLING: Final = frozenset({Kind.OPEN_CLOSE, Kind.CANCEL, Kind.BYPASS, Kind.VERIFICATION, Kind.ACCESS})
#: Kinds that count as evidence of an emergency that is open: a line cut beside an alarm is no matter of its own.
BESIDE_AN_EMERGENCY: Final = frozenset({Kind.PATH_LOST, Kind.ALL_PATHS_LOST, Kind.COMMS})
#: Incidents made of what is no alarm: once they were opened, link tests open no other for a time.
SELDOM: Final = (Kind.UNKNOWN_ACCOUNT, Kind.NOT_AUTHENTICATED)
#: Supervision goes on while premises are on test.
NEVER_TESTED: Final = frozenset(
    {Kind.PATH_LOST, Kind.ALL_PATHS_LOST, Kind.LATE_TO_TEST, Kind.RUNAWAY, Kind.STATION, Kind.UNREADABLE}
)


@attrs.frozen
class Open:
    """A new incident. `on_test`: it came while the premises were on test, and was not named."""

    kind: Kind
    priority: int
    on_test: int | None = None


@attrs.frozen
class Join:
    """Another signal of an open incident."""

    incident: int
    effect: Effect
    priority: int


@attrs.frozen
class Tested:
    """Part of a test: kept with it, and put before a person if it is still in alarm at the end."""

    test: int


@attrs.frozen
class LogOnly:
    """Nobody needs to act."""


Decision = Open | Join | Tested | LogOnly


def decide(
    signal: StoredSignal,
    incidents: Mapping[int, Incident],
    *,
    told_lately: bool,
    tests: Sequence[OnTest] = (),
    duress: bool = False,
) -> Decision:
    """What `signal` does, given the open `incidents` of its account and the `tests` that go on there.

    `duress`: the code that opened or closed means: I am being forced. `told_lately`: an incident of a kind in `SELDOM`
    was opened for this account within the last hours.
    """
    if signal.suppressed:
        return LogOnly()
    proven = signal.authenticity.authenticated is not False
    if duress and proven and _of_matter(Kind.PANIC_HOLDUP, incidents) is None:
        return Open(Kind.PANIC_HOLDUP, priority(Kind.PANIC_HOLDUP))
    test = _test_of(signal, tests)
    if test is not None and proven and signal.qualifier is not Qualifier.RESTORE and _named(signal, test):
        return Tested(test.id)
    urgency = max(priority(signal.kind), LATE_REPORT_PRIORITY) if signal.old else priority(signal.kind)
    if signal.kind in ALARMING and signal.qualifier is not Qualifier.RESTORE:
        return _open_or_join(signal.kind, urgency, incidents, None if test is None else test.id, proven=proven)
    if not proven:
        return _report(Kind.NOT_AUTHENTICATED, signal, incidents, told_lately=told_lately)
    if signal.account_id is None and signal.kind is not Kind.STATION:
        return _report(Kind.UNKNOWN_ACCOUNT, signal, incidents, told_lately=told_lately)
    if signal.qualifier is Qualifier.RESTORE:
        return _restore(signal, urgency, incidents)
    if signal.kind is Kind.OPEN_CLOSE and signal.qualifier is Qualifier.NEW:
        # Neither opened nor closed: an exception from the timetable.
        return _open_or_join(signal.kind, urgency, incidents, None, proven=proven)
    if signal.kind in TELLING and incidents:
        return Join(_most_urgent(incidents), Effect.CONTEXT, urgency)
    return LogOnly()


def _test_of(signal: StoredSignal, tests: Sequence[OnTest]) -> OnTest | None:
    """The test that the signal may be part of; None: there is none, or supervision is meant."""
    if signal.kind in NEVER_TESTED or signal.kind is Kind.LINK_TEST:
        return None
    zone = signal.zone or ""
    return next((test for test in tests if not test.zones or zone in test.zones), None)


def _named(signal: StoredSignal, test: OnTest) -> bool:
    if signal.kind not in ALARMING:
        return False
    return signal.kind in test.kinds or (not test.kinds and signal.kind not in LIFE_SAFETY)


def _restore(signal: StoredSignal, urgency: int, incidents: Mapping[int, Incident]) -> Decision:
    same = _of_matter(signal.kind, incidents)
    if same is None and signal.kind in BESIDE_AN_EMERGENCY:
        same = _of_matter(Kind.BURGLARY, incidents)
    if same is None:
        return LogOnly()
    incident = incidents[same]
    if incident.kind is not signal.kind and signal.kind not in incident.progress.kinds:
        return LogOnly()
    # A restore that is reported late may be older than the alarm: it is shown, and ends nothing.
    return Join(same, Effect.CONTEXT if signal.old else Effect.RESTORE, urgency)


def _open_or_join(
    kind: Kind, urgency: int, incidents: Mapping[int, Incident], on_test: int | None, *, proven: bool
) -> Decision:
    same = _of_matter(kind, incidents, proven=proven)
    if same is None and proven and kind in BESIDE_AN_EMERGENCY:
        same = _of_matter(Kind.BURGLARY, incidents)
    return Open(kind, urgency, on_test) if same is None else Join(same, Effect.ALARM, urgency)


def _report(kind: Kind, signal: StoredSignal, incidents: Mapping[int, Incident], *, told_lately: bool) -> Decision:
    proven = signal.authenticity.authenticated is not False
    if signal.kind is Kind.LINK_TEST and (told_lately or _of_matter(kind, incidents, proven=proven) is not None):
        return LogOnly()
    return _open_or_join(kind, priority(kind), incidents, None, proven=proven)


def _of_matter(kind: Kind, incidents: Mapping[int, Incident], *, proven: bool = True) -> int | None:
    wanted = matter(kind, proven=proven)
    same = next((id_ for id_, incident in incidents.items() if incident.matter == wanted), None)
    if same is not None or not proven:
        return same
    # What was doubtful until now is proven by the same alarm from its own panel.
    doubtful = matter(kind, proven=False)
    return next(
        (
            id_
            for id_, incident in incidents.items()
            if incident.matter == doubtful and (kind in incident.progress.kinds or incident.authenticated)
        ),
        None,
    )


def _most_urgent(incidents: Mapping[int, Incident]) -> int:
    return min(
        incidents,
        key=lambda id_: (incidents[id_].kind not in EMERGENCIES, incidents[id_].priority, incidents[id_].opened_at),
    )
