"""What would still confirm an alarm, as the law stands and with what has come so far.

In: the premises, all evidence, and `now`. Out: each thing that would do it by itself if it came at this instant. The
country's own table is asked, so this can't say otherwise than the verdict.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dispatcher.legal import counting
from dispatcher.legal.confirmation import confirmed_by
from dispatcher.legal.verdicts import Premises
from station.evidence import Evidence, EvidenceKind


class Missing(enum.Enum):
    """One thing that would be enough."""

    #: Another signal of the detector that reported last.
    SAME_DETECTOR = "same_detector"
    ANOTHER_DETECTOR = "another_detector"
    TWO_MORE_DETECTORS = "two_more_detectors"
    TAMPER = "tamper"
    PATH_LOST = "path_lost"
    VIDEO = "video"
    AUDIO = "audio"
    #: A guard who finds it real.
    GUARD = "guard"
    #: The landline of the place, answered without the right password.
    LANDLINE = "landline"
    #: A call back, after a hold-up.
    CALL_BACK = "call_back"


_ONE_PIECE: Final[Mapping[Missing, EvidenceKind]] = {
    Missing.TAMPER: EvidenceKind.TAMPER,
    Missing.PATH_LOST: EvidenceKind.PATH_LOST,
    Missing.VIDEO: EvidenceKind.VIDEO,
    Missing.AUDIO: EvidenceKind.AUDIO,
    Missing.GUARD: EvidenceKind.GUARD_REAL,
    Missing.LANDLINE: EvidenceKind.LANDLINE_NO_PASSWORD,
    Missing.CALL_BACK: EvidenceKind.CONTACT_REAL,
}


def what_is_missing(premises: Premises, evidence: Sequence[Evidence], now: dt.datetime) -> tuple[Missing, ...]:
    """What would be enough, detectors first; nothing, if the alarm is confirmed."""
    pieces = [piece for piece in evidence if piece.at <= now]
    if confirmed_by(premises, counting.in_order(pieces)) is not None:
        return ()
    enough = [
        missing
        for missing, coming in _coming(pieces, now)
        if confirmed_by(premises, counting.in_order([*pieces, *coming])) is not None
    ]
    if Missing.ANOTHER_DETECTOR in enough:
        enough.remove(Missing.TWO_MORE_DETECTORS)
    return tuple(enough)


def _coming(evidence: Sequence[Evidence], now: dt.datetime) -> Iterator[tuple[Missing, Sequence[Evidence]]]:
    detectors = counting.in_order(counting.of_kinds(evidence, {EvidenceKind.DETECTOR}))
    # Longer than every name, so it is none of them.
    new = "+" + max((piece.detector or "" for piece in detectors), key=len, default="")
    others = [Evidence(EvidenceKind.DETECTOR, now, detector=name) for name in (new, new + "+")]
    if detectors:
        again = Evidence(EvidenceKind.DETECTOR, now, detector=detectors[-1].detector)
        yield Missing.SAME_DETECTOR, [again]
    yield Missing.ANOTHER_DETECTOR, others[:1]
    yield Missing.TWO_MORE_DETECTORS, others
    for missing, kind in _ONE_PIECE.items():
        yield missing, [Evidence(kind, now)]
