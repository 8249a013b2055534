"""The history of an incident, a line an event, in words.

In: events as read from the store. Out: what each says in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from operators_ui.pages import Pages
from operators_ui.plan_history import plan_line
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
    name_of,
)
from station.plan_events import FactsChanged, TimerDue
from station.response_events import (
    Attached,
    Detached,
    OnTestMarked,
    OutageConfirmed,
    Reviewed,
    Seconded,
    TakenOver,
    TaskMade,
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


#: Events that say all by their name.
_PLAIN: Final[Mapping[type[Happening], str]] = {
    FactsChanged: msgid("What is agreed with the customer was changed"),
    TimerDue: msgid("A time came"),
    Seconded: msgid("A second person agrees"),
    TaskMade: msgid("Something to do later"),
    Reviewed: msgid("Reviewed by a supervisor"),
    Attached: msgid("Part of a mass outage"),
    Detached: msgid("It stands for itself again"),
    OutageConfirmed: msgid("Mass outage confirmed"),
    OnTestMarked: msgid("The premises are on test"),
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
            case TakenOver():
                return text(msgid("Taken over by a supervisor"))
            case _ if type(what) in _PLAIN:
                return text(_PLAIN[type(what)])
            case _:
                return plan_line(self.pages, what) or name_of(what)

    def _name(self, operator: int) -> str:
        return self.operators.get(operator, f"#{operator}")
