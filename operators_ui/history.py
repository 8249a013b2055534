"""The history of an incident, a line an event, in words.

In: events as read from the store. Out: what each says in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from operators_ui.pages import Pages
from operators_ui.words import DISPOSITIONS, KINDS, msgid
from station.incident_events import (
    ClosedAs,
    Effect,
    HandedOver,
    Happening,
    Held,
    HoldEnd,
    HoldEnded,
    Joined,
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
)

_JOINED: Final[Mapping[Effect, str]] = {
    Effect.ALARM: msgid("Another alarm of the same matter"),
    Effect.RESTORE: msgid("The panel reports a restore"),
    Effect.CONTEXT: msgid("A signal that belongs to it"),
}
_HOLD_ENDED: Final[Mapping[HoldEnd, str]] = {
    HoldEnd.DUE: msgid("Hold ended: the time came"),
    HoldEnd.NEW_ALARM: msgid("Hold ended: a new alarm came"),
}


@attrs.frozen
class HistoryText:
    """Words for happenings; `operators` are names by id."""

    pages: Pages
    operators: Mapping[int, str]

    def __call__(self, what: Happening) -> str:
        """One event in a few words; who did it and the note stand beside it."""
        text = self.pages.text
        match what:
            case Opened(kind=kind):
                return text(msgid("Opened: %(kind)s"), kind=text(KINDS[kind]))
            case Joined(effect=effect):
                return text(_JOINED[effect])
            case TakenBy():
                return text(msgid("Taken"))
            case Noted():
                return text(msgid("Note"))
            case HandedOver(to=to):
                if to is None:
                    return text(msgid("Given back to the queue"))
                return text(msgid("Handed over to %(name)s"), name=self._name(to))
            case Held(until=until):
                return text(msgid("On hold until %(time)s"), time=self.pages.moment(until))
            case HoldEnded(why=why):
                return text(_HOLD_ENDED[why])
            case LeaseExpired(operator=operator):
                return text(msgid("%(name)s's console fell silent: back to the queue"), name=self._name(operator))
            case ClosedAs(disposition=disposition):
                return text(msgid("Closed: %(disposition)s"), disposition=text(DISPOSITIONS[disposition]))

    def _name(self, operator: int) -> str:
        return self.operators.get(operator, f"#{operator}")
