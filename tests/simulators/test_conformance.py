"""The battery's frames against independent code, and one reply at a time against what it should be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from Cryptodome.Cipher import AES
from siadc09.message import parse_frame
from siadc09.util import crc as reference_crc

from simulators.conformance.battery import battery
from simulators.conformance.cases import Case, CrcForm, Said, Sealed, Token
from simulators.conformance.judging import printable, says
from tests.simulators.battery_under_test import KEYS, UNDER_TEST, named
from tests.simulators.scripted_receiver import written

NOON = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
#: Frames whose CRC or length is not what the rule gives, because the panel writes it so or because they are damaged.
ODD = ("CRC and length take in the CR", "ELDES restore")


def clear_pieces(case: Case) -> Iterator[bytes]:
    for turn in case.turns:
        yield b"".join(piece for piece in turn.sent if isinstance(piece, bytes))


# The frames ------------------------------------------------------------------------------------------------------


def test_there_are_more_cases_than_any_replay_had_frames_and_each_has_a_name_of_its_own() -> None:
    cases = battery(UNDER_TEST)
    assert len(cases) > 57
    assert len({(case.subject, case.name) for case in cases}) == len(cases)


def test_each_habit_of_the_receiver_side_is_played() -> None:
    told = " ".join(case.source for case in battery(UNDER_TEST))
    habits = {int(number) for words in re.findall(r"habits? ([\d, ]+)", told) for number in re.findall(r"\d+", words)}
    # 17 is a clock like 16; 23 is about enrolling; 26 to 28 are other protocols and the station's accounts.
    assert habits == set(range(1, 26)) - {15, 17, 23} | {15}


@pytest.mark.parametrize(
    "frame",
    [
        b'\n28330015"NULL"0000R0L0#1234[]\r',
        b'\n6D4F0029"ADM-CID"0001R0L0#1234[#1234|1131 01 003]\r',
        b'\nD9BB004D"SIA-DCS"0003R1L1A#00A1B2[#00A1B2|Nri1/BA003^Front door^]_12:00:00,06-15-2026\r',
        b'\nBB86002C"NULL"0001L#7303658550[]_15:39:38,06-07-2019\r\0',
        b'\n\x10\x9a0015"NULL"0000R1L1#9413[]\r',
        b'\n3C8E0029"ADM-CID"0010R0L0#1234[#1234|1131 01!003]\r',
        b'\nEA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026\r',
    ],
    ids=["E1", "E2", "E4", "E20", "E21", "E15", "Pyronix"],
)
def test_published_frames_are_among_them(frame: bytes) -> None:
    assert frame in [piece for case in battery(UNDER_TEST) for piece in clear_pieces(case)]


def test_frames_that_should_be_acknowledged_have_the_crc_and_length_of_the_rule() -> None:
    sound = 0
    for case in battery(UNDER_TEST):
        if case.stream or case.subject == "encryption" or case.name in ODD:
            continue
        for turn, sent in zip(case.turns, clear_pieces(case), strict=True):
            if not turn.comes:
                continue
            bare = sent.strip(b"\r\n\0 ") if turn.comes[0].form is CrcForm.HEX else b""
            head, body = (bare[:8], bare[8:]) if bare else (sent[1:7], sent[7:-1])
            crc = int(head[:-4], 16) if bare else int.from_bytes(head[:2], "big")
            assert (crc, int(head[-4:], 16)) == (reference_crc(body), len(body)), case.name
            sound += 1
    assert sound > 120


def test_eldes_counts_the_cr() -> None:
    for name in ODD:
        (sent,) = clear_pieces(named(name))
        assert int(sent[1:5], 16) == reference_crc(sent[9:])
        assert int(sent[5:9], 16) == len(sent[9:])


@pytest.mark.parametrize(
    ("name", "place", "byte"),
    [
        ("binary CRC, its first byte is LF", 1, 0x0A),
        ("binary CRC, its last byte is LF", 2, 0x0A),
        ("binary CRC, its first byte is CR", 1, 0x0D),
        ("binary CRC, its last byte is a quote", 2, 0x22),
        ("binary CRC, its first byte is NUL", 1, 0x00),
    ],
)
def test_binary_crcs_hold_what_their_names_say(name: str, place: int, byte: int) -> None:
    (sent,) = clear_pieces(named(name))
    assert sent[place] == byte


def test_broken_frames_are_broken() -> None:
    for case in battery(UNDER_TEST, ["one bit", "another CRC", "CRC 0000", "length one", "a broken CRC"]):
        sent = next(clear_pieces(case))
        body = sent[9:-1]
        assert (int(sent[1:5], 16) if sent[4:5] != b"G" else -1, int(sent[5:9], 16)) != (reference_crc(body), len(body))


# The encrypted frames --------------------------------------------------------------------------------------------


def plain_of(case: Case) -> bytes:
    sealed = case.turns[-1].sent[0]
    assert isinstance(sealed, Sealed)
    frame = sealed.written(NOON)
    text = frame[frame.index(b"[") + 1 : -1]
    return AES.new(KEYS[16].key, AES.MODE_CBC, iv=bytes(16)).decrypt(bytes.fromhex(text.decode()))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_an_independent_decoder_reads_the_encrypted_frames(size: int) -> None:
    sealed = named(f"AES-{size * 8}").turns[0].sent[0]
    assert isinstance(sealed, Sealed)
    message = parse_frame(sealed.written(NOON), KEYS[size].key)
    assert (message.idtoken, message.seq, message.account.get_id()) == ("SIA-DCS", 3001, f"CF{size}:-:0")
    assert message.timestamp == NOON


@pytest.mark.parametrize(
    ("name", "pad_bytes"),
    [
        ("no pad at all", 0),
        ("a pad of one to sixteen bytes", range(1, 17)),
        ("a pad of sixteen bytes before aligned data", 16),
        ("a pad of 16 to 31 bytes", range(16, 32)),
        ("a pad of 200 bytes", range(200, 216)),
    ],
)
def test_pads_are_as_long_as_their_names_say(name: str, pad_bytes: int | range) -> None:
    plain = plain_of(named(name))
    assert plain.endswith(b"]_12:00:00,06-15-2026")
    pad = plain.index(b"|")
    assert pad == pad_bytes if isinstance(pad_bytes, int) else pad in pad_bytes


def test_odd_pads_hold_what_their_names_say() -> None:
    assert plain_of(named("a pad of NULs")).startswith(bytes(16) + b"\0")
    assert b'\r\n"' in plain_of(named("a pad with CR, LF, quotes, # and _")).partition(b"|")[0]
    assert len(set(plain_of(named("a pad of every byte there may be")).partition(b"|")[0])) == 253
    assert b"|" not in plain_of(named("link test without a bar behind the pad"))
    assert plain_of(named("encrypted: NULs behind the time")).endswith(b"2026" + bytes(5))


def test_times_are_as_late_as_their_names_say() -> None:
    assert plain_of(named("sent thirty seconds ago")).endswith(b"_11:59:30,06-15-2026")
    assert plain_of(named("sent two minutes ahead")).endswith(b"_12:02:00,06-15-2026")


# Judging one reply -----------------------------------------------------------------------------------------------

E1 = Said(Token.ACK, b"0000R0L0#1234")
E9 = Said(Token.NAK, b"0000R0L0A0")
E10 = Said(Token.ACK, b"0007R0L0#1234", key=bytes(range(16)))
SEALED_BARRED = b'\n13D60054"*ACK"0007R0L0#1234[7C280A5773A42E0BFFD7E19A4A1DDC8167DA0589966EFAB7977FA68751432963\r'
SEALED_BARE = b'\nDD630054"*ACK"0007R0L0#1234[9EF6C4A3E0ABB7274F49588A682D995C22A2B3868B063DEAB45F259D6BD421DA\r'


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (E1, b'\n181A0014"ACK"0000R0L0#1234[]\r'),
        (E1, b'\n181a0014"ACK"0000R0L0#1234[]\r'),
        (E1, written(b'"ACK"0000R0L0#1234[]_12:00:00,06-15-2026')),
        (Said(Token.ACK, b"0000L0#1409"), b'\n59890012"ACK"0000L0#1409[]\r'),
        (Said(Token.DUH, b"0006R0L0#1234"), b'\n60CA0014"DUH"0006R0L0#1234[]\r'),
        (Said(Token.DUH, None), b'\n60CA0014"DUH"0006R0L0#1234[]\r'),
        (E9, b'\n574F0025"NAK"0000R0L0A0[]_12:00:00,06-15-2026\r'),
        (E10, SEALED_BARRED),
        (E10, SEALED_BARE),
        (
            Said(Token.ACK, b"0001L0#080027E62A64", CrcForm.BINARY),
            b'\n\')002e"ACK"0001L0#080027E62A64[]_16:07:07,04-14-2015\r',
        ),
    ],
    ids=["E1a", "lower case", "with a time", "Pyronix", "E8", "any header", "E9", "E10a", "E16", "binary"],
)  # fmt: skip
def test_a_right_reply(said: Said, reply: bytes) -> None:
    assert says(said, reply, NOON)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (E1, b""),
        (E1, b'\n181B0014"ACK"0000R0L0#1234[]\r'),
        (E1, b'\n181A0015"ACK"0000R0L0#1234[]\r'),
        (E1, b'\n181A0014"ACK"0000R0L0#1234[]'),
        (E1, b'\n\x18\x1a0014"ACK"0000R0L0#1234[]\r'),
        (E1, written(b'"DUH"0000R0L0#1234[]')),
        (E1, written(b'"ACK"0001R0L0#1234[]')),
        (E1, written(b'"ACK"0000L0#1234[]')),
        (E1, written(b'"ACK"0000R0L0#1234[x]')),
        (Said(Token.ACK, b"0000L0#1409"), written(b'"ACK"0000NoneL0#1409[]')),
        (Said(Token.ACK, b"0000L0#008312"), written(b'"ACK"0000L0#8312[]')),
        (E9, written(b'"NAK"0000R0L0A0[]')),
        (E9, b'\n3C3B0025"NAK"0000R0L0A0[]_15:39:35,05-07-2019\r'),
        (E9, written(b'"NAK"0000R0L0A0[]_14:00:00,06-15-2026')),
        (E10, written(b'"ACK"0007R0L0#1234[]')),
        (Said(Token.ACK, b"0007R0L0#1234", key=bytes(16)), SEALED_BARRED),
        (Said(Token.ACK, b"0008R0L0#1234", key=bytes(range(16))), SEALED_BARRED),
        (Said(Token.ACK, b"0000R0L0#1234", CrcForm.BINARY), b'\n181A0014"ACK"0000R0L0#1234[]\r'),
    ],
    ids=[
        *("nothing", "CRC", "length", "no CR", "binary for hex", "DUH", "sequence", "no R", "data", "None for R"),
        *("zeros", "NAK without time", "NAK of 2019", "NAK in local time", "clear for sealed", "other key"),
        *("sealed sequence", "hex for binary"),
    ],
)  # fmt: skip
def test_a_wrong_reply(said: Said, reply: bytes) -> None:
    assert not says(said, reply, NOON)


def test_no_reply_can_move_a_cursor() -> None:
    assert printable(b"\n\x1b[2J\xff\r") == "<LF><1B>[2J<FF><CR>"
