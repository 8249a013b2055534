"""What every part of the benchmark is given, and what it gives back."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence

import attrs

from benchmarks import native
from benchmarks.calibration import Calibrating
from benchmarks.database import Place
from benchmarks.load import Load, Measured, measured
from benchmarks.results import Line, Side
from benchmarks.rounds import Rounds, alternating
from benchmarks.servers import Server
from sereno.embedded_postgres import Cluster


@attrs.frozen(kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    #: Of one run of one trial.
    seconds: float
    #: Accounts of the large station.
    many_accounts: int
    #: Connections that say nothing.
    silent: int
    #: Alarms followed to a screen.
    alarms: int


@attrs.frozen(kw_only=True)
class Bench:
    """One benchmark, running."""

    folder: pathlib.Path
    cluster: Cluster
    #: A station with accounts for a load of ordinary size.
    place: Place
    calibrating: Calibrating
    size: Size

    def run(self, server: Server, load: Load, *, when_idle: Callable[[], None] | None = None) -> Measured:
        """One run of the load generator.

        Raises:
            LoadFailed: an answer was wrong or missing.
        """
        generator = native.built("generator", self.folder)
        return measured(
            generator,
            server.port,
            load,
            seconds=self.size.seconds,
            pids=server.pids,
            when_idle=when_idle,
        )

    def alternate(self, trials: Mapping[str, Callable[[], Measured]]) -> Rounds:
        """Every trial once to warm up, then round by round.

        Raises:
            LoadFailed: as `run`.
        """
        for trial in trials.values():
            trial()
        return alternating(trials, self.size.rounds, self.calibrating.now)


@attrs.frozen
class Findings:
    """Rows of the two tables."""

    lines: Sequence[Line]
    sides: Sequence[Side] = ()


def line(what: str, reach: str, rounds: Rounds, trial: str, found: str | None = None) -> Line:
    """The row of one trial; `found` stands for its rate if that is not the point."""
    return Line(
        what=what,
        found=f"{rounds.rate(trial):,.0f} a second" if found is None else found,
        reach=reach,
        p50_s=rounds.median(trial, lambda run: run.p50_s),
        p99_s=rounds.median(trial, lambda run: run.p99_s),
        generator_share=rounds.median(trial, lambda run: run.cpu_share),
        receiver_share=rounds.median(trial, _receivers_share) if rounds.rounds[0].runs[trial].watched else None,
        echo_rate=rounds.echo_rate,
        commit_s=rounds.commit_s,
        rounds=len(rounds.rounds),
    )


def _receivers_share(run: Measured) -> float:
    return sum(one.cpu_s for one in run.watched) / run.seconds
