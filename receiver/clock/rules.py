"""Whether our own clock is known to be right, and when a person is told.

In: a look at the clock each second, what time sources and the database's clock say, monotonic seconds. Out: whether
panels may be told the time, and what to report. Nobody's word, and nothing against it, counts as right: a station
without any source would otherwise never send a NAK.
"""

from __future__ import annotations

import datetime as dt
import enum
import statistics
from collections.abc import Sequence
from typing import Final

import attrs

from receiver.clock.settings import ClockSettings
from receiver.clock.sntp import Measured
from station.signals import Qualifier

#: No clock that is right shows a time before this program was written.
_WRITTEN_AT: Final = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
#: Whoever sets the clock need not be told that it jumped, if it is confirmed so soon.
_JUMP_TOLD_AFTER_S: Final = 30.0


class Standing(enum.Enum):
    """What is known of the clock."""

    RIGHT = "right"
    #: Time sources are set, and none has answered since the start.
    UNCONFIRMED = "unconfirmed"
    #: It jumped, and nobody has confirmed it since.
    JUMPED = "jumped"
    #: No time source has answered for long.
    SILENT = "silent"
    #: A source shows another time.
    OFF = "off"
    #: A time before this program was written.
    ABSURD = "absurd"


@attrs.frozen(kw_only=True)
class Finding:
    """What one look comes to."""

    standing: Standing
    #: Our clock less the sources', in seconds; None if nobody has said.
    ahead_s: float | None
    #: It jumped just now: ask the sources at once.
    jumped: bool
    #: What to report now: NEW or RESTORE, with `text`.
    report: Qualifier | None
    #: What people read: the matter, and what to do.
    text: str

    @property
    def right(self) -> bool:
        """Panels may be told the time."""
        return self.standing is Standing.RIGHT


