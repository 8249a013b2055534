"""Which account a frame's number, receiver and prefix resolve to."""

from __future__ import annotations

import pytest

from receiver.accounts import PanelAccounts
from station.station_key import StationKey
from station.store.panel_accounts import AccountChanges, PanelAccountRow

STATION_KEY = StationKey.generate()


def row(
    id_: int, number: str, prefix: str | None = None, receiver: str | None = None, sealed: bytes | None = None
) -> PanelAccountRow:
    return PanelAccountRow(id_, number, prefix, receiver, sealed, 40, 20)


def known(*rows: PanelAccountRow) -> PanelAccounts:
    accounts = PanelAccounts(STATION_KEY)
    accounts.apply(AccountChanges(1, [], list(rows)))
    return accounts


def found(accounts: PanelAccounts, number: str, receiver: str | None = None, prefix: str | None = None) -> int | None:
    account = accounts.find(number, receiver, prefix)
    return None if account is None else account.id


def test_leading_zeros_are_significant() -> None:
    accounts = known(row(1, "0001"), row(2, "1"))

    assert (found(accounts, "0001"), found(accounts, "1"), found(accounts, "01")) == (1, 2, None)


def test_letter_case_is_not() -> None:
    assert found(known(row(1, "FOC7688")), "foc7688") == 1


@pytest.mark.parametrize(
    ("prefix", "expected"), [("1A", 1), ("1a", 1), ("001A", 1), ("2", 2), ("0002", 2), ("3", None), (None, None)]
)
def test_the_same_number_behind_two_prefixes(prefix: str | None, expected: int | None) -> None:
    assert found(known(row(1, "7037", "1A"), row(2, "7037", "2")), "7037", "0", prefix) == expected


@pytest.mark.parametrize("prefix", [None, "", "0", "000"])
def test_no_prefix_and_prefix_zero_are_one(prefix: str | None) -> None:
    assert found(known(row(1, "7037", "0"), row(2, "7037", "1")), "7037", None, prefix) == 1


def test_an_account_that_names_neither_answers_to_any() -> None:
    accounts = known(row(1, "7037"))

    assert found(accounts, "7037", "15", "1") == 1
    assert found(accounts, "7037") == 1


def test_the_account_that_names_more_wins() -> None:
    accounts = known(row(1, "7037"), row(2, "7037", "1"), row(3, "7037", "1", "F"))

    assert found(accounts, "7037", "0F", "1") == 3
    assert found(accounts, "7037", "1", "1") == 2
    assert found(accounts, "7037", "F", "2") == 1


def test_changes_replace_and_remove() -> None:
    accounts = known(row(1, "1234"), row(2, "5678"))
    accounts.apply(AccountChanges(5, [1, 2, 3], [row(1, "1235"), row(3, "5678", "1")]))

    assert found(accounts, "1234") is None
    assert found(accounts, "1235") == 1
    assert found(accounts, "5678") is None
    assert found(accounts, "5678", None, "1") == 3
    assert len(accounts) == 2
    assert accounts.last_change == 5


def test_keys_are_opened() -> None:
    accounts = known(row(1, "1234", sealed=STATION_KEY.seal(b"k" * 24)), row(2, "5678"))
    keyed, clear = accounts.find("1234", None, None), accounts.find("5678", None, None)

    assert keyed is not None
    assert clear is not None
    assert (keyed.key, clear.key) == (b"k" * 24, None)
    assert "k" * 24 not in repr(keyed)


@pytest.mark.parametrize(
    "sealed",
    [StationKey.generate().seal(b"k" * 16), b"\x01damaged", b"\x01", b""],
    ids=["another station's", "damaged", "cut short", "empty"],
)
def test_a_key_that_cannot_be_opened_never_passes_for_none(sealed: bytes) -> None:
    account = known(row(1, "1234", sealed=sealed)).find("1234", None, None)

    assert account is not None
    assert account.key is not None
    assert account.key != b"k" * 16
