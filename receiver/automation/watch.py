"""Whether a receiver's link lives.

In: when something was heard, and the time. Out: a signal when the link is lost, and one when it is back. A receiver
says every half minute that it is there; whatever else it says counts as well.
"""

from __future__ import annotations

import datetime as dt

from station.own_signals import own_signal
from station.signals import Kind, Qualifier, Signal


class LinkWatch:
    """One link, connected or not. Seconds are monotonic."""

    def __init__(self, name: str, silence_s: float, now_s: float) -> None:
        """`silence_s`: a link that is silent for longer is lost."""
        self._name = name
        self._silence_s = silence_s
        self._heard_at_s = now_s
        #: None until it is known: an earlier process may have reported the link lost.
        self._lives: bool | None = None

    @property
    def lives(self) -> bool:
        """True while the link is heard from."""
        return self._lives is True

    def heard(self, now_s: float, now: dt.datetime) -> Signal | None:
        """Something sound came. The restore, if the link was lost or may have been."""
        self._heard_at_s = now_s
        if self._lives:
            return None
        self._lives = True
        return self._signal(now, Qualifier.RESTORE, f"Receiver link {self._name}: heard from")

    def look(self, now_s: float, now: dt.datetime) -> Signal | None:
        """The report that the link is lost, once."""
        silent_s = now_s - self._heard_at_s
        if self._lives is False or silent_s <= self._silence_s:
            return None
        self._lives = False
        return self._signal(
            now,
            Qualifier.NEW,
            f"Receiver link {self._name}: nothing heard for {silent_s:.0f} s. What its panels report does not arrive. "
            "Check the receiver and the network.",
        )

    def _signal(self, now: dt.datetime, qualifier: Qualifier, text: str) -> Signal:
        return own_signal(
            now,
            Kind.STATION,
            qualifier,
            account=f"receiver link {self._name}",
            account_id=None,
            text=text,
            occasion=now.isoformat(),
        )
