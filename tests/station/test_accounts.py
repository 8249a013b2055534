"""Accounts as values, and how people write their parts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station import account_texts
from station.account_texts import BadValue
from station.accounts import Account, KeyFormat, PanelKey
from station.languages import Language

SECRET = "0123456789ABCDEF0123456789ABCDEF"


def test_a_key_is_never_shown() -> None:
    account = Account(number="1234", key=PanelKey(b"sixteen letters!", KeyFormat.ASCII))
    assert "sixteen" not in repr(account)
    assert "sixteen" not in str(account.key)


@pytest.mark.parametrize("text", ["", "12-34", "12 34", "12345678901234567", "ñ", "ß", "²", "１２"])
def test_what_no_panel_can_send_is_no_account_number(text: str) -> None:
    with pytest.raises(BadValue, match="1 to 16 letters and digits"):
        account_texts.account_number(text)


def test_an_account_number_keeps_its_zeros() -> None:
    assert account_texts.account_number("00ab") == "00AB"


@pytest.mark.parametrize(
    ("text", "letter", "expected"),
    [("L0", "L", "0"), ("000", "L", "0"), ("l00fa", "L", "FA"), ("R1", "R", "1"), ("0000000012", "R", "12")],
)
def test_a_prefix_loses_its_letter_and_its_zeros(text: str, letter: str, expected: str) -> None:
    assert account_texts.line_field(text, letter) == expected


@pytest.mark.parametrize("text", ["L", "R1", "1234567", "XY", "1 2", "-1"])
def test_a_prefix_is_hexadecimal(text: str) -> None:
    with pytest.raises(BadValue, match="L12 or 12"):
        account_texts.line_field(text, "L")


@pytest.mark.parametrize(
    ("text", "key_format", "secret", "expected_format"),
    [
        ("00" * 16, "hex", b"\0" * 16, KeyFormat.HEX),
        ("ff" * 24, "hex", b"\xff" * 24, KeyFormat.HEX),
        ("0F" * 32, "HEX", b"\x0f" * 32, KeyFormat.HEX),
        # The same text is two keys, and only the installer knows which.
        (SECRET, "", SECRET.encode(), KeyFormat.AUTO),
        (SECRET, "auto", SECRET.encode(), KeyFormat.AUTO),
        (SECRET, "hex", bytes.fromhex(SECRET), KeyFormat.HEX),
        (SECRET, "ascii", SECRET.encode(), KeyFormat.ASCII),
        ("ff" * 24, "auto", b"\xff" * 24, KeyFormat.HEX),
        (SECRET + SECRET, "", bytes.fromhex(SECRET + SECRET), KeyFormat.HEX),
        ("1234567890123456", "", b"1234567890123456", KeyFormat.ASCII),
        ("abcdefghijklmnopqrstuvwx", "ascii", b"abcdefghijklmnopqrstuvwx", KeyFormat.ASCII),
    ],
)
def test_a_key_is_read_as_the_installer_typed_it(
    text: str, key_format: str, secret: bytes, expected_format: KeyFormat
) -> None:
    assert account_texts.panel_key(text, key_format) == PanelKey(secret, expected_format)


@pytest.mark.parametrize(
    ("text", "key_format"),
    [
        ("hunter2hunter2hunter2", ""),
        ("hunter2hunter2xx", "hex"),
        ("hunter2hunterñ12", "ascii"),
        ("hunter2hunter2\x07x", "ascii"),
        ("hunter2" * 5, "ascii"),
        ("hunter2hunter2xx", "hunter2"),
    ],
)
def test_a_bad_key_is_refused_and_not_repeated(text: str, key_format: str) -> None:
    with pytest.raises(BadValue) as refused:
        account_texts.panel_key(text, key_format)
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+351 912 345 678", "", "+351912345678"),
        ("912345678", "PT", "+351912345678"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("0034 612345678", "PT", "+34612345678"),
        ("(55) 5123-4567", "MX", "+525551234567"),
        ("+57 1 2345678", "PT", "+5712345678"),
    ],
)
def test_a_phone_number_can_be_called_from_anywhere(text: str, country: str, expected: str) -> None:
    assert account_texts.phone(text, country) == expected


@pytest.mark.parametrize(
    ("text", "country"),
    [("912345678", ""), ("912345678", "XX"), ("ana", "PT"), ("+351 91", ""), ("112", "PT"), ("", "PT")],
)
def test_a_phone_number_that_cannot_be_called_is_refused(text: str, country: str) -> None:
    with pytest.raises(BadValue, match=r"\+351912345678"):
        account_texts.phone(text, country)


def test_an_extension_is_refused_since_it_would_be_lost() -> None:
    with pytest.raises(BadValue, match="extension"):
        account_texts.phone("+351 912 345 678 ext. 12", "PT")


@pytest.mark.parametrize("text", ["EU", "UK", "ZZ", "XK", "Portugal", "P", ""])
def test_a_country_is_one_of_iso_3166(text: str) -> None:
    with pytest.raises(BadValue, match="ISO 3166"):
        account_texts.country(text)


def test_countries_are_taken_in_small_letters() -> None:
    assert [account_texts.country(text) for text in ("pt", "ES", "Mx", "co", "gb", "aq")] == [
        "PT",
        "ES",
        "MX",
        "CO",
        "GB",
        "AQ",
    ]


@pytest.mark.parametrize("text", ["Lisbon", "Europe", "CET+1", "../etc/passwd", "Europe/Atlantis"])
def test_a_time_zone_has_an_iana_name(text: str) -> None:
    with pytest.raises(BadValue, match="IANA"):
        account_texts.time_zone(text)


def test_a_time_zone_gets_its_capitals() -> None:
    assert account_texts.time_zone("america/mexico_city") == "America/Mexico_City"


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", True), ("TRUE", True), ("1", True), ("No", False), ("false", False), ("0", False)]
)
def test_yes_and_no_as_spreadsheets_write_them(text: str, *, expected: bool) -> None:
    assert account_texts.yes_or_no(text) is expected


@pytest.mark.parametrize("text", ["", "maybe", "2", "sí"])
def test_neither_yes_nor_no_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="yes or no"):
        account_texts.yes_or_no(text)


@pytest.mark.parametrize("text", ["pt-BR", "fr", "Português"])
def test_a_language_is_one_of_ours(text: str) -> None:
    with pytest.raises(BadValue, match="es, pt or en"):
        account_texts.language(text)


def test_a_language_is_taken_in_capitals() -> None:
    assert account_texts.language("PT") is Language.PT


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (account_texts.grade, "0"),
        (account_texts.grade, "5"),
        (account_texts.grade, "II"),
        (account_texts.interval_s, "0"),
        (account_texts.interval_s, "-60"),
        (account_texts.interval_s, "1.5"),
        (account_texts.interval_s, "9999999999"),
        (account_texts.window_s, "-1"),
        (account_texts.window_s, "٣"),
    ],
)
def test_a_number_out_of_bounds_is_refused(read: Callable[[str], int], text: str) -> None:
    with pytest.raises(BadValue, match="whole number from"):
        read(text)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x1b[2Jb", "a\x9bb"])
def test_a_name_holds_no_control_characters(text: str) -> None:
    with pytest.raises(BadValue, match="control character"):
        account_texts.one_line(text)


def test_notes_may_have_several_lines() -> None:
    assert account_texts.several_lines("Dog.\n\tBites.") == "Dog.\n\tBites."
    with pytest.raises(BadValue, match="control character"):
        account_texts.several_lines("a\x00b")
