"""Eight times as long, about eight times the work: no input makes a parser look at the same bytes again and again.

Work is the processor time of this thread, the least of some tries, so a busy machine changes nothing; eight times the
input of a quadratic parser costs sixty-four times, of a linear one eight. The shapes are those that make regular
expressions go back, and that begin frames without end.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import Final

import pytest

from receiver.conversation import Conversation, frames_of_datagram
from receiver.protocols import contact_id, dc09_frame, sia_dcs
from receiver.protocols.dc09_framing import CrcForm, enclose
from receiver.protocols.errors import RemoteProtocolError
from tests.fuzz.targets import TARGETS

Work = Callable[[bytes], object]

_TIMES: Final = 8
#: Between 1 and 8; memory that no cache holds, and other work of the machine, cost some.
_BEARABLE: Final = 4
#: Less is not worth measuring, and no attack.
_SHORTEST_S: Final = 0.002
#: Some machines count a thread's time in steps of milliseconds.
_MEASURED_S: Final = 0.04
_TRIES: Final = 4
#: One takes too little time to be measured.
_DATAGRAMS: Final = 20


def _spent_s(work: Work, data: bytes, times: int) -> float:
    least_s = float("inf")
    for _ in range(_TRIES):
        started_s = time.thread_time()
        for _ in range(times):
            work(data)
        least_s = min(least_s, time.thread_time() - started_s)
    return least_s


def _assert_linear(work: Work, prefix: bytes, unit: bytes, suffix: bytes, longest: int) -> None:
    """`longest` bytes cost about as much as an eighth of them, eight times."""
    long = prefix + unit * (longest // len(unit)) + suffix
    short = prefix + unit * (longest // len(unit) // _TIMES) + suffix
    started_s = time.perf_counter()
    work(long)
    once_s = time.perf_counter() - started_s
    if once_s < _SHORTEST_S:
        return
    times = math.ceil(_MEASURED_S / once_s)
    long_s, short_s = _spent_s(work, long, times), _spent_s(work, short, times * _TIMES)
    assert long_s < _BEARABLE * short_s, f"{len(short)} bytes: {short_s:.6f} s; {len(long)} bytes: {long_s:.6f} s"


def _sia(data: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        sia_dcs.parse(data.decode("latin-1"))


def _contact_id(data: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        contact_id.parse(data.decode("latin-1"))


def _stream(data: bytes) -> None:
    conversation = Conversation()
    for start in range(0, len(data), 16_384):
        conversation.receive_data(data[start : start + 16_384])


def _drops(data: bytes) -> None:
    conversation = Conversation()
    for start in range(0, len(data), 7):
        conversation.receive_data(data[start : start + 7])


PAYLOADS: Final = (
    *(b"*'x/", b'*"x/', b"*'x^", b"*'", b"*", b"^x", b"^", b"^a^^b^", b"/", b"|", b"|A x", b"|N", b"||^"),
    *(b"ri", b"ri1", b"ri1/", b"ti12:30", b"id7", b"BA001/", b"BA", b"AAAA", b"A/", b" ", b"#1|", b"N", b"x"),
)
GROUPS: Final = (
    b"][",
    b"][G1",
    b"][N1",
    b"][J",
    b"][Vx",
    b"][]",
    b"]",
    b"[",
    b"_",
    b"\x00",
    b"#",
    b"\xc3",
    b"][H12:00:00,06-15-2026",
)
_SMALL_FRAME: Final = enclose(b'"NULL"0000L0#1[]', CrcForm.HEX)
STARTS: Final = (
    *(b"\n", b"\r", b'"', b"\n0000", b'\n0000"', b'\n00000FFF"', b'\n00000FFF"\r', b'\nxx0FFF"', b'\nxx0FFF"\r'),
    *(b'\n00000001"', b'\n00000009"\r', b'00000FFF"', b"0000", b"\x00", _SMALL_FRAME, b"x"),
)
LINES: Final = (
    *(b" ", b"1", b"A", b"@", b"1011    @", b"1011           @ ", b"5011 18", b"5011 181234E13001003", b"S011["),
    *(b"\r\n", b"\n", b"10 1234 ", b"00 OKAY @", b"#1234|", b"]", b"ab", b"\xff"),
)


@pytest.mark.parametrize("unit", PAYLOADS)
@pytest.mark.parametrize("prefix", [b"", b"#1234|NBA1"])
def test_sia_payloads(prefix: bytes, unit: bytes) -> None:
    _assert_linear(_sia, prefix, unit, b"", 16_000)


@pytest.mark.parametrize("unit", [*PAYLOADS, b"1", b"18", b"E130 ", b"1130 01 003 "])
def test_contact_id_payloads(unit: bytes) -> None:
    _assert_linear(_contact_id, b"#1234|", unit, b"", 64_000)


@pytest.mark.parametrize("unit", GROUPS)
def test_groups(unit: bytes) -> None:
    _assert_linear(dc09_frame.parse_content, b"#1234|NBA1]", unit, b"]_12:00:00,06-15-2026", 64_000)
    _assert_linear(dc09_frame.account_in, b"#", unit, b"]", 64_000)


@pytest.mark.parametrize("unit", [*PAYLOADS, *GROUPS])
def test_whole_frames(unit: bytes) -> None:
    """As long as a frame can be, from its bytes to what is stored."""
    _assert_linear(TARGETS["sound_sia"], b"#1234|NBA1]", unit, b"]", 3_900)


@pytest.mark.parametrize("unit", STARTS)
def test_streams(unit: bytes) -> None:
    _assert_linear(_stream, b"", unit, b"", 128_000)


@pytest.mark.parametrize("unit", STARTS)
def test_streams_in_drops(unit: bytes) -> None:
    _assert_linear(_drops, b"", unit, b"", 64_000)


@pytest.mark.parametrize("unit", STARTS)
def test_datagrams(unit: bytes) -> None:
    """No datagram costs more than one that is full of small sound frames; eight times is for the clock."""
    honest, shaped = _full(_SMALL_FRAME), _full(unit)

    assert _spent_s(frames_of_datagram, shaped, _DATAGRAMS) < _TIMES * _spent_s(frames_of_datagram, honest, _DATAGRAMS)


def _full(unit: bytes) -> bytes:
    return unit * (8_192 // len(unit))


@pytest.mark.parametrize("protocol", ["surgard", "surgard_three_digits", "ademco685", "d6500", "dc07"])
@pytest.mark.parametrize("unit", LINES)
def test_lines(protocol: str, unit: bytes) -> None:
    """As long as a line can be; the end of no text makes a pattern go back."""
    for prefix in (b"", b"\n10 1234 ", b"1011 1234 ", b"S011[#1234|"):
        for suffix in (b"\x01\x14", b"\x01\r"):
            _assert_linear(TARGETS[protocol], prefix, unit, suffix, 4_000)
