"""The desk's verbs for guards and agencies: who is told, how far they are, what they found.

In: the desk, the holder's lease, and the move. Out: one more event, and what the plan makes of it. Without legal ground
the desk asks for a reason and never prevents; the incident then waits for a supervisor's review.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from dispatcher.desk import Desk, Lease, content
from dispatcher.desk_rules import kept_text
from dispatcher.engine.judging import premises_of, verdict_on
from dispatcher.legal.confirmation import asks_for_ground, guard_may_be_sent
from station.errors import Reason, Refused
from station.incident_events import Happening
from station.incidents import Incident
from station.progress import GuardProgress
from station.responders import (
    GUARDS_NEEDED,
    AgencyState,
    GuardState,
    Position,
    Report,
    Service,
    agency_moves,
    guard_moves,
)
from station.response_events import AgencyMoved, Content, GuardMoved
from station.store import customers
from station.store.database import Session
from station.store.incidents import IncidentRow

_HIGH_GRADE = 3


@attrs.frozen(kw_only=True)
class AgencyMove:
    """What is said of a request to an agency."""

    service: Service
    state: AgencyState
    #: Of the incident's requests to this service; None: the last, or a new one.
    no: int | None = None
    told: Sequence[str] = ()
    reason: str = ""
    reference: str = ""
    note: str = ""
    result: str = ""
    #: Of two people, where the grade asks for it.
    approval: int | None = None


async def move_agency(desk: Desk, lease: Lease, move: AgencyMove) -> None:
    """A request, or how far one is.

    Raises:
        Refused: police without ground and without a reason; a police cancellation at grade 3 or 4 by one person.
        IllegalTransition: this can't follow.
    """

    async def decide(session: Session, row: IncidentRow) -> list[Happening]:
        incident = row.incident
        last = next((one for one in reversed(incident.progress.agencies) if _means(one.no, one.service, move)), None)
        new = move.state is AgencyState.REQUESTED or last is None
        if new:
            _check_ground(incident, move, row)
        if move.state is AgencyState.CANCEL_REQUESTED and move.service is Service.POLICE:
            await _check_two(session, incident, move.approval, "police_cancel", lease)
        agency_moves(None if new else last.state if last else None, AgencyState.REQUESTED if new else move.state)
        no = len(incident.progress.agencies) + 1 if new or last is None else last.no
        named = await customers.agency_of(session, incident.account_id, move.service)
        moved = AgencyMoved(
            no=no,
            service=move.service,
            agency=named,
            state=AgencyState.REQUESTED if new else move.state,
            told=tuple(sorted(set(move.told))),
            reason=await content(session, row.id, move.reason),
            reference=await content(session, row.id, move.reference),
            note=await content(session, row.id, move.note),
            result=kept_text(move.result)[:200],
        )
        if new and move.state is not AgencyState.REQUESTED:
            # Told by telephone: requested and answered in one breath.
            agency_moves(AgencyState.REQUESTED, move.state)
            answered = attrs.evolve(moved, state=move.state, reason=None, reference=None, note=None, told=())
            return [moved, answered]
        return [moved]

    await desk.do(lease, "move_agency", decide)


def _means(no: int, service: Service, move: AgencyMove) -> bool:
    return no == move.no if move.no is not None else service is move.service


def _check_ground(incident: Incident, move: AgencyMove, row: IncidentRow) -> None:
    if move.service is not Service.POLICE or not asks_for_ground(incident.kind) or incident.progress.duress:
        return
    if not verdict_on(incident, row.now).ground and not kept_text(move.reason):
        raise Refused(Reason.GROUND_MISSING)


async def _check_two(session: Session, incident: Incident, approval: int | None, what: str, lease: Lease) -> None:
    if (incident.progress.facts.grade or 0) < _HIGH_GRADE:
        return
    of = {"incident": lease.incident}
    if approval is None or not await customers.use_approval(session, approval, what, of, lease.operator):
        raise Refused(Reason.SECOND_PERSON_NEEDED)


@attrs.frozen(kw_only=True)
class GuardMove:
    """What is said of a guard."""

    guard: int
    state: GuardState
    position: Position = Position.OUTSIDE
    guards: int = 1
    report: Report | None = None
    reason: str = ""
    note: str = ""


async def move_guard(desk: Desk, lease: Lease, move: GuardMove) -> None:
    """A guard is offered the visit, or is one step further.

    Raises:
        Refused: there is no such guard; inside with fewer than two; before confirmation where the law forbids it and no
            reason is given.
        IllegalTransition: this can't follow.
    """

    async def decide(session: Session, row: IncidentRow) -> Happening:
        incident = row.incident
        last = next((one for one in reversed(incident.progress.guards) if one.guard == move.guard), None)
        state = None if last is None or move.state is GuardState.OFFERED else last.state
        guard_moves(state, move.state)
        if last is None and not await customers.guard_exists(session, move.guard):
            raise Refused(Reason.NO_SUCH_THING)
        _check_guard(incident, move, row)
        return _moved(incident, move, last, await content(session, row.id, move.note or move.reason))

    await desk.do(lease, "move_guard", decide)


def _check_guard(incident: Incident, move: GuardMove, row: IncidentRow) -> None:
    if move.state is GuardState.ON_SITE and move.guards < GUARDS_NEEDED[move.position]:
        raise Refused(Reason.TWO_GUARDS_INSIDE)
    if move.state is GuardState.REPORTED and move.report is None:
        raise Refused(Reason.NOT_UNDERSTOOD, "report")
    if move.state is GuardState.OFFERED and not kept_text(move.reason):
        premises = premises_of(incident.progress.facts)
        if asks_for_ground(incident.kind) and not guard_may_be_sent(premises, verdict_on(incident, row.now)):
            raise Refused(Reason.GUARD_BEFORE_CONFIRMATION)


def _moved(incident: Incident, move: GuardMove, last: GuardProgress | None, note: Content | None) -> GuardMoved:
    new = last is None or move.state is GuardState.OFFERED
    facts = incident.progress.facts
    return GuardMoved(
        no=len(incident.progress.guards) + 1 if new or last is None else last.no,
        guard=move.guard,
        state=move.state,
        position=move.position,
        guards=move.guards,
        report=move.report,
        billable=facts.guard_billable or not facts.guard,
        due_at=None,
        note=note,
    )
