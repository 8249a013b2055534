"""Who speaks another protocol at the door: counted, logged once, answered if that is kind, and nobody else's matter."""

from __future__ import annotations

import pytest
import trio
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.receiver.conftest import Station
from tests.receiver.peers import DatagramPanel, calling, written

HEARTBEAT = b"SR0001L0001    001234    [ID00000001]"
REQUEST = b"GET /admin HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"
NULL = written(b'"NULL"0001L0#1234[]')
ACK = b'"ACK"0001L0#1234[]'


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("sereno_receiver_strangers_total", {"kind": kind}) or 0.0


async def heard(stream: trio.SocketStream, count: int) -> bytes:
    data = b""
    with trio.fail_after(30):
        while len(data) < count:
            data += await stream.receive_some()
    return data


async def test_each_heartbeat_of_an_aritech_panel_is_answered_and_counted(station: Station) -> None:
    before = counted("aritech")
    async with calling(station.port) as panel:
        for _ in range(3):
            await panel.send(HEARTBEAT)
            assert await heard(panel.stream, 5) == b'"ACK"'
    with DatagramPanel(station.port) as panel_by_udp:
        assert await panel_by_udp.ask(HEARTBEAT) == b'"ACK"'

    assert counted("aritech") == before + 4
    assert await station.signals() == []


async def test_a_scanner_is_logged_once_an_hour_and_hears_nothing(station: Station) -> None:
    before = counted("http")
    with capture_logs() as lines:
        for _ in range(5):
            async with calling(station.port) as scanner:
                await scanner.send(REQUEST)
                assert await scanner.hears_nothing(0.2)

    assert counted("http") == before + 5
    told = [line for line in lines if line["event"] == "stranger"]
    assert [(line["kind"], line["address"]) for line in told] == [("http", "127.0.0.1")]


async def test_a_beginning_in_pieces_is_recognised_once(station: Station) -> None:
    before = counted("http")
    async with calling(station.port) as scanner:
        for at in range(len(REQUEST)):
            await scanner.send(REQUEST[at : at + 1])
            await trio.sleep(0.005)
        await scanner.send(REQUEST)
        assert await scanner.hears_nothing(0.2)

    assert counted("http") == before + 1


@pytest.mark.parametrize("beginning", [HEARTBEAT, REQUEST, b"random nonsense"])
async def test_a_frame_behind_it_is_answered_as_ever(station: Station, beginning: bytes) -> None:
    async with calling(station.port) as panel:
        await panel.send(beginning)
        await trio.sleep(0.2)
        await panel.send(NULL)
        reply = written(ACK)
        expected = b'"ACK"' + reply if beginning == HEARTBEAT else reply
        assert await heard(panel.stream, len(expected)) == expected


async def test_a_panel_of_ours_is_no_stranger_whatever_it_says_later(station: Station) -> None:
    before = counted("http")
    async with calling(station.port) as panel:
        assert await panel.ask(NULL) == ACK
        await panel.send(REQUEST)
        assert await panel.ask(NULL) == ACK

    assert counted("http") == before
