"""When an operator's verb is allowed, and what it then does to the incident.

In: the incident as it stands, who asks, and `now`. Out: what happens, or `Refused` / `IllegalTransition` in terms that
the console can explain.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from station.action_plans import Do, Step
from station.errors import IllegalTransition, Reason, Refused
from station.incident_events import TakenBy
from station.incidents import Automatic, Closed, Incident, OnHold, Taken, Waiting, state_name
from station.responders import AgencyState, Service

#: A hold always ends: one for ever is an incident that nobody looks at again.
LONGEST_HOLD: Final = dt.timedelta(hours=24)
TEXT_LIMIT: Final = 10_000


def take(incident: Incident, holder: str | None, operator: int) -> TakenBy:
    """Take it from the queue, or back from hold.

    Raises:
        Refused: another operator holds it.
        IllegalTransition: it is closed.
    """
    match incident.state:
        case Waiting() | OnHold() | Automatic():
            return TakenBy(operator)
        case Taken():
            raise Refused(Reason.HELD_BY_ANOTHER, holder)
        case Closed():
            raise IllegalTransition(state_name(incident.state), "take")


def must_hold(incident: Incident, holder: str | None, operator: int, fence: int, verb: str) -> None:
    """Only the holder, under the lease he was given, may go on.

    Raises:
        Refused: somebody else holds it by now, or nobody does.
        IllegalTransition: it is closed.
    """
    match incident.state:
        case Taken(operator=who, fence=current) if (who, current) == (operator, fence):
            return
        case Closed():
            raise IllegalTransition(state_name(incident.state), verb)
        case Taken(operator=who) if who != operator:
            raise Refused(Reason.LEASE_LOST, holder)
        case _:
            raise Refused(Reason.LEASE_LOST)


def kept_text(text: str) -> str:
    """A note or a reason as it is kept: without what no database holds, and not longer than any screen shows."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()[:TEXT_LIMIT]


def note_text(text: str) -> str:
    """The note as it is kept.

    Raises:
        Refused: there is none.
    """
    kept = kept_text(text)
    if not kept:
        raise Refused(Reason.EMPTY_NOTE)
    return kept


def check_hold(until: dt.datetime, now: dt.datetime) -> None:
    """It may be put aside until `until`, a day ahead at most.

    Raises:
        Refused: that is too far ahead, or past.
    """
    if until <= now:
        raise Refused(Reason.HOLD_IN_THE_PAST)
    if until > now + LONGEST_HOLD:
        raise Refused(Reason.HOLD_TOO_LONG)


def reason_text(text: str) -> str:
    """The reason as it is kept.

    Raises:
        Refused: there is none.
    """
    kept = kept_text(text)
    if not kept:
        raise Refused(Reason.REASON_NEEDED)
    return kept


def check_close(incident: Incident, seen_n: int, actor: str) -> None:
    """It may be closed by this operator, whose screen shows its events up to `seen_n`.

    Raises:
        Refused: a signal came after that; or it is a duress incident without police outcome or second person; or a mass
            outage with open members.
    """
    progress = incident.progress
    if incident.last_signal_n > seen_n:
        raise Refused(Reason.UNSEEN_SIGNALS)
    if progress.duress:
        told = any(one.service is Service.POLICE and one.state is AgencyState.CLOSED for one in progress.agencies)
        if not told or progress.seconded_by in {None, actor}:
            raise Refused(Reason.DURESS_OPEN)
    if progress.open_members:
        raise Refused(Reason.MEMBERS_OPEN, str(progress.open_members))


def left_undone(step: Step) -> bool:
    """Whether somebody who closes now passes a required step over."""
    return step.required and step.do is not Do.CLOSE and not step.automatic


def check_second(incident: Incident, operator: int) -> None:
    """A second person is another than the holder.

    Raises:
        Refused: it is the same.
    """
    if isinstance(incident.state, Taken) and incident.state.operator == operator:
        raise Refused(Reason.SAME_PERSON)
