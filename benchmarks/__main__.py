"""`python -m benchmarks`: measure, print two tables, write `RESULTS.md`. Under ten minutes; `--quick` under two."""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from benchmarks import engine, scale, throughput, whole
from benchmarks.bench import Bench, Findings, Size
from benchmarks.calibration import calibrating
from benchmarks.database import new_place, running_postgres, server_version
from benchmarks.load import ACCOUNTS, LoadFailed
from benchmarks.machine import this_machine
from benchmarks.native import NoCompiler
from benchmarks.results import Line, Side, as_markdown
from benchmarks.screen import ScreenFailed
from benchmarks.servers import ServerFailed
from benchmarks.station import StationFailed
from sereno.problems import CannotRun, first_of

_RESULTS: Final = pathlib.Path(__file__).with_name("RESULTS.md")
_WHOLE: Final = Size(rounds=5, seconds=2.5, many_accounts=1_000_000, silent=18_000, alarms=50)
_QUICK: Final = Size(rounds=2, seconds=0.6, many_accounts=100_000, silent=6000, alarms=12)

_PARTS: Final[Mapping[str, Callable[[Bench], Findings]]] = {
    "connections": throughput.persistent,
    "connect": throughput.one_connection_a_message,
    "udp": throughput.datagrams,
    "links": throughput.link_tests,
    "offered": throughput.offered,
    "silent": scale.silent_connections,
    "accounts": scale.accounts,
    "sweep": scale.supervision_sweep,
    "receivers": throughput.two_receivers,
    "disk": throughput.slow_commits,
    "whole": whole.whole_station,
    "engine": engine.engine,
}


def main() -> None:
    """Measure, print, write."""
    told = _told()
    size = _QUICK if told.quick else _WHOLE
    size = attrs.evolve(size, rounds=told.rounds or size.rounds, seconds=told.seconds or size.seconds)
    names = told.only or list(_PARTS)
    lines: list[Line] = []
    sides: list[Side] = []
    with tempfile.TemporaryDirectory(prefix="sereno-bench-") as folder, _bench(pathlib.Path(folder), size) as bench:
        machine = this_machine(bench.folder, server_version(bench.cluster))
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            findings = _found(name, bench)
            lines += findings.lines
            sides += findings.sides
    text = as_markdown(machine, lines, sides)
    print(text)
    if not told.only and not told.quick:
        _RESULTS.write_text(text, encoding="utf-8")


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What a station on this machine stands.")
    parser.add_argument("--quick", action="store_true", help="small rounds; writes nothing")
    parser.add_argument("--only", action="append", choices=list(_PARTS), help="this part; may be given several times")
    parser.add_argument("--rounds", type=int, help="of each part")
    parser.add_argument("--seconds", type=float, help="of each run in a round")
    return parser.parse_args()


@contextlib.contextmanager
def _bench(folder: pathlib.Path, size: Size) -> Iterator[Bench]:
    problem = ""
    try:
        with running_postgres(folder) as cluster, calibrating(folder) as echo:
            place = new_place(cluster, folder, "ordinary", ACCOUNTS)
            yield Bench(folder=folder, cluster=cluster, place=place, calibrating=echo, size=size)
    except* NoCompiler as errors:
        problem = str(first_of(errors))
    except* CannotRun as errors:
        problem = str(first_of(errors))
    if problem:
        sys.exit(f"Nothing was measured. {problem}")


def _found(name: str, bench: Bench) -> Findings:
    try:
        return _PARTS[name](bench)
    except (LoadFailed, ServerFailed, StationFailed, ScreenFailed) as error:
        # The other parts may still go: the row says what is wrong with this one.
        return Findings([Line(what=name, found=f"failed: {' '.join(str(error).split())}")])


if __name__ == "__main__":
    main()
