"""Question and answer of a time server as bytes: an SNTP client (RFC 4330), by unicast, without authentication.

In: a datagram that answers our question, and when both were seen. Out: how far our clock is ahead of the server's, and
the round trip; or why the answer counts for nothing.
"""

from __future__ import annotations

import struct
from typing import Final

import attrs

#: Leap indicator, version and mode; stratum, poll, precision; root delay and dispersion; reference identifier; then
#: the reference, originate, receive and transmit timestamps.
_PACKET: Final = struct.Struct("!BBbbII4s8sQQQ")
PACKET_BYTES: Final = _PACKET.size
#: The originate timestamp of an answer, with which the question is echoed.
NONCE_LIMIT: Final = 1 << 64

_VERSION: Final = 4
_CLIENT, _SERVER = 3, 4
_UNSYNCHRONISED: Final = 3
_FARTHEST_STRATUM: Final = 15
_ROOT_LIMIT: Final = 1 << 16
#: From 1900 to 1970; and what the 32 bits of seconds wrap at, in 2036.
_TO_UNIX_S: Final = 2_208_988_800
_ERA_S: Final = 1 << 32
_HIGH_BIT: Final = 1 << 31
#: "Never ask again": access denied, access restricted.
_FINAL_KISSES: Final = frozenset({"DENY", "RSTR"})


@attrs.frozen
class Measured:
    """What one answer shows, in seconds."""

    #: Our clock less the server's; off by half of the round trip at most.
    ahead_s: float
    round_trip_s: float


@attrs.frozen
class Kiss:
    """The server asks not to be asked (RFC 4330, 8)."""

    #: Four letters, such as RATE.
    code: str

    @property
    def final(self) -> bool:
        """True if it means for ever."""
        return self.code in _FINAL_KISSES


@attrs.frozen
class Useless:
    """The server does not know the time itself."""

    why: str


Answer = Measured | Kiss | Useless


def question(nonce: int) -> bytes:
    """The datagram that asks. `nonce` comes back in the answer, so it should be random: a guesser can't lie to us."""
    return _PACKET.pack(_VERSION << 3 | _CLIENT, 0, 0, 0, 0, 0, b"", b"", 0, 0, nonce)


def answer(datagram: bytes, nonce: int, asked_at_s: float, round_trip_s: float) -> Answer | None:
    """What an answer shows; None if it is none to this question: the true one may still come.

    Args:
        asked_at_s: our clock when the question went out, in seconds since 1970.
        round_trip_s: monotonic seconds from there to the answer.
    """
    if len(datagram) < PACKET_BYTES:
        return None
    first, stratum, _, _, root_delay, root_dispersion, identifier, _, originate, receive, transmit = (
        _PACKET.unpack_from(datagram)
    )
    leap, version, mode = first >> 6, first >> 3 & 7, first & 7
    if mode != _SERVER or not 1 <= version <= _VERSION or originate != nonce:
        return None
    if stratum == 0:
        return Kiss(identifier.decode("ascii", "replace").rstrip("\0"))
    if leap == _UNSYNCHRONISED or stratum > _FARTHEST_STRATUM or not transmit or not receive:
        return Useless("it is not synchronised")
    if root_delay >= _ROOT_LIMIT or root_dispersion >= _ROOT_LIMIT:
        return Useless("it is not sure of the time to a second")
    received_at_s, sent_at_s = _unix_s(receive), _unix_s(transmit)
    ahead_s = (asked_at_s + asked_at_s + round_trip_s - received_at_s - sent_at_s) / 2
    return Measured(ahead_s, max(0.0, round_trip_s - (sent_at_s - received_at_s)))


def _unix_s(timestamp: int) -> float:
    seconds, fraction = timestamp >> 32, timestamp & 0xFFFF_FFFF
    if not seconds & _HIGH_BIT:  # RFC 4330, 3: such a one is of the era that begins in 2036
        seconds += _ERA_S
    return seconds - _TO_UNIX_S + fraction / _ERA_S
