"""Operators' passwords."""

from __future__ import annotations

import unicodedata

import argon2

from station.passwords import hash_password, password_matches


def test_only_the_right_password_matches() -> None:
    kept = hash_password("correct horse")
    assert password_matches("correct horse", kept)
    assert not password_matches("correct house", kept)
    assert not password_matches("", kept)


def test_the_hash_is_argon2id_and_differs_each_time() -> None:
    one, other = hash_password("correct horse"), hash_password("correct horse")
    assert one.startswith("$argon2id$")
    assert one != other
    assert argon2.PasswordHasher().verify(one, "correct horse")


def test_nobody_has_no_password() -> None:
    assert not password_matches("nobody's", None)
    assert not password_matches("", None)


def test_what_is_no_hash_matches_nothing() -> None:
    assert not password_matches("x", "not a hash")


def test_one_letter_composed_in_two_ways_is_one_password() -> None:
    kept = hash_password(unicodedata.normalize("NFD", "contraseña-áé"))
    assert password_matches(unicodedata.normalize("NFC", "contraseña-áé"), kept)
