"""What a case of the battery is: frames to send, replies that should come, and who says so. Pure data.

A case is a few turns on one connection. Each turn sends its pieces and then hears. Where a receiver may choose, a
case also names what else is allowed.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Final

import attrs
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulators.frames import CR, LF, crc16_arc

_STAMP: Final = "_%H:%M:%S,%m-%d-%Y"


class CrcForm(enum.Enum):
    """How a panel writes its CRC, and wants to read it."""

    HEX = "hex"
    #: Two raw bytes, most significant first.
    BINARY = "binary"


class Basis(enum.Enum):
    """Who asks for what should come back."""

    #: DC-09 itself.
    STANDARD = "DC-09"
    #: Panels that are in use depend on it.
    FIELD = "field"
    #: Our choice, where the standard is silent or leaves it open.
    HOUSE = "ours"


class Token(enum.Enum):
    """What a receiver can say."""

    ACK = "ACK"
    NAK = "NAK"
    DUH = "DUH"
    #: An answer that asks something of the panel.
    RSP = "RSP"


@attrs.frozen
class Said:
    """One reply as it should be. A NAK carries the receiver's time, a sealed ACK some time."""

    token: Token
    #: All between token and bracket, as the panel sent it; None if it may be anything.
    header: bytes | None
    form: CrcForm = CrcForm.HEX
    #: An encrypted message is acknowledged under its own key.
    key: bytes | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Sealed:
    """An encrypted frame. It is written when it is sent, since it carries the time."""

    key: bytes = attrs.field(repr=False)
    #: From the opening quote to the byte before the bracket.
    head: bytes
    #: The plain region up to the time: pad, bar, data, bracket, extended data.
    before: bytes
    #: How long ago the time in it is; negative is the future; None leaves it out.
    age_s: int | None = 0
    #: What stands behind the time.
    after: bytes = b""
    form: CrcForm = CrcForm.HEX
    lower_case: bool = False

    def written(self, now: dt.datetime) -> bytes:
        """The bytes on the wire."""
        at = b"" if self.age_s is None else (now - dt.timedelta(seconds=self.age_s)).strftime(_STAMP).encode("ascii")
        plain = self.before + at + self.after
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(bytes(16))).encryptor()
        hex_text = (cipher.update(plain) + cipher.finalize()).hex()
        text = hex_text if self.lower_case else hex_text.upper()
        return framed(self.head + b"[" + text.encode("ascii"), self.form)


@attrs.frozen
class Turn:
    """Something said, and what should come back."""

    #: Each piece goes out by itself.
    sent: tuple[bytes | Sealed, ...]
    #: In this order, and nothing else.
    comes: tuple[Said, ...]
    #: How long both sides stay silent after it, with the connection open.
    then_waits_s: float = 0.0
    #: Whether the panel then says that it will send no more.
    then_half_closes: bool = False
    #: Why another answer to it is allowed too, if so.
    free: str = ""
    #: What is right as well, byte for byte, where who speaks is no DC-09 panel.
    bare: bytes = b""


@attrs.frozen
class Allowed:
    """What may come back in the last turn instead."""

    comes: tuple[Said, ...]
    because: str
    #: Whether it must close the connection too.
    hung_up: bool = False


@attrs.frozen(kw_only=True)
class Case:
    """One thing that panels do."""

    subject: str
    name: str
    basis: Basis
    #: Where it is known from.
    source: str
    turns: tuple[Turn, ...]
    allowed: tuple[Allowed, ...] = ()
    #: Whether it is about a stream of bytes, so that datagrams can't show it.
    stream: bool = False
    #: The account that it speaks for.
    account: str = ""
    #: Why it can't be played, if so.
    untried: str = ""


@attrs.frozen
class Keyed:
    """An account whose frames are encrypted."""

    account: str
    key: bytes = attrs.field(repr=False)


@attrs.frozen
class UnderTest:
    """What the receiver under test knows: an account without a key, and some with keys of 16, 24 or 32 bytes."""

    account: str = "1234"
    keyed: Mapping[int, Keyed] = attrs.Factory(dict)

    @property
    def number(self) -> bytes:
        """The clear account, as it stands in a frame."""
        return self.account.encode("ascii")


def framed(text: bytes, form: CrcForm = CrcForm.HEX) -> bytes:
    """`text` (from the opening quote on) between CRC, length and the two control characters."""
    crc = crc16_arc(text)
    written = b"%04X" % crc if form is CrcForm.HEX else crc.to_bytes(2, "big")
    return LF + written + b"0%03X" % len(text) + text + CR


def answered(
    header: bytes, content: bytes, *, token: bytes = b"SIA-DCS", form: CrcForm = CrcForm.HEX, then_waits_s: float = 0.0
) -> Turn:
    """A clear frame, and the ACK to it. `content` begins with its bracket."""
    frame = framed(b'"%b"%b%b' % (token, header, content), form)
    return Turn((frame,), (Said(Token.ACK, header, form),), then_waits_s)
