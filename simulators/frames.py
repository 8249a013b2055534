"""SIA DC-09 as a panel speaks it: messages out, replies in. Pure.

Frames are built and replies decrypted by the independent library siadc09, so that a receiver is tested by code that
is not its twin. The library knows account, prefix and receiver as numbers and forgets leading zeros, which the
standard's echo keeps; such a header is written here, under a CRC and a length computed from the rule (DC-09 5.5.1).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import attrs
from siadc09.account import Account
from siadc09.message import Message, parse_frame
from siadc09.xdata import Data

LF: Final = b"\n"
CR: Final = b"\r"
#: LF, four digits of CRC, four of length: what stands before the text that both of them cover.
_PREAMBLE_BYTES: Final = 9
_STAMP: Final = "%H:%M:%S,%m-%d-%Y"
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{1,16}")
_REPLY: Final = re.compile(
    rb'"(?P<star>\*?)(?P<token>ACK|NAK|DUH)"(?P<sequence>\d{4})'
    rb"(?P<who>(?:R[0-9A-Fa-f]+)?L[0-9A-Fa-f]*(?:#[0-9A-Fa-f]+|A0))\["
)


def _hexadecimal(_: object, field: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and not _HEXADECIMAL.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not hexadecimal")


@attrs.frozen(kw_only=True)
class Identity:
    """Who a panel says it is: hexadecimal text, sent as it stands."""

    account: str = attrs.field(validator=_hexadecimal)
    prefix: str = attrs.field(default="0", validator=_hexadecimal)
    receiver: str | None = attrs.field(default=None, validator=_hexadecimal)
    #: AES key of 16, 24 or 32 bytes; None sends clear text.
    key: bytes | None = attrs.field(default=None, repr=False)

    def on_the_wire(self) -> bytes:
        """The header's `R..L..#..`, which a reply must echo."""
        receiver = "" if self.receiver is None else f"R{self.receiver}"
        return f"{receiver}L{self.prefix}#{self.account}".encode("ascii")


@attrs.frozen
class Ack:
    """The receiver took the message over."""


@attrs.frozen
class Duh:
    """The receiver read the message and does not act upon it."""


@attrs.frozen
class Nak:
    """The message's time is outside the receiver's window; `now` is the receiver's time."""

    now: dt.datetime


Reply = Ack | Duh | Nak


def crc16_arc(text: bytes) -> int:
    """CRC-16/ARC: polynomial 0x8005 reflected, from 0, no final xor; 0xBB3D for b"123456789"."""
    crc = 0
    for byte in text:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def wrapped(text: bytes) -> bytes:
    """`text` (from the opening quote on) between CRC, length and the frame's two control characters."""
    return LF + b"%04X0%03X" % (crc16_arc(text), len(text)) + text + CR


def frame(identity: Identity, token: str, sequence: int, data: bytes, at: dt.datetime | None) -> bytes:
    """One message of a panel, encrypted if it has a key.

    Args:
        token: "NULL", "SIA-DCS" or "ADM-CID".
        sequence: 1 to 9999.
        data: what stands between the data brackets; empty for a link test.
        at: the panel's time, aware; None leaves the time out, which encryption forbids.
    """
    account = Account(
        acct=int(identity.account, 16),
        pref=int(identity.prefix, 16),
        rcvr=None if identity.receiver is None else int(identity.receiver, 16),
        key=identity.key,
    )
    message = Message(account, {"idtoken": token, "data": Data(data) if data else None, "timestamp": at})
    header = identity.on_the_wire()
    if message.pack_header().endswith(header):
        return bytes(message.encode(seq=sequence))
    star, body = (b"", message.pack_body()) if identity.key is None else (b"*", message.pack_body_encrypted())
    return wrapped(b'"%s%s"%04d%s[%s' % (star, token.encode("ascii"), sequence, header, body))


def cut_frame(buffer: bytearray) -> bytes | None:
    """Take the first whole frame out of `buffer`, by its own length; None until there is one."""
    start = buffer.find(LF)
    del buffer[: start if start >= 0 else len(buffer)]
    if len(buffer) < _PREAMBLE_BYTES:
        return None
    try:
        end = _PREAMBLE_BYTES + int(buffer[5:9], 16) + 1
    except ValueError:
        del buffer[:1]
        return cut_frame(buffer)
    if len(buffer) < end:
        return None
    whole = bytes(buffer[:end])
    del buffer[:end]
    return whole


def reply_to(identity: Identity, sequence: int, raw: bytes) -> Reply | None:
    """What the receiver answers to message `sequence`; None if `raw` is damaged, or answers something else.

    An encrypted message must be acknowledged in encrypted form. NAK and DUH are always clear; NAK names no message
    and comes as `A0` or with the account.
    """
    text = raw[_PREAMBLE_BYTES:-1]
    found = _REPLY.match(text)
    if found is None or raw != wrapped(text):
        return None
    if found["token"] == b"NAK":
        return _nak(text)
    if int(found["sequence"]) != sequence or found["who"] != identity.on_the_wire():
        return None
    if found["token"] == b"DUH":
        return Duh()
    if bool(found["star"]) != (identity.key is not None):
        return None
    return Ack() if identity.key is None or _opens(identity.key, raw) else None


def _nak(text: bytes) -> Nak | None:
    try:
        now = dt.datetime.strptime(text.rpartition(b"_")[2].decode("ascii"), _STAMP).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return Nak(now)


def _opens(key: bytes, raw: bytes) -> bool:
    """Whether an encrypted acknowledgement holds, under our key, what it should: nothing, and a time."""
    try:
        message = parse_frame(raw, key)
    except (RuntimeError, ValueError):
        return False
    return message.data is None and message.timestamp is not None
