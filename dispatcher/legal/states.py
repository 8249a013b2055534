"""United States: TMA CS-V-01 (two calls to different numbers) and ANSI/TMA AVS-01 (levels 0 to 4).

In: all evidence. Out: whether police may be told, and the level that is told with it. Nothing "confirms" an alarm in
the European sense but what people see: presence is level 2, a threat to property 3, a threat to life 4. Two calls, or
two zones, verify it: that is ground and no confirmation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

WINDOW_S: Final = 1800
_CALLS_NEEDED: Final = 2
_HUMAN: Final = frozenset(
    {
        EvidenceKind.PRESENCE,
        EvidenceKind.VIDEO,
        EvidenceKind.AUDIO,
        EvidenceKind.WITNESS,
        EvidenceKind.CONTACT_REAL,
        EvidenceKind.GUARD_REAL,
    }
)
#: A call that the right password did not end.
_CALLS: Final = frozenset({EvidenceKind.CALL_UNANSWERED, EvidenceKind.LANDLINE_NO_PASSWORD})


def reach_s(_: Premises) -> float:
    """How far apart the signals may lie that count together."""
    return WINDOW_S


def rules(_: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """By what the alarm is confirmed: a person saw, heard or said it."""
    for kind, method in (
        (EvidenceKind.VOLUNTARY, Method.VOLUNTARY),
        (EvidenceKind.THREAT_LIFE, Method.WITNESS),
        (EvidenceKind.THREAT_PROPERTY, Method.WITNESS),
        (EvidenceKind.VIDEO, Method.VIDEO),
        (EvidenceKind.AUDIO, Method.AUDIO),
        (EvidenceKind.GUARD_REAL, Method.PERSONAL),
    ):
        found = counting.first_of(evidence, kind)
        if found is not None:
            yield Found("ANSI/TMA AVS-01", method, found)


def two_calls(evidence: Sequence[Evidence]) -> Found | None:
    """Two calls to different numbers, and nobody who took it back; who did spoke of no alarm that came later."""
    standing = counting.undenied(evidence, {EvidenceKind.CONTACT_FALSE})
    called = {piece.detector for piece in counting.of_kinds(standing, _CALLS)}
    return Found("CS-V-01", Method.TWO_CALLS) if len(called) >= _CALLS_NEEDED else None


def cross_zone(evidence: Sequence[Evidence]) -> Found | None:
    """Two zones, since somebody last called it false."""
    two = _zones(evidence)
    return None if two is None else Found("CS-V-01", Method.SEQUENTIAL, two)


def level(evidence: Sequence[Evidence]) -> int:
    """The alarm validation score, 0 to 4."""
    kinds = {piece.kind for piece in evidence}
    if kinds & {EvidenceKind.THREAT_LIFE, EvidenceKind.VOLUNTARY}:
        return 4
    if EvidenceKind.THREAT_PROPERTY in kinds:
        return 3
    if kinds & _HUMAN:
        return 2
    if counting.denied_by(evidence) is not None:
        return 0
    # Somebody is there to lift the receiver and can't say who he is, until the right password says it.
    landline = counting.of_kinds(counting.undenied(evidence, counting.DENIALS), {EvidenceKind.LANDLINE_NO_PASSWORD})
    if landline or _zones(evidence) is not None:
        return 2
    return 1 if kinds else 0


def _zones(evidence: Sequence[Evidence]) -> tuple[int, ...] | None:
    return counting.detectors_within(counting.undenied(evidence, counting.DENIALS), 2, WINDOW_S)
