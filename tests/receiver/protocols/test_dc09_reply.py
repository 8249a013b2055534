"""Replies, byte for byte as published, and as an independent panel reads them."""

from __future__ import annotations

import datetime as dt

import pytest
from siadc09.message import parse_frame as read_by_a_panel

from receiver.protocols import dc09_reply
from receiver.protocols.dc09_frame import Frame, parse_frame
from receiver.protocols.dc09_framing import Envelope, Framer
from tests.receiver.peers import captured_frames, encrypted, unsealed, written, written_binary, written_with_cr

NOON = dt.datetime(2026, 6, 15, 12, 0, 1, 999_999, tzinfo=dt.UTC)
CLEAR = [captured for captured in captured_frames() if captured.reply and not captured.key]


def frame(raw: bytes) -> Frame:
    (envelope,) = Framer().receive_data(raw)
    assert isinstance(envelope, Envelope)
    return parse_frame(envelope)


@pytest.mark.parametrize("place", range(len(CLEAR)), ids=[captured.name for captured in CLEAR])
def test_acks_are_the_published_ones(place: int) -> None:
    captured = CLEAR[place]

    assert dc09_reply.ack(frame(captured.raw.rstrip(b"\x00")), None, NOON) == captured.reply


def test_duh_is_the_published_one() -> None:
    sent = frame(written(b'"ADM-CID"0006R0L0#1234[#1234|1130 01 005]'))

    assert dc09_reply.duh(sent) == b'\n60CA0014"DUH"0006R0L0#1234[]\r'


def test_nak_is_the_published_one_and_tells_gmt() -> None:
    sent = frame(encrypted(bytes(16), b'"*SIA-DCS"0007R0L0#1234', b"#1234|NRP0", NOON))
    summer_time = dt.datetime(2026, 6, 15, 13, 0, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))

    assert dc09_reply.nak(sent, summer_time) == b'\n574F0025"NAK"0000R0L0A0[]_12:00:00,06-15-2026\r'


def test_a_binary_crc_is_answered_in_kind() -> None:
    sent = frame(written_binary(b'"*SIA-DCS"0007L1#9413[00'))

    assert dc09_reply.duh(sent) == written_binary(b'"DUH"0007L1#9413[]')
    assert dc09_reply.nak(sent, NOON) == written_binary(b'"NAK"0000R0L0A0[]_12:00:01,06-15-2026')


def test_a_frame_that_counts_its_cr_is_answered() -> None:
    sent = frame(written_with_cr(b'"ADM-CID"0227R4F39L4F39#4F39[#4F39|3401 01 057]'))

    assert dc09_reply.ack(sent, None, NOON) == written(b'"ACK"0227R4F39L4F39#4F39[]')


@pytest.mark.parametrize(
    "header",
    [b"0000L0#1409", b"0001L#7303658550", b"0001#1997", b"000CRc0ffdL0#foc7688", b"0000R15L1#1", b"0000L9999", b""],
)
def test_header_is_echoed_as_it_came(header: bytes) -> None:
    sent = frame(written(b'"NULL"' + header + b"[]"))

    assert dc09_reply.ack(sent, None, NOON) == written(b'"ACK"' + header + b"[]")
    assert dc09_reply.duh(sent) == written(b'"DUH"' + header + b"[]")


@pytest.mark.parametrize("size", [16, 24, 32])
def test_an_encrypted_frame_gets_an_encrypted_ack(size: int) -> None:
    key = bytes(range(size))
    sent = frame(encrypted(key, b'"*SIA-DCS"0007R0L0#1234', b"#1234|Nri1/FA012", NOON))

    reply = dc09_reply.ack(sent, key, NOON)

    assert reply[9:].startswith(b'"*ACK"0007R0L0#1234[')
    pad, _, tail = unsealed(key, reply[:-1].partition(b"[")[2]).partition(b"]")
    assert tail == b"_12:00:01,06-15-2026"
    assert pad.removesuffix(b"|") == pad.replace(b"|", b"")
    message = read_by_a_panel(reply, key)
    assert (message.idtoken, message.seq, message.encrypted) == ("ACK", 7, True)
    assert message.timestamp == NOON.replace(microsecond=0)
    assert message.account.get_id() == "1234:-:0"


def test_an_independent_panel_reads_clear_replies() -> None:
    sent = frame(written(b'"ADM-CID"0006R1L2#ABCD[#ABCD|1130 01 005]'))

    ack = read_by_a_panel(dc09_reply.ack(sent, None, NOON))
    duh = read_by_a_panel(dc09_reply.duh(sent))

    assert (ack.idtoken, ack.seq, ack.account.get_id()) == ("ACK", 6, "ABCD:2:1")
    assert (duh.idtoken, duh.seq, duh.account.get_id()) == ("DUH", 6, "ABCD:2:1")
