"""How long one supervision sweep of five million paths takes: `python -m benchmarks.sweep`.

In: nothing. Out: the median in seconds. One path in a thousand is overdue in each sweep, one in a hundred is lost.
"""

from __future__ import annotations

import statistics
import time
from typing import Final

import numpy as np

from receiver.supervision.arrays import PathArrays
from receiver.supervision.sweep import Listening, sweep

PATHS: Final = 5_000_000
_ROUNDS: Final = 15
_NOW_S: Final = 1_700_000_000.0
_LIMIT_S: Final = 180.0


def measure(paths: int = PATHS) -> float:
    """The median time of a sweep, in seconds."""
    arrays = PathArrays()
    chance = np.random.default_rng(1)
    everyone = slice(1, paths + 1)
    arrays.used = paths + 1
    arrays.heard[everyone] = _NOW_S - chance.uniform(0, _LIMIT_S / 1.001, paths)
    arrays.limit[everyone] = chance.choice([_LIMIT_S, 90_000.0], paths)
    arrays.primary[everyone] = arrays.next[everyone] = np.arange(1, paths + 1)
    some = chance.choice(np.arange(1, paths + 1), paths // 100, replace=False)
    arrays.lose(some, _NOW_S)
    late = chance.choice(np.arange(1, paths + 1), paths // 1000, replace=False)
    arrays.heard[late] = _NOW_S - 1e6
    listening = Listening(since_s=0.0, settle_s=600.0, anew_s=0.0)
    took = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        sweep(arrays, _NOW_S, listening)
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def main() -> None:
    """Measure and print."""
    print(f"sweep of {PATHS:,} paths: {measure() * 1000:.1f} ms")


if __name__ == "__main__":
    main()
