"""An action plan: what is done about an incident, step by step, and what each outcome leads to.

In: nothing. Out: `Plan` and its parts, as plain values. How a plan is written by people is in `dispatcher/plans`. A
plan is known by its name and by the SHA-256 of its text, which is frozen into every incident that is worked by it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

from station.languages import Language
from station.signals import Kind


class Do(enum.Enum):
    """What a step is. The values are the words of plan files."""

    #: An operator telephones one contact after another.
    CALL = "call"
    #: The person on the telephone is asked for the password.
    PASSWORD = "password"  # noqa: S105 - the word of plan files
    #: That person is asked what happened.
    ASK = "ask"
    #: An operator looks at pictures or listens in; never a call.
    LOOK = "look"
    #: An operator does what the text says.
    TASK = "task"
    #: A text message to a contact, by itself.
    SMS = "sms"
    #: Nothing, until a time or an event.
    WAIT = "wait"
    GUARD = "guard"
    POLICE = "police"
    FIRE = "fire"
    MEDICAL = "medical"
    CLOSE = "close"


#: What the engine does without a person.
AUTOMATIC = frozenset({Do.SMS, Do.WAIT})
#: Steps by which a service is told.
AGENCIES = frozenset({Do.POLICE, Do.FIRE, Do.MEDICAL})


class Outcome(enum.Enum):
    """How a step ended. The values are the words of plan files."""

    # call
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    #: Nobody is left to call, or nobody may be called now.
    EXHAUSTED = "exhausted"
    # password
    MATCH = "match"
    NO_MATCH = "no_match"
    REFUSED = "refused"
    # ask, guard
    REAL = "real"
    FALSE_ALARM = "false_alarm"
    UNSURE = "unsure"
    # look
    SEEN = "seen"
    NOTHING = "nothing"
    UNAVAILABLE = "unavailable"
    # guard
    DAMAGE = "damage"
    NOBODY = "nobody"
    # police, fire, medical
    TOLD = "told"
    REJECTED = "rejected"
    # task
    DONE = "done"
    # sms
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    #: The account wants a call instead of a text.
    CALL_INSTEAD = "call_instead"
    # wait
    ELAPSED = "elapsed"
    #: What it was about is over; of a message: before it left.
    RESTORED = "restored"
    # any
    #: The step's limit of repetitions is reached.
    TOO_OFTEN = "too_often"
    #: The premises have no contract for it, or no service is named.
    NOT_AGREED = "not_agreed"


#: Which outcomes each kind of step can have.
OUTCOMES: Mapping[Do, frozenset[Outcome]] = {
    Do.CALL: frozenset({Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.EXHAUSTED, Outcome.TOO_OFTEN}),
    Do.PASSWORD: frozenset({Outcome.MATCH, Outcome.NO_MATCH, Outcome.REFUSED, Outcome.TOO_OFTEN}),
    Do.ASK: frozenset({Outcome.REAL, Outcome.FALSE_ALARM, Outcome.UNSURE, Outcome.TOO_OFTEN}),
    Do.LOOK: frozenset({Outcome.SEEN, Outcome.NOTHING, Outcome.UNAVAILABLE, Outcome.TOO_OFTEN}),
    Do.TASK: frozenset({Outcome.DONE, Outcome.TOO_OFTEN}),
    Do.SMS: frozenset(
        {Outcome.DELIVERED, Outcome.UNDELIVERED, Outcome.CALL_INSTEAD, Outcome.RESTORED, Outcome.TOO_OFTEN}
    ),
    Do.WAIT: frozenset({Outcome.ELAPSED, Outcome.RESTORED, Outcome.TOO_OFTEN}),
    Do.GUARD: frozenset(
        {Outcome.REAL, Outcome.FALSE_ALARM, Outcome.DAMAGE, Outcome.NOBODY, Outcome.NOT_AGREED, Outcome.TOO_OFTEN}
    ),
    Do.POLICE: frozenset({Outcome.TOLD, Outcome.REJECTED, Outcome.TOO_OFTEN}),
    Do.FIRE: frozenset({Outcome.TOLD, Outcome.REJECTED, Outcome.TOO_OFTEN}),
    Do.MEDICAL: frozenset({Outcome.TOLD, Outcome.REJECTED, Outcome.TOO_OFTEN}),
    Do.CLOSE: frozenset(),
}


class Who(enum.Enum):
    """Whom a step calls or writes to."""

    #: The first of the customer's list.
    PRINCIPAL = "principal"
    #: All of the list, in its order, until one answers.
    CONTACTS = "contacts"
    #: The line of the protected place itself.
    PREMISES = "premises"
    KEYHOLDERS = "keyholders"


class Template(enum.Enum):
    """Which text a message has; the words are in `station/message_texts`."""

    ALARM_CANCELLED = "alarm_cancelled"
    POWER_FAILED = "power_failed"
    POWER_FAILED_AND_BACK = "power_failed_and_back"
    POWER_BACK = "power_back"
    LOW_BATTERY = "low_battery"
    LATE_TEST = "late_test"
    TROUBLE = "trouble"
    PATH_LOST = "path_lost"
    LATE_TO_CLOSE = "late_to_close"
    INTRUSION = "intrusion"
    FIRE = "fire"
    MEDICAL = "medical"
    ARM_REMINDER = "arm_reminder"
    MASS_OUTAGE = "mass_outage"
    MASS_OUTAGE_OVER = "mass_outage_over"
    TEST_STARTED = "test_started"
    TEST_ENDED = "test_ended"


class CloseAs(enum.Enum):
    """What a plan proposes that it was. The values are those of `station.incident_events.Disposition`."""

    REAL = "real"
    USER_ERROR = "user_error"
    EQUIPMENT_FAULT = "equipment_fault"
    TEST = "test"
    HANDLED = "handled"
    UNEXPLAINED = "unexplained"


@attrs.frozen(kw_only=True)
class Step:
    """One step. `on` names the step that each outcome leads to."""

    id: str
    do: Do
    #: What the operator reads.
    say: Mapping[Language, str]
    on: Mapping[Outcome, str]
    #: Advisory steps may be passed over without a reason.
    required: bool = True
    #: The next due action: after so long without an outcome somebody is told.
    within_s: int = 180
    #: How long a wait lasts; how long a message may take to be delivered.
    wait_s: int | None = None
    #: How often the step may be begun; a loop ends with `TOO_OFTEN`.
    times: int | None = None
    who: Who | None = None
    #: How often each contact is tried.
    tries: int = 1
    template: Template | None = None
    #: The message waits for the end of the account's quiet hours.
    quiet: bool = False
    #: The wait lasts as long as the account lets one detector wait for a second.
    knock: bool = False
    close_as: CloseAs | None = None
    #: The engine closes by itself where no operator holds the incident.
    by_itself: bool = False

    @property
    def automatic(self) -> bool:
        """Whether no operator is needed."""
        return self.do in AUTOMATIC or (self.do is Do.CLOSE and self.by_itself)


class Armed(enum.Enum):
    """How an area is armed. The values are those of the SQL enum `armed`."""

    ARMED = "armed"
    PART = "part"
    DISARMED = "disarmed"


@attrs.frozen(kw_only=True)
class Selector:
    """When a plan is chosen; None and empty mean: whatever it is."""

    kinds: frozenset[Kind] = frozenset()
    codes: frozenset[str] = frozenset()
    account: str | None = None
    area: str | None = None
    zone: str | None = None
    armed: frozenset[Armed] = frozenset()
    #: Inside (True) or outside the opening hours.
    open_hours: bool | None = None
    confirmed: bool | None = None
    duress: bool | None = None
    country: str | None = None
    grades: frozenset[int] = frozenset()
    #: Opened by a report of a member of a mass outage.
    outage: bool | None = None
    #: One detector alone, where the account says that such wait for a second.
    knock: bool | None = None


@attrs.frozen(kw_only=True)
class Plan:
    """A plan as it was read. `version` is the SHA-256 of its text, in hex."""

    name: str
    version: str
    title: Mapping[Language, str]
    selectors: tuple[Selector, ...]
    #: The first is where it begins.
    steps: tuple[Step, ...]
    #: 1 to 5, instead of that of the kind.
    priority: int | None = None
    #: It takes over from another plan at once, and ends any hold.
    life_safety: bool = False
    #: A disarm at once by a known user may end it (see `dispatcher.engine.cancelling`).
    cancellable: bool = False

    @property
    def by_id(self) -> Mapping[str, Step]:
        """Steps by their id."""
        return {step.id: step for step in self.steps}

    def step(self, id_: str) -> Step:
        """The step of that id; every id that a plan names exists (see `dispatcher.plans.reading`)."""
        return next(step for step in self.steps if step.id == id_)
