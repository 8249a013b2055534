"""The wire between the station's processes and its PostgreSQL, in our hands: it can be cut, and it can lose or delay.

We take the place of the server's socket and pass on to the real one, which we moved aside; so nothing in the station
knows. A server that starts again puts a new socket there, and we take its place anew.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
from collections.abc import Iterator

import attrs
import trio

_CHUNK_BYTES = 65_536


@attrs.define(eq=False)
class _Line:
    """One connection. A gate that is not set holds what goes through it."""

    client: trio.SocketStream
    server: trio.SocketStream
    to_server: trio.Event = attrs.field(factory=trio.Event)
    to_client: trio.Event = attrs.field(factory=trio.Event)
    #: Answers are thrown away.
    deaf: bool = False

    def open_gates(self) -> None:
        self.to_server.set()
        self.to_client.set()

    def cut(self) -> None:
        self.open_gates()
        _hang_up(self.client)
        _hang_up(self.server)


def _hang_up(stream: trio.SocketStream) -> None:
    stream.socket.close()


class Wire:
    """All connections that go through us."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._ours: tuple[int, int] | None = None
        self._listening: trio.CancelScope | None = None
        self._lines: set[_Line] = set()

    def take_place(self, path: pathlib.Path) -> bool:
        """Stand where the server listens; False if it does not listen now. Connections already made are not ours."""
        try:
            found = path.stat()
            if (found.st_dev, found.st_ino) == self._ours:
                return True
            behind = path.with_name(".s.real")
            path.rename(behind)
        except FileNotFoundError:
            return False
        if self._listening is not None:
            self._listening.cancel()
        # Without a pause in between: whoever asks next must not take our own socket for the server's.
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            bound.bind(os.fspath(path))
            bound.listen(100)
            found = path.stat()
        except OSError:
            bound.close()
            return False  # the server was starting again, and has put its own there
        self._ours = (found.st_dev, found.st_ino)
        bound.setblocking(False)
        self._listening = trio.CancelScope()
        self._nursery.start_soon(self._serve, trio.socket.from_stdlib_socket(bound), behind, self._listening)
        return True

    async def _serve(self, listener: trio.socket.SocketType, behind: pathlib.Path, scope: trio.CancelScope) -> None:
        with scope, listener:
            while True:
                client, _ = await listener.accept()
                self._nursery.start_soon(self._pass_on, trio.SocketStream(client), behind)

    async def _pass_on(self, client: trio.SocketStream, behind: pathlib.Path) -> None:
        try:
            server = trio.SocketStream(trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_STREAM))
        except OSError:
            _hang_up(client)
            return
        line = _Line(client, server)
        line.open_gates()
        self._lines.add(line)
        try:
            await server.socket.connect(os.fspath(behind))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._answers, line, nursery.cancel_scope)
                await self._questions(line)
                nursery.cancel_scope.cancel()
        except OSError:
            pass  # the server is not there: the client sees its connection end
        finally:
            line.cut()
            self._lines.discard(line)

    async def _questions(self, line: _Line) -> None:
        """To the server, until the client is gone and all that it said is through."""
        with _until_broken():
            while data := await line.client.receive_some(_CHUNK_BYTES):
                await line.to_server.wait()
                await line.server.send_all(data)

    async def _answers(self, line: _Line, scope: trio.CancelScope) -> None:
        """To the client. A client that is gone stops nothing: what it said may still be on its way."""
        with _until_broken():
            while data := await line.server.receive_some(_CHUNK_BYTES):
                await line.to_client.wait()
                if not line.deaf:
                    with _until_broken():
                        await line.client.send_all(data)
            scope.cancel()

    @property
    def lines(self) -> int:
        """Connections that go through us now."""
        return len(self._lines)

    def cut(self) -> None:
        """Both ends see their connection end."""
        for line in list(self._lines):
            line.cut()

    async def lose_answers(self, for_s: float) -> None:
        """What is asked is done, and nobody hears of it; then cut."""
        deaf = list(self._lines)
        for line in deaf:
            line.deaf = True
        await trio.sleep(for_s)
        for line in deaf:
            line.cut()

    async def freeze(self, for_s: float) -> None:
        """Nothing goes either way; then all that waited does."""
        frozen = list(self._lines)
        for line in frozen:
            line.to_server, line.to_client = trio.Event(), trio.Event()
        await trio.sleep(for_s)
        for line in frozen:
            line.open_gates()

    async def deliver_late(self, gone_after_s: float, late_s: float) -> None:
        """Clients see their connection end, and what they had sent arrives at the server after that."""
        held = list(self._lines)
        for line in held:
            line.to_server = trio.Event()
        await trio.sleep(gone_after_s)
        for line in held:
            with contextlib.suppress(OSError):
                line.client.socket.shutdown(trio.socket.SHUT_WR)
        await trio.sleep(late_s)
        for line in held:
            line.open_gates()


@contextlib.contextmanager
def _until_broken() -> Iterator[None]:
    """A broken connection is the end of it, and what we are here for."""
    with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        yield
