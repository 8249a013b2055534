"""Portugal: Portaria 273/2013, articles 61 to 65, as amended.

In: the premises and all evidence. Out: each rule that holds. A guard is sent when technical verification confirms; what
he reports is passed on, and is no method of confirmation by itself (article 65).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

#: Article 62.1: in less than thirty minutes, so the thirtieth itself is outside; instants are whole microseconds.
#: "E ou" there is read as "and".
LONGEST_S: Final = 1800 - 1e-6
_LAW: Final = "Portaria 273/2013 art. "


def window_s(premises: Premises) -> float:
    """How far apart the signals may lie that count together."""
    return min(premises.window_s or LONGEST_S, LONGEST_S)


def rules(premises: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """The articles under which the alarm is valid."""
    within_s = window_s(premises)
    for kind, article, method in (
        (EvidenceKind.VOLUNTARY, "61", Method.VOLUNTARY),
        (EvidenceKind.VIDEO, "63", Method.VIDEO),
        (EvidenceKind.AUDIO, "64", Method.AUDIO),
    ):
        found = counting.first_of(evidence, kind)
        if found is not None:
            yield Found(f"{_LAW}{article}", method, found)
    three = counting.detectors_within(evidence, 3, within_s)
    if three is not None:
        yield Found(f"{_LAW}62.1", Method.SEQUENTIAL, three)
    cut = counting.beside_detectors(evidence, 2, {EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST}, within_s)
    if cut is not None:
        yield Found(f"{_LAW}62.2", Method.PATH, cut)
    tampered = counting.beside_detectors(evidence, 2, {EvidenceKind.TAMPER}, within_s)
    if tampered is not None:
        yield Found(f"{_LAW}62.2", Method.TAMPER, tampered)
