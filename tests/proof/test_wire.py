"""The wire in between loses, delays and cuts what it should, and otherwise passes everything on."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest
import trio
import trio.testing

from tests.proof.station import until
from tests.proof.wire import Wire


@attrs.define
class Server:
    """Listens at a path, keeps what it hears, and answers each piece with `yes`."""

    path: pathlib.Path
    heard: bytearray = attrs.field(factory=bytearray)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        listener = trio.socket.socket(trio.socket.AF_UNIX)
        await listener.bind(str(self.path))
        listener.listen(5)
        task_status.started()
        await trio.serve_listeners(self._serve, [trio.SocketListener(listener)])

    async def _serve(self, stream: trio.SocketStream) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            while data := await stream.receive_some(100):
                self.heard += data
                await stream.send_all(b"yes")


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Short enough for the path of a socket."""
    with tempfile.TemporaryDirectory(prefix="wire-") as name:
        yield pathlib.Path(name)


@contextlib.asynccontextmanager
async def between(folder: pathlib.Path) -> AsyncIterator[tuple[Wire, Server, trio.SocketStream]]:
    """A wire in the place of a server, and a client that has spoken through it."""
    server = Server(folder / "server")
    async with trio.open_nursery() as nursery:
        await nursery.start(server.run)
        wire = Wire(nursery)
        assert wire.take_place(server.path)
        await until(server.path.exists)
        async with await trio.open_unix_socket(server.path) as client:
            await client.send_all(b"one ")
            assert await client.receive_some(10) == b"yes"
            yield wire, server, client
        nursery.cancel_scope.cancel()


async def _ended(client: trio.SocketStream) -> bytes:
    """All that still comes before the connection ends."""
    rest = b""
    with trio.fail_after(30), contextlib.suppress(trio.BrokenResourceError):
        while data := await client.receive_some(10):
            rest += data
    return rest


async def test_what_is_asked_is_done_and_nobody_hears_of_it(folder: pathlib.Path) -> None:
    async with between(folder) as (wire, server, client), trio.open_nursery() as nursery:
        nursery.start_soon(wire.lose_answers, 0.5)
        await trio.testing.wait_all_tasks_blocked()
        await client.send_all(b"two")

        assert await _ended(client) == b""
        assert server.heard == b"one two"


async def test_what_was_sent_arrives_after_the_sender_has_given_up(folder: pathlib.Path) -> None:
    async with between(folder) as (wire, server, client), trio.open_nursery() as nursery:
        nursery.start_soon(wire.deliver_late, 0.2, 0.5)
        await trio.testing.wait_all_tasks_blocked()
        await client.send_all(b"two")

        assert await _ended(client) == b""
        await client.aclose()
        assert server.heard == b"one "
        with trio.fail_after(30):
            await until(lambda: server.heard == b"one two")


async def test_what_froze_goes_on(folder: pathlib.Path) -> None:
    async with between(folder) as (wire, _, client), trio.open_nursery() as nursery:
        nursery.start_soon(wire.freeze, 0.5)
        await trio.testing.wait_all_tasks_blocked()
        await client.send_all(b"two")
        answered_at = trio.current_time()
        with trio.fail_after(30):
            assert await client.receive_some(10) == b"yes"

        assert trio.current_time() - answered_at > 0.3


async def test_a_cut_ends_the_connection_and_the_next_one_passes(folder: pathlib.Path) -> None:
    async with between(folder) as (wire, server, client):
        wire.cut()
        assert await _ended(client) == b""
        async with await trio.open_unix_socket(server.path) as again:
            await again.send_all(b"two")
            assert await again.receive_some(10) == b"yes"


async def test_nobody_listens(folder: pathlib.Path) -> None:
    async with trio.open_nursery() as nursery:
        assert not Wire(nursery).take_place(folder / "nothing")
