"""A running receiver with a door for DC-09 over TLS, and panels that knock at it."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import ssl

import trio

from receiver.doors import TlsDoor
from receiver.process import ReceiverSettings, run_receiver
from receiver.tls import context_for
from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import doors
from tests.receiver.test_tls import ACK, FRAME, papers


async def test_a_panel_over_tls_is_stored_and_acknowledged_even_as_it_hangs_up(
    database_url: str, owner: Database, station_key: StationKey, tmp_path: pathlib.Path
) -> None:
    own = papers(tmp_path, "station")
    tcp, udp = doors()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    with tcp, udp, listening:
        door = TlsDoor(listening, context_for(own.certificate, own.key, None, require_client=False))
        settings = ReceiverSettings(database_url=database_url, station_key=station_key, tcp=tcp, udp=udp, tls=door)
        async with trio.open_nursery() as nursery:
            await nursery.start(run_receiver, settings)
            await stranger_is_refused(listening.getsockname())
            plain = await trio.open_tcp_stream(*listening.getsockname())
            client = ssl.create_default_context(cafile=str(own.certificate))
            stream = trio.SSLStream(plain, client, server_hostname="localhost")
            with plain.socket, trio.fail_after(20):
                await stream.send_all(FRAME)
                assert await stream.receive_some() == ACK
                await says_and_hangs_up(stream, plain, FRAME)
                assert await plain.receive_some(4096), "the last frame got no answer"
            nursery.cancel_scope.cancel()
    rows = await owner.fetch("select transport, event_code from signal where protocol = 'dc09' order by id")
    assert [(row["transport"], row["event_code"]) for row in rows] == [("tls", "131")] * 2


async def says_and_hangs_up(stream: trio.SSLStream[trio.SocketStream], plain: trio.SocketStream, frame: bytes) -> None:
    """The frame and the farewell of TLS in one segment."""
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    await stream.send_all(frame)
    with trio.move_on_after(0.1), contextlib.suppress(trio.BrokenResourceError):
        await stream.unwrap()
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


async def stranger_is_refused(address: tuple[str, int]) -> None:
    """Who speaks no TLS is hung up on."""
    async with await trio.open_tcp_stream(*address) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\n\r\n")
        with trio.fail_after(30), contextlib.suppress(trio.BrokenResourceError):
            while await stream.receive_some():
                pass
