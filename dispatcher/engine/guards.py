"""Which patrol is asked next.

In: an incident at a step that sends a guard. Out: the offer to the first patrol that was not asked yet, and the message
that tells it; or that nobody is left.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dispatcher.engine.messages import GUARD_OFFER, to_guard
from station.action_plans import Outcome
from station.incident_events import Happening
from station.incidents import Incident
from station.plan_events import Alert, Alerted
from station.responders import GuardState, Position
from station.response_events import GuardMoved

#: A patrol that does not accept within this is passed over.
ACCEPT_WITHIN: Final = dt.timedelta(seconds=120)


def offer_next(incident: Incident, now: dt.datetime) -> Happening | None:
    """The next patrol, if the step has begun and nobody is asked or on the way."""
    progress = incident.progress
    here = [guard for guard in progress.guards if guard.state is not GuardState.DECLINED]
    silent = progress.reported is Outcome.NOBODY
    if here and not silent:
        return _told(incident, here[-1].guard, now) if here[-1].state is GuardState.OFFERED else None
    asked = {guard.guard for guard in progress.guards}
    patrol = next((id_ for id_ in progress.facts.patrols if id_ not in asked), None)
    if patrol is None:
        return None if silent else Alerted(Alert.GUARD_SILENT, now)
    return GuardMoved(
        no=len(progress.guards) + 1,
        guard=patrol,
        state=GuardState.OFFERED,
        position=Position.OUTSIDE,
        guards=1,
        report=None,
        billable=progress.facts.guard_billable,
        due_at=now + ACCEPT_WITHIN,
        note=None,
    )


def _told(incident: Incident, guard: int, now: dt.datetime) -> Happening | None:
    told = any(e.template == GUARD_OFFER and e.to == f"guard:{guard}" for e in incident.progress.effects)
    return None if told else to_guard(incident, guard, now, ACCEPT_WITHIN)
