"""Links as a whole: who may connect, whom we dial, and what becomes of a receiver that falls silent."""

from __future__ import annotations

import ipaddress
import socket

import pytest
import trio

from receiver.automation import doors as doors_module
from receiver.automation.settings import Endpoint
from tests.receiver.automation.conftest import PATIENCE_S, Caller, Served, Station, calling, link

ACK = b"\x06"
ALARM = b"5011 187037E13001004\x14"
HEARTBEAT = b"1011           @    \x14"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(doors_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(doors_module, "_LONGEST_PAUSE_S", 0.2)


async def matters(served: Served, count: int) -> list[tuple[str, str, str]]:
    return [(row["kind"], row["qualifier"], row["account"]) for row in await served.until_stored(count, own=True)]


LOST = ("station", "new", "receiver link north")
BACK = ("station", "restore", "receiver link north")


async def test_a_receiver_is_dialled_and_dialled_again(station: Station) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    async with station.serving(link(dial=Endpoint("127.0.0.1", port))) as served, listener:
        for zone in range(2):
            with trio.fail_after(PATIENCE_S):
                stream = await listener.accept()
            async with stream:
                caller = Caller(stream)
                await caller.send(b"5011 187037E13001%03d\x14" % zone)
                await caller.hears(ACK)
        assert [row["zone"] for row in await served.signals()] == ["000", "001"]


async def test_a_receiver_that_is_not_there_is_lost_and_comes_back(station: Station) -> None:
    with socket.create_server(("127.0.0.1", 0)) as placeholder:
        port = placeholder.getsockname()[1]
    async with station.serving(link(dial=Endpoint("127.0.0.1", port), heartbeat_s=0.2)) as served:
        assert await matters(served, 1) == [LOST]
        (listener,) = await trio.open_tcp_listeners(port, host="127.0.0.1")
        async with listener:
            with trio.fail_after(PATIENCE_S):
                stream = await listener.accept()
            async with stream:
                caller = Caller(stream)
                await caller.send(HEARTBEAT)
                await caller.hears(ACK)
                assert (await matters(served, 2))[:2] == [LOST, BACK]


async def test_a_receiver_that_falls_silent_is_lost_and_hung_up_on(station: Station) -> None:
    async with station.serving(link(heartbeat_s=1)) as served, calling(served.ports["north"]) as caller:
        for _ in range(8):
            await caller.send(HEARTBEAT)
            await caller.hears(ACK)
            await trio.sleep(0.2)
        assert (await matters(served, 1))[0] == BACK

        # It may be cut off, and its end of the connection only seem to be there.
        with trio.fail_after(PATIENCE_S):
            assert await caller.stream.receive_some() == b""
        assert LOST in await matters(served, 2)
        async with calling(served.ports["north"]) as again:
            await again.send(ALARM)
            await again.hears(ACK)
            assert (await matters(served, 3))[-1] == BACK


async def test_noise_is_no_sign_of_life(station: Station) -> None:
    async def make_noise(caller: Caller) -> None:
        while True:
            await caller.send(b"GET / HTTP/1.1\r\n\x14")
            await trio.sleep(0.05)

    async with station.serving(link(heartbeat_s=0.3)) as served, calling(served.ports["north"]) as caller:
        with trio.fail_after(PATIENCE_S), pytest.raises(trio.BrokenResourceError):
            await make_noise(caller)
        assert await matters(served, 1) == [LOST]


async def test_only_those_named_may_connect(station: Station) -> None:
    stranger = link("north", only_from=(ipaddress.ip_network("192.0.2.0/24"),))
    friend = link("south", only_from=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("192.0.2.7")))
    async with station.serving(stranger, friend) as served:
        async with calling(served.ports["north"]) as caller:
            with trio.fail_after(PATIENCE_S):
                assert await caller.stream.receive_some() == b""
        async with calling(served.ports["south"]) as caller:
            await caller.send(ALARM)
            await caller.hears(ACK)


async def test_strangers_who_only_sit_there_do_not_keep_the_receiver_out(station: Station) -> None:
    async with station.serving(link()) as served:
        port = served.ports["north"]
        async with calling(port) as receiver:
            await receiver.send(HEARTBEAT)
            await receiver.hears(ACK)
            idle = [await trio.open_tcp_stream("127.0.0.1", port) for _ in range(20)]
            async with calling(port) as second:
                await second.send(ALARM)
                await second.hears(ACK)
            for stream in idle:
                await stream.aclose()


async def test_a_port_that_is_taken_is_tried_again(station: Station) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        async with station.serving(link(listen=Endpoint("127.0.0.1", port)), link("south")) as served:
            async with calling(served.ports["south"]) as caller:
                await caller.send(ALARM)
                await caller.hears(ACK)
            squatter.close()
            with trio.fail_after(PATIENCE_S):
                while True:
                    try:
                        async with calling(port) as caller:
                            await caller.send(ALARM)
                            await caller.hears(ACK)
                            return
                    except OSError:
                        await trio.sleep(0.05)
