"""What arrives at the DC-09 doors and is no DC-09 at all: other protocols, and scanners of the internet.

In: the first bytes of a connection or datagram that began no frame. Out: what they are, for the count and the log; and
when to log it, so that a scanner fills no disk. Recognised by how each protocol must begin, never by what it claims.
"""

from __future__ import annotations

import collections
import enum
import re
from typing import Final

LOG_INTERVAL_S: Final = 3600.0
#: More senders than this within the interval are only counted.
LOG_LIMIT: Final = 1024

#: Longer than every beginning that is looked for.
LOOKED_AT_BYTES: Final = 128
#: What a panel or a scanner may send before it says anything.
_BLANK: Final = b"\r\n\x00 "


class Stranger(enum.Enum):
    """Who speaks another protocol. The values are labels of a metric."""

    # The text heartbeat of Aritech panels that are set to Osborne-Hoffman; it takes any answer but `reply` for none.
    ARITECH = "aritech"
    # Honeywell Galaxy speaking SIA as on a telephone line.
    GALAXY = "galaxy"
    ECOLINE = "ecoline"
    # Scanners, and people with a browser.
    HTTP = "http"
    TLS = "tls"
    SIP = "sip"
    REDIS = "redis"
    SSH = "ssh"
    ZABBIX = "zabbix"
    SOCKS = "socks"

    @property
    def reply(self) -> bytes:
        """What it expects to hear; nothing to most."""
        return b'"ACK"' if self is Stranger.ARITECH else b""


_BEGINNINGS: Final = (
    (Stranger.ARITECH, rb"SR\d{4}L\d{4}[ \x00]+\w{4,16}[ \x00]*(?:\[\w*\]|[\r\n\x00]*\Z)"),
    # A block's length, counted from @; its kind, # for account; the account. Or binary blocks.
    (Stranger.GALAXY, rb"D#[0-9A-F]{4}|E#[0-9A-F]{5}|F#[0-9A-F]{6}|\x05\x01\x81"),
    (Stranger.ECOLINE, rb"HID=[^#]*#UID="),
    (Stranger.TLS, rb"\x16\x03[\x00-\x04]"),
    (Stranger.SIP, rb"[A-Z]{3,10} sips?:"),
    (Stranger.HTTP, rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PRI|PROPFIND) [^\r\n]"),
    (Stranger.REDIS, rb"\*\d{1,4}\r\n\$\d|(?:PING|INFO)\r?\n"),
    (Stranger.SSH, rb"SSH-"),
    (Stranger.ZABBIX, rb"ZBXD"),
    # Version 5 offers how to log on; version 4 asks for a port and an address.
    (Stranger.SOCKS, rb"\x05[\x01-\x0a][\x00-\x09]|\x04[\x01\x02]..[^\x00]..."),
)
_RECOGNISED: Final = re.compile(
    b"|".join(b"(?P<%b>%b)" % (stranger.value.encode(), begins) for stranger, begins in _BEGINNINGS), re.DOTALL
)


def recognise(data: bytes) -> Stranger | None:
    """Who begins to speak like this; None if nobody that we know."""
    found = _RECOGNISED.match(data[:LOOKED_AT_BYTES].lstrip(_BLANK))
    return None if found is None or found.lastgroup is None else Stranger(found.lastgroup)


class HourlyLog:
    """Whether something is to be logged now: once an hour for each address and kind, and not more than so many."""

    def __init__(self, limit: int = LOG_LIMIT) -> None:
        self._limit = limit
        #: When each was logged, the longest ago first.
        self._logged: collections.OrderedDict[tuple[str, str], float] = collections.OrderedDict()

    def due(self, address: str, kind: str, now_s: float) -> bool:
        """True if a line is due, which is then taken for written. `address`: without port; `now_s` never steps back."""
        while self._logged:
            oldest, logged_at_s = next(iter(self._logged.items()))
            if now_s - logged_at_s < LOG_INTERVAL_S:
                break
            del self._logged[oldest]
        if (address, kind) in self._logged or len(self._logged) >= self._limit:
            return False
        self._logged[address, kind] = now_s
        return True
