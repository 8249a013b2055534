"""What the dispatcher looks after beside incidents: promised times, tests that end, operators on duty.

In: the database. Out: signals of the station's own, which are followed like any other. Each thing is told once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs

from dispatcher.timetables import ARM_REMINDER, EARLY_TO_OPEN, expect
from station.own_signals import own_signal
from station.schedules import Overdue as OverdueKind
from station.signals import Kind, Qualifier, Signal
from station.store import expected
from station.store.database import Session
from station.store.expected import RESTORE, Overdue, StillInAlarm, TestDue
from station.store.facts import known_of
from station.store.install import station_now

_BATCH: Final = 200
DUTY: Final = "DUTY"
#: Reported after so long, so that a change of shift is none.
_SHORT_FOR_S: Final = 120.0
_LATELY_S: Final = 600.0
#: DC-03 names for what a timetable finds.
CODES: Final = {
    OverdueKind.LATE_TO_CLOSE.value: ("CI", "Not closed when it was promised"),
    OverdueKind.FAIL_TO_OPEN.value: ("OI", "Not opened when it was promised"),
    EARLY_TO_OPEN: ("OK", "Opened outside the timetable"),
    ARM_REMINDER: ("REMIND", "Not armed: a reminder goes to the customer"),
}


async def overdue_signals(session: Session) -> Sequence[Signal]:
    """What has not happened in time; what is due next is computed anew."""
    now = await station_now(session)
    found = await expected.overdue(session, _BATCH)
    known = await known_of(session, {one.account for one in found}, now)
    for one in found:
        if one.what != RESTORE:
            await expect(session, one.account, known[one.account], now)
    return [_overdue(one, now) for one in found]


def _overdue(one: Overdue, now: dt.datetime) -> Signal:
    if one.what == RESTORE:
        kind, _, zone = one.subject.partition(" ")
        return own_signal(
            now,
            Kind.TROUBLE,
            Qualifier.NEW,
            account=one.number,
            account_id=one.account,
            text=f"Restore overdue: {kind}, zone {zone or 'not named'}",
            occasion=one.due_at.isoformat(),
            point=zone or None,
        )
    code, text = CODES[one.what]
    return own_signal(
        now,
        Kind.OPEN_CLOSE,
        Qualifier.NEW,
        account=one.number,
        account_id=one.account,
        text=text,
        occasion=one.due_at.isoformat(),
        event_code=code,
    )


async def test_signals(session: Session) -> Sequence[Signal]:
    """Tests that are over: what they leave in alarm. Tests that soon will be: a reminder."""
    now = await station_now(session)
    found: list[Signal] = []
    for test in await expected.tests_due(session):
        if test.over:
            found += [_left(test, left, now) for left in await expected.end_test(session, test.id)]
        else:
            await expected.reminded(session, test.id)
            found.append(_reminder(test, now))
    return found


def _left(test: TestDue, left: StillInAlarm, now: dt.datetime) -> Signal:
    return own_signal(
        now,
        left.kind,
        Qualifier.NEW,
        account=test.number,
        account_id=test.account,
        text="Still in alarm at the end of the test",
        occasion=f"test {test.id}",
        point=left.zone or None,
        event_code=left.event_code,
        area=left.area,
    )


def _reminder(test: TestDue, now: dt.datetime) -> Signal:
    return own_signal(
        now,
        Kind.OPEN_CLOSE,
        Qualifier.NEW,
        account=test.number,
        account_id=test.account,
        text=f"The test ends at {test.ends_at:%H:%M} UTC: extend it, or tell whoever tests",
        occasion=f"reminder {test.id} {test.ends_at.isoformat()}",
        event_code="TESTEND",
    )


@attrs.define
class Duty:
    """Whether enough operators are on duty (INT/316/2011 art. 6.2, EN 50518: never fewer than two)."""

    least: int = 2
    _short_since: dt.datetime | None = None
    _told: bool = False

    async def signals(self, session: Session) -> Sequence[Signal]:
        """A report once there are too few for a while, and its end."""
        now = await station_now(session)
        count = await expected.operators_on_duty(session, _LATELY_S)
        if count >= self.least:
            was, self._told, self._short_since = self._told, False, None
            return [self._report(now, Qualifier.RESTORE, count)] if was else []
        self._short_since = self._short_since or now
        if self._told or (now - self._short_since).total_seconds() < _SHORT_FOR_S:
            return []
        self._told = True
        return [self._report(now, Qualifier.NEW, count)]

    def _report(self, now: dt.datetime, qualifier: Qualifier, count: int) -> Signal:
        return own_signal(
            now,
            Kind.STATION,
            qualifier,
            account=DUTY,
            account_id=None,
            text=f"{count} operators on duty; there must be {self.least}",
            occasion=now.isoformat(timespec="seconds"),
        )
