"""What numbers cost: silent connections, accounts, supervised paths.

In: a running benchmark. Out: rows.
"""

from __future__ import annotations

import functools
import resource
import time
from typing import Final

from benchmarks.bench import Bench, Findings, line
from benchmarks.database import new_place
from benchmarks.load import Load, Measured
from benchmarks.machine import resident_bytes
from benchmarks.results import Line
from benchmarks.servers import Server, ServerFailed, receiver
from benchmarks.sweep import PATHS, measure

_FEW_ACCOUNTS: Final = 1000
#: So few accounts that each of them floods, which is not the question here.
_TALKATIVE: Final = ("--runaway-burst", "1000000", "--runaway-window-signals", "1000000")
_LOADED_WITHIN_S: Final = 120.0
#: So many seconds without growth.
_STILL_S: Final = 4
#: Descriptors that a process needs beside those of silent connections.
_OTHER_DESCRIPTORS: Final = 1500


def silent_connections(bench: Bench) -> Findings:
    """Many connections that say nothing, and 2,000 signals a second beside them."""
    silent = min(bench.size.silent, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - _OTHER_DESCRIPTORS)
    held: list[int] = []

    def trial(server: Server, count: int) -> Measured:
        load = Load(connections=500, rate=2000.0, idle=count)
        return bench.run(server, load, when_idle=lambda: held.append(resident_bytes(server.pids[0])))

    with receiver(bench.place, bench.folder) as server:
        trial(server, silent // 2)
    with receiver(bench.place, bench.folder) as server:
        rounds = bench.alternate({"ours": functools.partial(trial, server, silent)})
    # Two fresh receivers: the first connections live in what loading the accounts left over, the second half does not.
    found = f"{(held[1] - held[0]) / (silent - silent // 2) / 1024:.1f} KiB a connection"
    what = f"2,000 signals a second beside {silent:,} silent connections"
    return Findings([line(what, "p99 50 ms, 4 KiB a connection", rounds, "ours", found)])


def accounts(bench: Bench) -> Findings:
    """A large station against a small one."""
    many = bench.size.many_accounts
    small = new_place(bench.cluster, bench.folder, "few", _FEW_ACCOUNTS)
    large = new_place(bench.cluster, bench.folder, "many", many)
    with (
        receiver(small, bench.folder, *_TALKATIVE) as few_server,
        receiver(large, bench.folder, *_TALKATIVE) as many_server,
    ):
        more_bytes = _settled_bytes(many_server.pids[0]) - resident_bytes(few_server.pids[0])
        rounds = bench.alternate(
            {
                "few": functools.partial(bench.run, few_server, Load(connections=500, accounts=_FEW_ACCOUNTS)),
                "many": functools.partial(bench.run, many_server, Load(connections=500, accounts=many)),
            }
        )
    ratio = f"{rounds.ratio('many', 'few'):.2f} of {_FEW_ACCOUNTS:,} accounts: {rounds.rate('many'):,.0f} a second"
    start = f"start with {many:,} accounts, until panels are answered"
    an_account = f"{more_bytes / (many - _FEW_ACCOUNTS):,.0f} bytes"
    return Findings(
        [
            line(f"{many:,} accounts, 500 connections", "0.90", rounds, "many", ratio),
            Line(what=start, found=f"{many_server.started_in_s:.1f} s", reach="10 s"),
            Line(what="resident memory an account with one path", found=an_account, reach="600 bytes aimed at"),
        ]
    )


def _settled_bytes(pid: int) -> int:
    """Memory of a receiver that has loaded the paths too, which it does while it answers."""
    held = [resident_bytes(pid)]
    give_up_at = time.monotonic() + _LOADED_WITHIN_S
    while len(held) < _STILL_S or held[-1] > 1.001 * held[-_STILL_S]:
        if time.monotonic() > give_up_at:
            raise ServerFailed("a receiver was still loading paths after two minutes")
        time.sleep(1)
        held.append(resident_bytes(pid))
    return held[-1]


def supervision_sweep(_: Bench) -> Findings:
    """One look at every supervised path."""
    return Findings(
        [Line(what=f"supervision sweep of {PATHS:,} paths", found=f"{1000 * measure():.1f} ms", reach="50 ms")]
    )
