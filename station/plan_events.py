"""What the engine writes into an incident's chain: plans, steps, judgements, messages, reminders.

In: nothing. Out: the values of those events. A due time stands in the event that sets it, so that a replay needs no
clock and no setting.
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from station.action_plans import Outcome
from station.facts import Facts
from station.signals import Kind


class Why(enum.Enum):
    """Why a plan was chosen."""

    OPENED = "opened"
    MORE_URGENT = "more_urgent"
    CONFIRMED = "confirmed"
    DURESS = "duress"
    #: A cancel by the customer did not hold.
    CANCEL_BROKEN = "cancel_broken"


@attrs.frozen(kw_only=True)
class Planned:
    """A plan was chosen; its steps begin in the next event. `version` is the SHA-256 of its text, in hex."""

    plan: str
    version: str
    why: Why
    kind: Kind
    priority: int
    facts: Facts | None


@attrs.frozen
class FactsChanged:
    """What is known of the account is different now."""

    facts: Facts


@attrs.frozen(kw_only=True)
class Stepped:
    """A step began. `outcome` is how the step before it ended; `contact` whom to call."""

    step: str
    outcome: Outcome | None
    contact: int | None
    #: A person must have done something by then; or what is waited for is over then.
    due_at: dt.datetime
    #: No operator is needed.
    automatic: bool


@attrs.frozen
class TimerDue:
    """A timer of the incident came due."""

    name: str


@attrs.frozen(kw_only=True)
class Judged:
    """Whether the alarm is confirmed, by which article, on which signals; whether police may be told."""

    confirmed: bool
    ground: bool
    article: str
    method: str | None
    signals: tuple[int, ...]
    #: ANSI/TMA AVS-01, where it applies.
    level: int | None


class EffectKind(enum.Enum):
    """What leaves the building. The values are those of the SQL enum `effect_kind`."""

    SMS = "sms"
    #: A call by machine: the duty telephone, a colleague.
    CALL = "call"


class EffectState(enum.Enum):
    """How far an effect is. The values are those of the SQL enum `effect_state`."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    #: It may have been sent or not, and nobody can say.
    UNKNOWN = "unknown"
    #: Not sent: it would have come too late to be true.
    STALE = "stale"


#: From here nothing more will be known of it.
SETTLED = frozenset({EffectState.DELIVERED, EffectState.FAILED, EffectState.UNKNOWN, EffectState.STALE})


@attrs.frozen(kw_only=True)
class EffectPlanned:
    """A message shall leave; `no` counts the incident's effects. `to` is `contact:<id>`, `guard:<id>` or `duty`."""

    no: int
    kind: EffectKind
    template: str
    to: str
    #: Life is at stake: never throttled, repeated where its fate is unknown.
    urgent: bool
    not_before: dt.datetime | None
    #: If it is not delivered by then, a person is told.
    due_at: dt.datetime
    #: Said in the message: a user's number, say. Never a name.
    about: str = ""


@attrs.frozen
class EffectMoved:
    """What became of a message."""

    no: int
    state: EffectState
    why: str


class Alert(enum.Enum):
    """Whom the engine calls to attention, and why."""

    #: Half the limit has passed and nobody has taken it: all consoles.
    UNTAKEN_HALF = "untaken_half"
    #: The limit has passed: the duty telephone.
    UNTAKEN_LIMIT = "untaken_limit"
    #: Its holder does nothing.
    HOLDER_IDLE = "holder_idle"
    #: A step is overdue.
    STEP_OVERDUE = "step_overdue"
    #: A guard does not answer.
    GUARD_SILENT = "guard_silent"


@attrs.frozen
class Alerted:
    """Somebody was called to attention; `next_at` is when that happens again."""

    what: Alert
    next_at: dt.datetime


@attrs.frozen
class CancelBegan:
    """The customer disarmed at once: nobody calls, unless something more comes until `until`."""

    user: str
    contact: int | None
    until: dt.datetime


class Broken(enum.Enum):
    """Why the customer's cancel does not hold."""

    MORE_ALARMS = "more_alarms"
    TAMPER_OR_PATH = "tamper_or_path"
    DURESS = "duress"


@attrs.frozen
class CancelBroken:
    """It is an alarm after all."""

    why: Broken


@attrs.frozen
class CancelStood:
    """Nothing more came: a user error, of which a message tells."""
