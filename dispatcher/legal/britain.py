"""United Kingdom: BS 8243, and what the police of the NPCC ask for.

In: the premises and all evidence. Out: each rule that holds. A tamper is a signal of its own and confirms nothing. One
hold-up button is ground to tell police and no confirmed hold-up: that takes a second one, sound, video, or, since 2021
in homes alone, a call back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.verdicts import Found, Method, Premises
from station.evidence import Evidence, EvidenceKind

#: The confirmation time is set in the panel, from 30 to 60 minutes.
SHORTEST_S: Final = 1800
LONGEST_S: Final = 3600
_CUT: Final = frozenset({EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST})


def window_s(premises: Premises) -> float:
    """How far apart the signals may lie that count together."""
    return max(SHORTEST_S, min(premises.window_s or LONGEST_S, LONGEST_S))


def rules(premises: Premises, evidence: Sequence[Evidence]) -> Iterator[Found]:
    """By what the alarm is confirmed."""
    within_s = window_s(premises)
    for kind, method in (
        (EvidenceKind.VIDEO, Method.VIDEO),
        (EvidenceKind.AUDIO, Method.AUDIO),
    ):
        found = counting.first_of(evidence, kind)
        if found is not None:
            yield Found("BS 8243", method, found)
    yield from _hold_up(premises, evidence, within_s)
    two = counting.detectors_within(evidence, 2, within_s)
    if two is not None:
        yield Found("BS 8243", Method.SEQUENTIAL, two)
    cut = counting.beside_detectors(evidence, 1, _CUT, within_s)
    if cut is not None:
        yield Found("BS 8243", Method.PATH, cut)


def _hold_up(premises: Premises, evidence: Sequence[Evidence], within_s: float) -> Iterator[Found]:
    two = counting.detectors_within(evidence, 2, within_s, EvidenceKind.VOLUNTARY)
    if two is not None:
        yield Found("BS 8243", Method.VOLUNTARY, two)
    raised = counting.of_kinds(evidence, {EvidenceKind.VOLUNTARY})
    called = counting.of_kinds(evidence, {EvidenceKind.CONTACT_REAL})
    if premises.domestic and raised and any(call.at >= raised[0].at for call in called):
        yield Found("BS 8243", Method.CALL_BACK, counting.signals_of(raised[:1]))
