"""Habits of real panels 1 to 10: how they frame, and what they expect of the connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from receiver.protocols.dc09_framing import crc16
from station.signals import Kind
from tests.receiver.conftest import Station
from tests.receiver.peers import (
    Captured,
    DatagramPanel,
    calling,
    captured_frames,
    replies_in,
    written,
    written_binary,
    written_with_cr,
)
from tests.receiver.readings import account, captured_from, frames, only_signal, reading

NULL = b'"NULL"0000R0L0#1234[]'
ALARM = b'"ADM-CID"0001R0L0#1234[#1234|1131 01 003]'


def by_name(captured: Captured) -> str:
    return captured.name


def body_with_crc(wanted: bytes) -> bytes:
    """A body with these two bytes as its CRC."""
    for number in range(1 << 24):
        body = b'"SIA-DCS"0001L0#%X[|NBA1]' % number
        # The search may use the quick CRC; the frame is written with the reference.
        if crc16(body).to_bytes(2, "big") == wanted:
            return body
    raise AssertionError(wanted)


@pytest.mark.parametrize("captured", captured_from("OPAX", "binary CRC", "E21"), ids=by_name)
def test_habit_1_the_crc_is_two_raw_bytes_and_is_answered_so(captured: Captured) -> None:
    assert captured.raw[5:6] != b'"'
    assert captured.raw[7:8] == b'"'

    assert reading(captured.raw, account()).reply == captured.reply


@pytest.mark.parametrize("crc", [b"\n\n", b"\r\r", b'""', b"\r\n", b"Y9", b"l[", b"')", b"00", b"\n0"])
def test_habit_1_raw_crc_bytes_may_be_lf_cr_quote_or_look_like_text(crc: bytes) -> None:
    body = body_with_crc(crc)
    raw = written_binary(body)
    assert raw[1:3] == crc

    assert [frame.raw for frame in frames(written(NULL) + raw + written(ALARM))] == [written(NULL), raw, written(ALARM)]
    assert reading(raw, account()).reply == written_binary(b'"ACK"' + body[9:].partition(b"[")[0] + b"[]")


@pytest.mark.parametrize("captured", captured_from("ELDES"), ids=by_name)
def test_habit_2_crc_and_length_take_in_the_cr(captured: Captured) -> None:
    assert int(captured.raw[6:9], 16) == len(captured.raw) - 9

    assert reading(captured.raw, account()).reply == captured.reply
    # The next one is framed rightly, too.
    assert len(frames(captured.raw + written(NULL) + captured.raw)) == 3


@pytest.mark.parametrize("captured", captured_from("G90B", "GSM panel: NULL"), ids=by_name)
def test_habit_3_a_nul_follows_the_cr(captured: Captured) -> None:
    assert captured.raw.endswith(b"\r\x00")

    one, two = frames(captured.raw, captured.raw)
    assert one.raw == two.raw == captured.raw[:-1]
    assert reading(captured.raw, account()).reply == captured.reply


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(lambda head: head.lower(), id="TEKNIM: CRC and length in small letters"),
        pytest.param(lambda head: head[:5] + head[5:].lower(), id="Visonic: only the length in small letters"),
        pytest.param(lambda head: head[:5].lower() + head[5:], id="only the CRC in small letters"),
    ],
)
def test_habit_4_small_hexadecimal_letters(head: Callable[[bytes], bytes]) -> None:
    raw = b'\nE15D0094"ADM-CID"0006R0L0#1234[#1234|1130 01 005][Vhttps://v.example/c/77][X003W42.100][Y40N25.000]'
    raw += b"[M001122334455][H11:58:30,06-15-2026]_12:00:00,06-15-2026\r"
    short = b'\n4E1E0027"ADM-CID"0002L0#1234[#1234|3131 01 003]\r'
    sia = b'\n47A7003C"SIA-DCS"0004R0L0#1234[#1234|Nti11:59/ri1/BA003/BA004/TA005]\r'

    for one in (raw, short, sia):
        assert len(frames(head(one[:9]) + one[9:])) == 1


def test_habit_4_the_receiver_number_in_small_letters_is_echoed_so() -> None:
    (captured,) = captured_from("binary CRC, receiver in small letters")
    assert b"0000Rc0ffdL1234" in captured.raw

    assert reading(captured.raw, account()).reply == captured.reply


@pytest.mark.parametrize("before", [b"", b"\r", b"\r\n", b"\n\r", b"\x00", b" "])
@pytest.mark.parametrize("behind", [b"", b"\n", b"\r\n", b"\x00"])
@pytest.mark.parametrize("lf", [b"\n", b""], ids=["LF", "no LF"])
def test_habit_5_line_ends_around_the_frame_and_no_lf_before_it(before: bytes, behind: bytes, lf: bytes) -> None:
    one = before + lf + written(ALARM).removeprefix(b"\n") + behind

    heard = frames(one, one)

    assert [frame.token for frame in heard] == ["ADM-CID", "ADM-CID"]
    assert reading(one, account()).reply == written(b'"ACK"0001R0L0#1234[]')


@pytest.mark.parametrize("data", ["[SУлица]", "[SRéception]", "[I火災]"])
def test_habit_6_length_counts_bytes_not_characters(data: str) -> None:
    body = b'"ADM-CID"0008L0#777[#777|3401 01 501]' + data.encode() + b"_09:15:28,07-03-2025"
    if data == "[SУлица]":
        assert written(body)[5:9] == b"0046"

    signal = only_signal(written(body), account())

    assert signal.extended == ((data[1], data[2:-1]),)
    assert signal.event_code == "401"


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_habit_7_several_frames_in_a_segment_and_frames_in_pieces(size: int) -> None:
    sent = [captured.raw.rstrip(b"\x00") for captured in captured_frames() if captured.reply]
    stream = b"".join(sent)

    assert [frame.raw for frame in frames(*(stream[at : at + size] for at in range(0, len(stream), size)))] == sent


async def test_habit_8_the_socket_stays_open_until_the_panel_closes_it(station: Station) -> None:
    async with calling(station.port) as panel:
        assert await panel.ask(written(ALARM)) == b'"ACK"0001R0L0#1234[]'
        assert await panel.hears_nothing(0.5)
        assert await panel.ask(written(ALARM.replace(b"0001", b"0002"))) == b'"ACK"0002R0L0#1234[]'
        await panel.stream.send_eof()
        # It reads late, and after it has said that it sends no more; the answer is still there.
        assert not await panel.stream.receive_some()


async def test_habit_8_a_panel_that_stops_sending_at_once_still_hears_its_answer(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.send(written(ALARM))
        await panel.stream.send_eof()

        assert await panel.reply() == b'"ACK"0001R0L0#1234[]'


def test_habit_9_line_ends_inside_the_data_of_a_visonic_frame() -> None:
    body = b'"VIS-BBA"0007R0L0#1234[\r\n\x0d\x0a\xf9\x22\x00\n0015"]_12:00:00,06-15-2026'

    for form in (written, written_binary, written_with_cr):
        signal = only_signal(form(body), account())
        assert (signal.token, signal.kind, signal.raw) == ("VIS-BBA", Kind.UNREADABLE, form(body))
    assert replies_in(reading(written(body), account()).reply) == [b'"ACK"0007R0L0#1234[]']


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param(b"F#123456" * 20, id="Galaxy native"),
        pytest.param(bytes.fromhex("0501815968"), id="Galaxy block"),
        pytest.param(b"HID=17#UID=4#CRC=d41d8cd98f00b204e9800998ecf8427e##", id="Ecoline"),
        pytest.param(b"SR0001L0001    001465XX    [ID5B9490D8]", id="Aritech heartbeat"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", id="HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), id="TLS hello"),
    ],
)
def test_habit_10_what_is_no_dc09_gets_no_answer_and_hides_no_frame(noise: bytes) -> None:
    assert frames(noise) == []
    assert len(frames(noise, written(ALARM), noise, written(NULL))) == 2


async def test_a_datagram_may_lack_the_final_cr(station: Station) -> None:
    with DatagramPanel(station.port) as panel:
        assert await panel.ask(written(ALARM)[:-1]) == written(b'"ACK"0001R0L0#1234[]')


def test_habit_25_the_constant_crc_of_aritech_is_no_dc09_and_is_not_answered() -> None:
    constant = [captured for captured in captured_frames() if "Aritech: constant CRC" in captured.name]

    assert len(constant) == 2
    for captured in constant:
        assert frames(captured.raw) == []
        assert len(frames(captured.raw + written(ALARM))) == 1
