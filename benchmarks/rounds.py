"""Rounds that alternate: only what ran within the same seconds can be compared.

In: trials by name, each one run. Out: every round of each, with the machine's calibration before it, their medians,
and ratios that were taken within a round.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

import attrs

from benchmarks.calibration import Calibration
from benchmarks.load import Measured


@attrs.frozen
class Round:
    """One run of each trial."""

    calibration: Calibration
    runs: Mapping[str, Measured]


@attrs.frozen
class Rounds:
    """What they all gave."""

    rounds: Sequence[Round]

    def median(self, trial: str, figure: Callable[[Measured], float]) -> float:
        """Of one figure of one trial."""
        return statistics.median(figure(one.runs[trial]) for one in self.rounds)

    def rate(self, trial: str) -> float:
        """Messages a second."""
        return self.median(trial, lambda run: run.rate)

    def ratio(self, trial: str, other: str) -> float:
        """The rate of `trial` against that of `other`."""
        return statistics.median(one.runs[trial].rate / one.runs[other].rate for one in self.rounds)

    @property
    def echo_rate(self) -> float:
        """Of the C server."""
        return statistics.median(one.calibration.echo_rate for one in self.rounds)

    @property
    def commit_s(self) -> float:
        """Of the disk."""
        return statistics.median(one.calibration.commit_s for one in self.rounds)


def alternating(
    trials: Mapping[str, Callable[[], Measured]], count: int, calibrate: Callable[[], Calibration]
) -> Rounds:
    """`count` rounds. Every other one goes the other way round, so that nobody is always first."""
    rounds = []
    for n in range(count):
        calibration = calibrate()
        order = list(trials)[:: -1 if n % 2 else 1]
        runs = {name: trials[name]() for name in order}
        rounds.append(Round(calibration, runs))
    return Rounds(rounds)
