"""The station key: what it seals stays secret, and only it opens it again."""

from __future__ import annotations

import base64

import pytest

from station.station_key import StationKey, WrongStationKey

PANEL_KEY = bytes(range(16))
OLD, NEW = b"o" * 32, b"n" * 32


def test_what_it_seals_it_opens() -> None:
    key = StationKey.generate()
    assert key.open(key.seal(PANEL_KEY)) == PANEL_KEY


def test_the_secret_does_not_show_and_equal_secrets_look_different() -> None:
    key = StationKey.generate()
    one, other = key.seal(PANEL_KEY), key.seal(PANEL_KEY)
    assert PANEL_KEY not in one
    assert one != other


def test_the_key_file_is_the_whole_key() -> None:
    key = StationKey.generate()
    again = StationKey.from_text(key.to_text())
    assert again.open(key.seal(PANEL_KEY)) == PANEL_KEY
    assert again.to_text() == key.to_text()


def test_the_text_is_a_line_a_version() -> None:
    text = f"1 {base64.b64encode(OLD).decode()}\n2 {base64.b64encode(NEW).decode()}\n"
    assert StationKey({1: OLD, 2: NEW}).to_text() == text


def test_a_rotated_key_still_opens_old_rows_and_seals_with_the_new_version() -> None:
    before, after = StationKey({1: OLD}), StationKey({1: OLD, 2: NEW})
    assert after.open(before.seal(PANEL_KEY)) == PANEL_KEY
    with pytest.raises(WrongStationKey, match="version 2"):
        before.open(after.seal(PANEL_KEY))


def test_another_station_opens_nothing() -> None:
    with pytest.raises(WrongStationKey, match="another station"):
        StationKey.generate().open(StationKey.generate().seal(PANEL_KEY))


def test_one_changed_bit_anywhere_is_noticed() -> None:
    key = StationKey.generate()
    sealed = key.seal(PANEL_KEY)
    for place in range(len(sealed)):
        with pytest.raises(WrongStationKey):
            key.open(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])


def test_what_was_cut_short_is_damaged() -> None:
    key = StationKey.generate()
    sealed = key.seal(PANEL_KEY)
    for length in range(len(sealed)):
        with pytest.raises(WrongStationKey):
            key.open(sealed[:length])


def test_it_never_shows_itself() -> None:
    key = StationKey.generate()
    secret = key.to_text().split()[1]
    assert secret not in repr(key)
    assert secret not in str(key)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "1", "1 !!!!", "x " + base64.b64encode(OLD).decode(), "1 " + base64.b64encode(b"short").decode()],
    ids=["empty", "blank", "no key", "not base64", "no version", "too short"],
)
def test_a_damaged_key_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the wording is for people
        StationKey.from_text(text)
