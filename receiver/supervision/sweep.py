"""Which paths have been silent for too long, and which are heard again. Five million paths take some 20 ms.

In: the arrays, the time, and since when anybody has listened at all. Out: slots. Nothing is changed here. A block of
the columns fits into the processor's cache, so each is read from memory once.
"""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from receiver.supervision.arrays import PathArrays, Slots

_BLOCK: Final = 1 << 15


@attrs.frozen
class Listening:
    """Since when silence means something; seconds since 1970."""

    #: The end of the last time in which nobody listened; until `settle_s` later panels that tried then try again.
    since_s: float
    settle_s: float
    #: The end of the last one that was longer than panels try: each path has its whole time from then on.
    anew_s: float


@attrs.frozen
class Swept:
    """What changed: `overdue` were not lost and are too late, `back` were lost and are heard."""

    overdue: Slots
    back: Slots


def sweep(arrays: PathArrays, now_s: float, listening: Listening) -> Swept:
    """Look at every path."""
    silent: list[Slots] = []
    back: list[Slots] = []
    scratch = np.empty(_BLOCK)
    for start in range(0, arrays.used, _BLOCK):
        block = slice(start, min(start + _BLOCK, arrays.used))
        limit = arrays.limit[block]
        latest = np.subtract(now_s, limit, out=scratch[: len(limit)])
        # Few are late, and of those fewer are not lost or not watched: what is looked up for each may cost more.
        late = np.flatnonzero(arrays.heard[block] < latest) + start
        if len(late):
            silent.append(late[~arrays.lost[late] & (arrays.limit[late] > 0)])
        lost = np.flatnonzero(arrays.lost[block]) + start
        if len(lost):
            back.append(lost[(arrays.heard[lost] > arrays.lost_at[lost]) & (arrays.limit[lost] > 0)])
    return Swept(confirmed(arrays, _together(silent), now_s, listening), _together(back))


def confirmed(arrays: PathArrays, silent: Slots, now_s: float, listening: Listening) -> Slots:
    """Those whose silence lies in a time in which somebody listened and the panel had to speak."""
    limit = arrays.limit[silent]
    since_s = np.maximum(arrays.heard[silent], listening.anew_s)
    # An alternative path is held to its shorter time only from when the primary one was known to be lost.
    primary = arrays.primary[silent]
    alone = arrays.lost[primary] & (primary != silent)
    since_s = np.where(alone, np.maximum(since_s, arrays.lost_at[primary]), since_s)
    settled = now_s - listening.since_s > np.minimum(limit, listening.settle_s)
    late: Slots = silent[(now_s - since_s > limit) & settled & ~arrays.lost[silent]]
    return late


def cut_off(arrays: PathArrays, lost: Slots) -> list[int]:
    """The primary slots of accounts among `lost` that have several paths, all of them lost."""
    primaries = np.unique(arrays.primary[arrays.several(lost)]).tolist()
    return [primary for primary in primaries if arrays.lost[arrays.paths_of(primary)].all()]


def _together(found: list[Slots]) -> Slots:
    return np.concatenate(found) if found else np.empty(0, np.intp)
