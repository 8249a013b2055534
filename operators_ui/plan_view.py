"""What the screen of an incident shows of its plan: the step, what the law says, messages, services, guards, armed
areas.

In: an incident as stored, and its account. Out: one value for the template `part_plan.html`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from dispatcher.desk import Desk
from dispatcher.engine.judging import verdict_on
from dispatcher.legal.confirmation import asks_for_ground
from dispatcher.legal.false_alarms import PassedOn, Permit, Standing, permit_warnings, standing
from dispatcher.legal.to_tell import Item, to_tell
from dispatcher.legal.verdicts import Verdict
from station.action_plans import AGENCIES, OUTCOMES, Do, Outcome, Step
from station.facts import ContactRole
from station.incidents import Incident
from station.languages import Language
from station.media import Media
from station.responders import Service
from station.store import customers, effects, media
from station.store.customers import Agency, ContactEntry
from station.store.database import Row, Session
from station.store.effects import Message
from station.store.incidents import IncidentRow, incident_row

#: Steps that an operator answers with a button.
_BUTTONS: Final = frozenset({Do.ASK, Do.LOOK, Do.TASK})


@attrs.frozen(kw_only=True)
class PlanView:
    """All that the plan's part of the page shows."""

    incident: Incident
    plan: str
    version: str
    step: Step | None
    say: str
    due_at: dt.datetime | None
    outcomes: Sequence[Outcome]
    contact: ContactEntry | None
    contacts: Sequence[ContactEntry]
    verdict: Verdict
    asks_for_ground: bool
    standing: Standing
    warnings: Sequence[str]
    agencies: Sequence[Agency]
    service: Service | None
    #: What must be told to the service of the step, or else to police.
    to_tell: Sequence[Item]
    messages: Sequence[Message]
    guards: Mapping[int, str]
    armed: Sequence[Row]
    media: Sequence[Media]
    #: On our own calls the station proves itself first.
    counter_first: bool

    @property
    def line(self) -> str:
        """On which line the contact of the step is called."""
        premises = self.contact is not None and self.contact.role is ContactRole.PREMISES
        return "premises" if premises else "placed"


async def plan_view(session: Session, desk: Desk, incident: int, language: Language) -> PlanView | None:
    """What the page shows of its plan; None: there is no such incident."""
    row = await incident_row(session, incident)
    if row is None:
        return None
    step = await desk.step_of(session, row.incident)
    account = row.incident.account_id
    contacts = [] if account is None else await customers.contacts_of(session, account)
    progress = row.incident.progress
    service = Service(step.do.value) if step is not None and step.do in AGENCIES else None
    counted, warnings = await _standing(session, row)
    return PlanView(
        incident=row.incident,
        plan=progress.plan,
        version=progress.version,
        step=step,
        say="" if step is None else step.say[language],
        due_at=progress.timers.get("step"),
        outcomes=_outcomes(step),
        contact=next((one for one in contacts if one.id == progress.contact), None),
        contacts=contacts,
        verdict=verdict_on(row.incident, row.now),
        asks_for_ground=asks_for_ground(row.incident.kind) and not progress.duress,
        standing=counted,
        warnings=warnings,
        agencies=await customers.agencies_of(session, account),
        service=service,
        to_tell=to_tell(progress.facts.country, service or Service.POLICE),
        messages=await effects.of_incident(session, incident),
        guards=await customers.guard_names(session),
        armed=[] if account is None else await customers.listed(session, "areas_armed", account),
        media=await media.of_incident(session, incident),
        counter_first=(await customers.passwords_of(session, account)).counter_first,
    )


def _outcomes(step: Step | None) -> Sequence[Outcome]:
    if step is None or step.do not in _BUTTONS:
        return ()
    return sorted(OUTCOMES[step.do] - {Outcome.TOO_OFTEN}, key=lambda one: [*Outcome].index(one))


async def _standing(session: Session, row: IncidentRow) -> tuple[Standing, Sequence[str]]:
    """How the premises stand with the police, and what the operator must know of it."""
    account, country = row.incident.account_id, row.incident.progress.facts.country
    if account is None:
        return standing(country, [], row.now), ()
    passed = [
        PassedOn(at=one["opened_at"], confirmed=one["confirmed"], false=bool(one["false"]), fault=one["fault"])
        for one in await customers.listed(session, "false_alarms", account)
    ]
    counted = standing(country, passed, row.now)
    said = await customers.permit_of(session, account)
    permit = Permit()
    if said is not None:
        permit = Permit(
            number=said["permit"], valid_until=said["permit_until"], suspended_until=said["suspended_until"]
        )
    found = (*counted.warnings, *permit_warnings(country, permit, row.now))
    return counted, [warning.value for warning in found]
