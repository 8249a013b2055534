"""What stands opposite the receiver in these tests: panels, made of siadc09 and PyCryptodome, not of our own code.

In: bodies of frames, keys. Out: frames as panels write them, replies as panels read them, and panels on real sockets.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import pathlib
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

import attrs
import trio
from Cryptodome.Cipher import AES
from siadc09.util import crc as reference_crc

REPLY_LIMIT_S = 30.0


def written(body: bytes) -> bytes:
    """A frame with its CRC in hexadecimal digits."""
    return b"\n%04X0%03X%b\r" % (reference_crc(body), len(body), body)


def written_binary(body: bytes) -> bytes:
    """A frame with its CRC as two raw bytes, as Lupus, OPAX and Trikdis write it."""
    crc: int = reference_crc(body)
    return b"\n%b0%03X%b\r" % (crc.to_bytes(2, "big"), len(body), body)


def written_with_cr(body: bytes) -> bytes:
    """A frame whose CRC and length take in the final CR, as ELDES writes it."""
    return b"\n%04X0%03X%b\r" % (reference_crc(body + b"\r"), len(body) + 1, body)


def stamp(at: dt.datetime) -> bytes:
    """The end of an encrypted region."""
    return at.strftime("_%H:%M:%S,%m-%d-%Y").encode()


def sealed(key: bytes, plain: bytes) -> bytes:
    """`plain`, a multiple of 16 bytes, as hex on the wire."""
    return AES.new(key, AES.MODE_CBC, iv=bytes(16)).encrypt(plain).hex().upper().encode()


def unsealed(key: bytes, hex_text: bytes) -> bytes:
    """The plain region behind hex on the wire, pad and all."""
    return AES.new(key, AES.MODE_CBC, iv=bytes(16)).decrypt(bytes.fromhex(hex_text.decode()))


def padded(tail: bytes, least: int = 16, bar: bytes = b"|") -> bytes:
    """`tail` behind at least `least` bytes of pad, a multiple of 16 in all."""
    count = least + -(least + len(bar) + len(tail)) % 16
    return b"p" * count + bar + tail


def encrypted(key: bytes, head: bytes, data: bytes, at: dt.datetime) -> bytes:
    """An encrypted frame: `head` is its identifier to account, `data` what stands between the brackets."""
    return written(head + b"[" + sealed(key, padded(data + b"]" + stamp(at))))


def replies_in(stream: bytes) -> list[bytes]:
    """The replies with a hexadecimal CRC in `stream`; asserts that each is sound and that nothing stands between."""
    found = []
    while len(stream) > 9:
        end = 9 + int(stream[5:9], 16) + 1
        if len(stream) < end:
            break
        assert stream[:1] == b"\n"
        assert stream[end - 1 : end] == b"\r"
        assert int(stream[1:5], 16) == reference_crc(stream[9 : end - 1])
        found.append(stream[9 : end - 1])
        stream = stream[end:]
    return found


@attrs.frozen
class Captured:
    """One row of data/frames.json."""

    name: str
    source: str
    raw: bytes
    account: str
    sequence: str
    #: The whole reply; of an encrypted one all that stands before the cipher text, without CRC; None for silence.
    reply: bytes | None
    signals: Sequence[dict[str, Any]]
    key: bytes | None
    #: For encrypted frames: the time inside them.
    sent_at: dt.datetime | None


def captured_frames() -> list[Captured]:
    """The frames of real panels and of other projects' tests, and what each should give."""
    path = pathlib.Path(__file__).parent / "data" / "frames.json"
    return [
        Captured(
            name=row["name"],
            source=row["source"],
            raw=bytes.fromhex(row["hex"]),
            account=row["account"],
            sequence=row["sequence"],
            reply=None if row["reply"] is None else bytes.fromhex(row["reply"]),
            signals=row["signals"],
            key=bytes.fromhex(row["key"]) if "key" in row else None,
            sent_at=dt.datetime.fromisoformat(row["sent_at"]) if "sent_at" in row else None,
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]


class Panel:
    """A panel on a TCP connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._heard = b""
        self._told = 0

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def replies(self, count: int, limit_s: float = REPLY_LIMIT_S) -> list[bytes]:
        """The next `count` replies, without LF, CRC, length and CR."""
        with trio.fail_after(limit_s):
            while len(self.all_replies()) < self._told + count:
                data = await self.stream.receive_some()
                assert data, "the receiver hung up"
                self._heard += data
        self._told += count
        return self.all_replies()[self._told - count : self._told]

    async def reply(self, limit_s: float = REPLY_LIMIT_S) -> bytes:
        (one,) = await self.replies(1, limit_s)
        return one

    async def ask(self, frame: bytes) -> bytes:
        await self.send(frame)
        return await self.reply()

    async def hears_nothing(self, for_s: float) -> bool:
        with trio.move_on_after(for_s):
            self._heard += await self.stream.receive_some()
            return False
        return True

    def all_replies(self) -> list[bytes]:
        return replies_in(self._heard)


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncIterator[Panel]:
    """A panel that is connected while the block runs."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        yield Panel(stream)


class DatagramPanel:
    """A panel that speaks UDP."""

    def __init__(self, port: int) -> None:
        self._socket = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to = ("127.0.0.1", port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    async def send(self, data: bytes) -> None:
        await self._socket.sendto(data, self._to)

    async def receive(self) -> bytes:
        """The next datagram, from the receiver's own port."""
        with trio.fail_after(REPLY_LIMIT_S):
            data, sender = await self._socket.recvfrom(65536)
        assert sender == self._to
        return data

    async def ask(self, frame: bytes) -> bytes:
        await self.send(frame)
        return await self.receive()
