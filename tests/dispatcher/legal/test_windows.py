"""Windows to the microsecond, and what other incidents of the account may lend to this one."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.legal.confirmation import Method, Premises, still_counting, verdict
from station.evidence import Evidence, EvidenceKind

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
K = EvidenceKind


def at(minutes: float, kind: EvidenceKind = K.DETECTOR, detector: str | None = "1", signal: int = 1) -> Evidence:
    return Evidence(kind, NOON + dt.timedelta(minutes=minutes), signal, detector)


def zones(*minutes: float) -> list[Evidence]:
    return [at(minute, detector=str(n), signal=n) for n, minute in enumerate(minutes, start=1)]


def confirmed(country: str, *evidence: Evidence, **premises: object) -> bool:
    return verdict(Premises(country=country, **premises), evidence, LATER).confirmed  # type: ignore[arg-type]


@pytest.mark.parametrize("last", [at(30, detector="3", signal=3), at(30, K.TAMPER, None), at(30, K.PATH_LOST, None)])
def test_portugal_62_the_thirtieth_minute_is_outside(last: Evidence) -> None:
    """Art. 62.1: in less than 30 minutes. Spain's art. 7.1: never over 30 minutes."""
    just_before = Evidence(last.kind, last.at - TICK, last.signal, last.detector)
    assert not confirmed("PT", *zones(0, 10), last)
    assert not confirmed("PT", *zones(0, 10), last, window_s=1800)
    assert confirmed("PT", *zones(0, 10), just_before)
    assert confirmed("ES", *zones(0, 10), last)


@pytest.mark.parametrize("country", ["ES", "PT", "GB", ""])
def test_one_detector_in_two_formats_is_one(country: str) -> None:
    """Art. 7.1: each from a different detector; BS 8243: independent ones."""
    assert not confirmed(country, at(0, detector="1"), at(1, detector="001"), at(2, detector="01"))
    assert not confirmed(country, at(0, detector=None), at(1, detector="000"), at(2, detector=""))
    assert confirmed(country, at(0, detector="1"), at(1, detector="010"), at(2, detector="100"))


def test_elsewhere_a_cut_line_is_named_as_such() -> None:
    found = verdict(Premises(), [*zones(0, 10), at(20, K.PATH_LOST, None)], LATER)
    assert found.why is Method.PATH
    assert verdict(Premises(), [*zones(0, 10), at(20, K.TAMPER, None)], LATER).why is Method.TAMPER


CONFIRMED = zones(0, 1, 2)


@pytest.mark.parametrize(
    ("country", "earlier", "opening", "whether"),
    [
        # Spain, art. 7.1: three within the time, the new one among them.
        ("ES", CONFIRMED, 20, True),
        ("ES", CONFIRMED, 45, False),
        # Art. 12.3 c and 12.4 hold of the alarm that they were, not of another one later.
        ("ES", [at(0, K.ALL_PATHS_LOST, None)], 45, False),
        ("ES", [at(0, K.VOLUNTARY)], 45, False),
        ("PT", CONFIRMED, 45, False),
        # Britain: up to sixty minutes.
        ("GB", zones(0, 1), 45, True),
        ("GB", zones(0, 1), 65, False),
        ("US", [at(0, K.VOLUNTARY)], 45, False),
        ("", CONFIRMED, 45, False),
    ],
)
def test_what_another_incident_was_confirmed_by_confirms_no_later_one(
    country: str, earlier: list[Evidence], opening: float, *, whether: bool
) -> None:
    premises = Premises(country=country, dual_path=True)
    own = [at(opening, detector="1", signal=9)]
    lent = still_counting(premises, earlier, own)
    assert verdict(premises, [*lent, *own], LATER).confirmed is whether


def test_closing_does_not_begin_the_window_anew() -> None:
    """Art. 7.1: the window counts signals, whichever incident they are of; both ends count."""
    premises, own = Premises(country="ES"), [at(30, detector="3", signal=3)]
    assert still_counting(premises, zones(0, 10), own) == zones(0, 10)
    assert still_counting(premises, zones(-1, 10), own) == zones(-1, 10)[1:]
    assert still_counting(premises, zones(0, 10), []) == []


def test_spain_12_2_reaches_back_thirty_minutes_whatever_the_premises_set() -> None:
    """Grades 3 and 4: three signals of two detectors within 30 minutes."""
    bank = Premises(country="ES", grade=3, window_s=300)
    own = [at(25, detector="1", signal=3)]
    lent = still_counting(bank, zones(0, 10), own)
    assert verdict(bank, [*lent, *own], LATER).article == "INT/316/2011 art. 12.2"
