"""When the engine is late or has forgotten something, and when to say so.

In: looks at the database, and what is tolerated. Out: faults in plain words, and whether the alarm stands. One look may
fall into the moment in which the engine works: only what is wrong twice in a row is an alarm.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

import attrs

from dispatcher.auditor.settings import Tolerances
from station.store.auditor import Look


class Check(enum.Enum):
    """What is looked at."""

    WITHOUT_DUE = "an open incident has a next action"
    DUE = "next actions of incidents happen in time"
    TIMERS = "timers fire in time"
    SIGNALS = "signals are worked off"
    QUEUED = "messages are sent"
    SENDING = "sending a message comes to an end"


@attrs.frozen
class Fault:
    """A check that fails; the text is what an operator reads."""

    check: Check
    text: str


def faults(look: Look, tolerated: Tolerances) -> Sequence[Fault]:
    """What is wrong in this look."""
    return [*_always(look, tolerated), *(_late(look, tolerated) if look.released else ())]


def _always(look: Look, tolerated: Tolerances) -> Iterator[Fault]:
    if look.without_due:
        yield Fault(
            Check.WITHOUT_DUE, f"{_incidents(look.without_due, look.a_without_due)} without a next action: open it now"
        )
    if look.unread_s is not None and look.unread_s > tolerated.unread_s:
        yield Fault(Check.SIGNALS, f"signals wait {look.unread_s:.0f} s for the dispatcher")


def _late(look: Look, tolerated: Tolerances) -> Iterator[Fault]:
    """What a restored station is not to do before a person lets it: it can't be late with that."""
    if look.due_late:
        by = "" if look.due_late_s is None else f" by {look.due_late_s:.0f} s"
        yield Fault(Check.DUE, f"{_incidents(look.due_late, look.a_due_late)} overdue{by}: open it now")
    if look.timer_late_s is not None and look.timer_late_s > tolerated.due_s:
        yield Fault(Check.TIMERS, f"a timer is overdue by {look.timer_late_s:.0f} s")
    if look.queued_s is not None and look.queued_s > tolerated.queued_s:
        yield Fault(Check.QUEUED, f"a message waits {look.queued_s:.0f} s to be sent")
    if look.sending_late_s is not None and look.sending_late_s > tolerated.sending_s:
        yield Fault(Check.SENDING, f"a message was begun and is not sent {look.sending_late_s:.0f} s after its time")


def _incidents(count: int, one: int | None) -> str:
    return f"incident {one} is" if count == 1 else f"{count} incidents, among them {one}, are"


def late_s(look: Look) -> float:
    """How late the engine is, in seconds; 0 if it is not."""
    waits = [look.unread_s]
    if look.released:
        waits += [look.due_late_s, look.timer_late_s]
    return max([0.0, *(wait for wait in waits if wait is not None)])


class Watch:
    """What was found so far."""

    def __init__(self) -> None:
        self._before: frozenset[Check] = frozenset()
        #: Something was wrong twice in a row, and all was not well since.
        self.alarm = False
        #: All checks passed in the last look.
        self.well = False

    def note(self, found: Sequence[Fault] | None) -> None:
        """Take in what a look found; None: the database did not answer, and all that is known is that."""
        if found is None:
            self.well = False
            return
        now = frozenset(fault.check for fault in found)
        self.well = not now
        if self.well:
            self.alarm = False
        elif now & self._before:
            self.alarm = True
        self._before = now


def alarm_text(found: Sequence[Fault]) -> str:
    """What an operator reads when the alarm begins."""
    return f"The auditor finds that the engine does not keep up: {'; '.join(fault.text for fault in found)}."


#: What an operator reads when it ends.
WELL_TEXT = "The engine keeps up again."
