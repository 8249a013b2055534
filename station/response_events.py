"""What operators, guards and agencies write into an incident's chain: calls, passwords, outcomes, dispatches.

In: nothing. Out: the values of those events. Names, numbers and words that were said are no part of them: contacts are
ids, and texts lie apart as `Content`.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid

import attrs

from station.action_plans import Outcome
from station.evidence import EvidenceKind
from station.responders import AgencyState, GuardState, Position, Report, Service


@attrs.frozen
class Content:
    """Personal text that lies apart from the chain: which one, and its salted SHA-256 in hex."""

    id: uuid.UUID
    digest: str


class CallOutcome(enum.Enum):
    """How a call ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    WRONG_NUMBER = "wrong_number"


class Line(enum.Enum):
    """On which line somebody speaks."""

    #: We called a listed number.
    PLACED = "placed"
    INBOUND = "inbound"
    #: We called the line of the protected place.
    PREMISES = "premises"


@attrs.frozen
class Attempted:
    """An operator called a contact, or was called."""

    contact: int | None
    line: Line
    outcome: CallOutcome
    note: Content | None


class Heard(enum.Enum):
    """What was said as the password."""

    MATCH = "match"
    NO_MATCH = "no_match"
    #: For the caller it is a match.
    DURESS = "duress"
    #: The person would not say it. That is not wrong.
    REFUSED = "refused"


@attrs.frozen
class PasswordChecked:
    """A password was asked for."""

    contact: int | None
    line: Line
    heard: Heard


@attrs.frozen
class CounterShown:
    """The counter-password was shown to the operator, for so many seconds."""

    contact: int | None
    seconds: int


@attrs.frozen
class Answered:
    """How the current step ended, by the operator."""

    step: str
    outcome: Outcome
    note: Content | None


@attrs.frozen
class EvidenceNoted:
    """What the operator saw, heard or was told, beside the steps of the plan."""

    kind: EvidenceKind
    note: Content | None


@attrs.frozen(kw_only=True)
class GuardMoved:
    """A guard is one step further. `no` counts the incident's guards."""

    no: int
    guard: int
    state: GuardState
    position: Position
    #: How many are there.
    guards: int
    report: Report | None
    billable: bool
    #: Offered: without an answer by then the next patrol is asked.
    due_at: dt.datetime | None
    note: Content | None


@attrs.frozen(kw_only=True)
class AgencyMoved:
    """A request to an agency is one step further. `no` counts the incident's requests."""

    no: int
    service: Service
    agency: int | None
    state: AgencyState
    #: What the law says must be told, as far as it was.
    told: tuple[str, ...]
    #: Without legal ground: why all the same. A supervisor reviews it.
    reason: Content | None
    reference: Content | None
    note: Content | None
    #: The disposition or the cause of rejection, in the agency's words.
    result: str


@attrs.frozen
class Seconded:
    """A second person agrees that a duress incident may be closed."""

    why: Content | None


@attrs.frozen
class TakenOver:
    """A supervisor took it from its holder."""

    operator: int
    reason: Content


@attrs.frozen
class TaskMade:
    """Something to do later, with a person to call back: a change of data, a technician, a wrong number."""

    task: int
    what: str


@attrs.frozen
class Reviewed:
    """A supervisor has looked at what was done without ground, by override or by itself."""

    note: Content | None


@attrs.frozen
class Overridden:
    """A required step was passed over, for a reason."""

    step: str
    reason: Content


@attrs.frozen
class Attached:
    """It became a member of a mass outage: one incident tells for all."""

    parent: int


@attrs.frozen
class Detached:
    """It stands for itself again."""


@attrs.frozen
class MemberCounted:
    """The mass outage has so many members, of which so many are restored or handled."""

    members: int
    open: int
    last_at: dt.datetime


@attrs.frozen
class OutageConfirmed:
    """An operator says that it is one: each member is told once."""


@attrs.frozen
class OnTestMarked:
    """It came while the premises were on test, and may be part of it."""

    test: int
