"""Many paths lost at once: a carrier or a receiver failed, and one incident with a list says more than hundreds.

In: the paths that were just lost, and what was lost a moment ago. Out: which of them stand for themselves, and which
belong to a storm. Never part of one are sites of grade 3 and 4, sites whose several paths are all lost, sites that sent
another signal half an hour ago, and armed sites that are the only ones of their network: whoever cuts a street cabinet
hopes to be lost in the crowd.
"""

from __future__ import annotations

import collections
import enum
from collections.abc import Collection
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from receiver.supervision.arrays import ARMED, PathArrays, Slots
from receiver.supervision.networks import network_text
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import TRANSPORT_CODES

_HIGH_GRADE: Final = 3


class Shared(enum.Enum):
    """What paths that are lost together have in common, narrowest first."""

    NETWORK = "network"
    RECEIVER = "receiver"
    TRANSPORT = "transport"
    NOTHING = "nothing"


@attrs.define(eq=False)
class Storm:
    """One common cause. Its name is the matter of the incident that tells of it."""

    name: str
    #: Lost slots that no incident of their own tells of.
    members: set[int] = attrs.field(factory=set)
    #: How many there have been at most.
    peak: int = 0
    #: When the last one came to it: what is lost long after is another matter. Seconds since 1970.
    grew_s: float = 0.0

    def add(self, slots: Collection[int], now_s: float) -> None:
        """These belong to it."""
        self.members.update(slots)
        self.peak = max(self.peak, len(self.members))
        self.grew_s = now_s

    def is_over(self, share: float) -> bool:
        """True if at least `share` of it is back."""
        return self.peak - len(self.members) >= share * self.peak


@attrs.frozen
class Sorted:
    """What becomes of the paths that were lost: slots that stand for themselves, and slots added to storms."""

    alone: list[int]
    folded: dict[str, list[int]]


