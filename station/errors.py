"""The errors that cross folders, each with who answers it.

`StoreUnavailable` is answered by the session: no ACK. `IllegalTransition` and `Refused` are shown to the operator.
"""

from __future__ import annotations

import enum


class StoreUnavailable(Exception):
    """Nothing is known to be committed: the database did not answer, or said no."""


class SchemaMismatch(Exception):
    """The database holds a schema that this version does not know."""


class IllegalTransition(Exception):
    """The incident is in a state in which this verb means nothing."""

    def __init__(self, state: str, verb: str) -> None:
        super().__init__(f"{verb} is not possible while the incident is {state}")
        self.state = state
        self.verb = verb


class Reason(enum.Enum):
    """Why the desk refuses a verb; the console words it in the operator's language."""

    HELD_BY_ANOTHER = "held_by_another"
    LEASE_LOST = "lease_lost"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NO_SUCH_INCIDENT = "no_such_incident"
    NO_SUCH_OPERATOR = "no_such_operator"
    HOLD_TOO_LONG = "hold_too_long"
    HOLD_IN_THE_PAST = "hold_in_the_past"
    EMPTY_NOTE = "empty_note"
    UNSEEN_SIGNALS = "unseen_signals"
    #: A required step is not done, and no reason is given.
    STEPS_LEFT = "steps_left"
    #: The verb belongs to another step of the plan.
    WRONG_STEP = "wrong_step"
    #: No legal ground to tell police, and no reason is given.
    GROUND_MISSING = "ground_missing"
    #: In this country a guard is sent only once the alarm is confirmed, and no reason is given.
    GUARD_BEFORE_CONFIRMATION = "guard_before_confirmation"
    #: Inside it takes two guards.
    TWO_GUARDS_INSIDE = "two_guards_inside"
    #: A duress incident is closed by the police outcome and a second person.
    DURESS_OPEN = "duress_open"
    MEMBERS_OPEN = "members_open"
    NOT_A_SUPERVISOR = "not_a_supervisor"
    SECOND_PERSON_NEEDED = "second_person_needed"
    SAME_PERSON = "same_person"
    NO_SUCH_CONTACT = "no_such_contact"
    NO_PASSWORD_KEPT = "no_password_kept"  # noqa: S105 - the name of a reason
    NO_STATION_KEY = "no_station_key"
    TRIES_USED_UP = "tries_used_up"
    #: The counter-password is not said before the password here.
    COUNTER_NOT_YET = "counter_not_yet"
    NO_SUCH_ACCOUNT = "no_such_account"
    NO_SUCH_THING = "no_such_thing"
    REASON_NEEDED = "reason_needed"
    TEST_TOO_LONG = "test_too_long"
    #: A caller in an open incident changes nothing: it became a task with a call back.
    BECAME_A_TASK = "became_a_task"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 - the name of a reason
    NOT_UNDERSTOOD = "not_understood"


class Refused(Exception):
    """Not now, or not you. `who` names the operator who stands in the way, if any."""

    def __init__(self, reason: Reason, who: str | None = None) -> None:
        super().__init__(reason.value if who is None else f"{reason.value}: {who}")
        self.reason = reason
        self.who = who
