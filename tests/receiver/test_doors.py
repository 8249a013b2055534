"""Real sockets: however a panel behaves, it gets its answers, and it takes nobody else's."""

from __future__ import annotations

import os
import random
import resource
import socket
import struct
import time

import pytest
import trio

from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import Station, running_station
from tests.receiver.peers import Captured, DatagramPanel, Panel, calling, captured_frames, written, written_binary

ALL = captured_frames()
CLEAR = [captured for captured in ALL if captured.reply and not captured.key]


def null(number: int, account: bytes = b"1234") -> bytes:
    return written(b'"NULL"%04dL0#%b[]' % (number % 10_000, account))


def ack(number: int, account: bytes = b"1234") -> bytes:
    return b'"ACK"%04dL0#%b[]' % (number % 10_000, account)


def reset(panel: Panel) -> None:
    """Make the next close a reset."""
    panel.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def read_bytes(panel: Panel, count: int) -> bytes:
    heard = b""
    with trio.fail_after(30):
        while len(heard) < count:
            data = await panel.stream.receive_some()
            assert data, "the receiver hung up"
            heard += data
    return heard


async def test_captured_frames_over_tcp_in_one_segment(station: Station) -> None:
    expected = b"".join(captured.reply or b"" for captured in CLEAR)
    async with calling(station.port) as panel:
        await panel.send(b"".join(captured.raw for captured in CLEAR))

        assert await read_bytes(panel, len(expected)) == expected


async def test_captured_frames_over_tcp_byte_by_byte(station: Station) -> None:
    async with calling(station.port) as panel:
        for captured in CLEAR[::4]:
            assert captured.reply is not None
            for at in range(len(captured.raw)):
                await panel.send(captured.raw[at : at + 1])
                await trio.lowlevel.checkpoint()
            assert await read_bytes(panel, len(captured.reply)) == captured.reply


async def test_captured_frames_over_udp(station: Station) -> None:
    with DatagramPanel(station.port) as panel:
        for captured in CLEAR:
            assert await panel.ask(captured.raw) == captured.reply
    stored = await station.signals()
    assert {row["transport"] for row in stored} == {"udp"}
    assert len(stored) == sum(len(captured.signals) for captured in CLEAR)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_damaged_frames_and_replies_get_no_answer_and_store_nothing(station: Station, transport: str) -> None:
    silent: list[Captured] = [captured for captured in ALL if captured.reply is None]
    if transport == "udp":
        with DatagramPanel(station.port) as panel:
            for captured in silent:
                await panel.send(captured.raw)
            assert await panel.ask(null(1)) == written(ack(1))
    else:
        async with calling(station.port) as caller:
            for captured in silent:
                await caller.send(captured.raw)
            # One of them announces more bytes than it has; only these many prove it wrong at once.
            await caller.send(b"\x00" * 5000)
            assert await caller.ask(null(1)) == ack(1)
    assert [row["sequence"] for row in await station.signals()] == ["0001"]


