"""The desk's verbs on the telephone: calls, passwords, what was said and seen.

In: the desk, the holder's lease, and what happened. Out: one more event, and what the plan makes of it. The password is
compared here and never leaves; for whoever calls, a duress password is a match in words and in time.
"""

from __future__ import annotations

from typing import Final

import attrs
import trio

from dispatcher.desk import Desk, Lease, content
from station.action_plans import OUTCOMES, Do, Outcome
from station.errors import Reason, Refused
from station.evidence import EvidenceKind
from station.facts import ContactRole
from station.incident_events import Happening
from station.incidents import Incident
from station.progress import PASSWORD_TRIES
from station.response_events import (
    Answered,
    Attempted,
    CallOutcome,
    CounterShown,
    EvidenceNoted,
    Heard,
    Line,
    OutageConfirmed,
    Overridden,
    PasswordChecked,
    TaskMade,
)
from station.spoken_passwords import check
from station.store import customers, incidents
from station.store.audit import append as audit
from station.store.database import Session
from station.store.incidents import IncidentRow

#: How long the counter-password stays on the screen.
SHOWN_S: Final = 20
#: What an operator answers directly; calls, passwords, guards and agencies have verbs of their own.
_ANSWERED_HERE: Final = frozenset({Do.ASK, Do.LOOK, Do.TASK})


async def attempt(desk: Desk, lease: Lease, contact: int | None, line: Line, outcome: CallOutcome, note: str) -> None:
    """A contact was called, or called us.

    Raises:
        Refused: the account has no such contact, or the lease is gone.
    """

    async def decide(session: Session, row: IncidentRow) -> Happening | list[Happening]:
        _check_contact(row.incident, contact)
        called = Attempted(contact, line, outcome, await content(session, row.id, note))
        if outcome is not CallOutcome.WRONG_NUMBER:
            return called
        # A wrong number found now must not cost hours in the next incident.
        task = await customers.make_task(
            session, row.incident.account_id, row.id, "wrong_number", f"contact {contact}", "", lease.actor
        )
        return [called, TaskMade(task, "wrong_number")]

    await desk.do(lease, "attempt", decide)


async def check_password(desk: Desk, lease: Lease, contact: int | None, line: Line, heard: str) -> Heard:
    """Compare what was heard; the second wrong one is the last.

    Raises:
        Refused: the account has no password, both tries are used up, or the lease is gone.
    """
    row = await incidents.incident_row(desk.database, lease.incident)
    if row is None:
        raise Refused(Reason.NO_SUCH_INCIDENT)
    if row.incident.progress.wrong_passwords >= PASSWORD_TRIES:
        raise Refused(Reason.TRIES_USED_UP)
    if desk.key is None:
        raise Refused(Reason.NO_STATION_KEY)
    kept = await customers.passwords_of(desk.database, row.incident.account_id)
    if kept.password is None and kept.duress is None:
        raise Refused(Reason.NO_PASSWORD_KEPT)
    found = await trio.to_thread.run_sync(check, desk.key, heard, kept.password, kept.duress)

    async def decide(_: Session, now: IncidentRow) -> Happening:
        _check_contact(now.incident, contact)
        return PasswordChecked(contact, line, found)

    await desk.do(lease, "check_password", decide)
    return found


async def refuse_password(desk: Desk, lease: Lease, contact: int | None, line: Line) -> None:
    """The person would not say it: that is not wrong."""

    async def decide(_: Session, row: IncidentRow) -> Happening:
        _check_contact(row.incident, contact)
        return PasswordChecked(contact, line, Heard.REFUSED)

    await desk.do(lease, "refuse_password", decide)


@attrs.frozen
class Counter:
    """The counter-password, and how long it may be looked at."""

    word: str = attrs.field(repr=False)
    seconds: int


async def show_counter(desk: Desk, lease: Lease, contact: int | None, line: Line) -> Counter:
    """The word by which the station proves itself. The look is logged.

    Raises:
        Refused: it may not be said yet: the password comes first on inbound calls, on the protected line and after a
            wrong password, and wherever the account does not say otherwise.
    """
    if desk.key is None:
        raise Refused(Reason.NO_STATION_KEY)
    row = await incidents.incident_row(desk.database, lease.incident)
    kept = await customers.passwords_of(desk.database, None if row is None else row.incident.account_id)
    if kept.counter_sealed is None:
        raise Refused(Reason.NO_PASSWORD_KEPT)

    async def decide(session: Session, now: IncidentRow) -> Happening:
        _check_contact(now.incident, contact)
        checked = await customers.last_check(session, now.id, contact)
        if not may_show(now.incident, contact, line, checked):
            raise Refused(Reason.COUNTER_NOT_YET)
        await audit(session, lease.actor, "counter_shown", {"incident": now.id, "contact": contact})
        return CounterShown(contact, SHOWN_S)

    await desk.do(lease, "show_counter", decide)
    return Counter(desk.key.open(kept.counter_sealed).decode(), SHOWN_S)


def may_show(incident: Incident, contact: int | None, line: Line, checked: Heard | None) -> bool:
    """Whether the counter-password may be said. `checked`: what this person last said as the password."""
    if checked in {Heard.MATCH, Heard.DURESS}:
        return True
    if checked is Heard.NO_MATCH or line is not Line.PLACED:
        return False
    listed = next((one for one in incident.progress.facts.contacts if one.id == contact), None)
    return listed is not None and listed.role is not ContactRole.PREMISES


async def answer(desk: Desk, lease: Lease, outcome: Outcome, note: str) -> None:
    """How the current step ended.

    Raises:
        Refused: the step has a verb of its own, or can't end so.
    """

    async def decide(session: Session, row: IncidentRow) -> list[Happening]:
        step = await desk.step_of(session, row.incident)
        if step is None or step.do not in _ANSWERED_HERE or outcome not in OUTCOMES[step.do]:
            raise Refused(Reason.WRONG_STEP, None if step is None else step.id)
        answered = Answered(step.id, outcome, await content(session, row.id, note))
        progress = row.incident.progress
        if progress.members and not progress.outage_confirmed and outcome is Outcome.DONE:
            # The step of a mass outage asks whether it is one.
            return [OutageConfirmed(), answered]
        return [answered]

    await desk.do(lease, "answer", decide)


async def pass_over(desk: Desk, lease: Lease, reason: str) -> None:
    """Go on with the next step; a required one needs a reason, which a supervisor reviews.

    Raises:
        Refused: no reason is given, or there is no step.
    """

    async def decide(session: Session, row: IncidentRow) -> Happening:
        step = await desk.step_of(session, row.incident)
        if step is None or step.do is Do.CLOSE:
            raise Refused(Reason.WRONG_STEP)
        said = await content(session, row.id, reason)
        if said is None:
            raise Refused(Reason.REASON_NEEDED)
        return Overridden(step.id, said)

    await desk.do(lease, "pass_over", decide)


async def note_evidence(desk: Desk, lease: Lease, kind: EvidenceKind, note: str) -> None:
    """What the operator saw, heard or was told, beside the steps of the plan."""

    async def decide(session: Session, row: IncidentRow) -> Happening:
        return EvidenceNoted(kind, await content(session, row.id, note))

    await desk.do(lease, "note_evidence", decide)


def _check_contact(incident: Incident, contact: int | None) -> None:
    if contact is not None and all(one.id != contact for one in incident.progress.facts.contacts):
        raise Refused(Reason.NO_SUCH_CONTACT)
