"""The desk's verb for a mass outage: an operator says that it is one, and each member is told once."""

from __future__ import annotations

from dispatcher.desk import Desk, Lease
from station.action_plans import Do, Outcome
from station.errors import Reason, Refused
from station.incident_events import Happening
from station.response_events import Answered, OutageConfirmed
from station.store.database import Session
from station.store.incidents import IncidentRow


async def confirm_outage(desk: Desk, lease: Lease) -> None:
    """It is one.

    Raises:
        Refused: the incident has no members.
    """

    async def decide(session: Session, row: IncidentRow) -> list[Happening]:
        if not row.incident.progress.members:
            raise Refused(Reason.NOT_UNDERSTOOD, "no members")
        step = await desk.step_of(session, row.incident)
        if step is not None and step.do is Do.TASK:
            return [OutageConfirmed(), Answered(step.id, Outcome.DONE, None)]
        return [OutageConfirmed()]

    await desk.do(lease, "confirm_outage", decide)
