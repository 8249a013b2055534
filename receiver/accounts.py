"""The accounts that a receiver answers for, held in memory in little room.

In: rows and changes of the table `account`. Out: the account that a frame's fields resolve to. Each account has a slot,
its place in every array; objects are made for those in use only, since a million of them would cost half a gigabyte
and a pause at each collection. The same number may exist twice behind different prefixes or receivers (L, R); an
account that names neither answers to any.
"""

from __future__ import annotations

import array
import os
from typing import Final

import structlog

from receiver.protocols.dc09_frame import significant
from receiver.reading import PanelAccount
from station.station_key import StationKey, WrongStationKey
from station.store.panel_accounts import AccountChanges, PanelAccountRow

log = structlog.get_logger()

#: Accounts opened lately; then all are forgotten and opened again as they report.
_IN_USE_LIMIT: Final = 65_536
_OBSERVE_WINDOW: Final = 1
_ENROLLING: Final = 2


class PanelAccounts:
    """Accounts by number."""

    def __init__(self, station_key: StationKey) -> None:
        self._station_key = station_key
        self._slots: dict[str, int | tuple[int, ...]] = {}
        self._slot_of: dict[int, int] = {}
        # By slot.
        self._ids = array.array("q")
        self._numbers: list[str] = []
        self._sealed: list[bytes | None] = []
        self._window_past_s = array.array("i")
        self._window_future_s = array.array("i")
        self._flags = array.array("B")
        #: Prefix and receiver of the accounts that name them.
        self._named: dict[int, tuple[str | None, str | None]] = {}
        self._in_use: dict[int, PanelAccount] = {}
        self.last_change = 0

    def __len__(self) -> int:
        return len(self._slot_of)

    def apply(self, changes: AccountChanges) -> None:
        """Take over what changed."""
        still_there = {row.id for row in changes.rows}
        for account_id in changes.gone:
            # The slot of one that is gone is not used again: arrays of others may still speak of it.
            slot = self._slot_of.get(account_id) if account_id in still_there else self._slot_of.pop(account_id, None)
            if slot is not None:
                self._unlist(slot)
        for row in changes.rows:
            slot = self._slot_of.get(row.id)
            self._fill(self._new_slot(row.id) if slot is None else slot, row)
        self.last_change = changes.last

    def slot_of(self, account_id: int) -> int | None:
        """The place of an account; None if it is gone."""
        return self._slot_of.get(account_id)

    def find(self, number: str, receiver: str | None, prefix: str | None) -> PanelAccount | None:
        """The account for these fields as sent; where several answer, the one that names more of them."""
        slots = self._slots.get(number) or self._slots.get(number.upper())
        if slots is None:
            return None
        slot: int | None
        if isinstance(slots, int) and slots - 1 not in self._named:
            slot = slots - 1
        else:
            slot = self._best((slots,) if isinstance(slots, int) else slots, receiver, prefix)
        if slot is None:
            return None
        return self._in_use.get(slot) or self._opened(slot)

    def _best(self, slots: tuple[int, ...], receiver: str | None, prefix: str | None) -> int | None:
        asked = (significant(prefix), significant(receiver))
        best, best_rank = None, -1
        for above in slots:
            named = self._named.get(above - 1, (None, None))
            if all(own is None or own == wanted for own, wanted in zip(named, asked, strict=True)):
                rank = 2 * (named[0] is not None) + (named[1] is not None)
                if rank > best_rank:
                    best, best_rank = above - 1, rank
        return best

    # Slots ---------------------------------------------------------------------------------------------------------

    def _new_slot(self, account_id: int) -> int:
        slot = self._slot_of[account_id] = len(self._ids)
        self._ids.append(account_id)
        self._numbers.append("")
        self._sealed.append(None)
        self._window_past_s.append(0)
        self._window_future_s.append(0)
        self._flags.append(0)
        return slot

    def _fill(self, slot: int, row: PanelAccountRow) -> None:
        self._unlist(slot)
        self._numbers[slot] = row.number
        self._sealed[slot] = row.key_sealed
        self._window_past_s[slot] = row.window_past_s
        self._window_future_s[slot] = row.window_future_s
        self._flags[slot] = row.observe_window * _OBSERVE_WINDOW | row.enrolling * _ENROLLING
        if row.prefix is not None or row.receiver is not None:
            self._named[slot] = (row.prefix, row.receiver)
        # One more than the slot, so that none is false.
        listed = self._slots.get(row.number, ())
        self._slots[row.number] = slot + 1 if listed == () else (*_several(listed), slot + 1)

    def _unlist(self, slot: int) -> None:
        """Let the slot answer to nothing."""
        number = self._numbers[slot]
        kept = tuple(above for above in _several(self._slots.pop(number, ())) if above != slot + 1)
        if kept:
            self._slots[number] = kept[0] if len(kept) == 1 else kept
        self._named.pop(slot, None)
        self._in_use.pop(slot, None)

    def _opened(self, slot: int) -> PanelAccount:
        account = PanelAccount(
            id=self._ids[slot],
            key=self._key(slot),
            window_past_s=self._window_past_s[slot],
            window_future_s=self._window_future_s[slot],
            observe_window=bool(self._flags[slot] & _OBSERVE_WINDOW),
            enrolling=bool(self._flags[slot] & _ENROLLING),
            slot=slot,
        )
        if len(self._in_use) >= _IN_USE_LIMIT:
            self._in_use.clear()
        self._in_use[slot] = account
        return account

    def _key(self, slot: int) -> bytes | None:
        sealed = self._sealed[slot]
        if sealed is None:
            return None
        try:
            return self._station_key.open(sealed)
        except WrongStationKey as error:
            log.error("panel_key_unreadable", account=self._numbers[slot], why=str(error))
            # A key that opens nothing: its frames are answered DUH and reach a person, never taken for proven.
            return os.urandom(32)


def _several(slots: int | tuple[int, ...]) -> tuple[int, ...]:
    return (slots,) if isinstance(slots, int) else slots