class OwnClock:
    """What is known so far."""

    def __init__(self, settings: ClockSettings, host: str, now_s: float, now: dt.datetime) -> None:
        """`host` is named in what people read."""
        self._settings = settings
        self._host = host
        #: Our clock less the monotonic one, when it was last trusted, or after the last jump.
        self._lead_s = now.timestamp() - now_s
        self._jump_s = 0.0
        self._jumped_at_s: float | None = None
        self._absurd = now < _WRITTEN_AT
        #: When time sources last answered; before that, the start.
        self._answered_at_s = now_s
        self._sources_ahead_s: float | None = None
        self._database_ahead_s: float | None = None
        #: The database's clock once showed another time, so it is not ours under another address.
        self._database_differs = False
        #: Somebody has once agreed.
        self._confirmed = False
        self._off = False
        #: What a person was told last; None: not known, an earlier process may have reported.
        self._told: Standing | None = None

    def sources_said(self, measured: Sequence[Measured], now_s: float) -> None:
        """Take in the answers of one round of questions to time sources; there may be none."""
        ahead_s = _middle([one.ahead_s for one in measured if self._is_exact(one)])
        if ahead_s is None:
            return
        self._sources_ahead_s, self._answered_at_s = ahead_s, now_s
        if self._agrees(ahead_s):
            self._confirm()

    def database_said(self, measured: Measured) -> None:
        """Take in the clock of a database on another host, as far as that is known."""
        if not self._is_exact(measured):
            return
        self._database_ahead_s = measured.ahead_s
        if not self._agrees(measured.ahead_s):
            self._database_differs = True
        # One that never differed may be ours, and have jumped along with us.
        elif self._database_differs:
            self._confirm()

    def look(self, now_s: float, now: dt.datetime) -> Finding:
        """Look at our clock; both read at the same moment."""
        jumped = self._notice_jump(now_s, now)
        self._absurd = now < _WRITTEN_AT
        standing = self._standing(now_s)
        self._off = standing is Standing.OFF
        return Finding(
            standing=standing,
            ahead_s=self._ahead_s,
            jumped=jumped,
            report=self._report(standing, now_s),
            text=self._text(standing, now),
        )

    @property
    def _ahead_s(self) -> float | None:
        return self._database_ahead_s if self._sources_ahead_s is None else self._sources_ahead_s

    def _is_exact(self, measured: Measured) -> bool:
        # The time on the way is not known to be the same in both directions.
        return measured.round_trip_s <= self._settings.clock_tolerance_s

    def _agrees(self, ahead_s: float) -> bool:
        # Half of it to come back: a clock at the edge must not go to and fro.
        return abs(ahead_s) <= self._settings.clock_tolerance_s / (2 if self._off else 1)

    def _confirm(self) -> None:
        self._confirmed = True
        self._jumped_at_s = None

    def _notice_jump(self, now_s: float, now: dt.datetime) -> bool:
        lead_s = now.timestamp() - now_s
        jump_s = lead_s - self._lead_s
        if abs(jump_s) <= self._settings.clock_tolerance_s:
            return False
        self._lead_s = lead_s
        self._jump_s = jump_s
        self._jumped_at_s = now_s
        # They spoke of the clock as it was.
        self._sources_ahead_s = self._database_ahead_s = None
        return True

    def _standing(self, now_s: float) -> Standing:
        if self._absurd:
            return Standing.ABSURD
        if self._ahead_s is not None and not self._agrees(self._ahead_s):
            return Standing.OFF
        if self._settings.time_sources:
            if now_s - self._answered_at_s >= self._settings.time_sources_silent_s:
                return Standing.SILENT
            if not self._confirmed and self._jumped_at_s is None:
                return Standing.UNCONFIRMED
        elif self._jumped_at_s is not None and now_s - self._jumped_at_s >= self._settings.clock_calm_s:
            self._jumped_at_s = None
        return Standing.RIGHT if self._jumped_at_s is None else Standing.JUMPED

    def _report(self, standing: Standing, now_s: float) -> Qualifier | None:
        if standing is self._told:
            return None
        match standing:
            case Standing.RIGHT:
                if self._told is None and not self._confirmed:
                    return None  # what an earlier process reported may still be so
                self._told = standing
                return Qualifier.RESTORE
            case Standing.UNCONFIRMED:
                return None
            case Standing.JUMPED:
                since_s = 0.0 if self._jumped_at_s is None else now_s - self._jumped_at_s
                if since_s < _JUMP_TOLD_AFTER_S:
                    return None
            case Standing.SILENT | Standing.OFF | Standing.ABSURD:
                pass
        self._told = standing
        return Qualifier.NEW

    def _text(self, standing: Standing, now: dt.datetime) -> str:
        clock = f"The clock of {self._host}"
        until = "Until it is right, panels are told no time and what they encrypt may be shown as outside the window."
        set_it = "Set it, and see that the host keeps it by NTP."
        match standing:
            case Standing.RIGHT:
                return f"{clock} is right."
            case Standing.UNCONFIRMED:
                return f"{clock} is not confirmed yet."
            case Standing.JUMPED:
                return f"{clock} jumped {_seconds(self._jump_s, 'ahead', 'back')}. Compare it with a clock. {until}"
            case Standing.SILENT:
                silent_min = self._settings.time_sources_silent_s / 60
                return (
                    f"{clock} can't be compared: no time source has answered for {silent_min:.0f} minutes. "
                    f"Check the network and the setting time_sources. {until}"
                )
            case Standing.OFF:
                return f"{clock} is {_seconds(self._ahead_s or 0.0, 'ahead', 'behind')}. {set_it} {until}"
            case Standing.ABSURD:
                return f"{clock} shows {now:%Y-%m-%d}. {set_it} {until}"


def _middle(ahead: Sequence[float]) -> float | None:
    """The median; of an even number, our own clock's word decides between the two in the middle."""
    if not ahead:
        return None
    return statistics.median(ahead if len(ahead) % 2 else [*ahead, 0.0])


def _seconds(amount_s: float, more: str, less: str) -> str:
    return f"{abs(amount_s):.1f} s {more if amount_s > 0 else less}"
