"""Operators at human speed, and a provider whose texts arrive after a while.

In: the desk, and the time. Out: verbs, each when a person would be done with it. Seven calls of ten are not answered.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from collections.abc import Mapping
from typing import Final

import attrs

from dispatcher import desk_calls, desk_dispatch
from dispatcher.desk import Desk, Lease
from dispatcher.desk_dispatch import AgencyMove, GuardMove
from dispatcher.desk_outages import confirm_outage
from dispatcher.outbox import NotTaken, Taken
from station.action_plans import Do, Outcome, Step
from station.errors import IllegalTransition, Refused
from station.incident_events import Disposition
from station.operators import Operator
from station.plan_events import EffectState
from station.responders import AgencyState, GuardState, Report, Service
from station.response_events import CallOutcome, Line
from station.store import incidents
from station.store.database import Database
from station.store.effects import Message, Recipient
from station.store.incidents import IncidentRow

#: Seconds that a step takes: the median, and how wide it spreads.
SPEED: Final[Mapping[Do, float]] = {
    Do.CALL: 35.0, Do.PASSWORD: 15.0, Do.ASK: 30.0, Do.LOOK: 25.0, Do.TASK: 20.0, Do.GUARD: 20.0, Do.POLICE: 75.0,
    Do.FIRE: 60.0, Do.MEDICAL: 60.0, Do.CLOSE: 15.0,
}  # fmt: skip
_SPREAD: Final = 0.4
#: From the sound to the key that takes the next one.
_REACTS_S: Final = (3.0, 9.0)
_ANSWERED: Final = 0.3
_FAILS: Final = 0.03
#: Until something waits.
NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


@attrs.define
class Carrier:
    """A provider: most texts arrive, some never, none twice."""

    numbers: random.Random
    sent: dict[str, int] = attrs.field(factory=dict)

    async def send(self, message: Message, recipient: Recipient) -> Taken:
        """It is delivered, or the network does not know the number."""
        self.sent[str(message.id)] = self.sent.get(str(message.id), 0) + 1
        if self.numbers.random() < _FAILS:
            raise NotTaken("the network does not know this number")
        return Taken(f"ref-{message.incident}-{message.no}", EffectState.DELIVERED)

    async def ask(self, message: Message) -> EffectState | None:
        """What became of it."""
        return EffectState.DELIVERED if str(message.id) in self.sent else EffectState.QUEUED


@attrs.define
class Worker:
    """One operator: what he holds, and when he is done with what he does."""

    desk: Desk
    database: Database
    operator: Operator
    numbers: random.Random
    next_at: dt.datetime
    lease: Lease | None = None
    #: How urgent what he holds is.
    priority: int = 0
    #: Something more urgent waits, of this priority: what he holds goes back to the queue.
    interrupted_by: int | None = None

    async def act(self, now: dt.datetime) -> None:
        """Do what is due, and say when the next thing is."""
        if self.lease is not None and self.interrupted_by == 1:
            await self._put_back(self.lease)
        if self.lease is None:
            await self._take(now)
            return
        lease = self.lease
        try:
            done = await self._step(lease)
        except (Refused, IllegalTransition):
            done = True
        if done:
            self.lease = self.interrupted_by = None
            self.next_at = now + self._reaction()
        elif self.interrupted_by is not None:
            await self._put_back(lease)
            self.next_at = now + self._reaction()
        else:
            self.next_at = now + dt.timedelta(seconds=await self._duration(lease))

    def hear(self, now: dt.datetime) -> None:
        """Something waits: whoever is free reacts."""
        if self.next_at == NEVER:
            self.next_at = now + self._reaction()

    def hear_while_busy(self, priority: int, now: dt.datetime) -> None:
        """Something more urgent waits: for a life at once, for an alarm when what he does is done."""
        self.interrupted_by = priority
        if priority == 1:
            self.next_at = min(self.next_at, now + self._reaction())

    @property
    def coming(self) -> bool:
        """Whether he is on his way to what waits."""
        return self.interrupted_by is not None or (self.lease is None and self.next_at != NEVER)

    def _reaction(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.numbers.uniform(*_REACTS_S))

    async def _take(self, now: dt.datetime) -> None:
        self.lease = await self.desk.take_next(self.operator)
        if self.lease is None:
            self.next_at = NEVER
            return
        row = await self._row(self.lease)
        self.priority = 0 if row is None else row.incident.priority
        self.next_at = now + dt.timedelta(seconds=await self._duration(self.lease))

    async def _put_back(self, lease: Lease) -> None:
        self.lease = self.interrupted_by = None
        with contextlib.suppress(Refused, IllegalTransition):
            await self.desk.hand_over(lease, None)

    async def _row(self, lease: Lease) -> IncidentRow | None:
        return await incidents.incident_row(self.database, lease.incident)

    async def _duration(self, lease: Lease) -> float:
        row = await self._row(lease)
        step = None if row is None else await self.desk.step_of(self.database, row.incident)
        median = SPEED.get(step.do, 10.0) if step is not None else 10.0
        return median * self.numbers.lognormvariate(0, _SPREAD)

    async def _step(self, lease: Lease) -> bool:
        """Finish the step at which it is; whether the incident is done with."""
        row = await self._row(lease)
        if row is None or not row.incident.open or not await self.desk.renew(lease):
            return True
        step = await self.desk.step_of(self.database, row.incident)
        if row.incident.progress.cancel is not None and row.incident.progress.automatic:
            return False  # the customer has disarmed: nobody calls, and the plan says when it is over
        if step is None or step.do in {Do.CLOSE, Do.SMS, Do.WAIT}:
            return await self._end(lease, row, step)
        await self._finish(lease, row, step)
        return False

    async def _end(self, lease: Lease, row: IncidentRow, step: Step | None) -> bool:
        if step is not None and step.do is not Do.CLOSE:
            await self.desk.hand_over(lease, None)  # the plan goes on by itself
            return True
        note = "worked by the plan"
        await self.desk.close(lease, Disposition.HANDLED, note, row.incident.last_n)
        return True

    async def _finish(self, lease: Lease, row: IncidentRow, step: Step) -> None:
        contact, chance = row.incident.progress.contact, self.numbers.random()
        match step.do:
            case Do.CALL:
                outcome = CallOutcome.ANSWERED if chance < _ANSWERED else CallOutcome.NO_ANSWER
                await desk_calls.attempt(self.desk, lease, contact, Line.PLACED, outcome, "")
            case Do.PASSWORD:
                await desk_calls.refuse_password(self.desk, lease, contact, Line.PLACED)
            case Do.ASK:
                await desk_calls.answer(self.desk, lease, Outcome.FALSE_ALARM if chance < 0.9 else Outcome.REAL, "")
            case Do.LOOK:
                await desk_calls.answer(self.desk, lease, Outcome.UNAVAILABLE, "")
            case Do.TASK if row.incident.progress.members:
                await confirm_outage(self.desk, lease)
            case Do.TASK:
                await desk_calls.answer(self.desk, lease, Outcome.DONE, "")
            case Do.GUARD:
                await self._guard(lease, row)
            case _:
                move = AgencyMove(service=Service(step.do.value), state=AgencyState.ACCEPTED, reason="no answer there")
                await desk_dispatch.move_agency(self.desk, lease, move)

    async def _guard(self, lease: Lease, row: IncidentRow) -> None:
        guards = row.incident.progress.guards
        if not guards:
            await desk_calls.pass_over(self.desk, lease, "no patrol is free")
            return
        for state, report in (
            (GuardState.ACCEPTED, None),
            (GuardState.ON_SITE, None),
            (GuardState.REPORTED, Report.FALSE),
        ):
            await desk_dispatch.move_guard(
                self.desk, lease, GuardMove(guard=guards[-1].guard, state=state, report=report)
            )
