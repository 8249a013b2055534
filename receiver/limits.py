"""How much of a receiver one sender may use up; each number a setting.

A connection is a newcomer until it has sent a sound frame of a known account. Hundreds of panels share one carrier's
address, so limits by address bind newcomers only. Limits by account delay; they never drop.
"""

from __future__ import annotations

import math
from typing import Final

import attrs

from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES

#: EN 50136-1, DP1: an alternative path reports every 50 h at least; a silent panel is not hung up on before.
_LONGEST_SUPERVISION_S: Final = 50 * 3600.0


@attrs.frozen(kw_only=True)
class Limits:
    """All of them."""

    unfinished_s: float = 5.0
    """Seconds after which a frame that is still unfinished is passed over; what came behind it counts."""

    unfinished_bytes: int = FRAME_LIMIT_BYTES
    """Bytes of an unfinished frame after which it is passed over. The default is the longest that can be written."""

    idle_s: float = _LONGEST_SUPERVISION_S + 7200.0
    """Seconds after which a panel that sends no frame is hung up on."""

    newcomer_idle_s: float = 900.0
    """The same for a newcomer."""

    keepalive_s: int = 3600
    """Seconds of silence after which a panel's network is asked whether the connection still exists."""

    newcomer_connections: int = 500
    """Open connections of newcomers from one address; of more than these the oldest are closed."""

    newcomer_grace_s: float = 30.0
    """Seconds for which no newcomer is closed for that: a carrier's panels may all call at once."""

    account_connections: int = 16
    """Connections that one account makes known; of more than these the oldest become newcomers again."""

    noise_bytes_per_s: int = 4096
    """Bytes a second that belong to no frame, on one connection; what is more waits."""

    newcomer_noise_bytes: int = 65_536
    """Bytes that belong to no frame, from one newcomer; then it is closed."""

    newcomer_frames_per_s: int = 1000
    """Frames a second that prove nothing, from one address; what is more waits (TCP) or is not answered (UDP)."""

    doubtful_frames_per_s: int = 100
    """Frames a second that prove nothing, on one connection that is known; what is more waits."""

    all_doubtful_frames_per_s: int = 5000
    """Frames a second that prove nothing, from all the world; what is more waits, or is not answered."""

    account_frames_per_s: int = 1000
    """Frames a second of one account; what is more waits (TCP) or is not answered yet (UDP)."""

    newcomer_turn_s: float = 0.001
    """Seconds for which newcomers are let in, or read, or datagrams are, before known panels are read again."""

    stranger_share: float = 0.25
    """Share of the receiver's time that is spent on what comes of nothing; then newcomers wait."""


#: How often every limit by the second is looked at: what a second allows does not come all at its beginning.
TICK_S: Final = 0.1


def a_tick(a_second: int) -> int:
    """What a limit by the second allows in each tick."""
    return math.ceil(a_second * TICK_S)


def check_limits(_: object, limits: Limits) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    for field in attrs.fields(Limits):
        if not getattr(limits, field.name) > 0:
            raise ValueError(f"{field.name} must be more than 0.")
    if limits.stranger_share > 1:
        raise ValueError("stranger_share must not be more than 1.")
