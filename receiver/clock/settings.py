"""What the watch over our own clock is told: whom to ask for the time, and how wrong is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receiver.automation.settings import Endpoint

_NTP_PORT: Final = 123


@attrs.frozen(kw_only=True)
class ClockSettings:
    """All of them, each a setting."""

    time_sources: tuple[str, ...] = ()
    """Time sources (SNTP) that this host's clock is compared with, each as HOST or HOST:PORT; best three, none of them
    this host. Without any, only a jump of the clock and the database's clock are noticed."""

    time_sources_every_s: float = 300.0
    """Seconds from one question to the time sources to the next; a minute at most while the clock is in doubt."""

    time_sources_silent_s: float = 3600.0
    """Seconds without any time source's answer after which the clock is not known to be right."""

    clock_tolerance_s: float = 2.0
    """Seconds by which this host's clock may be wrong, or jump; at more the station raises an alarm and tells no panel
    the time."""

    clock_calm_s: float = 600.0
    """Seconds without another jump after which a clock that jumped is trusted again, where no time sources are set."""


def endpoints(settings: ClockSettings) -> Sequence[Endpoint]:
    """The time sources.

    Raises:
        ValueError: one of them is neither HOST nor HOST:PORT.
    """
    return [_endpoint(text) for text in settings.time_sources]


def _endpoint(text: str) -> Endpoint:
    # More colons than one, and no bracket before the last: an IPv6 address alone.
    has_port = "]:" in text or text.count(":") == 1
    try:
        return Endpoint.parse(text if has_port else f"{text}:{_NTP_PORT}")
    except ValueError:
        raise ValueError(f"time_sources: {text!r} is neither HOST nor HOST:PORT.") from None


def check_clock(_: object, settings: ClockSettings) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    endpoints(settings)
    for name in ("time_sources_every_s", "time_sources_silent_s", "clock_tolerance_s", "clock_calm_s"):
        if not getattr(settings, name) > 0:
            raise ValueError(f"{name} must be more than 0.")
