"""How people write the parts of an account: telephone numbers, keys, countries.

In: text, without blanks around it. Out: the value as accounts hold it, or `BadValue` with a reason that says what to
write instead. A reason never repeats the text: it may be a key in the wrong column.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Mapping
from typing import Final

import babel
import phonenumbers

from station.accounts import KeyFormat, PanelKey
from station.languages import Language

_NUMBER: Final = re.compile(r"[0-9A-Za-z]{1,16}")
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]+")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KEY_BYTES: Final = (16, 24, 32)
_YEAR_S: Final = 366 * 86400

#: What CLDR calls territories and ISO 3166-1 does not list as countries.
_NOT_ISO: Final = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})


class BadValue(Exception):
    """The text is for the user: what is wrong, and what to write."""


def account_number(text: str) -> str:
    """Upper case, leading zeros kept."""
    if _NUMBER.fullmatch(text) is None:
        raise BadValue("must be 1 to 16 letters and digits, without blanks or signs")
    return text.upper()


def line_field(text: str, letter: str) -> str:
    """A DC-09 prefix (`letter` L) or receiver (R), with or without its letter: hexadecimal without leading zeros."""
    digits = text[1:] if text[:1].upper() == letter else text
    if _HEXADECIMAL.fullmatch(digits) is None or len(digits.lstrip("0")) > 6:
        raise BadValue(f"must be 1 to 6 hexadecimal digits, such as {letter}12 or 12; leave it empty to answer to any")
    return digits.lstrip("0").upper() or "0"


def one_line(text: str) -> str:
    """Text without control characters."""
    if _CONTROL.search(text):
        raise BadValue("holds a line break or another control character; write it on one line")
    return text


def several_lines(text: str) -> str:
    """Text without control characters other than line breaks and tabs."""
    if _CONTROL_BUT_LINES.search(text):
        raise BadValue("holds a control character; type it again")
    return text


def country(text: str) -> str:
    """ISO 3166-1 alpha-2."""
    if text.upper() not in _countries():
        raise BadValue("must be a country's two letters of ISO 3166, such as PT, ES or MX")
    return text.upper()


def language(text: str) -> Language:
    """One that every text exists in."""
    try:
        return Language(text.lower())
    except ValueError:
        raise BadValue("must be es, pt or en") from None


def time_zone(text: str) -> str:
    """An IANA name, in its own capitals."""
    name = _time_zones().get(text.lower())
    if name is None:
        raise BadValue("must be a time zone's IANA name, such as Europe/Lisbon or America/Bogota")
    return name


def grade(text: str) -> int:
    """EN 50131-1."""
    return _whole_number(text, 1, 4)


def interval_s(text: str) -> int:
    """At least a second."""
    return _whole_number(text, 1, _YEAR_S)


def window_s(text: str) -> int:
    """A second or more, or none."""
    return _whole_number(text, 0, _YEAR_S)


def yes_or_no(text: str) -> bool:
    """Also what spreadsheets write for the two."""
    match text.lower():
        case "yes" | "true" | "1":
            return True
        case "no" | "false" | "0":
            return False
        case _:
            raise BadValue("must be yes or no")


def phone(text: str, country: str) -> str:
    """E.164. A number without `+` is taken for one of `country` (ISO 3166-1 alpha-2, or empty)."""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        raise BadValue("needs a telephone number with its country, such as +351912345678") from None
    if number.extension:
        raise BadValue("has a telephone number with an extension, which can't be called; leave the extension out")
    if not phonenumbers.is_possible_number(number):
        raise BadValue("has a telephone number of the wrong length; write it with its country, as +351912345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def panel_key(text: str, key_format: str) -> PanelKey:
    """The key that an installer typed. `key_format` is `hex`, `ascii`, or `auto`, which an empty one means, too.

    Of 32 hexadecimal digits nobody but the panel knows which of the two they are: such a key stays `auto`.
    """
    match key_format.lower():
        case "hex":
            return _hex_key(text)
        case "ascii":
            return _ascii_key(text)
        case "" | "auto":
            if not _is_hex_key(text):
                return _ascii_key(text)
            return PanelKey(text.encode("ascii"), KeyFormat.AUTO) if len(text) in _KEY_BYTES else _hex_key(text)
        case _:
            raise BadValue("has a key_format that is none of hex, ascii and auto")


def _hex_key(text: str) -> PanelKey:
    if not _is_hex_key(text):
        raise BadValue(f"must be 32, 48 or 64 hexadecimal digits; it has {len(text)} characters")
    return PanelKey(bytes.fromhex(text), KeyFormat.HEX)


def _is_hex_key(text: str) -> bool:
    return _HEXADECIMAL.fullmatch(text) is not None and len(text) in [2 * size for size in _KEY_BYTES]


def _ascii_key(text: str) -> PanelKey:
    if not text.isascii() or not text.isprintable() or len(text) not in _KEY_BYTES:
        raise BadValue(
            f"must be 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 ASCII characters; it has {len(text)} characters"
        )
    return PanelKey(text.encode("ascii"), KeyFormat.ASCII)


def _whole_number(text: str, least: int, most: int) -> int:
    if _WHOLE_NUMBER.fullmatch(text) is None or not least <= int(text) <= most:
        raise BadValue(f"must be a whole number from {least} to {most}")
    return int(text)


@functools.cache
def _countries() -> frozenset[str]:
    codes = {str(code) for code in babel.Locale("en").territories}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_ISO


@functools.cache
def _time_zones() -> Mapping[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}
