"""Signals within a window: what every country's sequential rule is made of.

In: evidence in the order of time. Out: the first set of signals that satisfies a rule, if any. The window runs from the
first to the last signal that counts, and both ends count: 30 min 00 s is inside, a second more is not. And what has
come since somebody called the alarm false: what comes later is news, which he did not speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from station.evidence import Evidence, EvidenceKind

DENIALS: Final = frozenset({EvidenceKind.CONTACT_FALSE, EvidenceKind.GUARD_FALSE})
_NO_NEWS: Final = DENIALS | {EvidenceKind.CALL_UNANSWERED}


def in_order(evidence: Sequence[Evidence]) -> list[Evidence]:
    """In the order of time, and of one instant always in the same order, however it was told."""
    return sorted(evidence, key=lambda one: (one.at, one.signal or 0, one.kind.value, one.detector or ""))


def of_kinds(evidence: Sequence[Evidence], kinds: Collection[EvidenceKind]) -> list[Evidence]:
    """The pieces of these kinds."""
    return [piece for piece in evidence if piece.kind in kinds]


def windows(evidence: Sequence[Evidence], window_s: float) -> Iterator[list[Evidence]]:
    """For each piece, the pieces up to it that lie within the window before it."""
    length = dt.timedelta(seconds=window_s)
    for place, last in enumerate(evidence):
        yield [piece for piece in evidence[: place + 1] if last.at - piece.at <= length]


def different(pieces: Sequence[Evidence]) -> list[Evidence]:
    """The first piece of each detector; who names none is one detector.

    A panel that reports by two formats says 1 in one and 001 in the other: that is one detector too.
    """
    firsts: dict[str, Evidence] = {}
    for piece in pieces:
        firsts.setdefault((piece.detector or "").lstrip("0"), piece)
    return list(firsts.values())


def detectors_within(
    evidence: Sequence[Evidence], count: int, window_s: float, kind: EvidenceKind = EvidenceKind.DETECTOR
) -> tuple[int, ...] | None:
    """Signals of so many different detectors, or hold-up buttons, within the window."""
    for inside in windows(of_kinds(evidence, {kind}), window_s):
        firsts = different(inside)
        if len(firsts) >= count:
            return signals_of(firsts[:count])
    return None


def beside_detectors(
    evidence: Sequence[Evidence], count: int, kinds: Collection[EvidenceKind], window_s: float
) -> tuple[int, ...] | None:
    """Signals of so many different detectors, and one of `kinds`, all within the window, in any order."""
    for inside in windows(of_kinds(evidence, {EvidenceKind.DETECTOR, *kinds}), window_s):
        firsts = different(of_kinds(inside, {EvidenceKind.DETECTOR}))
        others = of_kinds(inside, kinds)
        if len(firsts) >= count and others:
            return signals_of([*firsts[:count], others[0]])
    return None


def repeated_detectors(
    evidence: Sequence[Evidence], signals: int, count: int, window_s: float
) -> tuple[int, ...] | None:
    """So many signals, of at least `count` different detectors, within the window."""
    for inside in windows(of_kinds(evidence, {EvidenceKind.DETECTOR}), window_s):
        if len(inside) >= signals and len(different(inside)) >= count:
            return signals_of(inside)
    return None


def first_of(evidence: Sequence[Evidence], kind: EvidenceKind) -> tuple[int, ...] | None:
    """The first piece of a kind."""
    found = of_kinds(evidence, {kind})
    return signals_of(found[:1]) if found else None


def denied_by(evidence: Sequence[Evidence]) -> EvidenceKind | None:
    """Who called it false, if nothing new has come since."""
    denied = of_kinds(evidence, DENIALS)
    return denied[-1].kind if denied and not undenied(evidence, DENIALS) else None


def undenied(evidence: Sequence[Evidence], denials: Collection[EvidenceKind]) -> Sequence[Evidence]:
    """All of it, if nobody called it false; else what has come since he did, from the first news on."""
    last = max((place for place, piece in enumerate(evidence) if piece.kind in denials), default=None)
    if last is None:
        return evidence
    news = (place for place, piece in enumerate(evidence) if place > last and piece.kind not in _NO_NEWS)
    return evidence[next(news, len(evidence)) :]


def signals_of(pieces: Sequence[Evidence]) -> tuple[int, ...]:
    """The ids of their signals; what people said has none."""
    return tuple(piece.signal for piece in pieces if piece.signal is not None)
