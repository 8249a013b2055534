"""What an incident's judgement keeps and when it is written down."""

from __future__ import annotations

import datetime as dt

import attrs

from dispatcher.engine.judging import judge, verdict_on
from dispatcher.legal.confirmation import Method
from station.evidence import Evidence, EvidenceKind
from station.facts import Facts
from station.incidents import Incident, Waiting
from station.plan_events import Judged
from station.progress import EVIDENCE_LIMIT, Progress, with_evidence
from station.signals import Kind

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
K = EvidenceKind


def at(minutes: float, kind: EvidenceKind = K.DETECTOR, detector: str | None = "1", signal: int | None = 1) -> Evidence:
    return Evidence(kind, NOON + dt.timedelta(minutes=minutes), signal, detector)


def incident(country: str, *evidence: Evidence, judged: Judged | None = None, **facts: object) -> Incident:
    known = Facts(country=country, **facts)  # type: ignore[arg-type]
    progress = Progress(facts=known, judged=judged)
    for piece in evidence:
        progress = with_evidence(progress, piece)
    return Incident(
        account_id=1,
        account="1",
        matter="emergency",
        kind=Kind.BURGLARY,
        priority=2,
        authenticated=None,
        state=Waiting(),
        opened_at=NOON,
        points=frozenset(),
        restored_at=None,
        fence=0,
        last_n=1,
        last_signal_n=1,
        signals=1,
        progress=progress,
    )


def now(minutes: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def test_spain_12_1_confirmed_stays_confirmed_when_a_detector_runs_away() -> None:
    """Verified by one or more methods is confirmed; a flood of signals takes nothing back."""
    three = [at(minute, detector=str(minute + 1), signal=minute + 1) for minute in range(3)]
    judged = judge(incident("ES", *three), now(3))
    assert judged is not None
    assert judged.confirmed
    flood = [at(4 + n / 60, signal=10 + n) for n in range(EVIDENCE_LIMIT + 5)]
    later = incident("ES", *three, *flood, judged=judged)
    found = verdict_on(later, now(10))
    assert (found.confirmed, found.article, found.why) == (True, "INT/316/2011 art. 7.1", Method.SEQUENTIAL)
    assert judge(later, now(10)) is None


def test_avs_01_level_0_is_written_down_and_so_is_its_end() -> None:
    """The level is stored, and can be revised during the incident; an alarm begins at 1."""
    assert judge(incident("US", at(0)), now(1)) is None
    denied = incident("US", at(0), at(1, K.CONTACT_FALSE, None, None))
    judged = judge(denied, now(2))
    assert judged is not None
    assert judged.level == 0
    again = incident("US", at(0), at(1, K.CONTACT_FALSE, None, None), at(2, signal=2), judged=judged)
    revised = judge(again, now(3))
    assert revised is not None
    assert revised.level == 1


def test_spain_7_1_an_old_confirmation_of_another_incident_is_not_this_ones() -> None:
    earlier = tuple(at(minute - 45, detector=str(minute + 1), signal=minute + 1) for minute in range(3))
    assert not verdict_on(incident("ES", at(0, signal=9), earlier=earlier), now(1)).confirmed
    lent = tuple(attrs.evolve(piece, at=piece.at + dt.timedelta(minutes=30)) for piece in earlier)
    assert verdict_on(incident("ES", at(0, signal=9), earlier=lent), now(1)).confirmed
