"""An incident: an alarm being handled, from the first signal to its disposition.

An incident is its events. `follow` adds one event to what is known so far and gives what is known then; the row in
the table `incident` is exactly that sum. In: events, in order from n = 1. Out: an `Incident`.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from station.errors import IllegalTransition
from station.incident_events import (
    DISPATCHER,
    ClosedAs,
    Disposition,
    Effect,
    HandedOver,
    Held,
    HoldEnded,
    IncidentEvent,
    Joined,
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
    name_of,
)
from station.plan_events import CancelBegan, CancelBroken, Planned, Stepped
from station.progress import Progress
from station.progress_events import progress_after
from station.response_events import (
    Answered,
    Attached,
    Attempted,
    CounterShown,
    Detached,
    EvidenceNoted,
    Overridden,
    PasswordChecked,
    Reviewed,
    TakenOver,
)
from station.signals import Kind

# Where an incident can be ---------------------------------------------------------------------------------------


@attrs.frozen
class Waiting:
    """In the alarm queue."""


@attrs.frozen
class Taken:
    """Held by one operator. `fence` counts holders: a writer who knows an old one is refused."""

    operator: int
    fence: int


@attrs.frozen
class OnHold:
    """Put aside until an instant."""

    until: dt.datetime


@attrs.frozen
class Automatic:
    """The plan goes on by itself: nobody needs to act before its next timer."""


@attrs.frozen
class Closed:
    """Ended."""

    at: dt.datetime
    disposition: Disposition


State = Waiting | Taken | OnHold | Automatic | Closed


def state_name(state: State) -> str:
    """The value of the SQL enum `incident_state`."""
    match state:
        case Waiting():
            return "waiting"
        case Taken():
            return "taken"
        case OnHold():
            return "on_hold"
        case Automatic():
            return "automatic"
        case Closed():
            return "closed"


#: What changes where an incident is: possible only where a rule says so.
MOVES: Final = (Opened, TakenBy, TakenOver, Noted, HandedOver, Held, HoldEnded, LeaseExpired, ClosedAs)
#: What only the holder of an incident can do.
OPERATORS_ONLY: Final = (Answered, Attempted, CounterShown, EvidenceNoted, Overridden, PasswordChecked)

# What they add up to --------------------------------------------------------------------------------------------


#: Zones that are told apart in one incident, and what stands for all others.
POINT_LIMIT: Final = 50
MORE_POINTS: Final = "..."


@attrs.frozen(kw_only=True)
class Incident:
    """What is known of an incident after `last_n` events."""

    account_id: int | None
    account: str
    #: An account has one open incident of each matter.
    matter: str
    kind: Kind
    #: 1 is the most urgent.
    priority: int
    #: The strongest proof among its alarms: True if one was authenticated, False if all of them failed to be.
    authenticated: bool | None
    state: State
    opened_at: dt.datetime
    #: Zones still in alarm, as sent; a restore that names none ends them all.
    points: frozenset[str]
    #: When the last of them ended; None while one lasts.
    restored_at: dt.datetime | None
    #: How many holders there have been.
    fence: int
    last_n: int
    #: The event that brought the last alarm or restore: who closes must have seen it.
    last_signal_n: int
    signals: int
    progress: Progress = attrs.field(factory=Progress)

    @property
    def open(self) -> bool:
        """Whether anything is still to be done."""
        return not isinstance(self.state, Closed)

    @property
    def next_due_at(self) -> dt.datetime | None:
        """When this incident is looked at again, whatever happens; None once it is closed."""
        due = self.progress.next_due_at
        if isinstance(self.state, OnHold):
            return self.state.until if due is None else min(due, self.state.until)
        return due


#: Emergencies of one account are one matter: a second signal of any of these kinds joins the first.
EMERGENCIES: Final = frozenset(
    {Kind.FIRE, Kind.MEDICAL, Kind.PANIC_HOLDUP, Kind.GAS_CO, Kind.BURGLARY, Kind.TAMPER, Kind.UNTYPED}
)


#: What is doubtful by its kind.
ABOUT_DOUBT: Final = frozenset({Kind.NOT_AUTHENTICATED, Kind.UNKNOWN_ACCOUNT})


def matter(kind: Kind, *, proven: bool = True) -> str:
    """Incidents of one account and one matter are one incident.

    What could have been proven and was not is a matter of its own: whoever speaks in a panel's name must not steer what
    is done about an alarm of that panel.
    """
    name = "emergency" if kind in EMERGENCIES else kind.value
    return name if proven or kind in ABOUT_DOUBT else f"doubtful {name}"


def opened(event: IncidentEvent) -> Incident:
    """The incident after its first event."""
    what = event.what
    if not isinstance(what, Opened):
        raise IllegalTransition("not there", name_of(what))
    first = Incident(
        account_id=what.account_id,
        account=what.account,
        matter=matter(what.kind, proven=what.authenticated is not False),
        kind=what.kind,
        priority=what.priority,
        authenticated=what.authenticated,
        state=Waiting(),
        opened_at=event.at,
        points=frozenset({what.point}),
        restored_at=None,
        fence=0,
        last_n=1,
        last_signal_n=1,
        signals=1,
    )
    return _with_progress(first, event)


def follow(incident: Incident, event: IncidentEvent) -> Incident:
    """The incident after one more event.

    Raises:
        IllegalTransition: this can't happen in the state that the incident is in.
    """
    return _with_progress(_followed(attrs.evolve(incident, last_n=event.n), event), event)


def _with_progress(after: Incident, event: IncidentEvent) -> Incident:
    progress = progress_after(
        after.progress,
        event,
        priority=after.priority,
        waits=isinstance(after.state, Waiting),
        taken=isinstance(after.state, Taken),
    )
    return attrs.evolve(after, progress=progress)


def _followed(moved: Incident, event: IncidentEvent) -> Incident:
    match event.what, moved.state:
        case Joined() as joined, Waiting() | Taken() | OnHold() | Automatic():
            return _joined(moved, joined, event)
        case TakenBy(operator=operator), Waiting() | OnHold() | Automatic():
            return _given_to(moved, operator)
        case TakenOver(operator=operator), Taken():
            return _given_to(moved, operator)
        case HandedOver(to=None), Taken():
            return attrs.evolve(moved, state=_unheld(moved))
        case HandedOver(to=int(operator)), Taken():
            return _given_to(moved, operator)
        case Held(until=until), Taken():
            return attrs.evolve(moved, state=OnHold(until))
        case HoldEnded(), OnHold():
            return attrs.evolve(moved, state=_unheld(moved))
        case LeaseExpired(operator=operator), Taken(operator=holder) if operator == holder:
            return attrs.evolve(moved, state=_unheld(moved))
        case ClosedAs(disposition=disposition), Taken() | Automatic():
            return attrs.evolve(moved, state=Closed(event.at, disposition))
        case Reviewed(), _:
            return moved
        case what, Closed() as state:
            raise IllegalTransition(state_name(state), name_of(what))
        case Planned(kind=kind, priority=priority), _:
            return attrs.evolve(moved, kind=kind, priority=priority)
        case Stepped(automatic=automatic), Waiting() | Automatic():
            return attrs.evolve(moved, state=Automatic() if automatic else Waiting())
        case CancelBegan() | Attached(), Waiting():
            return attrs.evolve(moved, state=Automatic())
        case CancelBroken() | Detached(), Automatic():
            return attrs.evolve(moved, state=Waiting())
        case Noted(), Taken():
            return moved
        case what, state if isinstance(what, MOVES):
            raise IllegalTransition(state_name(state), name_of(what))
        case what, state if event.actor == DISPATCHER or not isinstance(what, OPERATORS_ONLY):
            return moved
        case _, Taken():
            return moved
        case what, state:
            raise IllegalTransition(state_name(state), name_of(what))


def _unheld(moved: Incident) -> State:
    """Where an incident is that nobody holds."""
    return Automatic() if moved.progress.automatic else Waiting()


def _joined(moved: Incident, joined: Joined, event: IncidentEvent) -> Incident:
    moved = attrs.evolve(moved, signals=moved.signals + 1)
    match joined.effect:
        case Effect.ALARM:
            return attrs.evolve(
                moved,
                priority=min(moved.priority, joined.priority),
                authenticated=_strongest(moved.authenticated, joined.authenticated),
                points=_with_point(moved.points, joined.point),
                restored_at=None,
                last_signal_n=event.n,
            )
        case Effect.RESTORE:
            points = moved.points - {joined.point} if joined.point else frozenset()
            return attrs.evolve(moved, points=points, restored_at=None if points else event.at, last_signal_n=event.n)
        case Effect.CONTEXT:
            return attrs.evolve(moved, last_signal_n=event.n)


def _given_to(moved: Incident, operator: int) -> Incident:
    fence = moved.fence + 1
    return attrs.evolve(moved, state=Taken(operator, fence), fence=fence)


def _strongest(one: bool | None, other: bool | None) -> bool | None:
    """One proven alarm proves the incident: nobody can discredit it by speaking in the panel's name afterwards."""
    if one or other:
        return True
    return None if one is None or other is None else False


def _with_point(points: frozenset[str], point: str) -> frozenset[str]:
    """A panel that names thousands of zones is not followed zone by zone: only a restore of all ends that."""
    return points | {point if len(points) < POINT_LIMIT else MORE_POINTS}
