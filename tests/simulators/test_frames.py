"""The simulated panel's frames against worked examples of the standard, and against what real receivers answer."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from siadc09.message import parse_frame

from simulators.frames import Ack, Duh, Identity, Nak, Reply, crc16_arc, cut_frame, frame, reply_to, wrapped

NOON = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
KEY = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
PLAIN = Identity(account="1234", receiver="0")
SECRET = Identity(account="1234", receiver="0", key=KEY)


def test_crc_is_that_of_the_standard() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


def test_a_link_test_without_a_time() -> None:
    # Sequence 0001 instead of the published 0000: panels number their link tests here.
    assert frame(PLAIN, "NULL", 1, b"", None)[9:] == b'"NULL"0001R0L0#1234[]\r'
    assert wrapped(b'"NULL"0000R0L0#1234[]') == b'\n28330015"NULL"0000R0L0#1234[]\r'


@pytest.mark.parametrize(
    ("identity", "token", "sequence", "data", "at", "expected"),
    [
        (
            PLAIN,
            "ADM-CID",
            1,
            b"#1234|1131 01 003",
            None,
            b'\n6D4F0029"ADM-CID"0001R0L0#1234[#1234|1131 01 003]\r',
        ),
        (
            Identity(account="1234"),
            "ADM-CID",
            2,
            b"#1234|3131 01 003",
            None,
            b'\n4E1E0027"ADM-CID"0002L0#1234[#1234|3131 01 003]\r',
        ),
        (
            # Leading zeros, which the library would drop.
            Identity(account="00A1B2", prefix="1A", receiver="1"),
            "SIA-DCS",
            3,
            b"#00A1B2|Nri1/BA003^Front door^",
            NOON,
            b'\nD9BB004D"SIA-DCS"0003R1L1A#00A1B2[#00A1B2|Nri1/BA003^Front door^]_12:00:00,06-15-2026\r',
        ),
    ],
    ids=["E2", "E3", "E4"],
)
def test_clear_frames_are_the_published_ones(
    identity: Identity, token: str, sequence: int, data: bytes, at: dt.datetime | None, expected: bytes
) -> None:
    assert frame(identity, token, sequence, data, at) == expected


@pytest.mark.parametrize("account", ["1234", "00A1B2"])
@pytest.mark.parametrize("key_bytes", [16, 24, 32])
def test_an_encrypted_frame_opens_in_the_library(account: str, key_bytes: int) -> None:
    key = bytes(range(key_bytes))
    identity = Identity(account=account, prefix="1A", key=key)
    data = f"#{account}|Nri1/FA012".encode()

    sent = frame(identity, "SIA-DCS", 7, data, NOON)

    assert sent[9:].startswith(f'"*SIA-DCS"0007L1A#{account}['.encode())
    opened = parse_frame(sent, key)
    assert (opened.seq, opened.timestamp) == (7, NOON)
    assert opened.data.content == data


@pytest.mark.parametrize(
    ("identity", "sequence", "raw", "expected"),
    [
        (PLAIN, 1, b'\nDBE70014"ACK"0001R0L0#1234[]\r', Ack()),
        (Identity(account="1234"), 2, b'\n14310012"ACK"0002L0#1234[]\r', Ack()),
        (
            Identity(account="00A1B2", prefix="1A", receiver="1"),
            3,
            b'\n08E50017"ACK"0003R1L1A#00A1B2[]\r',
            Ack(),
        ),
        (PLAIN, 6, b'\n60CA0014"DUH"0006R0L0#1234[]\r', Duh()),
        (PLAIN, 6, b'\n574F0025"NAK"0000R0L0A0[]_12:00:00,06-15-2026\r', Nak(NOON)),
    ],
    ids=["E2a", "E3a", "E4a", "E8", "E9"],
)
def test_replies(identity: Identity, sequence: int, raw: bytes, expected: Reply) -> None:
    assert reply_to(identity, sequence, raw) == expected


def test_a_nak_that_names_the_account_is_understood_too() -> None:
    raw = wrapped(b'"NAK"0000R0L0#1234[]_12:00:00,06-15-2026')
    assert reply_to(SECRET, 5, raw) == Nak(NOON)


@pytest.mark.parametrize(
    "raw",
    [
        b'\n13D60054"*ACK"0007R0L0#1234[7C280A5773A42E0BFFD7E19A4A1DDC8167DA0589966EFAB7977FA68751432963\r',
        # The same without the bar that ends the pad.
        b'\nDD630054"*ACK"0007R0L0#1234[9EF6C4A3E0ABB7274F49588A682D995C22A2B3868B063DEAB45F259D6BD421DA\r',
    ],
    ids=["E10a", "E16"],
)
def test_encrypted_acknowledgements_open_under_the_right_key_only(raw: bytes) -> None:
    assert reply_to(SECRET, 7, raw) == Ack()
    assert reply_to(attrs.evolve(SECRET, key=bytes(16)), 7, raw) is None
    assert reply_to(PLAIN, 7, raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'\nDBE80014"ACK"0001R0L0#1234[]\r',
        b'\nDBE70015"ACK"0001R0L0#1234[]\r',
        wrapped(b'"ACK"0002R0L0#1234[]'),
        wrapped(b'"ACK"0001L0#1234[]'),
        wrapped(b'"ACK"0001R0L0#01234[]'),
        wrapped(b'"ACK"0001NoneL0#1234[]'),
        b"\r\n",
    ],
    ids=["crc", "length", "other message", "receiver not echoed", "other account", "receiver None", "noise"],
)
def test_what_is_no_answer_to_this_message(raw: bytes) -> None:
    assert reply_to(PLAIN, 1, raw) is None


def test_a_clear_acknowledgement_of_an_encrypted_message_does_not_count() -> None:
    assert reply_to(SECRET, 1, b'\nDBE70014"ACK"0001R0L0#1234[]\r') is None


def test_frames_are_cut_by_their_length_not_by_where_reading_stopped() -> None:
    one, two = b'\nDBE70014"ACK"0001R0L0#1234[]\r', b'\n14310012"ACK"0002L0#1234[]\r'
    buffer = bytearray(b"\r\x00" + one + two[:7])
    assert cut_frame(buffer) == one
    assert cut_frame(buffer) is None
    buffer += two[7:]
    assert cut_frame(buffer) == two
    assert not buffer