async def test_frames_glued_together_are_answered_in_order(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.send(b"".join(null(number) for number in range(200)))

        assert await panel.replies(200) == [ack(number) for number in range(200)]
    assert [row["sequence"] for row in await station.signals()] == [f"{number:04}" for number in range(200)]


async def test_a_damaged_frame_costs_the_next_one_nothing(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.send(b'\n3C8E0029"ADM-CID"0010R0L0#1234[#1234|1131 01!003]\r' + null(1))

        assert await panel.reply(2) == ack(1)


async def test_the_answer_comes_in_the_panels_own_crc(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.send(written_binary(b'"NULL"0000R1L1#9413[]'))

        assert await read_bytes(panel, 27) == written_binary(b'"ACK"0000R1L1#9413[]')


async def test_receiver_number_is_echoed_only_if_sent(station: Station) -> None:
    async with calling(station.port) as panel:
        assert await panel.ask(written(b'"NULL"0000L0#1409[]')) == b'"ACK"0000L0#1409[]'
        assert await panel.ask(written(b'"NULL"0000R0L0#1409[]')) == b'"ACK"0000R0L0#1409[]'
        assert await panel.ask(written(b'"NULL"0000R00AbL0#1409[]')) == b'"ACK"0000R00AbL0#1409[]'
        assert await panel.ask(written(b'"NULL"0000L#1409[]')) == b'"ACK"0000L#1409[]'


async def test_the_receiver_does_not_hang_up(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.ask(null(1))
        assert await panel.hears_nothing(1.5)
        assert await panel.ask(null(2)) == ack(2)


async def test_a_half_closed_panel_still_gets_its_answer(station: Station) -> None:
    async with calling(station.port) as panel:
        async with station.owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            await panel.send(null(1) + null(2))
            await panel.stream.send_eof()
            await trio.sleep(0.3)
        assert await panel.replies(2) == [ack(1), ack(2)]
        with trio.fail_after(30):
            assert await panel.stream.receive_some() == b""


async def test_a_panel_that_reads_late_loses_no_answer(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    count = 5000
    late = trio.socket.socket()
    late.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with running_station(database_url, owner, station_key, send_buffer_bytes=4096) as station:
        await late.connect(("127.0.0.1", station.port))
        async with trio.SocketStream(late) as stream, trio.open_nursery() as nursery:
            panel = Panel(stream)
            nursery.start_soon(panel.send, b"".join(null(number) for number in range(count)))
            await trio.sleep(1)
            # Meanwhile another panel is served.
            async with calling(station.port) as other:
                assert await other.ask(null(7, b"77")) == ack(7, b"77")
            assert await panel.replies(count, 15) == [ack(number) for number in range(count)]


async def test_a_panel_that_never_reads_is_not_read_either(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    count = 40_000
    deaf = trio.socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with running_station(database_url, owner, station_key, send_buffer_bytes=4096) as station:
        await deaf.connect(("127.0.0.1", station.port))
        async with trio.SocketStream(deaf) as stream, trio.open_nursery() as nursery:
            nursery.start_soon(stream.send_all, b"".join(null(number) for number in range(count)))
            before, stored = -1, 0
            with trio.fail_after(30):
                while before < stored or stored == 0:
                    await trio.sleep(0.7)
                    (row,) = await owner.fetch("select count(*) as n from signal")
                    before, stored = stored, row["n"]
            # Some thousands lie in the buffers of both sides; a panel that takes no answer gets no further.
            assert stored < 10_000
            nursery.cancel_scope.cancel()


async def test_many_panels_at_once(station: Station) -> None:
    async def call_and_ask(number: int) -> None:
        account = b"%04X" % number
        async with calling(station.port) as panel:
            for turn in range(3):
                assert await panel.ask(null(turn, account)) == ack(turn, account)

    async with trio.open_nursery() as nursery:
        for number in range(200):
            nursery.start_soon(call_and_ask, number)
    assert len(await station.signals()) == 600


async def test_a_panel_that_vanishes_takes_no_other_panels_answer(station: Station) -> None:
    # Descriptors are used again: the answer to a panel that is gone must not reach the next one.
    async with station.owner.transaction() as session:
        await session.execute("lock table signal in exclusive mode")
        for number in range(20):
            async with calling(station.port) as gone:
                await gone.send(null(number, b"AAAA"))
                await trio.sleep(0.01)
                reset(gone)
        await trio.sleep(0.1)
        followers = [await trio.open_tcp_stream("127.0.0.1", station.port) for _ in range(20)]
        for number, stream in enumerate(followers):
            await stream.send_all(null(number, b"%04d" % number))
        await trio.sleep(0.2)
    for number, stream in enumerate(followers):
        panel = Panel(stream)
        assert await panel.reply() == ack(number, b"%04d" % number)
        await stream.aclose()
    assert sum(row["account"] == "AAAA" for row in await station.signals()) == 20


async def test_a_panel_that_is_reset_after_half_closing_costs_no_time(station: Station) -> None:
    async with station.owner.transaction() as session:
        await session.execute("lock table signal in exclusive mode")
        async with calling(station.port) as panel:
            await panel.send(null(1))
            await trio.sleep(0.1)
            await panel.stream.send_eof()
            await trio.sleep(0.1)
            reset(panel)
        await trio.sleep(0.1)
        spent_s = -time.process_time()
        await trio.sleep(1)
        spent_s += time.process_time()
    assert spent_s < 0.3, "the receiver spins while the answer is waiting"


JUNK = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40,
    "zeros": b"\x00" * 70_000,
    "near-frames": b'\nAAAA0FFF"' * 4000,
    "random": random.Random(7).randbytes(30_000),
}


async def test_other_protocols_and_scanners_disturb_nobody(station: Station) -> None:
    async with calling(station.port) as panel:
        for number, junk in enumerate(JUNK.values()):
            async with calling(station.port) as scanner:
                await scanner.send(junk)
                with DatagramPanel(station.port) as scanning:
                    await scanning.send(junk[:60_000])
                    assert await panel.ask(null(number)) == ack(number)
                    assert await scanning.ask(null(number)) == written(ack(number))
    assert len(await station.signals()) == 2 * len(JUNK)


async def test_a_frame_behind_an_unfinished_one_waits_a_few_seconds_only(station: Station) -> None:
    too_long = null(1)[:5] + b"0FFF" + null(1)[9:]
    heard: list[str] = []

    async def once() -> None:
        async with calling(station.port) as panel:
            await panel.send(too_long + null(2))
            assert await panel.reply(8) == ack(2)
            heard.append("silent")

    async def goes_on_sending() -> None:
        # A panel that goes on, as those of a gateway do, must not keep its own frames from being read.
        async with calling(station.port) as panel:
            await panel.send(too_long)
            with trio.move_on_after(9):
                for number in range(3, 100):
                    await panel.send(null(number))
                    await trio.sleep(0.75)
                    if not await panel.hears_nothing(0.05):
                        heard.append("going on")
                        return

    async with trio.open_nursery() as nursery:
        nursery.start_soon(once)
        nursery.start_soon(goes_on_sending)
    assert sorted(heard) == ["going on", "silent"]


async def test_out_of_descriptors_a_panel_waits_and_is_served_later(station: Station) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with calling(station.port) as known:
        await known.ask(null(1))
        late = trio.socket.socket()
        highest = max(int(name) for name in os.listdir("/proc/self/fd"))
        holes = [os.dup(0) for _ in range(highest + 1 - len(os.listdir("/proc/self/fd")) + 1)]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(highest, *holes, 0) + 1, before[1]))
            with trio.fail_after(30):
                await late.connect(("127.0.0.1", station.port))
            await late.send(null(2))
            spent_s = -time.process_time()
            await trio.sleep(1)
            spent_s += time.process_time()
            assert await known.ask(null(3)) == ack(3)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            for hole in holes:
                os.close(hole)
        assert spent_s < 0.3, "the receiver spins while it has no descriptor"
        with trio.fail_after(30):
            assert await late.recv(1000) == written(ack(2))
        late.close()
