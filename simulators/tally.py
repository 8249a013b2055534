"""Counting what panels sent and what they were answered."""

from __future__ import annotations

import statistics

import attrs


@attrs.define
class Tally:
    """Counts of messages, and how long the answers took."""

    #: Messages begun; a repeat of one is not another.
    sent: int = 0
    acknowledged: int = 0
    duh: int = 0
    #: Times a receiver corrected a clock; the message itself ends as one of the other three.
    nak: int = 0
    repeated: int = 0
    unanswered: int = 0
    #: Seconds from the sending of a frame to its acknowledgement.
    answered_s: list[float] = attrs.field(factory=list)

    def percentile_s(self, percent: int) -> float | None:
        """Seconds within which `percent` of the acknowledgements came; None if there is none."""
        if len(self.answered_s) < 2:
            return self.answered_s[0] if self.answered_s else None
        return statistics.quantiles(self.answered_s, n=100, method="inclusive")[percent - 1]
