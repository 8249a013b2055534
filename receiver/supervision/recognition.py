"""Which path a frame came by.

In: the paths of accounts, and what a frame shows. Out: a slot. Most accounts have one path and no more than a look-up
is spent on them; of several, the one that names most of what the frame shows, and of those the lowest number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final

import attrs
import numpy as np

from receiver.protocols.dc09_frame import significant
from receiver.supervision.arrays import ARMED, DISARMED, UNKNOWN, PathArrays
from receiver.supervision.reporting import Limits, limits
from receiver.supervision.settings import SupervisionSettings
from station.paths import Category, CategoryTimes, Path
from station.signals import Transport
from station.store.paths import PathChanges, PathRow

#: Stands for "no path"; the database numbers slots from 1.
NO_PATH: Final = 0


@attrs.frozen
class _Rule:
    slot: int
    path: Path
    #: How much of a frame it names.
    rank: int

    def fits(self, transport: Transport, prefix: str, receiver: str, network_path: int | None) -> bool:
        path = self.path
        return (
            (path.network_path is None or path.network_path == network_path)
            and (path.prefix is None or path.prefix == prefix)
            and (path.receiver is None or path.receiver == receiver)
            and (path.transport is None or path.transport is transport)
        )


class Paths:
    """The paths of all accounts that a receiver knows."""

    def __init__(self, arrays: PathArrays, settings: SupervisionSettings) -> None:
        self.arrays = arrays
        self.times: Mapping[Category, CategoryTimes] = {}
        #: The number of the last change that was applied.
        self.last_change = 0
        #: Paths that found no room in the arrays.
        self.left_out = 0
        self._settings = settings
        self._by_account: dict[int, int | tuple[_Rule, ...]] = {}

    def __len__(self) -> int:
        """How many accounts are supervised."""
        return len(self._by_account)

    def slot(
        self, account: int, transport: Transport, prefix: str | None, receiver: str | None, network_path: int | None
    ) -> int:
        """The path of this account that a frame with these fields came by; NO_PATH if none fits."""
        found = self._by_account.get(account, NO_PATH)
        if isinstance(found, int):
            return found
        shown = (transport, significant(prefix), significant(receiver), network_path)
        return next((rule.slot for rule in found if rule.fits(*shown)), NO_PATH)

    def primary(self, account: int) -> int:
        """The slot of the account's primary path; NO_PATH if it has none."""
        found = self._by_account.get(account, NO_PATH)
        return found if isinstance(found, int) else int(self.arrays.primary[found[0].slot])

    def apply(self, changes: PathChanges) -> None:
        """Take over what changed."""
        kept = {row.slot for row in changes.rows}
        for account in changes.gone:
            for slot in self._slots_of(account):
                if slot not in kept:
                    self.arrays.forget(slot)
            self._by_account.pop(account, None)
        fitting = [row for row in changes.rows if row.slot < self.arrays.capacity]
        self.left_out += len(changes.rows) - len(fitting)
        places: list[tuple[int, int]] = []
        for account, group in groupby(fitting, lambda row: row.account):
            rows = list(group)
            slots = [row.slot for row in rows]
            places += [(slots[0], following) for following in (*slots[1:], slots[0])]
            self._by_account[account] = _rules(rows)
        if fitting:
            self._fill(fitting, places)
        self.last_change = changes.last

    def _slots_of(self, account: int) -> Iterable[int]:
        found = self._by_account.get(account, ())
        return (found,) if isinstance(found, int) else [rule.slot for rule in found]

    def _fill(self, rows: list[PathRow], places: list[tuple[int, int]]) -> None:
        """Write the arrays, column by column. `places`: each row's primary path and its next one."""
        arrays = self.arrays
        slots = np.array([row.slot for row in rows])
        primary, arrays.next[slots] = np.array(places).T
        arrays.primary[slots] = primary
        alternative = primary != slots
        silence = self._limits(rows, alternative.tolist())
        arrays.limit_up[slots] = [limit.up_s for limit in silence]
        arrays.limit_alone[slots] = [limit.alone_s for limit in silence]
        arrays.grade[slots] = [row.grade or 0 for row in rows]
        # Other processes of the host may know better than the database.
        heard_s = [row.heard_s for row in rows]
        arrays.heard[slots] = np.maximum(arrays.heard[slots], heard_s)
        arrays.told[slots] = np.maximum(arrays.told[slots], heard_s)
        arrays.sent[slots] = np.maximum(arrays.sent[slots], [row.sent_s for row in rows])
        signal_s = np.array([row.signal_s for row in rows])
        news = signal_s > arrays.signal[slots]
        armed = np.array([UNKNOWN if row.armed is None else ARMED if row.armed else DISARMED for row in rows], np.uint8)
        arrays.armed[slots[news]] = armed[news]
        arrays.signal[slots[news]] = arrays.told_signal[slots[news]] = signal_s[news]
        source = np.array([row.source for row in rows], np.uint32)
        arrays.source[slots] = np.where(arrays.source[slots] == 0, source, arrays.source[slots])
        arrays.used = max(arrays.used, int(slots.max()) + 1)
        alone = alternative & arrays.lost[primary]
        arrays.limit[slots] = np.where(alone, arrays.limit_alone[slots], arrays.limit_up[slots])

    def _limits(self, rows: list[PathRow], alternative: list[bool]) -> list[Limits]:
        kinds = [(row.path, other) for row, other in zip(rows, alternative, strict=True)]
        # Of a million paths most are alike.
        known = {kind: limits(kind[0], self.times, self._settings, alternative=kind[1]) for kind in set(kinds)}
        return [known[kind] for kind in kinds]


def _rules(rows: list[PathRow]) -> int | tuple[_Rule, ...]:
    if len(rows) == 1 and _rank(rows[0].path) == 0:
        return rows[0].slot
    rules = [_Rule(row.slot, row.path, _rank(row.path)) for row in rows]
    return tuple(sorted(rules, key=lambda rule: (-rule.rank, rule.path.number)))


def _rank(path: Path) -> int:
    return sum(mark is not None for mark in (path.network_path, path.prefix, path.receiver, path.transport))
