"""How far an incident is on its plan: the step, whom was called, what counts, what is under way, what comes due.

In: what was known, one more event, and the incident's state after it. Out: what is known then. Nothing here decides:
what follows from it is the engine's matter (`dispatcher/engine`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import attrs

from station.action_plans import Outcome
from station.evidence import Evidence, EvidenceKind
from station.facts import NOBODY, Disarm, Facts
from station.plan_events import EffectKind, EffectState, Judged
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.signals import Kind

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class GuardProgress:
    """One guard who was asked."""

    no: int
    guard: int
    state: GuardState
    position: Position
    guards: int
    report: Report | None = None


@attrs.frozen(kw_only=True)
class AgencyProgress:
    """One request to an agency."""

    no: int
    service: Service
    agency: int | None
    state: AgencyState


@attrs.frozen(kw_only=True)
class EffectProgress:
    """One message. `step_n` is the event that began the step it belongs to."""

    no: int
    kind: EffectKind
    template: str
    to: str
    state: EffectState
    step_n: int


@attrs.frozen
class Cancel:
    """The customer's cancel: by whom, and until when something more would break it."""

    user: str
    contact: int | None
    until: dt.datetime


@attrs.frozen(kw_only=True)
class Progress:
    """All that the engine must know of an incident beside the incident itself."""

    plan: str = ""
    version: str = ""
    facts: Facts = NOBODY
    step: str = ""
    #: The event that began the step.
    step_n: int = 0
    automatic: bool = False
    #: How the step ended; nothing has followed from it yet.
    reported: Outcome | None = None
    visits: Mapping[str, int] = attrs.field(factory=dict)
    contact: int | None = None
    tried: Mapping[int, int] = attrs.field(factory=dict)
    wrong_passwords: int = 0
    #: Steps that ended, in order.
    done: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    judged: Judged | None = None
    duress: bool = False
    seconded_by: str | None = None
    #: One of its alarms was authenticated: what is not says nothing any more.
    proven: bool = False
    #: What its alarms are, in the order of their first.
    kinds: tuple[Kind, ...] = ()
    code: str | None = None
    zone: str = ""
    area: str | None = None
    disarm: Disarm | None = None
    cancel: Cancel | None = None
    cancelled: bool = False
    #: Somebody was told that nobody has taken it.
    warned: bool = False
    guards: tuple[GuardProgress, ...] = ()
    agencies: tuple[AgencyProgress, ...] = ()
    effects: tuple[EffectProgress, ...] = ()
    #: What comes due by itself, and what has and was not acted upon yet.
    timers: Mapping[str, dt.datetime] = attrs.field(factory=dict)
    due: tuple[str, ...] = ()
    parent: int | None = None
    #: A mass outage: confirmed by an operator; how many members, how many of them still open.
    outage_confirmed: bool = False
    members: int = 0
    open_members: int = 0
    #: Done without ground, by override or by itself: a supervisor is to look at it.
    to_review: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the law takes the alarm for confirmed."""
        return self.judged is not None and self.judged.confirmed

    @property
    def next_due_at(self) -> dt.datetime | None:
        """The first thing that comes due by itself."""
        return min(self.timers.values(), default=None)


_EVIDENCE: Final[Mapping[Kind, EvidenceKind]] = {
    Kind.BURGLARY: EvidenceKind.DETECTOR,
    Kind.UNTYPED: EvidenceKind.DETECTOR,
    Kind.TAMPER: EvidenceKind.TAMPER,
    Kind.COMMS: EvidenceKind.PATH_LOST,
    Kind.PATH_LOST: EvidenceKind.PATH_LOST,
    Kind.ALL_PATHS_LOST: EvidenceKind.ALL_PATHS_LOST,
    Kind.PANIC_HOLDUP: EvidenceKind.VOLUNTARY,
}
_CALL_EVIDENCE: Final[Mapping[Outcome, EvidenceKind]] = {
    Outcome.REAL: EvidenceKind.CONTACT_REAL,
    Outcome.FALSE_ALARM: EvidenceKind.CONTACT_FALSE,
    Outcome.SEEN: EvidenceKind.VIDEO,
}
_REPORTED: Final[Mapping[Report, tuple[Outcome, EvidenceKind]]] = {
    Report.REAL: (Outcome.REAL, EvidenceKind.GUARD_REAL),
    Report.FALSE: (Outcome.FALSE_ALARM, EvidenceKind.GUARD_FALSE),
    Report.DAMAGE: (Outcome.DAMAGE, EvidenceKind.GUARD_REAL),
}
EVIDENCE_LIMIT: Final = 60
#: After so many wrong passwords the answer is: no match.
PASSWORD_TRIES: Final = 2


def of_signal(kind: Kind, at: dt.datetime, signal: int, point: str, n: int | None) -> Evidence | None:
    """What a signal counts for; None: nothing."""
    found = _EVIDENCE.get(kind)
    return None if found is None else Evidence(found, at, signal, detector=point, n=n)


def with_evidence(progress: Progress, piece: Evidence | None) -> Progress:
    """One more piece; beyond the limit the oldest but the first go."""
    if piece is None:
        return progress
    kept = progress.evidence
    if len(kept) >= EVIDENCE_LIMIT:
        kept = (kept[0], *kept[2:])
    return attrs.evolve(progress, evidence=(*kept, piece))


def of_outcome(outcome: Outcome, at: dt.datetime, n: int) -> Evidence | None:
    """What the outcome of a step counts for."""
    found = _CALL_EVIDENCE.get(outcome)
    return None if found is None else Evidence(found, at, n=n)


def of_report(report: Report, at: dt.datetime, n: int) -> tuple[Outcome, Evidence]:
    """What a guard's report counts for."""
    outcome, kind = _REPORTED[report]
    return outcome, Evidence(kind, at, n=n)


def set_timer(progress: Progress, name: str, at: dt.datetime | None) -> Progress:
    """The timer of this name is due at `at`; None: it is not there."""
    if at is None and name not in progress.timers and name not in progress.due:
        return progress
    rest = {key: due for key, due in progress.timers.items() if key != name}
    timers = rest if at is None else {**rest, name: at}
    return attrs.evolve(progress, timers=timers, due=tuple(one for one in progress.due if one != name))


def moved_guard(guards: tuple[GuardProgress, ...], moved: GuardProgress) -> tuple[GuardProgress, ...]:
    """`guards` with this one where it stands now."""
    return _replaced(guards, moved, lambda one: one.no)


def moved_agency(agencies: tuple[AgencyProgress, ...], moved: AgencyProgress) -> tuple[AgencyProgress, ...]:
    """`agencies` with this one where it stands now."""
    return _replaced(agencies, moved, lambda one: one.no)


def _replaced(all_: tuple[T, ...], moved: T, key: Callable[[T], int]) -> tuple[T, ...]:
    return (*(one for one in all_ if key(one) != key(moved)), moved)
