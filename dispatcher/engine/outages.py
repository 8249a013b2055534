"""A member of a mass outage: one message for all of it, and closed when it is back.

In: a member, and the plan that would fit it by itself. Out: its next event. Whatever is not part of the outage, such as
a low battery, makes it stand for itself again.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dispatcher.engine.messages import DELIVERED_WITHIN_S, next_no
from station.action_plans import Plan, Template
from station.incident_events import ClosedAs, Disposition, Happening
from station.incidents import Automatic, Incident
from station.plan_events import EffectKind, EffectMoved, EffectPlanned, EffectState
from station.response_events import Detached

_TOLD: Final = Template.MASS_OUTAGE.value
_LATE: Final = "not delivered in time"


def follow_outage(incident: Incident, fitting: Plan, plan: Plan, now: dt.datetime) -> Happening | None:
    """What follows for a member."""
    progress = incident.progress
    if fitting.name != plan.name or "member" in progress.due:
        return Detached()
    for name in progress.due:
        if name.startswith("effect:"):
            return EffectMoved(int(name.partition(":")[2]), EffectState.STALE, _LATE)
    told = any(effect.template == _TOLD for effect in progress.effects)
    if progress.outage_confirmed and not told and progress.facts.contacts:
        return EffectPlanned(
            no=next_no(progress),
            kind=EffectKind.SMS,
            template=_TOLD,
            to=f"contact:{progress.facts.contacts[0].id}",
            urgent=False,
            not_before=None,
            due_at=now + dt.timedelta(seconds=DELIVERED_WITHIN_S * 15),
        )
    if incident.restored_at is not None and isinstance(incident.state, Automatic):
        return ClosedAs(Disposition.HANDLED, None)
    return None
