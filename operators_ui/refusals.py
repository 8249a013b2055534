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
