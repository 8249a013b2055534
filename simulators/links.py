"""How bytes get from a panel to a receiver and back: TCP or UDP.

In: frames. Out: frames. Every way a link can break is one error, `LinkLost`.
"""

from __future__ import annotations

from typing import Final, Protocol

import attrs
import trio

from simulators.frames import cut_frame

_CONNECT_TIMEOUT_S: Final = 10.0
_DATAGRAM_BYTES: Final = 8192


class LinkLost(Exception):
    """No connection, or no longer."""


@attrs.frozen
class Door:
    """Where a receiver listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Door:
        """`HOST:PORT`, or `[IPV6]:PORT`.

        Raises:
            ValueError: it is neither.
        """
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is not HOST:PORT, for example 127.0.0.1:7700")
        return cls(host.strip("[]"), int(port))


class Link(Protocol):
    """An open way to a receiver."""

    async def send(self, frame: bytes) -> None:
        """Raises LinkLost."""

    async def receive(self) -> bytes:
        """The next whole frame. Raises LinkLost."""

    def close(self) -> None:
        """At once, without a word."""


class TcpLink:
    """One TCP connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._received = bytearray()

    @classmethod
    async def open(cls, door: Door) -> TcpLink:
        """Raises LinkLost."""
        try:
            with trio.fail_after(_CONNECT_TIMEOUT_S):
                return cls(await trio.open_tcp_stream(door.host, door.port))
        except (OSError, trio.TooSlowError) as error:
            raise LinkLost(str(error)) from error

    async def send(self, frame: bytes) -> None:
        """Raises LinkLost."""
        try:
            await self._stream.send_all(frame)
        except trio.BrokenResourceError as error:
            raise LinkLost(str(error)) from error

    async def receive(self) -> bytes:
        """The next whole frame. Raises LinkLost."""
        while (whole := cut_frame(self._received)) is None:
            try:
                got = await self._stream.receive_some()
            except trio.BrokenResourceError as error:
                raise LinkLost(str(error)) from error
            if not got:
                raise LinkLost("the receiver closed the connection")
            self._received += got
        return whole

    def close(self) -> None:
        """At once, without a word."""
        self._stream.socket.close()


class UdpLink:
    """One UDP socket, tied to one receiver: one datagram, one frame."""

    def __init__(self, socket: trio.socket.SocketType) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, door: Door) -> UdpLink:
        """Raises LinkLost."""
        try:
            found = await trio.socket.getaddrinfo(door.host, door.port, type=trio.socket.SOCK_DGRAM)
        except OSError as error:
            raise LinkLost(str(error)) from error
        family, *_, address = found[0]
        socket = trio.socket.socket(family, trio.socket.SOCK_DGRAM)
        try:
            await socket.connect(address)
        except OSError as error:
            socket.close()
            raise LinkLost(str(error)) from error
        return cls(socket)

    async def send(self, frame: bytes) -> None:
        """Raises LinkLost."""
        try:
            await self._socket.send(frame)
        except OSError as error:
            raise LinkLost(str(error)) from error

    async def receive(self) -> bytes:
        """The next datagram that is a frame. Raises LinkLost."""
        while True:
            try:
                datagram = bytearray(await self._socket.recv(_DATAGRAM_BYTES))
            except OSError as error:
                raise LinkLost(str(error)) from error
            if (whole := cut_frame(datagram)) is not None:
                return whole

    def close(self) -> None:
        """At once."""
        self._socket.close()