class Storms:
    """The storms that last, and what was lost lately."""

    def __init__(self, arrays: PathArrays, settings: SupervisionSettings) -> None:
        self._arrays = arrays
        self._settings = settings
        self._lately: collections.deque[tuple[float, Slots]] = collections.deque()
        self.lasting: dict[str, Storm] = {}

    def resume(self, name: str, slots: Collection[int]) -> None:
        """A storm that another sweeper found; it grows no more by itself."""
        self.lasting.setdefault(name, Storm(name)).add(slots, 0.0)

    def sort(self, lost: Slots, cut_off: Collection[int], now_s: float) -> Sorted:
        """What becomes of `lost`, already marked so; `cut_off`: primary slots of sites whose paths are all lost."""
        self._lately.append((now_s, lost))
        while self._lately[0][0] < now_s - self._settings.storm_within_s:
            self._lately.popleft()
        lately = np.concatenate([slots for _, slots in self._lately])
        left = lost[~self._exempt(lost, cut_off, now_s)]
        alone = self._armed_alone(left, lately)
        folded: dict[str, list[int]] = {}
        for shared in Shared:
            causes = self._causes(shared, lately, now_s)
            names = [causes.get(key) for key in self._keys(shared, left).tolist()]
            for slot, name, apart in zip(left.tolist(), names, alone.tolist(), strict=True):
                if name is not None and (shared is Shared.NETWORK or not apart):
                    folded.setdefault(name, []).append(slot)
            # What has a cause is no evidence for a wider one.
            lately = self._without(shared, lately, causes)
            unexplained = np.array([name is None for name in names], bool)
            left, alone = left[unexplained], alone[unexplained]
        for name, slots in folded.items():
            self.lasting.setdefault(name, Storm(name)).add(slots, now_s)
        together = {slot for slots in folded.values() for slot in slots}
        return Sorted([slot for slot in lost.tolist() if slot not in together], folded)

    def conspicuous(self, cut_off: Collection[int], now_s: float) -> list[int]:
        """Take those out of their storms that must stand for themselves by now."""
        members = np.array([slot for storm in self.lasting.values() for slot in storm.members], np.intp)
        found: list[int] = members[self._exempt(members, cut_off, now_s)].tolist() if len(members) else []
        for storm in self.lasting.values():
            storm.members.difference_update(found)
        return found

    def back(self, slots: Collection[int]) -> set[int]:
        """Those of `slots` that a storm told of; they leave it."""
        quiet = set()
        for storm in self.lasting.values():
            quiet |= storm.members & set(slots)
            storm.members.difference_update(slots)
        return quiet

    def over(self) -> list[Storm]:
        """Storms that ended; forgotten here."""
        ended = [storm for storm in self.lasting.values() if storm.is_over(self._settings.storm_over_share)]
        for storm in ended:
            del self.lasting[storm.name]
        return ended

    def _exempt(self, slots: Slots, cut_off: Collection[int], now_s: float) -> npt.NDArray[np.bool_]:
        primary = self._arrays.primary[slots]
        exempt: npt.NDArray[np.bool_] = self._arrays.grade[slots] >= _HIGH_GRADE
        exempt |= now_s - self._arrays.signal[primary] <= self._settings.storm_signal_s
        exempt |= np.isin(primary, np.fromiter(cut_off, np.intp))
        return exempt

    def _causes(self, shared: Shared, lately: Slots, now_s: float) -> dict[object, str]:
        """The storms of one kind, by what their paths share: those that grew lately, and those that begin."""
        causes: dict[object, str] = {}
        keys, accounts = self._counts(shared, lately)
        for key, count in zip(keys.tolist(), accounts.tolist(), strict=True):
            name = _name(shared, key)
            storm = self.lasting.get(name)
            growing = storm is not None and now_s - storm.grew_s <= self._settings.storm_within_s
            if growing or self._is_storm(shared, key, count):
                causes[key] = name
        return causes

    def _without(self, shared: Shared, slots: Slots, causes: Collection[object]) -> Slots:
        keys = self._keys(shared, slots)
        left: Slots = slots[~np.isin(keys, np.array(list(causes), keys.dtype))]
        return left

    def _counts(self, shared: Shared, lately: Slots) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.intp]]:
        """How many accounts lost a path lately, by what they share; what is not known is shared by nobody."""
        keys = self._keys(shared, lately)
        _, first = np.unique(np.rec.fromarrays([keys, self._arrays.primary[lately]]), return_index=True)
        found, counts = np.unique(keys[first], return_counts=True)
        known = np.ones(len(found), bool) if shared is Shared.NOTHING else found != np.zeros(1, found.dtype)
        return found[known], counts[known]

    def _is_storm(self, shared: Shared, key: object, accounts: int) -> bool:
        if accounts <= self._settings.storm_accounts:
            return False
        if shared is Shared.NOTHING and accounts > self._settings.storm_flood:
            return True
        everyone = np.arange(self._arrays.used)[self._arrays.limit[: self._arrays.used] > 0]
        dependent = np.count_nonzero(self._keys(shared, everyone) == key)
        return bool(accounts >= self._settings.storm_share * dependent)

    def _keys(self, shared: Shared, slots: Slots) -> npt.NDArray[np.generic]:
        match shared:
            case Shared.NETWORK:
                return self._arrays.network[slots]
            case Shared.RECEIVER:
                return self._arrays.receiver[slots]
            case Shared.TRANSPORT:
                return self._arrays.transport[slots]
            case Shared.NOTHING:
                return np.zeros(len(slots), np.uint8)

    def _armed_alone(self, slots: Slots, lately: Slots) -> npt.NDArray[np.bool_]:
        """Armed sites of whose network no other was lost lately."""
        networks, accounts = self._counts(Shared.NETWORK, lately)
        crowded = networks[accounts > 1]
        alone: npt.NDArray[np.bool_] = self._arrays.armed[self._arrays.primary[slots]] == ARMED
        alone &= ~np.isin(self._arrays.network[slots], crowded)
        return alone


def _name(shared: Shared, key: object) -> str:
    match shared, key:
        case Shared.NETWORK, int(number):
            return f"panels of {network_text(number)}"
        case Shared.RECEIVER, bytes(name):
            return f"panels at receiver {name.decode(errors='replace')}"
        case Shared.TRANSPORT, int(code):
            return f"panels over {next(way.value for way, number in TRANSPORT_CODES.items() if number == code)}"
        case _:
            return "panels everywhere"
