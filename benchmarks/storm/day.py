"""The day itself: the clock is moved to whatever comes next, a signal, a timer or a person who is done.

In: sites, operators, a seed, and a database of its own. Out: what was seen.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

import attrs

from benchmarks.storm.people import Carrier, Worker
from benchmarks.storm.scenario import DAY_S, Report, storm
from dispatcher.desk import Desk
from dispatcher.rehearsal import Rehearsal
from dispatcher.replay import replay
from station.languages import Language
from station.operators import Operator, Role
from station.own_signals import own_signal
from station.signals import Signal
from station.store.database import Connection, Database, open_database
from station.store.lanes import open_lane
from station.store.queries import queries_beside
from station.store.signals import row_of, write_rows
from station.store.virtual import next_due_at, shift

_SQL = queries_beside(__file__)
#: Duties that look for what is overdue are done so often; timers and messages at their moment.
_DUTIES_EVERY: Final = dt.timedelta(minutes=5)
_SAMPLED_EVERY: Final = dt.timedelta(minutes=10)
#: Life before alarms before conditions, by priority: only for a higher class somebody stops what he does.
CLASSES: Final = (0, 0, 1, 1, 2, 2)
#: Leases run on real time, and a virtual day is minutes long.
_LEASE_S: Final = 3600.0


@attrs.frozen(kw_only=True)
class Seen:
    """What the day was like. Waits in seconds by class; the queue by hour of the day and priority."""

    signals: int
    incidents: int
    waits: dict[str, list[float]]
    queue: list[tuple[float, dict[int, int]]]
    open_without_due: int
    sent_twice: int
    messages: int
    closed: int
    outages: int
    members: int
    outages_open: int
    replayed: int
    replayed_differently: Sequence[int]


async def spend(url: str, sites: int, operators: int, seed: int) -> Seen:
    """Live through the day."""
    numbers = random.Random(seed)
    carrier = Carrier(numbers)
    async with (
        open_database(url, "sereno_dispatcher") as dispatching,
        open_database(url, "sereno_command") as commanding,
        open_database(url, "sereno_console") as console,
        open_database(url, "sereno_owner") as owner,
        open_database(url, "sereno_receiver") as receiving,
        receiving.dedicated() as connection,
    ):
        await owner.execute(_SQL["sites"], sites)
        await owner.execute(_SQL["agreements"])
        rehearsal = Rehearsal(dispatching, commanding, carrier)
        begin = await rehearsal.now()
        desk = Desk(console, lease_s=_LEASE_S)
        workers = [
            Worker(desk, console, await _operator(owner, n), numbers, begin + dt.timedelta(seconds=n))
            for n in range(operators)
        ]
        day = _Day(rehearsal, commanding, connection, owner, workers, begin)
        await day.live(storm(sites, seed))
        return await _seen(owner, day, carrier)


async def _operator(owner: Database, number: int) -> Operator:
    (row,) = await owner.fetch(_SQL["operator"], f"operator {number}")
    return Operator(row["id"], f"operator {number}", Role.OPERATOR, Language.EN)


@attrs.define
class _Day:
    rehearsal: Rehearsal
    commanding: Database
    connection: Connection
    owner: Database
    workers: list[Worker]
    begin: dt.datetime
    queue: list[tuple[float, dict[int, int]]] = attrs.field(factory=list)
    signals: int = 0
    lane: int = 0
    now: dt.datetime = attrs.field(init=False)

    async def live(self, reports: Sequence[Report]) -> None:
        self.now = self.begin
        self.lane = await open_lane(self.connection, "storm", self.begin)
        coming = list(reversed(reports))
        end = self.begin + dt.timedelta(seconds=DAY_S)
        duties = sampled = self.begin
        while self.now < end:
            due = await next_due_at(self.rehearsal.database)
            moments = [end, duties, sampled, *(worker.next_at for worker in self.workers)]
            if coming:
                moments.append(self._moment(coming[-1]))
            if due is not None:
                moments.append(due)
            await self._move_to(min(moments))
            came = []
            while coming and self._moment(coming[-1]) <= self.now:
                came.append(coming.pop())
            await self._report(came)
            full = duties <= self.now
            await self.rehearsal.settle(duties=full)
            await self._ring()
            if full:
                duties = self.now + _DUTIES_EVERY
            if sampled <= self.now:
                await self._sample()
                sampled = self.now + _SAMPLED_EVERY
            for worker in self.workers:
                if worker.next_at <= self.now:
                    await worker.act(self.now)

    async def _ring(self) -> None:
        """Whoever is free hears what waits; if nobody is, whoever does what is least urgent."""
        waiting = [row["priority"] for row in await self.owner.fetch(_SQL["waiting"])]
        if not waiting:
            return
        for worker in self.workers:
            worker.hear(self.now)
        first = min(waiting)
        least = max(self.workers, key=lambda worker: worker.priority)
        if not any(worker.coming for worker in self.workers) and CLASSES[first] < CLASSES[least.priority]:
            least.hear_while_busy(first, self.now)

    def _moment(self, report: Report) -> dt.datetime:
        return self.begin + dt.timedelta(seconds=report.at_s)

    async def _move_to(self, at: dt.datetime) -> None:
        ahead = at - await self.rehearsal.now()
        if ahead > dt.timedelta(0):
            await shift(self.commanding, ahead)
        self.now = max(at, self.now)

    async def _report(self, came: Sequence[Report]) -> None:
        if came:
            rows = [row_of(_signal(one, self.now, self.signals + n)) for n, one in enumerate(came)]
            await write_rows(self.connection, self.lane, self.signals + 1, rows)
            self.signals += len(came)

    async def _sample(self) -> None:
        rows = await self.owner.fetch(_SQL["waiting"])
        hour = (self.now - self.begin).total_seconds() / 3600
        self.queue.append((hour, {row["priority"]: row["waiting"] for row in rows}))


def _signal(report: Report, now: dt.datetime, number: int) -> Signal:
    return own_signal(
        now,
        report.kind,
        report.qualifier,
        account=f"S{report.site}",
        account_id=report.site + 1,
        text="",
        occasion=str(number),
        point=report.zone or None,
        event_code=report.code,
        area="1",
    )


async def _seen(owner: Database, day: _Day, carrier: Carrier) -> Seen:
    waits: dict[str, list[float]] = {}
    for row in await owner.fetch(_SQL["waits"]):
        waits.setdefault(row["class"], []).append(float(row["wait_s"]))
    (totals,) = await owner.fetch(_SQL["totals"])
    ids = [row["id"] for row in await owner.fetch(_SQL["ids"])]
    different = [id_ for id_ in ids if not (await replay(owner, id_)).same]
    return Seen(
        signals=day.signals,
        incidents=totals["incidents"],
        waits={name: sorted(found) for name, found in waits.items()},
        queue=day.queue,
        open_without_due=totals["without_due"],
        sent_twice=sum(count > 1 for count in carrier.sent.values()),
        messages=len(carrier.sent),
        closed=totals["closed"],
        outages=totals["outages"],
        members=totals["members"],
        outages_open=totals["outages_open"],
        replayed=len(ids),
        replayed_differently=different,
    )
