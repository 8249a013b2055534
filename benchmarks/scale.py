"""What numbers cost: silent connections, accounts, supervised paths.

In: a running benchmark. Out: rows.
"""

from __future__ import annotations

import functools
import resource
from typing import Final

from benchmarks.bench import Bench, Findings, line
from benchmarks.database import new_place
from benchmarks.load import Load, Measured
from benchmarks.machine import resident_bytes
from benchmarks.results import Line
from benchmarks.servers import Server, receiver
from benchmarks.sweep import PATHS, measure

_FEW_ACCOUNTS: Final = 1000
_FEW_SILENT: Final = 300
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
        trial(server, _FEW_SILENT)
    with receiver(bench.place, bench.folder) as server:
        rounds = bench.alternate({"ours": functools.partial(trial, server, silent)})
    # Two receivers that did the same until then; later rounds find the memory of the first one.
    found = f"{(held[1] - held[0]) / (silent - _FEW_SILENT) / 1024:.1f} KiB a connection"
    what = f"2,000 signals a second beside {silent:,} silent connections"
    return Findings([line(what, "p99 50 ms, 4 KiB a connection", rounds, "ours", found)])


def accounts(bench: Bench) -> Findings:
    """A large station against a small one."""
    many = bench.size.many_accounts
    small = new_place(bench.cluster, bench.folder, "few", _FEW_ACCOUNTS)
    large = new_place(bench.cluster, bench.folder, "many", many)
    with receiver(small, bench.folder) as few_server, receiver(large, bench.folder) as many_server:
        more_bytes = resident_bytes(many_server.pids[0]) - resident_bytes(few_server.pids[0])
        rounds = bench.alternate(
            {
                "few": functools.partial(bench.run, few_server, Load(connections=500, accounts=_FEW_ACCOUNTS)),
                "many": functools.partial(bench.run, many_server, Load(connections=500, accounts=many)),
            }
        )
    ratio = f"{rounds.ratio('many', 'few'):.2f} of {_FEW_ACCOUNTS:,} accounts: {rounds.rate('many'):,.0f} a second"
    an_account = f"{more_bytes / (many - _FEW_ACCOUNTS):,.0f} bytes"
    return Findings(
        [
            line(f"{many:,} accounts, 500 connections", "0.90", rounds, "many", ratio),
            Line(what=f"start with {many:,} accounts", found=f"{many_server.started_in_s:.1f} s", reach="10 s"),
            Line(what="resident memory an account", found=an_account, reach="reported; 600 bytes aimed at"),
        ]
    )


def supervision_sweep(_: Bench) -> Findings:
    """One look at every supervised path."""
    return Findings(
        [Line(what=f"supervision sweep of {PATHS:,} paths", found=f"{1000 * measure():.1f} ms", reach="50 ms")]
    )
