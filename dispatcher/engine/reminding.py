"""What a timer that came due means: somebody is called to attention.

In: an incident with a timer that came due. Out: the next event, or None where another rule answers the timer.
EN 50518: hold-up and fire are answered within 60 s, all others within 180 s.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dispatcher.engine.messages import to_duty
from station.action_plans import Do, Step
from station.incident_events import Happening
from station.incidents import Incident, Taken
from station.plan_events import Alert, Alerted, EffectMoved, EffectState
from station.progress import Progress

#: The duty telephone is rung for what may be an alarm; conditions wait for a console.
RUNG_FOR: Final = 3
_AGAIN_S: Final = 900
LATE: Final = "not delivered in time"


def remind(incident: Incident, step: Step | None, now: dt.datetime) -> Happening | None:
    """What follows from the first timer that came due."""
    progress = incident.progress
    for name in progress.due:
        match name.partition(":")[0]:
            case "untaken":
                return _untaken(incident, now)
            case "idle":
                holder_s = progress.facts.limits.holder_s(incident.priority)
                return Alerted(Alert.HOLDER_IDLE, now + dt.timedelta(seconds=holder_s))
            case "guard":
                return Alerted(Alert.GUARD_SILENT, now)
            case "effect":
                return EffectMoved(int(name.partition(":")[2]), EffectState.STALE, LATE)
            case "step" if step is None or step.do is not Do.WAIT:
                return Alerted(Alert.STEP_OVERDUE, now + _again(step))
            case _:
                continue
    return None


def _again(step: Step | None) -> dt.timedelta:
    return dt.timedelta(seconds=_AGAIN_S if step is None else max(step.within_s, _AGAIN_S))


def _untaken(incident: Incident, now: dt.datetime) -> Happening:
    progress = incident.progress
    if isinstance(incident.state, Taken):
        return Alerted(Alert.UNTAKEN_HALF, now + dt.timedelta(seconds=_AGAIN_S))
    limit = dt.timedelta(seconds=progress.facts.limits.untaken_s(incident.priority))
    if not progress.warned:
        return Alerted(Alert.UNTAKEN_HALF, now + limit / 2)
    if incident.priority <= RUNG_FOR and not _rung(progress):
        return to_duty(incident, now)
    return Alerted(Alert.UNTAKEN_LIMIT, now + max(limit, dt.timedelta(seconds=_AGAIN_S)))


def _rung(progress: Progress) -> bool:
    """The duty telephone was rung in this very turn."""
    last = progress.effects[-1] if progress.effects else None
    return last is not None and last.to == "duty" and last.state is EffectState.QUEUED
