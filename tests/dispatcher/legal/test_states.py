"""United States: what verifies an alarm (CS-V-01), which level is told (AVS-01), and what comes after a denial."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.legal.confirmation import Method, Premises, Verdict, verdict
from station.evidence import Evidence, EvidenceKind

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
K = EvidenceKind


def at(
    minutes: float, kind: EvidenceKind = K.DETECTOR, detector: str | None = None, signal: int | None = None
) -> Evidence:
    return Evidence(kind, NOON + dt.timedelta(minutes=minutes), signal, detector)


def says(*evidence: Evidence) -> Verdict:
    return verdict(Premises(country="US"), evidence, LATER)


ALARM, DENIED = at(0, detector="1", signal=1), at(5, K.CONTACT_FALSE)
AGAIN = at(6, detector="1", signal=2)


@pytest.mark.parametrize(
    ("news", "level"),
    [
        (AGAIN, 1),
        (at(6, detector="2", signal=2), 1),
        (at(6, K.TAMPER, "9", 3), 1),
        (at(6, K.PRESENCE), 2),
        (at(6, K.VIDEO), 2),
        (at(6, K.LANDLINE_NO_PASSWORD), 2),
        (at(6, K.THREAT_PROPERTY), 3),
        (at(6, K.THREAT_LIFE), 4),
        (at(6, K.CALL_UNANSWERED, "7"), 0),
        (at(6, K.GUARD_FALSE), 0),
    ],
)
def test_avs_01_what_comes_after_a_false_alarm_counts_anew(news: Evidence, level: int) -> None:
    """Levels 0 to 4; the level can be revised during the incident."""
    assert says(ALARM, DENIED).level == 0
    assert says(ALARM, DENIED, news).level == level


def test_avs_01_two_zones_after_a_false_alarm_are_level_2() -> None:
    """Multiple zones are one of the inputs; those that came before the denial are none."""
    other = at(7, detector="2", signal=3)
    assert says(ALARM, DENIED, AGAIN, other).level == 2
    assert says(ALARM, at(1, detector="2", signal=3), DENIED, AGAIN).level == 1


def test_cs_v_01_calls_after_a_later_alarm_are_ground_again() -> None:
    """Two calls to different numbers; the right passcode ended only what was called about."""
    before = [at(1, K.CALL_UNANSWERED, "7"), at(2, K.CALL_UNANSWERED, "8")]
    calls = [at(7, K.CALL_UNANSWERED, "7"), at(8, K.CALL_UNANSWERED, "8")]
    assert not says(ALARM, *before, DENIED).ground
    assert not says(ALARM, *before, DENIED, AGAIN).ground
    assert not says(ALARM, DENIED, *calls).ground
    assert says(ALARM, DENIED, AGAIN, *calls).ground


def test_cs_v_01_a_call_answered_without_the_passcode_is_a_call() -> None:
    """The premises first, then a responsible person; only the right passcode on either ends it."""
    premises, person = at(1, K.LANDLINE_NO_PASSWORD), at(2, K.CALL_UNANSWERED, "8")
    found = says(ALARM, premises, person)
    assert (found.ground, found.confirmed, found.why) == (True, False, Method.TWO_CALLS)
    assert not says(ALARM, premises).ground
    assert not says(ALARM, premises, at(2, K.LANDLINE_NO_PASSWORD)).ground
    assert not says(ALARM, premises, person, DENIED).ground


def test_avs_01_a_stranger_at_the_premises_telephone_is_level_2() -> None:
    """Confirmed human presence, intent unknown; the right passcode makes it known."""
    assert says(ALARM, at(1, K.LANDLINE_NO_PASSWORD)).level == 2
    assert says(ALARM, at(1, K.LANDLINE_NO_PASSWORD), DENIED).level == 0


def test_cs_v_01_two_zones_verify_and_confirm_nothing() -> None:
    """Cross-zone is one of the more forms of verification."""
    found = says(ALARM, at(3, detector="2", signal=2))
    assert (found.ground, found.confirmed, found.article, found.signals) == (True, False, "CS-V-01", (1, 2))
    assert not says(ALARM, AGAIN).ground
    assert not says(ALARM, at(3, detector="2", signal=2), DENIED).ground
