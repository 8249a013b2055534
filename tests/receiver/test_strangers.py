"""What is no DC-09 is known by its first bytes, and logged once an hour."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.strangers import HourlyLog, Stranger, recognise
from tests.receiver.peers import captured_frames, written

HEARTBEAT = b"SR0001L0001    001465XX    [ID5B9490D8]"


@pytest.mark.parametrize(
    "data",
    [
        HEARTBEAT,
        b"SR0001L0001    006969XX    [ID00000000]",
        HEARTBEAT.replace(b" ", b"\x00"),
        b"SR0001L0001\x00\x00\x00\x00001465XX\x00\x00 \x00[ID5B9490D8]",
        b"\n" + HEARTBEAT + b"\r\x00\x00",
        b"SR0001L0001    001465XX",
        b"SR0001L0001    001465XX    \r\n",
        b"SR0001L0001    001465XX    []",
        HEARTBEAT + HEARTBEAT,
    ],
)
def test_an_aritech_heartbeat_is_answered_by_a_bare_ack(data: bytes) -> None:
    stranger = recognise(data)

    assert stranger is Stranger.ARITECH
    assert stranger.reply == b'"ACK"'


@pytest.mark.parametrize(
    ("data", "stranger"),
    [
        (b"F#123456", Stranger.GALAXY),
        (b"F#123456\xd7F#123456\xd7", Stranger.GALAXY),
        (b"D#1234\x9b", Stranger.GALAXY),
        (bytes.fromhex("0501815968"), Stranger.GALAXY),
        (b"HID=17#UID=4#CRC=d41d8cd98f00b204e9800998ecf8427e##", Stranger.ECOLINE),
        (b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", Stranger.HTTP),
        (b"\r\n\r\nGET / HTTP/1.0\r\n\r\n", Stranger.HTTP),
        (b"OPTIONS / HTTP/1.0\r\n\r\n", Stranger.HTTP),
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", Stranger.HTTP),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Stranger.HTTP),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Stranger.TLS),
        (b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\n", Stranger.SIP),
        (b"REGISTER sips:192.0.2.1 SIP/2.0\r\n", Stranger.SIP),
        (b"*1\r\n$4\r\nPING\r\n", Stranger.REDIS),
        (b"PING\r\n", Stranger.REDIS),
        (b"INFO\n", Stranger.REDIS),
        (b"SSH-2.0-Go\r\n", Stranger.SSH),
        (b"ZBXD\x01\x0c\x00\x00\x00\x00\x00\x00\x00agent.ping\n", Stranger.ZABBIX),
        (b"\x05\x01\x00", Stranger.SOCKS),
        (b"\x05\x02\x00\x02", Stranger.SOCKS),
        (b"\x04\x01\x00\x50\xc0\x00\x02\x01\x00", Stranger.SOCKS),
    ],
)
def test_other_protocols_are_known_by_how_they_begin_and_get_no_answer(data: bytes, stranger: Stranger) -> None:
    assert recognise(data) is stranger
    assert stranger.reply == b""


@pytest.mark.parametrize(
    "data",
    [
        *(captured.raw for captured in captured_frames()),
        written(b'"NULL"0000L0#1234[]'),
        b'"NULL"0000L0#1234[]',
        b"#1234|Nri1/BA003]",
        b"L#22334455[#22334455|NBA1]",
        b"",
        b"\r\n\x00 ",
        b"GETTING ON",
        b"F#12",
        b"SR0001L0001",
        b"\x16\x03",
        b"\x05\x01",
        b"5011 181234E12101001\x14",
    ],
)
def test_dc09_in_whole_or_in_part_is_no_stranger(data: bytes) -> None:
    assert recognise(data) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    recognise(data)
    recognise(b"SR0001L0001 " + data)


def test_only_the_beginning_is_looked_at() -> None:
    flood = b"SR0001L0001" + b" " * 10_000_000
    started = time.perf_counter()

    assert recognise(flood) is None

    assert time.perf_counter() - started < 1


# The log -------------------------------------------------------------------------------------------------------------


def test_one_line_an_hour_for_each_address_and_kind() -> None:
    log = HourlyLog()

    assert log.due("192.0.2.1", "http", 0.0)
    assert not log.due("192.0.2.1", "http", 3599.0)
    assert log.due("192.0.2.1", "tls", 3599.0)
    assert log.due("192.0.2.2", "http", 3599.0)
    assert log.due("192.0.2.1", "http", 3600.0)
    assert not log.due("192.0.2.1", "http", 7199.0)


def test_a_thousand_scanners_do_not_fill_the_log() -> None:
    log = HourlyLog(limit=10)

    lines = [log.due(f"192.0.2.{number}", "http", 60.0 * number) for number in range(60)]
    assert (sum(lines), lines[:10]) == (10, [True] * 10)
    # The first of them is an hour old: there is room for one more.
    assert [log.due(f"198.51.100.{number}", "http", 3600.0) for number in range(3)] == [True, False, False]
