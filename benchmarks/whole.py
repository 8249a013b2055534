"""The whole station at work, as `sereno run` starts it: dispatcher and console beside the receiver.

In: a running benchmark. Out: rows; these stations have a PostgreSQL of their own.
"""

from __future__ import annotations

import functools
from typing import Final

import trio

from benchmarks.bench import Bench, Findings, line
from benchmarks.database import add_accounts
from benchmarks.load import ACCOUNTS, FIRST_ACCOUNT, Load, percentile
from benchmarks.results import Line
from benchmarks.screen import seconds_to_the_screen
from benchmarks.servers import Server
from benchmarks.station import running_station

_ALARM_EVERY_S: Final = 0.27  # no multiple of the console's own rhythm


def whole_station(bench: Bench) -> Findings:
    """Throughput with everything running, and the way of an alarm to a screen."""
    with running_station(bench.folder / "whole") as station:
        add_accounts(station.database_url, ACCOUNTS)
        alarming = [f"{FIRST_ACCOUNT + n:X}" for n in range(bench.size.alarms)]

        async def to_the_screen() -> list[float]:
            return await seconds_to_the_screen(station, alarming, every_s=_ALARM_EVERY_S)

        seen_s = trio.run(to_the_screen)
        server = Server(port=station.port, pids=(), started_in_s=0.0)
        rounds = bench.alternate({"ours": functools.partial(bench.run, server, Load(connections=500))})
    busy = line("ACKs, 500 connections, dispatcher and console at work too", "", rounds, "ours")
    screen = Line(
        what=f"an alarm's way from its ACK to the alarm queue of an open console, {len(seen_s)} alarms",
        found=f"{1000 * percentile(seen_s, 50):.0f} ms",
        p50_s=percentile(seen_s, 50),
        p99_s=percentile(seen_s, 99),
    )
    return Findings([busy, screen])
