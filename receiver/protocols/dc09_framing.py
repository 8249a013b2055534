"""SIA DC-09 framing: a stream of bytes in, whole envelopes out.

    <LF> <crc> <0LLL> <"id" ... > <CR>

A frame ends where its own length says, never where `recv` stopped. The CRC is four hex digits or, from some panels,
two raw bytes that may themselves be LF, CR or a quote; so nothing here splits on control characters. One family
(ELDES) counts the final CR into both length and CRC. Bytes between frames, as some panels send, are skipped.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import Final, NamedTuple

import fastcrc

#: Longest body: three hex digits of length.
BODY_LIMIT_BYTES: Final = 0xFFF
#: LF, CRC, length, body, CR.
FRAME_LIMIT_BYTES: Final = 1 + 4 + 4 + BODY_LIMIT_BYTES + 1

# The hex form may lack its LF; the binary form is only recognised by it.
_START: Final = re.compile(rb'\n?([0-9A-Fa-f]{4})0([0-9A-Fa-f]{3})"|\n(..)0([0-9A-Fa-f]{3})"', re.DOTALL)
_LONGEST_START: Final = 10
_HARMLESS: Final = b"\r\n\x00 "
_CR: Final = 0x0D


class CrcForm(enum.Enum):
    """How the panel writes its CRC; it is answered in kind."""

    HEX = "hex"
    BINARY = "binary"


#: A member of an enum is looked up at each mention, and that costs as much as a CRC.
_HEX: Final = CrcForm.HEX


class Envelope(NamedTuple):
    """A frame whose CRC and length are right. `body` runs from the opening quote to the byte before CR."""

    raw: bytes
    body: bytes
    crc_form: CrcForm


class Damaged(NamedTuple):
    """Something that began like a frame and was none; it gets no answer, so that the panel repeats it."""

    reason: str


#: CRC-16/ARC, as DC-09 and DC-07 use it: check value 0xBB3D.
crc16: Final[Callable[[bytes], int]] = fastcrc.crc16.arc


class Framer:
    """The envelopes in one stream of bytes. Holds at most one unfinished frame."""

    def __init__(self) -> None:
        self._buffer = b""
        #: Bytes that belonged to no frame.
        self.noise_bytes = 0

    @property
    def waiting(self) -> bool:
        """True while an unfinished frame is held."""
        return bool(self._buffer)

    @property
    def held_bytes(self) -> int:
        """How much of it there is."""
        return len(self._buffer)

    def receive_data(self, data: bytes) -> list[Envelope | Damaged]:
        """What has become complete with `data`, in order."""
        self._buffer = self._buffer + data if self._buffer else data
        found: list[Envelope | Damaged] = []
        while (event := self._next()) is not None:
            found.append(event)
        return found

    def give_up_waiting(self) -> list[Envelope | Damaged]:
        """No more comes: the datagram ends, or the unfinished frame is too old.

        A frame that lacks only its CR is whole. Of any other the start is passed over, and what came after it counts.
        """
        start = _START.search(self._buffer)
        if start is None:
            self._skip(len(self._buffer))
            return []
        crc, length, form = _header(start)
        body = self._buffer[start.end() - 1 :]
        if len(body) == length and crc16(body) == crc:
            self._skip(start.start())
            return [self._take(len(self._buffer), Envelope(self._buffer, body, form))]
        self._skip(start.start() + 2)
        return [Damaged("unfinished"), *self.receive_data(b"")]

    def _next(self) -> Envelope | Damaged | None:
        start = _START.search(self._buffer)
        if start is None:
            # Its first bytes may be there already.
            self._skip(max(0, len(self._buffer) - _LONGEST_START + 1))
            if not self._buffer.strip(_HARMLESS):
                self._buffer = self._buffer[self._buffer.find(b"\n") :] if b"\n" in self._buffer else b""
            return None
        self._skip(start.start())
        crc, length, form = _header(start)
        body_at = start.end() - 1 - start.start()
        end = body_at + length
        body = self._buffer[body_at:end]
        if len(body) == length > 0 and body[-1] == _CR and crc16(body) == crc:
            return self._take(end, Envelope(self._buffer[:end], body[:-1], form))
        if len(self._buffer) <= end:
            return None
        if self._buffer[end] == _CR and crc16(body) == crc:
            return self._take(end + 1, Envelope(self._buffer[: end + 1], body, form))
        # Past the LF and the first digit, or the same start would be found once more without its LF.
        return self._take(2, Damaged("crc" if self._buffer[end] == _CR else "length"))

    def _take(self, count: int, event: Envelope | Damaged) -> Envelope | Damaged:
        self._buffer = self._buffer[count:]
        return event

    def _skip(self, count: int) -> None:
        if count:
            self.noise_bytes += len(self._buffer[:count].strip(_HARMLESS))
            self._buffer = self._buffer[count:]


def _header(start: re.Match[bytes]) -> tuple[int, int, CrcForm]:
    hex_crc, hex_length, binary_crc, binary_length = start.groups()
    if hex_crc is not None:
        return int(hex_crc, 16), int(hex_length, 16), CrcForm.HEX
    return int.from_bytes(binary_crc, "big"), int(binary_length, 16), CrcForm.BINARY


def enclose(body: bytes, form: CrcForm) -> bytes:
    """The frame around a body, its CRC in the form that the panel uses."""
    if form is _HEX:
        return b"\n%04X0%03X%b\r" % (crc16(body), len(body), body)
    return b"\n%b0%03X%b\r" % (crc16(body).to_bytes(2, "big"), len(body), body)
