"""A panel that knows DC-09 from the standard alone, and shares no code with the receiver.

In: what to say. Out: bytes on a TCP connection, and the answer as it came.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import attrs
import trio
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005 reflected, starting at 0 (DC-09 5.5.1.1)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def framed(body: bytes) -> bytes:
    """LF, CRC, length, body, CR."""
    return b"\n%04X%04X%b\r" % (crc16(body), len(body), body)


def stamp(at: dt.datetime) -> bytes:
    """`_HH:MM:SS,MM-DD-YYYY`, GMT."""
    return at.strftime("_%H:%M:%S,%m-%d-%Y").encode()


def sealed(key: bytes, content: bytes) -> bytes:
    """A pad of letters, a bar, the content: AES-CBC from a zero vector, in hex."""
    pad = b"p" * (16 + -(len(content) + 1) % 16)
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return (cipher.update(pad + b"|" + content) + cipher.finalize()).hex().upper().encode()


@attrs.define
class Panel:
    """One connection of one panel."""

    stream: trio.SocketStream
    account: str
    key: bytes | None = None
    sequence: int = 0

    def clear(self, data: str, at: dt.datetime | None = None) -> bytes:
        """The next SIA-DCS frame with `data` (`Nri1/BA003`), in clear text."""
        self.sequence += 1
        who = f"{self.sequence:04}L0#{self.account}".encode()
        content = f"[#{self.account}|{data}]".encode() + (stamp(at) if at else b"")
        return framed(b'"SIA-DCS"' + who + content)

    def encrypted(self, key: bytes, data: str, at: dt.datetime) -> bytes:
        """The next SIA-DCS frame, encrypted."""
        self.sequence += 1
        who = f"{self.sequence:04}L0#{self.account}".encode()
        return framed(b'"*SIA-DCS"' + who + b"[" + sealed(key, f"#{self.account}|{data}]".encode() + stamp(at)))

    async def say(self, frame: bytes) -> bytes:
        """Send a frame; its answer, which must come within five seconds."""
        await self.stream.send_all(frame)
        answer = b""
        with trio.fail_after(30):
            while not answer.endswith(b"\r"):
                answer += await self.stream.receive_some()
        return answer

    async def report(self, data: str) -> None:
        """Report something in this panel's manner; it must be acknowledged."""
        now = dt.datetime.now(dt.UTC)
        frame = self.clear(data) if self.key is None else self.encrypted(self.key, data, now)
        answer = await self.say(frame)
        assert b'ACK"%04d' % self.sequence in answer, answer


@contextlib.asynccontextmanager
async def calling(port: int, account: str, key: bytes | None = None) -> AsyncIterator[Panel]:
    """A panel connected to a receiver on this host."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        yield Panel(stream, account, key)
