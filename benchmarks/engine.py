"""The engine: signals into incidents, the next of many waiting, due timers, and a killed dispatcher's work taken over.

In: a running benchmark. Out: rows. Signals lie in a lane before the clock starts; every batch is committed (fsync on).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

import trio

from benchmarks.bench import Bench, Findings
from benchmarks.database import new_place
from benchmarks.load import FIRST_ACCOUNT, percentile
from benchmarks.results import Line
from dispatcher.desk import Desk
from dispatcher.follow import work_off
from dispatcher.timers import fire_due
from station.languages import Language
from station.operators import Operator, Role
from station.own_signals import own_signal
from station.signals import Kind, Qualifier, Signal
from station.store.database import Database, open_database
from station.store.lanes import open_lane
from station.store.queries import queries_beside
from station.store.signals import row_of, write_rows

T = TypeVar("T")

_SQL = queries_beside(__file__)
_ACCOUNTS: Final = 10_000
_SLICE: Final = 2000
#: What panels report, as a station sees it: alarms, conditions, arming.
_KINDS: Final = (
    *[Kind.BURGLARY] * 30, *[Kind.FIRE] * 3, *[Kind.TAMPER] * 5, *[Kind.POWER] * 20, *[Kind.TROUBLE] * 20,
    *[Kind.OPEN_CLOSE] * 15, *[Kind.PANIC_HOLDUP] * 2, *[Kind.TEST] * 5,
)  # fmt: skip
_TAKEN: Final = 500
_LEASE_S: Final = 60.0


def engine(bench: Bench) -> Findings:
    """Everything that the dispatcher does with signals, and with time."""
    many = 20_000 if bench.size.rounds < 3 else 100_000
    signals = 10_000 if bench.size.rounds < 3 else 40_000
    lines = [
        _into_incidents(bench, signals),
        *_waiting(bench, many),
        _to_the_queue(bench, 5 if bench.size.rounds < 3 else 15),
        _taken_over(bench),
    ]
    return Findings(lines)


def _into_incidents(bench: Bench, count: int) -> Line:
    place = new_place(bench.cluster, bench.folder, "engine", _ACCOUNTS)

    async def measure() -> float:
        async with _writing(place.database_url) as write, _as(place.database_url, "sereno_dispatcher") as database:
            await write(mixed(count, random.Random(1)))
            began = time.perf_counter()
            while await work_off(database):
                pass
            return count / (time.perf_counter() - began)

    rate = trio.run(measure)
    what = f"signals into incidents with all plans, one dispatcher, {count:,} signals of {_ACCOUNTS:,} accounts"
    return Line(what=what, found=f"{rate:,.0f} signals/s", reach="10,000 signals/s")


def _waiting(bench: Bench, many: int) -> Sequence[Line]:
    place = new_place(bench.cluster, bench.folder, "waiting", many)

    async def measure() -> tuple[list[float], float]:
        async with (
            _writing(place.database_url) as write,
            _as(place.database_url, "sereno_dispatcher") as database,
            _as(place.database_url, "sereno_console") as console,
            _as(place.database_url, "sereno_owner") as owner,
        ):
            await write(one_each(many))
            while await work_off(database):
                pass
            taken = await _take(Desk(console, lease_s=_LEASE_S), await _operator(owner))
            await owner.execute(_SQL["all_due"])
            began = time.perf_counter()
            while await fire_due(database):
                pass
            return taken, time.perf_counter() - began

    taken, timers_s = trio.run(measure)
    return [
        Line(
            what=f"taking the next of {many:,} waiting incidents",
            found=f"{1000 * percentile(taken, 99):.1f} ms",
            reach="p99 10 ms",
            p50_s=percentile(taken, 50),
            p99_s=percentile(taken, 99),
        ),
        Line(
            what=f"{many:,} timers that are due at once, worked off by one dispatcher",
            found=f"{timers_s:.0f} s",
            reach="60 s for 100,000",
        ),
    ]


async def _take(desk: Desk, operator: Operator) -> list[float]:
    taken = []
    for _ in range(_TAKEN):
        began = time.perf_counter()
        await desk.take_next(operator)
        taken.append(time.perf_counter() - began)
    return sorted(taken)


def _to_the_queue(bench: Bench, seconds: int) -> Line:
    """Signals committed at 1,000 a second; how long until each has its incident."""
    place = new_place(bench.cluster, bench.folder, "latency", _ACCOUNTS)
    rate = 1000

    async def measure() -> list[float]:
        async with (
            _dispatching(place.database_url),
            _writing(place.database_url) as write,
            _as(place.database_url, "sereno_owner") as owner,
        ):
            await _until(owner, "alone")
            numbers = random.Random(2)
            for tick in range(seconds * 20):
                due = trio.current_time() + 1 / 20
                await write(mixed(rate // 20, numbers, offset=tick))
                await owner.execute("notify signal")
                await trio.sleep_until(due)
            await trio.sleep(2)
            rows = await owner.fetch(_SQL["delays"])
            return sorted(float(row["delay_s"]) for row in rows)

    delays = trio.run(measure)
    return Line(
        what=f"signal committed to incident on the queue, 1,000 signals/s, {len(delays):,} incidents",
        found=f"{1000 * percentile(delays, 99):.0f} ms",
        reach="p99 200 ms",
        p50_s=percentile(delays, 50),
        p99_s=percentile(delays, 99),
    )


def _taken_over(bench: Bench) -> Line:
    """One of two dispatchers is killed; how long until the other holds all shards."""
    place = new_place(bench.cluster, bench.folder, "takeover", 10)

    async def measure() -> float:
        async with _as(place.database_url, "sereno_owner") as owner, contextlib.AsyncExitStack() as both:
            first, _ = [await both.enter_async_context(_dispatching(place.database_url)) for _ in range(2)]
            await _until(owner, "shared")
            first.send_signal(signal.SIGKILL)
            began = time.perf_counter()
            await _until(owner, "alone")
            return time.perf_counter() - began

    seconds = trio.run(measure)
    return Line(what="shards of a killed dispatcher taken over by another", found=f"{seconds:.1f} s", reach="10 s")


async def _until(owner: Database, question: str) -> None:
    with trio.fail_after(60):
        while not (await owner.fetch(_SQL[question]))[0]["so"]:  # noqa: ASYNC110 - the database is asked
            await trio.sleep(0.02)


@contextlib.asynccontextmanager
async def _dispatching(url: str) -> AsyncIterator[trio.Process]:
    command = [sys.executable, "-m", "sereno", "dispatcher", "--database-url", url, "--metrics-port", "0"]
    process = await trio.lowlevel.open_process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


@contextlib.asynccontextmanager
async def _as(url: str, role: str) -> AsyncIterator[Database]:
    async with open_database(url, role) as database:
        yield database


@contextlib.asynccontextmanager
async def _writing(url: str) -> AsyncIterator[Callable[[Sequence[Signal]], Awaitable[None]]]:
    """Commits signals in a lane of its own."""
    async with _as(url, "sereno_receiver") as database, database.dedicated() as connection:
        lane = await open_lane(connection, "benchmark", dt.datetime.now(dt.UTC))
        place = 1

        async def write(signals: Sequence[Signal]) -> None:
            nonlocal place
            for first in range(0, len(signals), _SLICE):
                rows = [row_of(one) for one in signals[first : first + _SLICE]]
                await write_rows(connection, lane, place, rows)
                place += len(rows)

        yield write


async def _operator(owner: Database) -> Operator:
    (row,) = await owner.fetch(_SQL["operator"])
    return Operator(row["id"], "bench", Role.OPERATOR, Language.EN)


def mixed(count: int, numbers: random.Random, offset: int = 0) -> list[Signal]:
    """What panels report in so many signals."""
    return [_mixed(numbers, f"{offset}.{n}") for n in range(count)]


def _mixed(numbers: random.Random, occasion: str) -> Signal:
    kind = numbers.choice(_KINDS)
    qualifier = Qualifier.RESTORE if numbers.random() < 0.3 else Qualifier.NEW
    if kind is Kind.OPEN_CLOSE:
        qualifier = numbers.choice((Qualifier.OPENING, Qualifier.CLOSING))
    return _signal(numbers.randrange(_ACCOUNTS), kind, qualifier, occasion, f"{numbers.randint(1, 8):03}")


def one_each(accounts: int) -> list[Signal]:
    """One trouble of each account."""
    return [_signal(number, Kind.TROUBLE, Qualifier.NEW, str(number), "001") for number in range(accounts)]


def _signal(number: int, kind: Kind, qualifier: Qualifier, occasion: str, zone: str) -> Signal:
    return own_signal(
        dt.datetime.now(dt.UTC),
        kind,
        qualifier,
        account=f"{FIRST_ACCOUNT + number:X}",
        account_id=number + 1,
        text="",
        occasion=occasion,
        point=zone,
    )
