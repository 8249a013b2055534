"""Copies among signals that are read together.

In: signals in the order of receipt. Out: copy -> original, for those whose original stands before them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from station.signals import StoredSignal

#: A panel repeats an unanswered frame within this; later, the same content is a new event (some panels number
#: everything 0001, so content and number alone prove nothing).
REPEAT_WINDOW: Final = dt.timedelta(minutes=3)


def copies_among(signals: Sequence[StoredSignal]) -> dict[int, int]:
    """Which of `signals` repeat an earlier one of them."""
    firsts: dict[bytes, StoredSignal] = {}
    copies: dict[int, int] = {}
    for signal in signals:
        if signal.repeat_key is not None:
            first = firsts.get(signal.repeat_key)
            if first is not None and signal.received_at <= first.received_at + REPEAT_WINDOW:
                copies[signal.id] = first.id
            else:
                firsts[signal.repeat_key] = signal
    return copies
