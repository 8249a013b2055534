"""Why the desk refuses, in plain words that say what to do.

In: `Refused` or `IllegalTransition`. Out: a text in the operator's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from operators_ui.words import STATES, msgid
from station.errors import IllegalTransition, Reason, Refused


class Text(Protocol):
    """Translates a marked text and fills in its values."""

    def __call__(self, key: str, **values: object) -> str:
        """The text in one language."""


_REASONS: Final[Mapping[Reason, str]] = {
    Reason.HELD_BY_ANOTHER: msgid("%(who)s holds this incident. You can read it, not write in it."),
    Reason.LEASE_LOST: msgid("You no longer hold this incident. Take it again to go on; what you typed is still here."),
    Reason.CHANGED_MEANWHILE: msgid("The incident changed at the same moment. Look at it and try again."),
    Reason.NO_SUCH_INCIDENT: msgid("There is no incident with this number."),
    Reason.NO_SUCH_OPERATOR: msgid("There is no operator of that name. Choose one from the list."),
    Reason.HOLD_TOO_LONG: msgid("An incident can be put on hold for 24 hours at most. Choose an earlier time."),
    Reason.HOLD_IN_THE_PAST: msgid("This time has passed. Choose a later one."),
    Reason.EMPTY_NOTE: msgid("The note is empty. Write something first."),
    Reason.UNSEEN_SIGNALS: msgid("New signals came while you were closing. Read them first, then close again."),
    Reason.STEPS_LEFT: msgid("A required step of the plan is not done. Do it, or write in the note why not."),
    Reason.WRONG_STEP: msgid("This belongs to another step of the plan. Look at where it stands."),
    Reason.GROUND_MISSING: msgid("Nothing confirms this alarm yet. If police are needed all the same, write why."),
    Reason.GUARD_BEFORE_CONFIRMATION: msgid("Here a guard is sent once the alarm is confirmed. If not, write why."),
    Reason.TWO_GUARDS_INSIDE: msgid("Inside it takes two guards."),
    Reason.DURESS_OPEN: msgid(
        "Duress is closed by the outcome of the police and by a second person, not by you alone."
    ),
    Reason.MEMBERS_OPEN: msgid("%(who)s sites are not back yet. It stays open until each is back or handled."),
    Reason.NOT_A_SUPERVISOR: msgid("Only a supervisor may do this. Ask one."),
    Reason.SECOND_PERSON_NEEDED: msgid("This takes two people. Ask for approval, and let a colleague approve it."),
    Reason.SAME_PERSON: msgid("It takes another person than you."),
    Reason.NO_SUCH_CONTACT: msgid("The account has no such contact. Reload the page."),
    Reason.NO_PASSWORD_KEPT: msgid("No password is kept for this account. Identify the person in another way."),
    Reason.NO_STATION_KEY: msgid("This console has no station key and can't check passwords. Tell the administrator."),
    Reason.TRIES_USED_UP: msgid("Both tries are used up. Say thank you, and go on with the list."),
    Reason.COUNTER_NOT_YET: msgid("Not yet: here the password comes first."),
    Reason.NO_SUCH_ACCOUNT: msgid("There is no account with this number."),
    Reason.NO_SUCH_THING: msgid("It is not there any more. Reload the page."),
    Reason.REASON_NEEDED: msgid("Write why."),
    Reason.TEST_TOO_LONG: msgid("A test lasts %(who)s hours at most. Choose a shorter time."),
    Reason.BECAME_A_TASK: msgid(
        "An incident is open here, so nothing is changed by telephone. It became a task: call back."
    ),
    Reason.WEAK_PASSWORD: msgid("This word can't be used: %(who)s."),
    Reason.NOT_UNDERSTOOD: msgid("This can't be read: %(who)s. Mend it and try again."),
}


def why_not(text: Text, error: Refused | IllegalTransition) -> str:
    """The words for it."""
    match error:
        case Refused(reason=reason, who=who):
            return text(_REASONS[reason], who=who or text(msgid("Another operator")))
        case IllegalTransition(state=state):
            return text(
                msgid("Not possible while the incident is %(state)s. Reload the page to see where it stands."),
                state=text(STATES.get(state, state)),
            )
