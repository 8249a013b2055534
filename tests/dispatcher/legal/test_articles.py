"""The confirmation tables against the text of each law: by which article, on which signals, and no second late."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.legal.confirmation import (
    Method,
    Premises,
    Verdict,
    asks_for_ground,
    guard_may_be_sent,
    verdict,
)
from station.evidence import Evidence, EvidenceKind
from station.signals import Kind

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
K = EvidenceKind


def at(minutes: float, kind: EvidenceKind = K.DETECTOR, detector: str | None = "1", signal: int = 1) -> Evidence:
    return Evidence(kind, NOON + dt.timedelta(minutes=minutes), signal, detector)


def zones(*minutes: float) -> list[Evidence]:
    """A different detector at each of these minutes."""
    return [at(minute, detector=str(n), signal=n) for n, minute in enumerate(minutes, start=1)]


def says(country: str, *evidence: Evidence, grade: int = 2, **premises: object) -> Verdict:
    return verdict(Premises(country=country, grade=grade, **premises), evidence, LATER)  # type: ignore[arg-type]


SECOND = 1 / 60

ES, PT = "INT/316/2011 art. ", "Portaria 273/2013 art. "


@pytest.mark.parametrize(
    ("country", "evidence", "article"),
    [
        # Spain, art. 7.1: three, each of a different detector, never over thirty minutes.
        ("ES", zones(0, 10, 30), ES + "7.1"),
        ("ES", zones(0, 10, 30 + SECOND), ""),
        ("ES", [at(0), at(1), at(2)], ""),
        ("ES", zones(0, 10), ""),
        ("ES", [at(0, detector=None), at(1, detector=None), at(2, detector=None)], ""),
        # An early one that does not count hinders no later three.
        ("ES", [at(-40, detector="9"), *zones(0, 10, 20)], ES + "7.1"),
        # 7.2: two, and a tamper or a line cut within the time.
        ("ES", [*zones(0, 10), at(20, K.TAMPER, None)], ES + "7.2"),
        ("ES", [*zones(0, 10), at(20, K.PATH_LOST, None)], ES + "7.2"),
        ("ES", [*zones(0, 10), at(31, K.TAMPER, None)], ""),
        ("ES", [at(0), at(5, K.TAMPER, None)], ""),
        ("ES", [at(0, K.TAMPER, None), at(1, K.TAMPER, None), at(2, K.TAMPER, None)], ""),
        # 8, 9, 10: video, audio, a guard.
        ("ES", [at(0), at(1, K.VIDEO)], ES + "8"),
        ("ES", [at(0), at(1, K.AUDIO)], ES + "9"),
        ("ES", [at(0), at(1, K.GUARD_REAL)], ES + "10"),
        ("ES", [at(0), at(1, K.GUARD_FALSE)], ""),
        # 11: a call alone never; the landline of the place without the right password at once.
        ("ES", [at(0), at(1, K.CALL_UNANSWERED, "1"), at(2, K.CALL_UNANSWERED, "2")], ""),
        ("ES", [at(0), at(1, K.LANDLINE_NO_PASSWORD)], ES + "11"),
        # 12.4: whoever raises it himself.
        ("ES", [at(0, K.VOLUNTARY)], ES + "12.4"),
        # Portugal, art. 62.
        ("PT", zones(0, 10, 29), PT + "62.1"),
        ("PT", zones(0, 10, 31), ""),
        ("PT", [*zones(0, 10), at(12, K.PATH_LOST, None)], PT + "62.2"),
        ("PT", [*zones(0, 10), at(12, K.TAMPER, None)], PT + "62.2"),
        ("PT", [at(0), at(1, K.VIDEO)], PT + "63"),
        ("PT", [at(0), at(1, K.AUDIO)], PT + "64"),
        # A guard is no method there.
        ("GB", zones(0, 60), "BS 8243"),
        ("GB", zones(0, 60 + SECOND), ""),
        ("GB", [at(0), at(1)], ""),
        ("GB", [at(0), at(5, K.PATH_LOST, None)], "BS 8243"),
        ("GB", [at(0), at(5, K.TAMPER, None)], ""),
        ("", zones(0, 10, 30), "station default"),
        ("CL", [*zones(0, 10), at(20, K.TAMPER, None)], "station default"),
        ("US", [at(0), at(1, K.VIDEO)], "ANSI/TMA AVS-01"),
    ],
)
def test_by_which_article(country: str, evidence: list[Evidence], article: str) -> None:
    found = says(country, *evidence)
    assert (found.article, found.confirmed) == (article, bool(article))


def test_it_names_the_signals_that_counted() -> None:
    assert says("ES", *zones(0, 10, 20)).signals == (1, 2, 3)
    tamper = at(12, K.TAMPER, None, signal=9)
    assert says("ES", *zones(0, 10), tamper).signals == (1, 2, 9)


@pytest.mark.parametrize("grade", [3, 4])
def test_grades_3_and_4_take_three_signals_of_two_detectors(grade: int) -> None:
    signals = [at(0, detector="1"), at(1, detector="2", signal=2), at(30, detector="1", signal=3)]
    assert says("ES", *signals, grade=grade).article == ES + "12.2"
    assert not says("ES", *signals, grade=2).confirmed
    assert not says("ES", *signals, grade=grade, detectors_installed=2).confirmed
    assert not says("ES", at(0), at(1), at(2), grade=grade).confirmed


def test_two_paths() -> None:
    cut, alarm = at(10, K.PATH_LOST, None, signal=8), at(0)
    assert says("ES", alarm, cut, dual_path=True).article == ES + "12.3 a"
    assert says("ES", at(-10, K.PATH_LOST, None), alarm, dual_path=True).article == ES + "12.3 b"
    assert says("ES", at(0, K.ALL_PATHS_LOST, None), dual_path=True).article == ES + "12.3 c"
    assert not says("ES", cut, dual_path=True).confirmed
    assert not says("ES", alarm, cut, dual_path=False).confirmed
    assert not says("ES", alarm, at(31, K.PATH_LOST, None), dual_path=True).confirmed


def test_the_premises_own_window_is_shorter_and_never_longer() -> None:
    assert not says("ES", *zones(0, 5, 11), window_s=600).confirmed
    assert says("ES", *zones(0, 5, 10), window_s=600).confirmed
    assert not says("ES", *zones(0, 10, 31), window_s=7200).confirmed
    assert not says("GB", *zones(0, 31), window_s=1800).confirmed


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (K.WITNESS, Method.WITNESS),
        (K.CONTACT_REAL, Method.WITNESS),
        (K.VIDEO, Method.VIDEO),
        (K.GUARD_REAL, Method.PERSONAL),
    ],
)
@pytest.mark.parametrize("country", ["ES", "PT", "GB", "US", ""])
def test_a_witness_always_suffices_to_tell_police(country: str, kind: EvidenceKind, method: Method) -> None:
    found = says(country, at(0), at(1, kind))
    assert (found.ground, found.why) == (True, method)


def test_portugal_sends_a_guard_when_signals_confirm_and_he_is_no_method() -> None:
    premises = Premises(country="PT")
    assert not guard_may_be_sent(premises, says("PT", *zones(0, 1)))
    assert guard_may_be_sent(premises, says("PT", *zones(0, 1, 2)))
    assert not says("PT", at(0), at(1, K.GUARD_REAL)).confirmed
    assert guard_may_be_sent(Premises(country="ES"), says("ES", at(0)))


def test_two_calls_to_different_numbers_are_ground_in_the_states() -> None:
    unanswered = at(1, K.CALL_UNANSWERED, "1")
    assert not says("US", at(0), unanswered, at(2, K.CALL_UNANSWERED, "1")).ground
    found = says("US", at(0), unanswered, at(2, K.CALL_UNANSWERED, "2"))
    assert (found.ground, found.confirmed, found.article) == (True, False, "CS-V-01")
    assert not says("US", at(0), unanswered, at(2, K.CALL_UNANSWERED, "2"), at(3, K.CONTACT_FALSE)).ground


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        ([at(0), at(1, K.CONTACT_FALSE)], 0),
        ([at(0)], 1),
        (zones(0, 5), 2),
        ([at(0), at(1, K.PRESENCE)], 2),
        ([at(0), at(1, K.THREAT_PROPERTY)], 3),
        ([at(0), at(1, K.THREAT_LIFE)], 4),
        ([at(0, K.VOLUNTARY)], 4),
    ],
)
def test_levels_of_avs_01(evidence: list[Evidence], level: int) -> None:
    assert says("US", *evidence).level == level
    assert says("ES", *evidence).level is None


def test_life_safety_never_asks() -> None:
    asking = {kind for kind in Kind if asks_for_ground(kind)}
    assert not asking & {Kind.FIRE, Kind.MEDICAL, Kind.PANIC_HOLDUP, Kind.GAS_CO}
    assert {Kind.BURGLARY, Kind.TAMPER, Kind.UNTYPED} <= asking


pieces = st.builds(
    at,
    st.integers(0, 120),
    st.sampled_from(K),
    st.sampled_from([None, "1", "2", "3"]),
    st.integers(1, 50),
)
countries = st.sampled_from(["ES", "PT", "GB", "US", ""])


@given(countries, st.lists(pieces, max_size=8), pieces)
def test_more_evidence_unconfirms_nothing(country: str, evidence: list[Evidence], more: Evidence) -> None:
    if says(country, *evidence).confirmed:
        assert says(country, *evidence, more).confirmed


@given(countries, st.lists(pieces, max_size=8), st.randoms())
def test_the_order_in_which_it_is_told_does_not_matter(
    country: str, evidence: list[Evidence], rnd: random.Random
) -> None:
    shuffled = rnd.sample(evidence, len(evidence))
    assert says(country, *evidence).confirmed == says(country, *shuffled).confirmed


@given(countries, st.lists(pieces, max_size=8))
def test_what_is_confirmed_is_ground(country: str, evidence: list[Evidence]) -> None:
    found = says(country, *evidence)
    assert found.ground or not found.confirmed
