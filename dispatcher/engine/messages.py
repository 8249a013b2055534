"""The messages that a plan and the engine send.

In: what for, to whom, and `now`. Out: the event that plans one. Whom a message reaches is an id; the words are in
`station/message_texts`.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from station.action_plans import Step, Template
from station.contact_hours import hours_of_json, next_unreachable
from station.incidents import Incident
from station.plan_events import EffectKind, EffectPlanned
from station.progress import Progress

DUTY: Final = "duty"
#: A message that is not delivered by then is told by telephone.
DELIVERED_WITHIN_S: Final = 120
GUARD_OFFER: Final = "guard_offer"
UNTAKEN: Final = "untaken"


def next_no(progress: Progress) -> int:
    """The number of the incident's next message."""
    return len(progress.effects) + 1


def of_step(step: Step, incident: Incident, contact: int, now: dt.datetime) -> EffectPlanned:
    """The message of an SMS step."""
    progress = incident.progress
    not_before = _end_of_quiet(progress, now) if step.quiet else None
    within = dt.timedelta(seconds=step.wait_s or DELIVERED_WITHIN_S)
    return EffectPlanned(
        no=next_no(progress),
        kind=EffectKind.SMS,
        template=(step.template or Template.TROUBLE).value,
        to=f"contact:{contact}",
        urgent=incident.priority == 1,
        not_before=not_before,
        due_at=(not_before or now) + within,
        about=progress.zone,
    )


def of_cancel(incident: Incident, to: int, now: dt.datetime) -> EffectPlanned:
    """That an alarm was taken back, and by whom."""
    progress = incident.progress
    return EffectPlanned(
        no=next_no(progress),
        kind=EffectKind.SMS,
        template=Template.ALARM_CANCELLED.value,
        to=f"contact:{to}",
        urgent=False,
        not_before=None,
        due_at=now + dt.timedelta(seconds=DELIVERED_WITHIN_S),
        about="" if progress.cancel is None else progress.cancel.user,
    )


def to_duty(incident: Incident, now: dt.datetime) -> EffectPlanned:
    """The duty telephone rings: nobody has taken it."""
    return EffectPlanned(
        no=next_no(incident.progress),
        kind=EffectKind.CALL,
        template=UNTAKEN,
        to=DUTY,
        urgent=incident.priority == 1,
        not_before=None,
        due_at=now + dt.timedelta(seconds=DELIVERED_WITHIN_S),
    )


def to_guard(incident: Incident, guard: int, now: dt.datetime, within: dt.timedelta) -> EffectPlanned:
    """A guard is offered the visit."""
    return EffectPlanned(
        no=next_no(incident.progress),
        kind=EffectKind.SMS,
        template=GUARD_OFFER,
        to=f"guard:{guard}",
        urgent=incident.priority == 1,
        not_before=None,
        due_at=now + within,
    )


def _end_of_quiet(progress: Progress, now: dt.datetime) -> dt.datetime | None:
    if progress.facts.quiet_hours is None:
        return None
    return next_unreachable(hours_of_json(progress.facts.quiet_hours), progress.facts.time_zone, now)
