"""Where no law of ours is known: the sequential rule that Spain and Portugal share, as the station's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

LONGEST_S: Final = 1800
NAME: Final = "station default"
_BESIDE: Final = frozenset({EvidenceKind.TAMPER, EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST})


def rules(premises: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """By what the alarm is confirmed."""
    window_s = min(premises.window_s or LONGEST_S, LONGEST_S)
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
    three = counting.detectors_within(evidence, 3, window_s)
    if three is not None:
        yield Found(NAME, Method.SEQUENTIAL, three)
    beside = counting.beside_detectors(evidence, 2, _BESIDE, window_s)
    if beside is not None:
        yield Found(NAME, Method.TAMPER, beside)
