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


class Refused(Exception):
    """Not now, or not you. `who` names the operator who stands in the way, if any."""

    def __init__(self, reason: Reason, who: str | None = None) -> None:
        super().__init__(reason.value if who is None else f"{reason.value}: {who}")
        self.reason = reason
        self.who = who
