"""One connection: nothing is acknowledged before its commit, and nothing but its own message."""

from __future__ import annotations

import attrs
import pytest
import trio

from receiver.automation import link as link_module
from receiver.automation.link import LinkDesk
from station.signals import Protocol
from station.store.database import Database
from tests.receiver.automation.conftest import Station, calling, link
from tests.receiver.peers import written

ACK = b"\x06"
ALARM = b"5011 187037E13001004\x14"
HEARTBEAT = b"1011           @    \x14"


@pytest.mark.parametrize(
    ("protocol", "message", "ack", "heartbeat", "heartbeat_ack"),
    [
        (Protocol.SURGARD, ALARM, ACK, HEARTBEAT, ACK),
        (Protocol.D6500, b" a011 703718E13001004\x14", ACK, b" 1011           @    \x14", ACK),
        (Protocol.ADEMCO685, b"\n11 7037 18 E130 01 C004\r", ACK, b"\n00 OKAY @\r", ACK),
        (
            Protocol.DC07,
            written(b'"ADM-CID"0007R1L2[#7037|1130 01 004]'),
            written(b'"ACK"0007R1L2[]'),
            written(b'"NULL"0008R1L2[]'),
            written(b'"ACK"0008R1L2[]'),
        ),
    ],
)
async def test_each_protocol_is_stored_and_acknowledged(
    station: Station, protocol: Protocol, message: bytes, ack: bytes, heartbeat: bytes, heartbeat_ack: bytes
) -> None:
    async with station.serving(link(protocol=protocol)) as served, calling(served.ports["north"]) as caller:
        await caller.send(heartbeat)
        await caller.hears(heartbeat_ack)
        await caller.send(message)
        await caller.hears(ack)
        (stored,) = await served.signals()
    assert (stored["protocol"], stored["account"], stored["event_code"]) == (protocol.value, "7037", "130")


async def test_what_a_flooding_panel_repeats_this_way_is_stored_as_such(station: Station) -> None:
    desk = LinkDesk(judged=lambda signals: [attrs.evolve(signal, suppressed=True) for signal in signals])
    async with station.serving(link(), desk=desk) as served, calling(served.ports["north"]) as caller:
        await caller.send(ALARM)
        await caller.hears(ACK)
        (stored,) = await served.signals()
    assert stored["suppressed"]


async def test_no_ack_before_the_commit_and_heartbeats_meanwhile(
    station: Station, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ACK_WITHIN_S", 60.0)
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            await caller.send(ALARM)
            await caller.hears_nothing(0.5)
            await caller.send(HEARTBEAT)
            await caller.hears(ACK)
            await caller.hears_nothing(0.3)
        await caller.hears(ACK)
        assert len(await served.signals()) == 1


async def test_copies_that_come_while_the_first_is_stored_get_one_ack_between_them(
    station: Station, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ACK_WITHIN_S", 60.0)
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            for _ in range(4):
                await caller.send(ALARM)
                await trio.sleep(0.1)
        await caller.hears(ACK)
        await caller.hears_nothing(0.5)
        assert len(await served.signals()) == 1
        # A copy that comes later is stored as one more, and acknowledged.
        await caller.send(ALARM)
        await caller.hears(ACK)
        stored = await served.signals()
    assert len(stored) == 2
    assert stored[0]["repeat_key"] == stored[1]["repeat_key"]


async def test_an_ack_that_comes_too_late_is_left_out_and_the_copy_gets_it(
    station: Station, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ACK_WITHIN_S", 0.2)
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            await caller.send(ALARM)
            await trio.sleep(0.6)
        await served.until_stored(1)
        await caller.hears_nothing(0.5)
        monkeypatch.setattr(link_module, "ACK_WITHIN_S", 60.0)
        await caller.send(ALARM)
        await caller.hears(ACK)


async def test_habit_26_six_copies_glued_on_one_line_get_one_ack(station: Station) -> None:
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        await caller.send(ALARM[:-1] * 6)
        await caller.hears(ACK)
        await caller.hears_nothing(0.3)
        assert [row["event_code"] for row in await served.signals()] == ["130"]


async def test_different_messages_at_once_are_answered_one_by_one(station: Station) -> None:
    messages = [b"5011 187037E13001%03d\x14" % zone for zone in range(1, 101)]
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        await caller.send(b"".join(messages))
        await caller.hears(ACK * 100)
        stored = await served.signals()
    assert [row["zone"] for row in stored] == [f"{zone:03}" for zone in range(1, 101)]


async def test_what_is_not_to_be_read_is_stored_and_acknowledged(station: Station) -> None:
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        await caller.send(b"T011      7702 of no manual\x14")
        await caller.hears(ACK)
        (stored,) = await served.signals()
    assert (stored["kind"], stored["account"]) == ("unreadable", "7702")
    assert stored["payload"] == "T011      7702 of no manual"


async def test_noise_gets_no_answer_and_costs_no_message(station: Station) -> None:
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        await caller.send(b"\x00\xff@#\x14" + b"GET / HTTP/1.1\r\n\x14")
        await caller.hears_nothing(0.3)
        await caller.send(ALARM)
        await caller.hears(ACK)
        assert len(await served.signals()) == 1


async def test_a_receiver_that_closed_its_sending_half_still_gets_its_ack(station: Station) -> None:
    async with station.serving(link()) as served, calling(served.ports["north"]) as caller:
        await caller.send(ALARM)
        await caller.stream.send_eof()
        await caller.hears(ACK)
        assert await caller.stream.receive_some() == b""


async def test_a_receiver_that_reads_nothing_holds_up_nobody(station: Station) -> None:
    async with (
        station.serving(link(), link("south")) as served,
        calling(served.ports["north"]) as deaf,
        calling(served.ports["south"]) as caller,
    ):
        with trio.move_on_after(1):
            while True:
                await deaf.send(HEARTBEAT * 1000)
        await caller.send(ALARM)
        await caller.hears(ACK)
