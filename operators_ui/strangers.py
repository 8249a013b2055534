"""Tries to sign on with names that nobody has: all are counted, one a minute is kept.

In: a try, and when. Out: whether it belongs in the audit trail, whose rows stay for ever and are written one after
another: whoever finds the door must not be able to fill it, nor to keep the station's own lines waiting.
"""

from __future__ import annotations

from typing import Final

from operators_ui.metrics import UNKNOWN_NAMES

_KEPT_EVERY_S: Final = 60.0


class Strangers:
    """Counts those whom nobody knows."""

    def __init__(self) -> None:
        self._kept_at_s = -float("inf")

    def tried(self, now_s: float) -> bool:
        """Count a try at `now_s`, by a monotonic clock; True if it is the one to keep."""
        UNKNOWN_NAMES.inc()
        if now_s - self._kept_at_s < _KEPT_EVERY_S:
            return False
        self._kept_at_s = now_s
        return True
