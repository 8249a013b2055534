"""What a newcomer may use up, so that panels never feel it.

A connection is a newcomer until it has sent a sound frame of a known account. Hundreds of panels share one carrier's
address, so limits by address bind newcomers only. Limits by account delay; they never drop.
"""

from __future__ import annotations

import collections
from typing import Final, Generic, TypeVar

import attrs

#: EN 50136-1, DP1: an alternative path reports every 50 h at least; a silent panel is not hung up on before.
_LONGEST_SUPERVISION_S: Final = 50 * 3600.0


@attrs.frozen(kw_only=True)
class Limits:
    """All of them, each a setting."""

    unfinished_s: float = 5.0
    """Seconds after which a frame that is still unfinished is passed over; what came behind it counts."""

    idle_s: float = _LONGEST_SUPERVISION_S + 7200.0
    """Seconds after which a panel that says nothing is hung up on."""

    newcomer_idle_s: float = 900.0
    """The same for a newcomer."""

    newcomer_connections: int = 500
    """Open connections of newcomers from one address; at one more, the oldest of them is closed."""

    newcomer_noise_bytes: int = 65_536
    """Bytes that belong to no frame, from one newcomer; then it is closed."""

    newcomer_frames_per_s: int = 1000
    """Frames a second from the newcomers of one address; what is more waits (TCP) or is not answered (UDP)."""

    account_frames_per_s: int = 2000
    """Frames a second of one account; what is more waits."""


C = TypeVar("C")


class Newcomers(Generic[C]):
    """Open connections that are not known yet, oldest first, and the frames of this second by address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_address: dict[str, dict[C, None]] = {}
        self._all: dict[C, str] = {}
        self._frames: collections.Counter[str] = collections.Counter()

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, connection: C) -> bool:
        return connection in self._all

    def add(self, connection: C, address: str) -> C | None:
        """One more; the one to close for it, if its address has too many."""
        mine = self._by_address.setdefault(address, {})
        too_many = next(iter(mine)) if len(mine) >= self._limits.newcomer_connections else None
        mine[connection] = None
        self._all[connection] = address
        return too_many

    def forget(self, connection: C) -> None:
        """It is known now, or closed."""
        address = self._all.pop(connection, None)
        if address is not None:
            mine = self._by_address[address]
            del mine[connection]
            if not mine:
                del self._by_address[address]

    def oldest(self) -> C | None:
        """The one to close when descriptors run out."""
        return next(iter(self._all), None)

    def too_fast(self, address: str) -> bool:
        """Count one more frame from this address; True if it was one too many this second."""
        self._frames[address] += 1
        return self._frames[address] > self._limits.newcomer_frames_per_s

    def next_second(self) -> None:
        """Let everybody begin anew."""
        self._frames.clear()
