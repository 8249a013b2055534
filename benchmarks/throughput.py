"""How many messages a second: ours beside its peers, every kind of connection, several processes, a slow disk.

In: a running benchmark. Out: rows. "To reach" is what the station was built for, on two cores.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.bench import Bench, Findings, line
from benchmarks.database import slow_disk
from benchmarks.load import Load, Measured
from benchmarks.results import PEERS, Side
from benchmarks.rounds import Rounds
from benchmarks.servers import NotInstalled, Server, pysiaalarm, receiver, twin

_OURS: Final = "ours"
_REACH: Final = {
    500: "50,000; 0.95 of the twin, 0.45 of the store off, 3 times pysiaalarm",
    2000: "50,000; 1.1 of the twin",
}


def persistent(bench: Bench) -> Findings:
    """500 and 2,000 connections, ours and its peers."""
    starts: Mapping[str, Callable[[], contextlib.AbstractContextManager[Server]]] = {
        _OURS: lambda: receiver(bench.place, bench.folder),
        "twin": lambda: twin(bench.place, bench.folder),
        "store off": lambda: receiver(bench.place, bench.folder, stores=False),
        "pysiaalarm": lambda: pysiaalarm(bench.folder),
    }
    lines, sides = [], []
    with contextlib.ExitStack() as stack:
        servers: dict[str, Server] = {}
        missing: dict[str, str] = {}
        for name, start in starts.items():
            try:
                servers[name] = stack.enter_context(start())
            except NotInstalled as why:
                missing[name] = str(why)
        for connections, reach in _REACH.items():
            trials = _trials(bench, servers, Load(connections=connections))
            rounds = bench.alternate(trials)
            what = f"{connections:,} connections"
            lines.append(line(f"ACKs, {what}", reach, rounds, _OURS))
            sides.append(_side(what, rounds, missing))
    return Findings(lines, sides)


def _side(what: str, rounds: Rounds, missing: Mapping[str, str]) -> Side:
    peers = {
        peer: missing[peer] if peer in missing else (rounds.rate(peer), rounds.ratio(_OURS, peer)) for peer in PEERS
    }
    return Side(what=what, ours=rounds.rate(_OURS), peers=peers)


def one_connection_a_message(bench: Bench) -> Findings:
    """Connect, report, ACK, close; at most 64 at once."""
    return _alone(bench, "ACKs, one connection a message", "15,000", Load(connections=64, mode="connect"))


def datagrams(bench: Bench) -> Findings:
    """UDP."""
    return _alone(bench, "ACKs by UDP, 500 sockets", "35,000", Load(connections=500, mode="udp"))


def link_tests(bench: Bench) -> Findings:
    """`NULL`, which touches no table."""
    return _alone(bench, "link tests, 500 connections", "80,000", Load(connections=500, kind="null"))


def offered(bench: Bench) -> Findings:
    """5,000 a second, as they come."""
    what = "ACKs at 5,000 a second offered, 500 connections"
    return _alone(bench, what, "p50 3 ms, p99 15 ms", Load(connections=500, rate=5000.0))


def _alone(bench: Bench, what: str, reach: str, load: Load) -> Findings:
    with receiver(bench.place, bench.folder) as server:
        rounds = bench.alternate(_trials(bench, {_OURS: server}, load))
    return Findings([line(what, reach, rounds, _OURS)])


def two_receivers(bench: Bench) -> Findings:
    """Two processes behind one port against one."""
    with receiver(bench.place, bench.folder) as one, receiver(bench.place, bench.folder, processes=2) as two:
        rounds = bench.alternate(_trials(bench, {"one": one, "two": two}, Load(connections=2000)))
    found = f"{rounds.ratio('two', 'one'):.2f} of one process: {rounds.rate('two'):,.0f} a second"
    return Findings([line("two receiver processes, 2,000 connections", "reported", rounds, "two", found)])


def slow_commits(bench: Bench) -> Findings:
    """A disk that takes 5 ms for each commit."""
    with receiver(bench.place, bench.folder) as server:

        def slowly(run: Callable[[], Measured]) -> Measured:
            with slow_disk(bench.cluster):
                return run()

        at_once = _trials(bench, {_OURS: server}, Load(connections=2000))[_OURS]
        rounds = bench.alternate({"this disk": at_once, "slow disk": functools.partial(slowly, at_once)})
    found = f"{rounds.ratio('slow disk', 'this disk'):.2f} of this disk: {rounds.rate('slow disk'):,.0f} a second"
    what = "slow disk (5 ms more a commit), 2,000 connections"
    return Findings([line(what, "reported: most of the throughput", rounds, "slow disk", found)])


def _trials(bench: Bench, servers: Mapping[str, Server], load: Load) -> dict[str, Callable[[], Measured]]:
    return {name: functools.partial(bench.run, server, load) for name, server in servers.items()}
