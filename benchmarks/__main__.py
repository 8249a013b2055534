"""`python -m benchmarks`: start a station, measure it, print a table, write `RESULTS.md`. Under two minutes."""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

import trio

from benchmarks.generator import Measured, account, percentile
from benchmarks.machine import this_machine
from benchmarks.results import Line, as_markdown
from benchmarks.screen import ScreenFailed, seconds_to_the_screen
from benchmarks.station import Station, StationFailed, running_station

_RESULTS: Final = pathlib.Path(__file__).with_name("RESULTS.md")
_ROUNDS: Final = 3
_SECONDS: Final = 4.0
_MOST_CONNECTIONS: Final = 500
_OFFERED: Final = 1000.0
_ALARMS: Final = 50
_ALARM_EVERY_S: Final = 0.27  # no multiple of the console's own rhythm


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory(prefix="sereno-benchmark-") as temporary:
        folder = pathlib.Path(temporary)
        machine = this_machine(folder)
        alarming = [account(_MOST_CONNECTIONS + n) for n in range(_ALARMS)]
        busy = [account(n) for n in range(_MOST_CONNECTIONS)]
        try:
            with running_station(folder, [*busy, *alarming]) as station:
                lines = [*_throughput(station), _at_a_rate(station), _to_the_screen(station, alarming)]
        except (StationFailed, ScreenFailed) as error:
            sys.exit(f"Nothing was measured. {error}")
    text = as_markdown(machine, lines)
    _RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _throughput(station: Station) -> Sequence[Line]:
    """Rounds alternate, since a machine's speed drifts within minutes."""
    _generated(station, connections=50, seconds=1.0)  # caches fill, connections of the journal open
    rounds: dict[int, list[Measured]] = {50: [], _MOST_CONNECTIONS: []}
    for _ in range(_ROUNDS):
        for connections, measured in rounds.items():
            measured.append(_generated(station, connections=connections, seconds=_SECONDS))
    return [
        _line(f"ACKs a second, {connections} connections, one message in flight on each", measured)
        for connections, measured in rounds.items()
    ]


def _at_a_rate(station: Station) -> Line:
    measured = [_generated(station, connections=50, seconds=_SECONDS, rate=_OFFERED) for _ in range(_ROUNDS)]
    return _line(f"ACK at {_OFFERED:.0f} messages a second offered, 50 connections", measured)


def _line(what: str, measured: Sequence[Measured]) -> Line:
    return Line(
        what=what,
        rate=statistics.median(one.rate for one in measured),
        p50_s=statistics.median(one.p50_s for one in measured),
        p99_s=statistics.median(one.p99_s for one in measured),
        generator_share=statistics.median(one.cpu_share for one in measured),
        measured=f"{_ROUNDS} rounds of {_SECONDS:.0f} s, {sum(one.acknowledged for one in measured):,} ACKs",
    )


def _to_the_screen(station: Station, accounts: Sequence[str]) -> Line:
    async def watched() -> Sequence[float]:
        return await seconds_to_the_screen(station, accounts, every_s=_ALARM_EVERY_S)

    seconds = trio.run(watched)
    return Line(
        what="From an alarm's ACK to the alarm queue of an open console",
        p50_s=percentile(seconds, 50),
        p99_s=percentile(seconds, 99),
        measured=f"{len(seconds)} alarms, one each {_ALARM_EVERY_S} s",
    )


def _generated(station: Station, *, connections: int, seconds: float, rate: float | None = None) -> Measured:
    words = [station.host, str(station.port), "--connections", str(connections), "--seconds", str(seconds)]
    if rate is not None:
        words += ["--rate", str(rate)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.generator", *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StationFailed(f"the generator ended with: {done.stderr.strip().splitlines()[-1]}")
    return Measured(**json.loads(done.stdout))


if __name__ == "__main__":
    main()
