"""The simulated receiver: what it says, how long it waits, and when it gives up."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from simulators.receivers import Habits, HardwareReceiver, Language
from simulators.reports import Happening, Report
from tests.receiver.peers import written
from tests.simulators.test_command import simulate

ACK = b"\x06"
HEARTBEAT = b"1011           @    \x14"
ALARM = b"5011 181234E13001004\x14"
BURGLARY = Report(Happening.BURGLARY, number="004")


async def read(stream: trio.abc.Stream, count: int) -> bytes:
    heard = b""
    while len(heard) < count:
        data = await stream.receive_some(count - len(heard))
        assert data
        heard += data
    return heard


@pytest.mark.parametrize(
    ("habits", "heartbeat", "burglary", "closing"),
    [
        (Habits(), HEARTBEAT, ALARM, b"5011 181234R40101007\x14"),
        (
            Habits(receiver=12, line=2, line_digits=3),
            b"112002           @    \x14",
            b"512002 181234E13001004\x14",
            b"512002 181234R40101007\x14",
        ),
        (
            Habits(language=Language.D6500),
            b" 1011           @    \x14",
            b" a011 123418113001004\x14",
            b" a011 123418340101007\x14",
        ),
        (
            Habits(language=Language.ADEMCO685),
            b"\n00 OKAY @\r",
            b"\n11 1234 18 E130 01 C004\r",
            b"\n11 1234 18 R401 01 U007\r",
        ),
    ],
)
async def test_what_it_says(habits: Habits, heartbeat: bytes, burglary: bytes, closing: bytes) -> None:
    receiver = HardwareReceiver(habits)
    receiver.call("1234", BURGLARY)
    receiver.call("1234", Report(Happening.CLOSING, number="007"))
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, theirs)
        for said in (heartbeat, burglary, closing):
            assert await read(ours, len(said)) == said
            await ours.send_all(ACK)
        await receiver.wait_until_relayed()
        nursery.cancel_scope.cancel()
    assert (receiver.tally.sent, receiver.tally.acknowledged, receiver.tally.repeated) == (2, 2, 0)


async def test_it_repeats_three_times_and_waits_for_a_heartbeat_to_be_answered(autojump_clock: trio.abc.Clock) -> None:
    receiver = HardwareReceiver(Habits())
    receiver.call("1234", BURGLARY)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, theirs)
        assert await read(ours, len(HEARTBEAT)) == HEARTBEAT
        await ours.send_all(ACK)
        started = trio.current_time()
        assert await read(ours, 4 * len(ALARM)) == 4 * ALARM
        assert trio.current_time() - started == pytest.approx(12)
        # Nobody answers: heartbeats only, one every half minute.
        assert await read(ours, 3 * len(HEARTBEAT)) == 3 * HEARTBEAT
        assert trio.current_time() - started == pytest.approx(16 + 60)
        await ours.send_all(ACK)
        assert await read(ours, len(ALARM)) == ALARM
        await ours.send_all(ACK)
        await receiver.wait_until_relayed()
        nursery.cancel_scope.cancel()
    assert (receiver.failures, receiver.tally.repeated, receiver.tally.acknowledged) == (1, 3, 1)


async def test_a_nak_is_a_repeat_at_once() -> None:
    receiver = HardwareReceiver(Habits())
    receiver.call("1234", BURGLARY)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, theirs)
        assert await read(ours, len(HEARTBEAT)) == HEARTBEAT
        await ours.send_all(ACK)
        for answer in (b"\x15", ACK):
            assert await read(ours, len(ALARM)) == ALARM
            await ours.send_all(answer)
        await receiver.wait_until_relayed()
        nursery.cancel_scope.cancel()


async def test_in_dc07_only_the_ack_of_its_own_message_counts(autojump_clock: trio.abc.Clock) -> None:
    receiver = HardwareReceiver(Habits(language=Language.DC07))
    receiver.call("1234", BURGLARY)
    ours, theirs = trio.testing.memory_stream_pair()
    # The call came first, so it has the first number.
    null, alarm = written(b'"NULL"0002R1L1[]'), written(b'"ADM-CID"0001R1L1[#1234|1130 01 004]')
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, theirs)
        assert await read(ours, len(null)) == null
        await ours.send_all(written(b'"ACK"0002R1L1[]'))
        for answer in (b'"ACK"0002R1L1[]', b'"ACK"0001R1L1[]'):
            assert await read(ours, len(alarm)) == alarm
            await ours.send_all(written(answer))
        await receiver.wait_until_relayed()
        nursery.cancel_scope.cancel()
    assert receiver.tally.repeated == 1


# The command -------------------------------------------------------------------------------------------------------


async def test_the_command_relays_and_counts() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    heard = []

    async def acknowledge(stream: trio.SocketStream) -> None:
        async for data in stream:
            heard.append(data)
            await stream.send_all(ACK)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, acknowledge, [listener])
        to = f"127.0.0.1:{listener.socket.getsockname()[1]}"
        code, output, _ = await simulate("receiver", "--to", to, "--event", "fire", "--count", "3", "--account", "7037")
        nursery.cancel_scope.cancel()
    assert (code, output) == (0, "3 reports, 3 acknowledged, 0 repeated; 1 heartbeats answered\n")
    assert heard == [HEARTBEAT, *(b"5011 187037E11001%03d\x14" % zone for zone in (1, 2, 3))]


async def test_the_command_says_what_is_wrong() -> None:
    code, _, told = await simulate("receiver")

    assert (code, told) == (2, "give either --to or --listen\n")
