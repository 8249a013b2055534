"""Supervised sites without a database: rows as the store would give them."""

from __future__ import annotations

import os

from receiver.supervision.arrays import PathArrays, new_memory
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from station.paths import Category, CategoryTimes, Path
from station.store.paths import PathChanges, PathRow

#: A station of few paths: less to map than a whole one.
ROOM = 4096
#: EN 50136-1 table 1, as the facts have it: seconds.
TIMES = {
    Category.SP1: CategoryTimes(32 * 86400),
    Category.SP2: CategoryTimes(25 * 3600),
    Category.SP3: CategoryTimes(30 * 60),
    Category.SP4: CategoryTimes(3 * 60),
    Category.SP5: CategoryTimes(90),
    Category.SP6: CategoryTimes(20),
    Category.DP1: CategoryTimes(25 * 3600, 50 * 3600, 25 * 3600),
    Category.DP2: CategoryTimes(30 * 60, 25 * 3600, 30 * 60),
    Category.DP3: CategoryTimes(3 * 60, 25 * 3600, 3 * 60),
    Category.DP4: CategoryTimes(90, 5 * 3600, 90),
}


def no_paths(settings: SupervisionSettings | None = None) -> Paths:
    """A receiver that knows no path yet."""
    memory = new_memory(ROOM)
    paths = Paths(PathArrays(memory), settings or SupervisionSettings())
    os.close(memory)  # the arrays have it mapped; hundreds of examples would use up all descriptors
    paths.times = TIMES
    return paths


def rows(account: int, *paths: Path, first_slot: int, heard_s: float = 0.0, grade: int | None = None) -> list[PathRow]:
    """The rows of one account; its slots follow each other."""
    return [
        PathRow(
            slot=first_slot + place,
            account=account,
            grade=grade,
            path=path,
            heard_s=heard_s,
            sent_s=0.0,
            signal_s=0.0,
            source=0,
            armed=None,
        )
        for place, path in enumerate(paths)
    ]


def add(known: Paths, account: int, *paths: Path, heard_s: float = 0.0, grade: int | None = None) -> list[int]:
    """Let `known` know an account; its slots."""
    added = rows(account, *paths, first_slot=known.arrays.used, heard_s=heard_s, grade=grade)
    known.apply(PathChanges(known.last_change + 1, [], added))
    return [row.slot for row in added]


def of(category: Category, number: int = 1) -> Path:
    """A path of a category, told by its network path if it is not the first."""
    return Path(number=number, category=category, network_path=None if number == 1 else number)
