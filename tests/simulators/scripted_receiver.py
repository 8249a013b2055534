"""A receiver on a real socket that does with each frame what a test's script says, and keeps what it got."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import trio

from simulators.frames import crc16_arc, cut_frame
from simulators.links import Door

_HEADER: Final = re.compile(rb'"\*?[A-Z-]+"(\d{4})((?:R[0-9A-F]+)?L[0-9A-F]+#[0-9A-F]+)\[')


class Hangup(Exception):
    """A script's way to cut the connection."""


#: Gets a frame, gives the bytes to send back; empty for silence.
Script = Callable[[bytes], Awaitable[bytes]]


def written(text: bytes) -> bytes:
    """A frame around `text`."""
    return b"\n%04X0%03X%s\r" % (crc16_arc(text), len(text), text)


def answer(token: bytes, frame: bytes, body: bytes = b"]") -> bytes:
    """An answer to `frame`, with its header echoed."""
    header = _HEADER.search(frame)
    assert header is not None
    return written(b'"%s"%s%s[%s' % (token, header[1], header[2], body))


def in_turn(*scripts: Script) -> Script:
    """The first script for the first frame, and so on; the last one for all that follow."""
    left: Iterator[Script] = iter(scripts)
    last = scripts[-1]

    async def script(frame: bytes) -> bytes:
        return await next(left, last)(frame)

    return script


async def acknowledge(frame: bytes) -> bytes:
    """ACK in clear."""
    return answer(b"ACK", frame)


async def refuse(frame: bytes) -> bytes:
    """DUH."""
    return answer(b"DUH", frame)


async def say_nothing(_: bytes) -> bytes:
    """No answer."""
    return b""


async def hang_up(_: bytes) -> bytes:
    """Close the connection instead of answering."""
    raise Hangup


class ScriptedReceiver:
    """What came, and where to send it."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.frames: list[bytes] = []
        self.first_frame = trio.Event()
        self.connections = 0


@contextlib.asynccontextmanager
async def tcp_receiver(script: Script, port: int = 0) -> AsyncIterator[ScriptedReceiver]:
    """Listens on a port of the loopback, a free one by default, until the block ends."""
    (listener,) = await trio.open_tcp_listeners(port, host="127.0.0.1")
    receiver = ScriptedReceiver(Door("127.0.0.1", listener.socket.getsockname()[1]))

    async def serve(stream: trio.SocketStream) -> None:
        receiver.connections += 1
        buffer = bytearray()
        with contextlib.suppress(Hangup, trio.BrokenResourceError):
            async for got in stream:
                buffer += got
                while (frame := cut_frame(buffer)) is not None:
                    receiver.frames.append(frame)
                    receiver.first_frame.set()
                    await stream.send_all(await script(frame))
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield receiver
        nursery.cancel_scope.cancel()


@contextlib.asynccontextmanager
async def udp_receiver(script: Script) -> AsyncIterator[ScriptedReceiver]:
    """The same over UDP."""
    socket = trio.socket.socket(type=trio.socket.SOCK_DGRAM)
    await socket.bind(("127.0.0.1", 0))
    receiver = ScriptedReceiver(Door("127.0.0.1", socket.getsockname()[1]))

    async def serve() -> None:
        while True:
            frame, sender = await socket.recvfrom(8192)
            receiver.frames.append(frame)
            if reply := await script(frame):
                await socket.sendto(reply, sender)

    with socket:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            yield receiver
            nursery.cancel_scope.cancel()
