"""What can happen to an incident: the closed set of events, and their JSON.

In: an event's name and body as stored. Out: a typed `Happening`, and back, byte for byte.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from typing import Final

import attrs
import cattrs.preconf.json

from station.facts import UserKind
from station.plan_events import (
    Alerted,
    CancelBegan,
    CancelBroken,
    CancelStood,
    EffectMoved,
    EffectPlanned,
    FactsChanged,
    Judged,
    Planned,
    Stepped,
    TimerDue,
)
from station.response_events import (
    AgencyMoved,
    Answered,
    Attached,
    Attempted,
    Content,
    CounterShown,
    Detached,
    EvidenceNoted,
    GuardMoved,
    MemberCounted,
    OnTestMarked,
    OutageConfirmed,
    Overridden,
    PasswordChecked,
    Reviewed,
    Seconded,
    TakenOver,
    TaskMade,
)
from station.signals import Kind, Qualifier


class Disposition(enum.Enum):
    """How an incident ended. The values are those of the SQL enum `disposition`."""

    REAL = "real"
    USER_ERROR = "user_error"
    EQUIPMENT_FAULT = "equipment_fault"
    TEST = "test"
    HANDLED = "handled"
    UNEXPLAINED = "unexplained"


class Effect(enum.Enum):
    """What a joining signal does to an open incident."""

    #: The same matter again: it may wake an incident on hold.
    ALARM = "alarm"
    #: The condition ended; the incident stays open until a person closes it.
    RESTORE = "restore"
    #: Worth seeing beside it: a disarm, a cancel, a bypass.
    CONTEXT = "context"


@attrs.frozen(kw_only=True)
class Opened:
    """The dispatcher made an incident of a signal; `digest` is the SHA-256 of its raw frame, in hex."""

    signal: int
    digest: str
    account_id: int | None
    account: str
    kind: Kind
    priority: int
    authenticated: bool | None
    point: str
    code: str | None = None
    area: str | None = None


@attrs.frozen(kw_only=True)
class Joined:
    """Another signal of the same matter. `priority` and `authenticated` are the signal's own, `digest` as in `Opened`.

    `point` is the zone that the signal speaks of, as sent; empty if it names none.
    """

    signal: int
    digest: str
    point: str
    effect: Effect
    priority: int
    authenticated: bool | None
    #: What the signal itself is; the incident may be of another kind.
    kind: Kind | None = None
    qualifier: Qualifier | None = None
    code: str | None = None
    area: str | None = None
    received_at: dt.datetime | None = None
    #: Stored in the panel and reported late.
    old: bool = False
    #: Whose code it was, for an opening or a closing: as sent, and as the account knows it.
    user: str | None = None
    user_kind: UserKind | None = None
    contact: int | None = None


@attrs.frozen
class TakenBy:
    """An operator holds it now."""

    operator: int


@attrs.frozen
class Noted:
    """An operator wrote a note."""

    note: Content


@attrs.frozen
class HandedOver:
    """To a named operator, who holds it from now on, or back to the queue (None)."""

    to: int | None


@attrs.frozen
class Held:
    """Put aside until an instant."""

    until: dt.datetime
    reason: Content | None


class HoldEnd(enum.Enum):
    """Why an incident came back from hold."""

    DUE = "due"
    NEW_ALARM = "new_alarm"


@attrs.frozen
class HoldEnded:
    """Back in the queue."""

    why: HoldEnd


@attrs.frozen
class LeaseExpired:
    """The holder's console fell silent: back to the queue."""

    operator: int


@attrs.frozen
class ClosedAs:
    """Ended, with a disposition."""

    disposition: Disposition
    note: Content | None


#: The actor of what no person did.
DISPATCHER: Final = "dispatcher"

Happening = (
    Opened
    | Joined
    | TakenBy
    | Noted
    | HandedOver
    | Held
    | HoldEnded
    | LeaseExpired
    | ClosedAs
    | Planned
    | FactsChanged
    | Stepped
    | TimerDue
    | Judged
    | EffectPlanned
    | EffectMoved
    | Alerted
    | CancelBegan
    | CancelBroken
    | CancelStood
    | Attempted
    | PasswordChecked
    | CounterShown
    | Answered
    | EvidenceNoted
    | GuardMoved
    | AgencyMoved
    | Seconded
    | TakenOver
    | TaskMade
    | Reviewed
    | Overridden
    | Attached
    | Detached
    | MemberCounted
    | OutageConfirmed
    | OnTestMarked
)

#: By the value of the SQL enum `incident_event_kind`.
HAPPENINGS: Final[dict[str, type[Happening]]] = {
    "opened": Opened,
    "joined": Joined,
    "taken": TakenBy,
    "noted": Noted,
    "handed_over": HandedOver,
    "held": Held,
    "hold_ended": HoldEnded,
    "lease_expired": LeaseExpired,
    "closed": ClosedAs,
    "planned": Planned,
    "facts_changed": FactsChanged,
    "stepped": Stepped,
    "timer_due": TimerDue,
    "judged": Judged,
    "effect_planned": EffectPlanned,
    "effect_moved": EffectMoved,
    "alerted": Alerted,
    "cancel_began": CancelBegan,
    "cancel_broken": CancelBroken,
    "cancel_stood": CancelStood,
    "attempted": Attempted,
    "password_checked": PasswordChecked,
    "counter_shown": CounterShown,
    "answered": Answered,
    "evidence_noted": EvidenceNoted,
    "guard_moved": GuardMoved,
    "agency_moved": AgencyMoved,
    "seconded": Seconded,
    "taken_over": TakenOver,
    "task_made": TaskMade,
    "reviewed": Reviewed,
    "overridden": Overridden,
    "attached": Attached,
    "detached": Detached,
    "member_counted": MemberCounted,
    "outage_confirmed": OutageConfirmed,
    "on_test_marked": OnTestMarked,
}
_NAMES: Final = {kind: name for name, kind in HAPPENINGS.items()}


def name_of(what: Happening) -> str:
    """The value of the SQL enum `incident_event_kind`."""
    return _NAMES[type(what)]


@attrs.frozen
class IncidentEvent:
    """One line of an incident's history. `actor` is `dispatcher` or `operator:<id>`."""

    n: int
    at: dt.datetime
    actor: str
    what: Happening


_json = cattrs.preconf.json.make_converter(omit_if_default=True)
_json.register_unstructure_hook(uuid.UUID, str)
_json.register_structure_hook(uuid.UUID, lambda text, _: uuid.UUID(text))


def body_of(what: Happening) -> str:
    """The event's content as JSON text: keys sorted, no blanks, the very bytes that are hashed."""
    return json.dumps(_json.unstructure(what), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def happening(name: str, body: str) -> Happening:
    """The inverse of `body_of`; `name` is the value of the SQL enum `incident_event_kind`."""
    what: Happening = _json.structure(json.loads(body), HAPPENINGS[name])
    return what
