"""The accounts that this receiver knows, in memory: no panel waits for a look-up.

In: rows of the table `account`, whole at the start and then as they change. Out: the account that a frame's number,
receiver and prefix resolve to. The same number may exist twice behind different prefixes or receivers (L, R); an
account that names neither answers to any.
"""

from __future__ import annotations

import os

import structlog

from receiver.reading import PanelAccount
from station.station_key import StationKey, WrongStationKey
from station.store.panel_accounts import AccountChanges, PanelAccountRow

log = structlog.get_logger()


class PanelAccounts:
    """Accounts by number."""

    def __init__(self, station_key: StationKey) -> None:
        self._station_key = station_key
        self._by_number: dict[str, list[tuple[PanelAccountRow, PanelAccount]]] = {}
        self._numbers: dict[int, str] = {}
        self.last_change = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def apply(self, changes: AccountChanges) -> None:
        """Take over what changed."""
        for account_id in changes.gone:
            number = self._numbers.pop(account_id, None)
            if number is not None:
                kept = [entry for entry in self._by_number[number] if entry[0].id != account_id]
                self._by_number[number] = kept
        for row in changes.rows:
            self._numbers[row.id] = row.number
            self._by_number.setdefault(row.number, []).append((row, self._opened(row)))
        self.last_change = changes.last

    def find(self, number: str, receiver: str | None, prefix: str | None) -> PanelAccount | None:
        """The account for these fields as sent; where several answer, the one that names more of them."""
        entries = self._by_number.get(number.upper())
        if not entries:
            return None
        asked_prefix, asked_receiver = _significant(prefix), _significant(receiver)
        best: PanelAccount | None = None
        best_rank = -1
        for row, account in entries:
            if row.prefix not in (None, asked_prefix) or row.receiver not in (None, asked_receiver):
                continue
            rank = 2 * (row.prefix is not None) + (row.receiver is not None)
            if rank > best_rank:
                best, best_rank = account, rank
        return best

    def _opened(self, row: PanelAccountRow) -> PanelAccount:
        return PanelAccount(row.id, self._key(row), row.window_past_s, row.window_future_s)

    def _key(self, row: PanelAccountRow) -> bytes | None:
        if row.key_sealed is None:
            return None
        try:
            return self._station_key.open(row.key_sealed)
        except WrongStationKey as error:
            log.error("panel_key_unreadable", account=row.number, why=str(error))
            # A key that opens nothing: its frames are answered DUH and reach a person, never taken for proven.
            return os.urandom(32)


def _significant(digits: str | None) -> str:
    return (digits or "").upper().lstrip("0") or "0"
