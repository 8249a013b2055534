"""The customer's password as it is heard: accents, case and spacing forgiven, the word itself kept nowhere."""

from __future__ import annotations

import unicodedata
from typing import Literal

import argon2
import argon2.exceptions
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.response_events import Heard
from station.spoken_passwords import WeakPassword, check, keep, normalised, refuse_confusable
from station.station_key import StationKey, WrongStationKey

KEY = StationKey.generate()
PASSWORD, DURESS = keep(KEY, "Água Fria"), keep(KEY, "Fogo Posto")


@pytest.mark.parametrize("heard", ["Água Fria", "agua fria", "AGUA-FRIA", "  ágüa   fria! ", "a g u a f r i a"])
def test_it_is_forgiving(heard: str) -> None:
    assert check(KEY, heard, PASSWORD, DURESS) is Heard.MATCH


@pytest.mark.parametrize("heard", ["", "   ", "agua", "água quente", "fogo", "friaagua", "."])
def test_it_is_not_too_forgiving(heard: str) -> None:
    assert check(KEY, heard, PASSWORD, DURESS) is Heard.NO_MATCH


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("Ñandú", "nandu"),
        ("corazón", "CORAZÓN"),
        ("São João 25", "sao-joao, 25"),
        ("Pingüino", "pinguino"),
        ("Coração", "c o r a c a o"),
        ("Straße", "STRASSE"),
        ("1.234", "12 34"),
        ("\ufb01n", "fin"),
    ],
)
def test_spellings_of_one_word(word: str, same: str) -> None:
    assert normalised(word) == normalised(same)


@pytest.mark.parametrize(("word", "other"), [("veinte", "20"), ("dos", "2"), ("caña", "cana1"), ("casa", "caza")])
def test_words_that_differ(word: str, other: str) -> None:
    assert normalised(word) != normalised(other)


def test_duress_is_told_apart() -> None:
    assert check(KEY, "fogo posto", PASSWORD, DURESS) is Heard.DURESS
    assert check(KEY, "fogo posto", PASSWORD, None) is Heard.NO_MATCH
    assert check(KEY, "agua fria", None, DURESS) is Heard.NO_MATCH


def test_the_word_is_kept_nowhere_and_equal_words_look_different() -> None:
    assert not [word for word in ("água fria", "agua fria", "aguafria") if word in PASSWORD.casefold()]
    assert keep(KEY, "Água Fria") != PASSWORD
    assert "m=8192,t=1,p=1" in PASSWORD


def test_another_stations_key_opens_nothing() -> None:
    assert check(StationKey.generate(), "agua fria", PASSWORD, DURESS) is Heard.NO_MATCH
    with pytest.raises(WrongStationKey):
        check(KEY, "agua fria", "9:" + PASSWORD.partition(":")[2], None)


def test_words_kept_before_the_key_was_rotated_still_count() -> None:
    old, rotated = StationKey({1: b"o" * 32}), StationKey({1: b"o" * 32, 2: b"n" * 32})
    password, duress = keep(old, "agua fria"), keep(rotated, "fogo posto")
    assert (password.partition(":")[0], duress.partition(":")[0]) == ("1", "2")
    assert check(rotated, "agua fria", password, duress) is Heard.MATCH
    assert check(rotated, "fogo posto", password, duress) is Heard.DURESS


class Counting(argon2.PasswordHasher):
    """Counts the hashes that were really computed: a damaged one is refused before."""

    def __init__(self) -> None:
        super().__init__()
        self.computed = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - as the library names it
        try:
            found = super().verify(hash, password)
        except argon2.exceptions.VerifyMismatchError:
            self.computed += 1
            raise
        self.computed += 1
        return found


@pytest.mark.parametrize("heard", ["agua fria", "fogo posto", "quente", ""])
@pytest.mark.parametrize("password", [PASSWORD, None], ids=["password", "no password"])
@pytest.mark.parametrize("duress", [DURESS, None], ids=["duress", "no duress"])
def test_the_work_is_the_same_whatever_is_kept_and_heard(heard: str, password: str | None, duress: str | None) -> None:
    hasher = Counting()
    check(KEY, heard, password, duress, hasher=hasher)
    assert hasher.computed == 2


@pytest.mark.parametrize("word", ["", "a", "ab", " - "])
def test_a_word_that_says_too_little_is_refused(word: str) -> None:
    with pytest.raises(WeakPassword):
        keep(KEY, word)


@pytest.mark.parametrize(("password", "duress"), [("agua fria", "Água-Fria"), ("1234", "1235"), ("1000", "999")])
def test_words_that_could_be_confused_are_refused(password: str, duress: str) -> None:
    with pytest.raises(WeakPassword):
        refuse_confusable(password, duress)


def test_other_words_are_not() -> None:
    refuse_confusable("1234", "4321")
    refuse_confusable("1234", "1236")
    refuse_confusable("agua", "fogo")


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=3, max_size=12), st.data())
@settings(max_examples=25, deadline=None)
def test_however_it_is_spelt(word: str, data: st.DataObject) -> None:
    if len(normalised(word)) < 3 or normalised(word.swapcase()) != normalised(word):
        return  # a few scripts have letters that no capital comes back from
    spelt = "".join(
        letter + data.draw(st.sampled_from(["", " ", "-", "\u0301", "\u0303", "\u0327. "]))
        for letter in word.swapcase()
    )
    assert check(KEY, unicodedata.normalize("NFD", spelt), keep(KEY, word), None) is Heard.MATCH


@given(st.lists(st.text("abcñ1é ", min_size=3, max_size=6), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_password_and_duress_are_never_taken_for_each_other(words: list[str]) -> None:
    password, duress, heard = words
    assume(min(len(normalised(password)), len(normalised(duress))) >= 3 and normalised(password) != normalised(duress))
    kept, kept_duress = keep(KEY, password), keep(KEY, duress)
    assert check(KEY, password, kept, kept_duress) is Heard.MATCH
    assert check(KEY, duress, kept, kept_duress) is Heard.DURESS
    assume(normalised(heard) not in {normalised(password), normalised(duress)})
    assert check(KEY, heard, kept, kept_duress) is Heard.NO_MATCH
