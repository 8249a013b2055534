"""Spain: Orden INT/316/2011, articles 7 to 12, as consolidated in 2020.

In: the premises and all evidence. Out: each rule that holds, the strongest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

#: Article 7.1: never over thirty minutes, whatever the premises set.
LONGEST_S: Final = 1800
_LAW: Final = "INT/316/2011 art. "
_CUT: Final = frozenset({EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST})
_HIGH_GRADES: Final = frozenset({3, 4})


def window_s(premises: Premises) -> float:
    """How far apart the signals may lie that count together."""
    return min(premises.window_s or LONGEST_S, LONGEST_S)


def reach_s(premises: Premises) -> float:
    """How far back anything may count: article 12.2 knows no shorter time of the premises' own."""
    return LONGEST_S if premises.grade in _HIGH_GRADES else window_s(premises)


def rules(premises: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """The articles under which the alarm is confirmed."""
    within_s = window_s(premises)
    yield from _by_people(evidence)
    yield from _by_paths(premises, evidence, within_s)
    three = counting.detectors_within(evidence, 3, within_s)
    if three is not None:
        yield Found(f"{_LAW}7.1", Method.SEQUENTIAL, three)
    tampered = counting.beside_detectors(evidence, 2, {EvidenceKind.TAMPER}, within_s)
    if tampered is not None:
        yield Found(f"{_LAW}7.2", Method.TAMPER, tampered)
    cut = counting.beside_detectors(evidence, 2, _CUT, within_s)
    if cut is not None:
        yield Found(f"{_LAW}7.2", Method.PATH, cut)
    if premises.grade in _HIGH_GRADES and (premises.detectors_installed or 3) >= 3:
        repeated = counting.repeated_detectors(evidence, 3, 2, LONGEST_S)
        if repeated is not None:
            yield Found(f"{_LAW}12.2", Method.SEQUENTIAL, repeated)


def _by_people(evidence: Sequence[Evidence]) -> Iterator[Found]:
    for kind, article, method in (
        (EvidenceKind.VOLUNTARY, "12.4", Method.VOLUNTARY),
        (EvidenceKind.VIDEO, "8", Method.VIDEO),
        (EvidenceKind.AUDIO, "9", Method.AUDIO),
        (EvidenceKind.GUARD_REAL, "10", Method.PERSONAL),
        (EvidenceKind.LANDLINE_NO_PASSWORD, "11", Method.LANDLINE),
    ):
        found = counting.first_of(evidence, kind)
        if found is not None:
            yield Found(f"{_LAW}{article}", method, found)


def _by_paths(premises: Premises, evidence: Sequence[Evidence], within_s: float) -> Iterator[Found]:
    both = counting.first_of(evidence, EvidenceKind.ALL_PATHS_LOST)
    if not premises.dual_path:
        return
    if both is not None:
        yield Found(f"{_LAW}12.3 c", Method.DUAL_PATH, both)
    for inside in counting.windows(counting.of_kinds(evidence, {EvidenceKind.DETECTOR, *_CUT}), within_s):
        last = inside[-1]
        cuts, alarms = counting.of_kinds(inside, _CUT), counting.of_kinds(inside, {EvidenceKind.DETECTOR})
        if last.kind in _CUT and alarms:
            yield Found(f"{_LAW}12.3 a", Method.DUAL_PATH, counting.signals_of([alarms[0], last]))
            return
        if last.kind is EvidenceKind.DETECTOR and cuts:
            yield Found(f"{_LAW}12.3 b", Method.DUAL_PATH, counting.signals_of([cuts[0], last]))
            return
