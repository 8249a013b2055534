"""The customer's password as it is heard: accents, case and spacing forgiven, the word itself kept nowhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
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


def test_duress_is_told_apart() -> None:
    assert check(KEY, "fogo posto", PASSWORD, DURESS) is Heard.DURESS
    assert check(KEY, "fogo posto", PASSWORD, None) is Heard.NO_MATCH
    assert check(KEY, "agua fria", None, DURESS) is Heard.NO_MATCH


def test_the_word_is_kept_nowhere_and_equal_words_look_different() -> None:
    assert "gua" not in PASSWORD.casefold().partition("$p=1")[2] or "aguafria" not in PASSWORD.casefold()
    assert keep(KEY, "Água Fria") != PASSWORD
    assert "m=8192,t=1,p=1" in PASSWORD


def test_another_stations_key_opens_nothing() -> None:
    assert check(StationKey.generate(), "agua fria", PASSWORD, DURESS) is Heard.NO_MATCH
    with pytest.raises(WrongStationKey):
        check(KEY, "agua fria", "9:" + PASSWORD.partition(":")[2], None)


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
    refuse_confusable("agua", "fogo")


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=3, max_size=12), st.data())
@settings(max_examples=25, deadline=None)
def test_however_it_is_spelt(word: str, data: st.DataObject) -> None:
    if len(normalised(word)) < 3 or normalised(word.swapcase()) != normalised(word):
        return  # a few scripts have letters that no capital comes back from
    spelt = "".join(letter + data.draw(st.sampled_from(["", " ", "-"])) for letter in word.swapcase())
    assert check(KEY, unicodedata.normalize("NFD", spelt), keep(KEY, word), None) is Heard.MATCH
