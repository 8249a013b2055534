"""Operators' passwords: hashed with argon2id at the defaults of argon2-cffi, and compared.

In: a password as typed. Out: a hash that holds its own salt and parameters. Both functions take some 30 ms of one
core: call them from a worker thread where others wait.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

import argon2
import argon2.exceptions

#: NIST SP 800-63B 5.1.1.2: length is the only rule that helps.
MIN_CHARACTERS: Final = 8

_HASHER: Final = argon2.PasswordHasher()


def hash_password(password: str) -> str:
    """What to keep instead of the password."""
    return _HASHER.hash(_bytes(password))


def password_matches(password: str, kept: str | None) -> bool:
    """Whether `kept` is a hash of `password`. With None (nobody has that name) it takes as long, and says no."""
    try:
        _HASHER.verify(_nobody() if kept is None else kept, _bytes(password))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return kept is not None


@functools.cache
def _nobody() -> str:
    return _HASHER.hash(b"nobody's")


def _bytes(password: str) -> bytes:
    """One form for letters that keyboards compose in different ways."""
    return unicodedata.normalize("NFC", password).encode()
