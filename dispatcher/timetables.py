"""What accounts promised to do by a time: close, open, restore.

In: an account after an opening, a closing or an alarm. Out: rows of what is due, which `duties.py` reports when it is
not done.
"""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo

from station.action_plans import Armed
from station.schedules import Judgement, judge, next_due, schedule_from_json
from station.store import expected
from station.store.database import Session
from station.store.facts import Known

ARM_REMINDER = "arm_reminder"
EARLY_TO_OPEN = Judgement.EARLY_TO_OPEN.value


async def expect(session: Session, account: int, known: Known, now: dt.datetime) -> None:
    """Compute anew what is due from this account."""
    armed = await expected.armed_of(session, account)
    due: list[tuple[str, str, dt.datetime]] = []
    if known.schedule is not None:
        state = None if not armed else Armed.DISARMED not in armed.values()
        found = next_due(schedule_from_json(json.loads(known.schedule)), now, state)
        if found is not None:
            due.append((found.what.value, "", found.at))
    if known.arm_reminder is not None and Armed.DISARMED in armed.values():
        due.append((ARM_REMINDER, "", _next_local(known.arm_reminder, known.time_zone, now)))
    await expected.expect(session, account, due)


def opened_early(known: Known, at: dt.datetime) -> bool:
    """Whether an opening at `at` is outside what the timetable says."""
    if known.schedule is None:
        return False
    return judge(schedule_from_json(json.loads(known.schedule)), at, opening=True) is Judgement.EARLY_TO_OPEN


def _next_local(time: dt.time, zone: str, now: dt.datetime) -> dt.datetime:
    local = now.astimezone(zoneinfo.ZoneInfo(zone))
    at = local.replace(hour=time.hour, minute=time.minute, second=0, microsecond=0)
    return (at if at > local else at + dt.timedelta(days=1)).astimezone(dt.UTC)
