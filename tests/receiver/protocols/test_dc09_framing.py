"""Framing: whatever way the bytes arrive, and whatever lies between, the same frames come out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES, CrcForm, Damaged, Envelope, Framer, crc16
from tests.receiver.peers import captured_frames, written, written_binary, written_with_cr

SOUND = [captured.raw.rstrip(b"\x00") for captured in captured_frames() if captured.reply is not None]
ONE = b'\n28330015"NULL"0000R0L0#1234[]\r'
TWO = b'\n6D4F0029"ADM-CID"0001R0L0#1234[#1234|1131 01 003]\r'
DAMAGED = b'\n3C8E0029"ADM-CID"0010R0L0#1234[#1234|1131 01!003]\r'


def envelopes(framer: Framer, *pieces: bytes) -> list[bytes]:
    return [event.raw for piece in pieces for event in framer.receive_data(piece) if isinstance(event, Envelope)]


def bodies(*pieces: bytes) -> list[bytes]:
    framer = Framer()
    return [event.body for piece in pieces for event in framer.receive_data(piece) if isinstance(event, Envelope)]


def bytewise(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def test_crc_has_the_check_value_of_crc_16_arc() -> None:
    assert crc16(b"123456789") == 0xBB3D


@pytest.mark.parametrize("raw", SOUND, ids=range(len(SOUND)))
def test_each_captured_frame_comes_out_whole_and_byte_by_byte(raw: bytes) -> None:
    assert envelopes(Framer(), raw) == [raw]
    assert envelopes(Framer(), *bytewise(raw)) == [raw]


def test_all_captured_frames_in_one_segment() -> None:
    assert envelopes(Framer(), b"".join(SOUND)) == SOUND
    assert envelopes(Framer(), *bytewise(b"".join(SOUND))) == SOUND


@pytest.mark.parametrize(
    "between",
    [
        *(b"\r", b"\x00", b"\r\n", b"\x00\x00", b"\n", b"\n\n", b"noise", b'"', b"AB12", b"\nAB", b"\xff" * 300),
        *(b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"F#123456"),
        b"SR0001L0001    001465XX    [ID5B9490D8]",
    ],
)
def test_noise_before_between_and_behind_frames_costs_none(between: bytes) -> None:
    stream = between + ONE + between + TWO + between

    assert envelopes(Framer(), stream) == [ONE, TWO]
    assert envelopes(Framer(), *bytewise(stream)) == [ONE, TWO]


def test_a_frame_without_its_lf_is_read() -> None:
    assert bodies(ONE[1:]) == [ONE[9:-1]]


def test_a_damaged_frame_costs_only_itself() -> None:
    framer = Framer()

    events = framer.receive_data(DAMAGED + TWO)

    assert [event.raw for event in events if isinstance(event, Envelope)] == [TWO]
    assert isinstance(events[0], Damaged)


@pytest.mark.parametrize("cut", [1, 5, 9, 20, len(ONE) - 1])
def test_a_frame_that_breaks_off_costs_only_itself(cut: int) -> None:
    # The next frame ends beyond what the broken one announced, so nobody needs to wait.
    assert envelopes(Framer(), ONE[:cut] + TWO) == [TWO]


def test_what_stands_behind_a_length_that_is_too_long_is_found_when_waiting_ends() -> None:
    too_long = ONE.replace(b"0015", b"0FFF")
    framer = Framer()
    assert framer.receive_data(too_long + TWO) == []
    assert framer.waiting

    found = framer.give_up_waiting()

    assert [event.raw for event in found if isinstance(event, Envelope)] == [TWO]


def test_what_stands_behind_a_length_that_is_too_long_is_found_when_the_length_is_full() -> None:
    too_long = ONE.replace(b"0015", b"0FFF")

    assert envelopes(Framer(), too_long + TWO * 100) == [TWO] * 100


@pytest.mark.parametrize("form", [written, written_binary])
def test_a_frame_that_lacks_only_its_cr_is_whole_when_no_more_comes(form: Callable[[bytes], bytes]) -> None:
    framer = Framer()
    assert framer.receive_data(b"\x00" + form(TWO[9:-1])[:-1]) == []

    (found,) = framer.give_up_waiting()

    assert isinstance(found, Envelope)
    assert (found.body, framer.waiting) == (TWO[9:-1], False)


@pytest.mark.parametrize("end", [b"", TWO[-3:-1]])
def test_a_frame_that_lacks_more_than_its_cr_is_damaged_when_no_more_comes(end: bytes) -> None:
    framer = Framer()
    framer.receive_data(TWO[:-3] + end.replace(b"]", b"!"))

    assert not any(isinstance(event, Envelope) for event in framer.give_up_waiting())


@pytest.mark.parametrize("length", [1, 2, 3, 15, 16, 255, 256, 4094, 4095])
@pytest.mark.parametrize("form", [written, written_binary])
def test_every_length_up_to_the_longest(length: int, form: Callable[[bytes], bytes]) -> None:
    body = b'"' + b"x" * (length - 1)

    assert bodies(form(body) + ONE) == [body, ONE[9:-1]]


def _with_crc(wanted: bytes) -> bytes:
    """A body with these two bytes as its CRC."""
    for number in range(1 << 20):
        body = b'"NULL"0000R0L0#%05X[]' % number
        # The search may use the quick CRC; the frame is written with the reference.
        if crc16(body).to_bytes(2, "big") == wanted:
            return body
    raise AssertionError(wanted)


@pytest.mark.parametrize("crc", [b"\n\n", b"\r\r", b'""', b"\r\n", b'\n"', b'0"', b"00", b"\x00\r", b"\n0", b"AB"])
def test_a_binary_crc_may_hold_lf_cr_and_quote(crc: bytes) -> None:
    body = _with_crc(crc)
    raw = written_binary(body)
    assert raw[1:3] == crc

    events = Framer().receive_data(ONE + raw + TWO)

    assert [event.body for event in events if isinstance(event, Envelope)] == [ONE[9:-1], body, TWO[9:-1]]
    assert [event.crc_form for event in events if isinstance(event, Envelope)] == [
        CrcForm.HEX,
        CrcForm.BINARY,
        CrcForm.HEX,
    ]
    assert bodies(*bytewise(ONE + raw + TWO)) == [ONE[9:-1], body, TWO[9:-1]]


def test_crc_and_length_that_take_in_the_cr() -> None:
    body = b'"ADM-CID"0227R4F39L4F39#4F39[#4F39|3401 01 057]'
    raw = written_with_cr(body)
    assert raw == b"\nAA1A0030" + body + b"\r"

    assert bodies(raw + TWO) == [body, TWO[9:-1]]
    assert bodies(*bytewise(raw + raw + TWO)) == [body, body, TWO[9:-1]]


@pytest.mark.parametrize("lower", [slice(1, 5), slice(5, 9), slice(1, 9)], ids=["crc", "length", "both"])
def test_hexadecimal_digits_in_small_letters(lower: slice) -> None:
    raw = bytearray(b'\nD9BB004D"SIA-DCS"0003R1L1A#00A1B2[#00A1B2|Nri1/BA003^Front door^]_12:00:00,06-15-2026\r')
    raw[lower] = raw[lower].lower()

    assert len(bodies(bytes(raw))) == 1


def test_control_characters_inside_the_data_end_nothing() -> None:
    body = b'"VIS-BBA"0001L0#1234[\r\n\r\n' + ONE + b"\x00]"

    assert bodies(written(body)) == [body]
    assert bodies(*bytewise(written(body))) == [body]


def test_length_counts_bytes_not_characters() -> None:
    body = '"ADM-CID"0008L0#777[#777|3401 01 501][SУлица]_09:15:28,07-03-2025'.encode()
    assert written(body)[5:9] == b"0046"

    assert bodies(written(body)) == [body]


NEAR_FRAMES = {
    "starts": b'\nAAAA0FFF"',
    "binary starts": b'\n\n\n0FFF"',
    "starts whose end is a CR": b'\n00000015"xxxxxxxxxxxxxxxxxxxx\r',
    "starts that end in CRs": b'\nAAAA0FFF"' + b"\r" * 6,
    "line feeds": b"\n",
    "digits": b"0",
    "damaged frames": DAMAGED,
    "long lengths": b'0FFF0FFF"',
}


@pytest.mark.parametrize("unit", NEAR_FRAMES.values(), ids=NEAR_FRAMES)
def test_a_flood_of_near_frames_takes_linear_time(unit: bytes) -> None:
    flood = (unit * 65_536)[:65_536]
    framer = Framer()
    started = time.perf_counter()

    framer.receive_data(flood)
    for at in range(0, len(flood), 16):
        framer.receive_data(flood[at : at + 16])
    while framer.waiting:
        framer.give_up_waiting()

    assert time.perf_counter() - started < 2
    assert envelopes(framer, ONE) == [ONE]


@settings(max_examples=300)
@given(
    pieces=st.lists(st.binary(max_size=200) | st.sampled_from([*SOUND, *NEAR_FRAMES.values(), ONE[:9]]), max_size=12)
)
def test_any_bytes_are_taken_without_complaint_and_none_are_hoarded(pieces: list[bytes]) -> None:
    framer = Framer()
    given_bytes = taken_bytes = 0
    for piece in pieces:
        taken_bytes += sum(len(event.raw) for event in framer.receive_data(piece) if isinstance(event, Envelope))
        given_bytes += len(piece)
        assert len(framer._buffer) <= FRAME_LIMIT_BYTES
    while framer.waiting:
        held = len(framer._buffer)
        framer.give_up_waiting()
        assert len(framer._buffer) < held
    assert taken_bytes + framer.noise_bytes <= given_bytes


@settings(max_examples=200)
@given(
    parts=st.lists(
        st.sampled_from([*SOUND[::3], DAMAGED, b"\r", b"\x00", b"\n", ONE[:11], b'\nAB0015"', b"0"])
        | st.binary(max_size=12),
        max_size=10,
    ),
    seed=st.integers(0, 1 << 30),
)
def test_any_split_of_a_stream_gives_the_same_frames(parts: list[bytes], seed: int) -> None:
    stream = b"".join(parts)
    cuts = sorted(random.Random(seed).randrange(len(stream) + 1) for _ in range(8))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert envelopes(Framer(), *pieces) == envelopes(Framer(), stream) == envelopes(Framer(), *bytewise(stream))


@settings(max_examples=200)
@given(
    bodies_sent=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5),
    form=st.sampled_from([written, written_binary]),
)
def test_any_body_comes_back(bodies_sent: list[bytes], form: Callable[[bytes], bytes]) -> None:
    quoted = [b'"' + body.rstrip(b"\r") for body in bodies_sent]

    assert bodies(b"".join(form(body) for body in quoted)) == quoted
