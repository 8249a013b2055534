"""A station in virtual time: the clock is moved to whatever is due next, and everything due is done before it moves on.

In: a database made with virtual time, and a provider. Out: hours and years of timers, timetables, tests and messages in
seconds, through the same functions that a dispatcher at work calls.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final

import attrs

from dispatcher.duties import Duty, overdue_signals, test_signals
from dispatcher.follow import work_off
from dispatcher.outages import OutageSettings, gather, outage_signals
from dispatcher.outbox import NoProvider, Provider, send_waiting
from dispatcher.reporting import report
from dispatcher.timers import fire_due, return_due, tell_news
from station.store.database import Database
from station.store.install import station_now
from station.store.virtual import next_due_at, shift

#: More rounds at one moment mean that something comes due again and again.
_ROUNDS: Final = 100


@attrs.define
class Rehearsal:
    """One dispatcher's work, done when it is asked for. `commanding` may shift the clock."""

    database: Database
    commanding: Database
    provider: Provider = attrs.field(factory=NoProvider)
    outages: OutageSettings = attrs.field(factory=OutageSettings)
    duty: Duty = attrs.field(factory=lambda: Duty(least=0))

    async def now(self) -> dt.datetime:
        """Station time."""
        return await station_now(self.database)

    async def settle(self, *, duties: bool = True) -> None:
        """Do all that is due at this moment, and all that follows from it; `duties`: also what is looked for."""
        for _ in range(_ROUNDS):
            worked = await work_off(self.database)
            worked += await return_due(self.database)
            worked += await fire_due(self.database)
            worked += await send_waiting(self.database, self.provider)
            worked += await tell_news(self.database)
            if duties:
                worked += await self._duties()
            if not worked:
                return
        raise AssertionError("what is due never ends")

    async def _duties(self) -> int:
        found = 0
        for find in (overdue_signals, test_signals, self.duty.signals):
            found += await report(self.database, find)
        found += await report(self.database, functools.partial(outage_signals, settings=self.outages))
        return found + await gather(self.database, self.outages)

    async def pass_time(self, seconds: float) -> None:
        """Let so much time go by, moment by moment."""
        end = await self.now() + dt.timedelta(seconds=seconds)
        await self.settle()
        while (due := await next_due_at(self.database)) is not None and due < end:
            await self._move_to(due)
            await self.settle()
        await self._move_to(end)
        await self.settle()

    async def _move_to(self, at: dt.datetime) -> None:
        ahead = at - await self.now()
        if ahead > dt.timedelta(0):
            await shift(self.commanding, ahead)
