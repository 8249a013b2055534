"""What all receiver processes of a host know of each path: columns in one piece of shared memory, a place a slot.

In: slots, as the database gives them. Out: numpy columns. The memory is a file without a name (memfd) whose descriptor
the supervisor hands to each receiver process; it ends with the last of them, so nothing stale is ever found. It is as
long as all columns at their full capacity, and only what is touched takes room: a station grows without a move.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

#: Slots from 1 to this, less one: paths, those deleted included.
CAPACITY: Final = 1 << 25

Slots = npt.NDArray[np.intp]

UNKNOWN: Final = 0
DISARMED: Final = 1
ARMED: Final = 2

_NAME: Final = "sereno-paths"


def new_memory(capacity: int = CAPACITY) -> int:
    """A descriptor of fresh shared memory, to be handed to every receiver process of this host."""
    descriptor = os.memfd_create(_NAME)
    os.ftruncate(descriptor, capacity * _SLOT_BYTES)
    return descriptor


class PathArrays:
    """The columns. Instants are seconds since 1970 by the host's clock, 0 for never."""

    def __init__(self, memory: int | None = None) -> None:
        """`memory`: a descriptor from `new_memory`; without one the arrays are this process's own."""
        self._descriptor = new_memory() if memory is None else memory
        self._memory = mmap.mmap(self._descriptor, 0)
        self.capacity: Final = len(self._memory) // _SLOT_BYTES
        #: Slots below this are in use, as far as this process was told.
        self.used = 1
        whole = memoryview(self._memory)
        offset = 0
        for name, letter in _COLUMNS:
            kind = np.dtype(letter)
            size = kind.itemsize * self.capacity
            setattr(self, name, np.frombuffer(whole[offset : offset + size], kind))
            offset += size
        # A plain memory view is written several times faster than one place of a numpy array.
        self._heard = self.heard.data.cast("B").cast("d")

    #: The last sign of life; until there was one, since when one is waited for.
    heard: npt.NDArray[np.float64]
    #: The newest time inside a frame that a key has proven.
    sent: npt.NDArray[np.float64]
    #: What the database knows of `heard` and `signal`, so that it is told nothing twice.
    told: npt.NDArray[np.float64]
    told_signal: npt.NDArray[np.float64]
    #: How long the path may be silent now; 0: it is not watched. It changes with the primary path's state between:
    limit: npt.NDArray[np.float64]
    limit_up: npt.NDArray[np.float32]
    limit_alone: npt.NDArray[np.float32]
    #: Since when it is lost; kept by the process that sweeps.
    lost: npt.NDArray[np.bool_]
    lost_at: npt.NDArray[np.float64]
    #: The slot of the account's primary path, and of its next path, round and round.
    primary: npt.NDArray[np.int32]
    next: npt.NDArray[np.int32]
    #: Digest of the host that the last frame came from, its network (see `networks.py`), when a change was last shown.
    source: npt.NDArray[np.uint32]
    network: npt.NDArray[np.uint64]
    shown_at: npt.NDArray[np.float64]
    #: A code of signs.TRANSPORT_CODES, 0 for not known, and the name of the receiver, cut to eight bytes.
    transport: npt.NDArray[np.uint8]
    receiver: npt.NDArray[np.bytes_]
    # Of the whole site; kept with its primary path.
    #: EN 50131-1, 0 if not known.
    grade: npt.NDArray[np.uint8]
    #: UNKNOWN, DISARMED or ARMED.
    armed: npt.NDArray[np.uint8]
    #: The last signal that was no link test.
    signal: npt.NDArray[np.float64]

    def claim(self) -> bool:
        """True if this process is the one of its host that tells the database; it stays so until it ends."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def heard_from(self, slot: int, now_s: float) -> None:
        """A sign of life. Slot 0 stands for no path, and may be given."""
        self._heard[slot] = now_s

    def heard_from_many(self, slots: Sequence[int] | Slots, now_s: float) -> None:
        """Signs of life."""
        self.heard[slots] = now_s

    def paths_of(self, slot: int) -> list[int]:
        """The slots of its account, itself first."""
        found, following = [slot], int(self.next[slot])
        while following not in (slot, 0):
            found.append(following)
            following = int(self.next[following])
        return found

    def several(self, slots: Slots) -> Slots:
        """Those of `slots` whose account has more than one path."""
        some: Slots = slots[self.next[slots] != slots]
        return some

    def lose(self, slots: Slots, lost_at_s: float | npt.NDArray[np.float64]) -> None:
        """These are lost: alternative paths must now report more often."""
        self.lost[slots] = True
        self.lost_at[slots] = lost_at_s
        self._set_limits(slots)

    def recover(self, slots: Slots) -> None:
        """These are not lost."""
        self.lost[slots] = False
        self._set_limits(slots)

    def nothing_lies_ahead(self, now_s: float) -> None:
        """The clock was set back: what was heard is as old as can be."""
        for column in (self.heard, self.told, self.lost_at, self.signal, self.told_signal, self.shown_at):
            np.minimum(column[: self.used], now_s, out=column[: self.used])

    def forget(self, slot: int) -> None:
        """The path is gone."""
        self.limit[slot] = 0.0
        self.lost[slot] = False

    def _set_limits(self, changed: Slots) -> None:
        """Alternative paths follow the state of their primary ones."""
        for primary in self.several(changed[self.primary[changed] == changed]).tolist():
            limits = self.limit_alone if self.lost[primary] else self.limit_up
            for slot in self.paths_of(primary)[1:]:
                self.limit[slot] = limits[slot]


_COLUMNS: Final = (
    ("heard", "f8"),
    ("sent", "f8"),
    ("told", "f8"),
    ("told_signal", "f8"),
    ("limit", "f8"),
    ("lost_at", "f8"),
    ("shown_at", "f8"),
    ("signal", "f8"),
    ("network", "u8"),
    ("receiver", "S8"),
    ("limit_up", "f4"),
    ("limit_alone", "f4"),
    ("primary", "i4"),
    ("next", "i4"),
    ("source", "u4"),
    ("lost", "?"),
    ("transport", "u1"),
    ("grade", "u1"),
    ("armed", "u1"),
)
_SLOT_BYTES: Final = sum(np.dtype(letter).itemsize for _, letter in _COLUMNS)
