"""Test reports that are awaited: kept as rows with the instant at which each is due, and looked at with every sweep.

In: what the accounts say, what came, the time. Out: signals for reports that did not come, and rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from receiver.supervision import metrics, reports
from receiver.supervision.late_tests import due_at
from receiver.supervision.settings import SupervisionSettings
from station.signals import Signal
from station.store import late_tests as store
from station.store.database import Session
from station.store.late_tests import Due, TestPlan
from station.store.paths import last_change

#: Reports told in one look, and how often plans are compared.
_LIMIT: Final = 2_000
_PLANS_EVERY: Final = dt.timedelta(seconds=10)


class LateTestReports:
    """What the sweeper does about test reports."""

    def __init__(self, session: Session, settings: SupervisionSettings) -> None:
        self._session = session
        self._settings = settings
        #: Up to which change of accounts the plans are known; None: none is.
        self._seen: int | None = None
        self._compare_at: dt.datetime | None = None
        self._late: list[int] = []
        self._given_up: list[int] = []
        self._now = dt.datetime.min.replace(tzinfo=dt.UTC)

    async def look(self, now: dt.datetime) -> list[Signal]:
        """Signals to be committed before `note` is called."""
        self._now = now
        signals = await self._compare_plans(now)
        overdue = await store.overdue(self._session, now, _LIMIT)
        self._late = [plan.account_id for plan in overdue]
        metrics.LATE_TESTS.inc(len(overdue))
        return signals + [
            reports.late_to_test(now, plan.account_id, plan.account, plan.due_at)
            for plan in overdue
            if plan.due_at is not None
        ]

    async def note(self) -> None:
        """What `look` found is told."""
        if self._late:
            await store.mark_late(self._session, self._late, self._now)
        if self._given_up:
            await store.forget(self._session, self._given_up)
        self._late, self._given_up = [], []

    async def excuse(self, began: dt.datetime, ended: dt.datetime) -> None:
        """Nobody listened: a report that may have come meanwhile is awaited one interval later."""
        tolerance = dt.timedelta(seconds=self._settings.late_test_tolerance_s)
        plans = await store.due_while_deaf(self._session, began, ended, self._settings.late_test_tolerance_s)
        await store.write_due(
            self._session,
            [
                _next(plan, plan.due_at - tolerance, self._settings, tested_at=plan.tested_at)
                for plan in plans
                if plan.due_at is not None
            ],
        )

    async def _compare_plans(self, now: dt.datetime) -> list[Signal]:
        """Begin to await what is new; what is not awaited any more is no longer late."""
        if self._compare_at is not None and now < self._compare_at:
            return []
        self._compare_at = now + _PLANS_EVERY
        newest = await last_change(self._session)
        if newest == self._seen:
            return []
        signals: list[Signal] = []
        async for plans in store.plans_changed(self._session, self._seen):
            await store.write_due(
                self._session,
                [_next(plan, now, self._settings, tested_at=plan.tested_at) for plan in plans if plan.every_s],
            )
            signals += ends_of_lateness(plans, now)
            self._given_up += [plan.account_id for plan in plans if not plan.every_s]
        self._seen = newest
        return signals


async def plans_of(session: Session, tests: Mapping[int, float]) -> list[TestPlan]:
    """The plans of accounts whose reports came, by account and time in seconds since 1970."""
    return await store.plans_of(session, list(tests))


def ends_of_lateness(plans: Sequence[TestPlan], now: dt.datetime) -> list[Signal]:
    """What to tell of reports that came: those that were late are not."""
    return [reports.tested_again(now, plan.account_id, plan.account) for plan in plans if plan.late_at is not None]


async def note_tests(
    session: Session, plans: Sequence[TestPlan], tests: Mapping[int, float], settings: SupervisionSettings
) -> None:
    """Await the next reports after those that came."""
    came = {account: dt.datetime.fromtimestamp(at_s, dt.UTC) for account, at_s in tests.items()}
    await store.write_due(
        session,
        [_next(plan, came[plan.account_id], settings, tested_at=came[plan.account_id]) for plan in plans],
    )


def _next(plan: TestPlan, after: dt.datetime, settings: SupervisionSettings, *, tested_at: dt.datetime | None) -> Due:
    every_s = plan.every_s or 0
    due = due_at(after, every_s, plan.time_zone, settings.late_test_tolerance_s)
    return Due(plan.account_id, every_s, plan.time_zone, tested_at, due)
