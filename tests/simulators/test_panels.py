"""One simulated panel against a receiver that behaves as told, on real sockets."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import trio
from siadc09.account import Account
from siadc09.message import AckMessage, parse_frame

from simulators.frames import Identity
from simulators.links import Door
from simulators.panel_settings import PanelSettings, Transport
from simulators.panels import Answer, Panel, Patience
from simulators.reports import Format, Happening, Report
from tests.simulators.scripted_receiver import (
    Script,
    acknowledge,
    answer,
    hang_up,
    in_turn,
    refuse,
    say_nothing,
    tcp_receiver,
    udp_receiver,
    written,
)

BURGLARY = Report(Happening.BURGLARY, "1", "003", "Porta da frente")
KEY = bytes(range(16))
IMPATIENT = Patience(answer_s=0.1, retry_s=(0.01, 0.05))


def settings(transport: Transport = Transport.TCP, key: bytes | None = None) -> PanelSettings:
    return PanelSettings(
        identity=Identity(account="00A1B2", prefix="1", key=key), transport=transport, stamps_clear=False
    )


async def test_a_report_reaches_the_receiver_and_is_acknowledged() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        panel = Panel(settings(), receiver.door, first_sequence=41)
        assert await panel.send(BURGLARY) is Answer.ACKNOWLEDGED
        assert await panel.send(None) is Answer.ACKNOWLEDGED
        panel.close()

    burglary, link_test = receiver.frames
    assert burglary[9:] == b'"SIA-DCS"0041L1#00A1B2[#00A1B2|Nri1/BA003^Porta da frente^]\r'
    assert link_test[9:] == b'"NULL"0042L1#00A1B2[]\r'
    assert receiver.connections == 1
    assert (panel.tally.sent, panel.tally.acknowledged, len(panel.tally.answered_s)) == (2, 2, 2)


async def test_contact_id_writes_area_and_zone_in_fixed_places() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        panel = Panel(
            PanelSettings(identity=Identity(account="1234"), form=Format.ADM_CID, stamps_clear=False), receiver.door
        )
        await panel.send(Report(Happening.BURGLARY_RESTORE, "2", "7"))
        panel.close()
    assert receiver.frames[0][9:] == b'"ADM-CID"0001L0#1234[#1234|3130 02 007]\r'


async def test_the_sequence_wraps_from_9999_to_0001() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        panel = Panel(settings(), receiver.door, first_sequence=9999)
        await panel.send(None)
        await panel.send(None)
        panel.close()
    assert [frame[15:19] for frame in receiver.frames] == [b"9999", b"0001"]


async def test_a_silent_receiver_gets_the_same_bytes_three_times_more_on_one_connection() -> None:
    async with tcp_receiver(say_nothing) as receiver:
        panel = Panel(settings(), receiver.door, patience=IMPATIENT)
        assert await panel.send(BURGLARY) is Answer.UNANSWERED
    assert len(receiver.frames) == 4
    assert len(set(receiver.frames)) == 1
    assert receiver.connections == 1
    assert (panel.tally.sent, panel.tally.repeated, panel.tally.unanswered) == (1, 3, 1)


async def test_after_the_repeats_it_reconnects_and_goes_on_with_the_same_bytes() -> None:
    script = in_turn(*[say_nothing] * 4, acknowledge)
    async with tcp_receiver(script) as receiver:
        panel = Panel(settings(key=None), receiver.door, patience=IMPATIENT)
        assert await panel.deliver(BURGLARY) is Answer.ACKNOWLEDGED
        panel.close()
    assert receiver.connections == 2
    assert len(receiver.frames) == 5
    assert len(set(receiver.frames)) == 1


async def test_a_late_answer_to_an_earlier_message_is_not_taken_for_this_one() -> None:
    late: list[bytes] = []

    async def keep(frame: bytes) -> bytes:
        late.append(answer(b"ACK", frame))
        return b""

    async def send_the_late_one(_: bytes) -> bytes:
        return late[0]

    impatient = Patience(answer_s=0.1, repeats=0)
    async with udp_receiver(in_turn(keep, send_the_late_one)) as receiver:
        panel = Panel(settings(Transport.UDP), receiver.door, patience=impatient)
        assert await panel.send(BURGLARY) is Answer.UNANSWERED
        assert await panel.send(None) is Answer.UNANSWERED
    assert panel.tally.acknowledged == 0


async def test_a_late_answer_to_this_message_counts() -> None:
    async def late(frame: bytes) -> bytes:
        await trio.sleep(0.15)
        return answer(b"ACK", frame)

    async with tcp_receiver(late) as receiver:
        panel = Panel(settings(), receiver.door, patience=IMPATIENT)
        assert await panel.send(BURGLARY) is Answer.ACKNOWLEDGED
        panel.close()
    assert panel.tally.repeated == 1


@pytest.mark.parametrize("who", [b"L0A0", b"L1#00A1B2"], ids=["A0", "account"])
async def test_nak_corrects_the_clock_and_the_message_is_written_anew(who: bytes) -> None:
    def stamp(now: dt.datetime) -> bytes:
        return now.strftime("%H:%M:%S,%m-%d-%Y").encode()

    async def correct(_: bytes) -> bytes:
        return written(b'"NAK"0000%s[]_%s' % (who, stamp(dt.datetime.now(dt.UTC))))

    async def acknowledge_secretly(frame: bytes) -> bytes:
        acknowledgement = AckMessage(Account(key=KEY), timestamp=dt.datetime.now(dt.UTC))
        return answer(b"*ACK", frame, acknowledgement.pack_body_encrypted())

    async with tcp_receiver(in_turn(correct, acknowledge_secretly)) as receiver:
        panel = Panel(settings(key=KEY), receiver.door, clock_error=dt.timedelta(hours=-3))
        assert await panel.send(BURGLARY) is Answer.ACKNOWLEDGED
        panel.close()

    wrong, right = (parse_frame(frame, KEY) for frame in receiver.frames)
    assert wrong.seq == right.seq == 1
    assert wrong.timestamp - dt.datetime.now(dt.UTC) < dt.timedelta(hours=-2, minutes=-50)
    assert abs(right.timestamp - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
    assert (panel.tally.nak, panel.tally.acknowledged) == (1, 1)


async def test_a_receiver_that_only_corrects_is_given_up() -> None:
    async def correct(_: bytes) -> bytes:
        return written(b'"NAK"0000R0L0A0[]_12:00:00,06-15-2026')

    async with tcp_receiver(correct) as receiver:
        panel = Panel(settings(key=KEY), receiver.door)
        assert await panel.send(BURGLARY) is Answer.UNANSWERED
    assert len(receiver.frames) == 4


async def test_duh_ends_a_message() -> None:
    async with tcp_receiver(refuse) as receiver:
        panel = Panel(settings(), receiver.door)
        assert await panel.send(BURGLARY) is Answer.DUH
        panel.close()
    assert len(receiver.frames) == 1
    assert panel.tally.duh == 1


async def test_a_cut_connection_is_opened_again_and_the_same_bytes_sent() -> None:
    async with tcp_receiver(in_turn(hang_up, acknowledge)) as receiver:
        panel = Panel(settings(), receiver.door)
        assert await panel.send(BURGLARY) is Answer.ACKNOWLEDGED
        panel.close()
    assert receiver.connections == 2
    assert receiver.frames[0] == receiver.frames[1]


async def test_a_connection_for_each_message() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        panel = Panel(settings(Transport.TCP_EACH), receiver.door)
        await panel.send(BURGLARY)
        await panel.send(None)
    assert receiver.connections == 2


@pytest.mark.parametrize("script", [acknowledge, in_turn(say_nothing, acknowledge)], ids=["at once", "lost datagram"])
async def test_udp(script: Script) -> None:
    async with udp_receiver(script) as receiver:
        panel = Panel(settings(Transport.UDP), receiver.door, patience=IMPATIENT)
        assert await panel.send(BURGLARY) is Answer.ACKNOWLEDGED
        panel.close()
    assert len(set(receiver.frames)) == 1


async def test_nobody_listens() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        pass
    panel = Panel(settings(), Door("127.0.0.1", receiver.door.port))
    assert await panel.send(BURGLARY) is Answer.UNANSWERED
    assert panel.tally.unanswered == 1


async def test_silence_brings_link_tests_and_reports_come_at_once() -> None:
    fourth = trio.Event()
    inbox, reports = trio.open_memory_channel[Report](1)

    async def note(frame: bytes) -> bytes:
        if b'"NULL"0004' in frame:
            fourth.set()
        return await acknowledge(frame)

    chatty = PanelSettings(identity=Identity(account="1234"), link_test_s=0.1, stamps_clear=False)
    async with tcp_receiver(note) as receiver, trio.open_nursery() as nursery:
        nursery.start_soon(Panel(chatty, receiver.door).run, reports)
        await inbox.send(BURGLARY)
        with trio.fail_after(30):
            await fourth.wait()
        nursery.cancel_scope.cancel()
    tokens = [re.findall(rb'"([A-Z-]+)"', frame)[0] for frame in receiver.frames]
    assert tokens == [b"NULL", b"SIA-DCS", b"NULL", b"NULL"]
