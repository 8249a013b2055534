"""Who is a newcomer, who is known by whom, and what of this moment proved nothing.

In: connections that come and go, and the addresses and accounts behind them. Out: which of them have to make room.
No I/O: connections are only kept here, so that tests may take numbers for them.
"""

from __future__ import annotations

import collections
import functools
import ipaddress
import itertools
from typing import Final, Generic, TypeVar

from receiver.limits import Limits

#: How many make room at once: who has most of them is not looked for at each call of a storm.
_ROOM: Final = 64

C = TypeVar("C")


def sender_at(host: str) -> str:
    """Whose address this is, for limits: an IPv6 network of 64 bits is one subscriber, or one machine."""
    return _ipv6_sender(host) if ":" in host else host


@functools.lru_cache(4096)
def _ipv6_sender(host: str) -> str:
    address = ipaddress.IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(address) >> 64 << 64))


class Newcomers(Generic[C]):
    """Open connections that are not known, each address's oldest first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        #: And since when.
        self._by_address: dict[str, dict[C, float]] = {}
        self._address: dict[C, str] = {}

    def __len__(self) -> int:
        return len(self._address)

    def add(self, connection: C, address: str, now_s: float) -> None:
        """One more."""
        self._by_address.setdefault(address, {})[connection] = now_s
        self._address[connection] = address

    def forget(self, connection: C) -> None:
        """It is known now, or closed."""
        address = self._address.pop(connection, None)
        if address is not None:
            mine = self._by_address[address]
            del mine[connection]
            if not mine:
                del self._by_address[address]

    def too_many(self, now_s: float) -> list[C]:
        """Those to close: the oldest of each address that has too many, if they had time to say something."""
        found = []
        for mine in self._by_address.values():
            surplus = len(mine) - self._limits.newcomer_connections
            if surplus > 0:
                oldest = list(mine.items())[:surplus]
                found += [connection for connection, at_s in oldest if now_s - at_s >= self._limits.newcomer_grace_s]
        return found

    def make_room(self) -> list[C]:
        """Those to close when descriptors run out: the oldest of the address that has most; empty if there is none."""
        if not self._by_address:
            return []
        crowd = max(self._by_address.values(), key=len)
        return list(crowd)[: min(_ROOM, (len(crowd) + 1) // 2)]


class Vouchers(Generic[C]):
    """Which account made which connections known."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        #: By the account's slot, the oldest first.
        self._vouched: dict[int, list[C]] = {}

    def vouch(self, slot: int, connection: C) -> C | None:
        """The account makes one more known; the one that it no longer vouches for, if these are too many."""
        mine = self._vouched.setdefault(slot, [])
        mine.append(connection)
        return mine.pop(0) if len(mine) > self._limits.account_connections else None

    def forget(self, slot: int, connection: C) -> None:
        """It is closed."""
        mine = self._vouched[slot]
        mine.remove(connection)
        if not mine:
            del self._vouched[slot]


class Tally:
    """What each sender used up since the last tick, and all of them together."""

    def __init__(self, most_of_all: int | None = None) -> None:
        self._most_of_all = most_of_all
        self._used: collections.Counter[str] = collections.Counter()
        self._all = 0

    def add(self, sender: str, count: int = 1) -> None:
        """So much more."""
        self._used[sender] += count
        self._all += count

    def used_up(self, sender: str, most: int) -> bool:
        """True if this sender has no more of its `most` left, or all together none of theirs."""
        return self._used[sender] >= most or (self._most_of_all is not None and self._all >= self._most_of_all)

    def next_tick(self) -> None:
        """Let everybody begin anew."""
        self._used.clear()
        self._all = 0


class Paused(Generic[C]):
    """Connections that are not read for a while: known ones until the next tick, newcomers a few at a time."""

    def __init__(self, newcomers_a_tick: int) -> None:
        self._newcomers_a_tick = newcomers_a_tick
        self._known: dict[C, None] = {}
        self._newcomers: dict[C, None] = {}

    def add(self, connection: C, *, newcomer: bool) -> None:
        """Not read from now on."""
        (self._newcomers if newcomer else self._known)[connection] = None

    def forget(self, connection: C) -> None:
        """It is closed."""
        self._known.pop(connection, None)
        self._newcomers.pop(connection, None)

    def next_tick(self) -> list[C]:
        """Those that may be read again, in the order in which they were paused."""
        next_ones = [*self._known, *itertools.islice(self._newcomers, self._newcomers_a_tick)]
        for connection in next_ones:
            self.forget(connection)
        return next_ones
