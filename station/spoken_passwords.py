"""The customer's password, as an operator hears it on the telephone.

In: what was heard, and what is kept of the password and of the duress password. Out: match, no match or duress.
Accents, case and spacing are forgiven. Kept is no word: it is keyed with the station key, then hashed with argon2id at
8 MiB and one pass, so that a million accounts can be brought in within hours. Both passwords are always checked, so
that the time taken says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import Final

import argon2
import argon2.exceptions

from station.response_events import Heard
from station.station_key import StationKey

_PURPOSE: Final = b"spoken passwords"
MIN_CHARACTERS: Final = 3
_HASHER: Final = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
#: Checked where an account has no password, so that it takes as long.
_NOBODYS: Final = "$argon2id$v=19$m=8192,t=1,p=1$" + "c2VyZW5vc2VyZW5vc2VyZQ$" + "A" * 43


class WeakPassword(ValueError):
    """The word can't be used; the text says why."""


def normalised(heard: str) -> str:
    """Letters and digits alone, without accents and case."""
    plain = unicodedata.normalize("NFKD", heard)
    return "".join(one for one in plain if one.isalnum()).casefold()


def keep(key: StationKey, word: str) -> str:
    """What to keep of a word.

    Raises:
        WeakPassword: it says too little.
    """
    if len(normalised(word)) < MIN_CHARACTERS:
        raise WeakPassword(f"a password needs at least {MIN_CHARACTERS} letters or digits")
    version = key.newest
    return f"{version}:{_HASHER.hash(_keyed(key, version, word))}"


def check(
    key: StationKey,
    heard: str,
    password: str | None,
    duress: str | None,
    *,
    hasher: argon2.PasswordHasher = _HASHER,
) -> Heard:
    """What `heard` is. Takes the same time whatever the answer.

    Raises:
        WrongStationKey: one of them is kept under a version of the station key that is not here.
    """
    matches = _matches(key, heard, password, hasher)
    forced = _matches(key, heard, duress, hasher)
    if not normalised(heard):
        return Heard.NO_MATCH
    if forced:
        return Heard.DURESS
    return Heard.MATCH if matches else Heard.NO_MATCH


def refuse_confusable(password: str, duress: str) -> None:
    """A duress password must not be said by mistake (SIA CP-01: nor be the number before or after).

    Raises:
        WeakPassword: it could be.
    """
    one, other = normalised(password), normalised(duress)
    if one == other:
        raise WeakPassword("the duress password must differ from the password by more than case, accents and spaces")
    if one.isdecimal() and other.isdecimal() and abs(int(one) - int(other)) <= 1:
        raise WeakPassword("the duress password must not be the number before or after the password")


def _matches(key: StationKey, heard: str, kept: str | None, hasher: argon2.PasswordHasher) -> bool:
    version, _, hashed = (kept or f"{key.newest}:{_NOBODYS}").partition(":")
    try:
        hasher.verify(hashed, _keyed(key, int(version), heard))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return kept is not None


def _keyed(key: StationKey, version: int, word: str) -> bytes:
    return hmac.new(key.derived(version, _PURPOSE), normalised(word).encode(), hashlib.sha256).digest()
