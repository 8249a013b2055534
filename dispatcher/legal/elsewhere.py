"""Where no law of ours is known: the sequential rule that Spain and Portugal share, as the station's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

LONGEST_S: Final = 1800
NAME: Final = "station default"
_TAMPER: Final = frozenset({EvidenceKind.TAMPER})
_CUT: Final = frozenset({EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST})


def window_s(premises: Premises) -> float:
    """How far apart the signals may lie that count together."""
    return min(premises.window_s or LONGEST_S, LONGEST_S)


def rules(premises: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """By what the alarm is confirmed."""
    within_s = window_s(premises)
    for kind, method in (
        (EvidenceKind.VOLUNTARY, Method.VOLUNTARY),
        (EvidenceKind.VIDEO, Method.VIDEO),
        (EvidenceKind.AUDIO, Method.AUDIO),
        (EvidenceKind.GUARD_REAL, Method.PERSONAL),
        (EvidenceKind.LANDLINE_NO_PASSWORD, Method.LANDLINE),
    ):
        found = counting.first_of(evidence, kind)
        if found is not None:
            yield Found(NAME, method, found)
    three = counting.detectors_within(evidence, 3, within_s)
    if three is not None:
        yield Found(NAME, Method.SEQUENTIAL, three)
    for kinds, method in ((_TAMPER, Method.TAMPER), (_CUT, Method.PATH)):
        beside = counting.beside_detectors(evidence, 2, kinds, within_s)
        if beside is not None:
            yield Found(NAME, method, beside)
