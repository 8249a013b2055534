"""The bytes of a time server, put together by hand from RFC 4330."""

from __future__ import annotations

import attrs
import pytest

from receiver.clock import sntp
from receiver.clock.sntp import Kiss, Measured, Useless

NONCE = 0x0123456789ABCDEF
#: 2026-06-15 12:00:00 UTC: 1,781,524,800 s since 1970, 3,990,513,600 (EDDA 67C0) since 1900.
NOON_S = 1_781_524_800.0
#: A quarter of a second later the question came in; half a second later the answer went out.
ANSWER = bytes.fromhex(
    "24 02 06 ec"  # no leap second, version 4, server; stratum 2
    "00000400 00000800 c0000201"
    "edda6700 00000000"  # last set
    "01234567 89abcdef"  # our question
    "edda67c0 40000000"
    "edda67c0 80000000"
)


def changed(at: int, new: str) -> bytes:
    data = bytes.fromhex(new)
    return ANSWER[:at] + data + ANSWER[at + len(data) :]


def test_the_question() -> None:
    assert sntp.question(NONCE) == bytes([0x23]) + bytes(39) + bytes.fromhex("0123456789abcdef")


@pytest.mark.parametrize(
    ("asked_at_s", "round_trip_s", "ahead_s", "way_s"),
    [
        (NOON_S, 0.75, 0.0, 0.5),
        (NOON_S + 5, 0.75, 5.0, 0.5),
        (NOON_S - 86_400, 0.75, -86_400.0, 0.5),
        # The answer took half a second more on one of its ways: that may be an error of a quarter.
        (NOON_S, 1.25, 0.25, 1.0),
    ],
)
def test_what_an_answer_shows(asked_at_s: float, round_trip_s: float, ahead_s: float, way_s: float) -> None:
    shown = sntp.answer(ANSWER, NONCE, asked_at_s, round_trip_s)
    assert isinstance(shown, Measured)
    assert attrs.astuple(shown) == pytest.approx((ahead_s, way_s), abs=1e-6)


def test_after_2036_seconds_begin_anew() -> None:
    # 2036-02-07 06:28:16 UTC is second 0 of the next era.
    later = ANSWER[:32] + bytes.fromhex("0000000a 00000000 0000000a 00000000")
    assert sntp.answer(later, NONCE, 2_085_978_506.0, 0.0) == Measured(0.0, 0.0)


@pytest.mark.parametrize(
    ("datagram", "why"),
    [
        (b"", "cut short"),
        (ANSWER[:47], "cut short"),
        (changed(0, "23"), "a client's question"),
        (changed(0, "25"), "a broadcast"),
        (changed(0, "04"), "version 0"),
        (changed(24, "0123456789abcdee"), "another question's"),
        (changed(24, "0000000000000000"), "no question's"),
    ],
)
def test_what_is_no_answer_to_the_question_is_passed_over(datagram: bytes, why: str) -> None:
    assert sntp.answer(datagram, NONCE, NOON_S, 0.1) is None, why


@pytest.mark.parametrize(
    "datagram",
    [
        changed(0, "e4"),  # the leap indicator says: not synchronised
        changed(1, "10"),  # stratum 16
        changed(40, "0000000000000000"),  # no time
        changed(4, "00010000"),  # a second away from its own source
        changed(8, "00010000"),
    ],
)
def test_a_server_that_does_not_know_the_time_itself_counts_for_nothing(datagram: bytes) -> None:
    assert isinstance(sntp.answer(datagram, NONCE, NOON_S, 0.1), Useless)


@pytest.mark.parametrize(("letters", "code", "final"), [("44454e59", "DENY", True), ("52415445", "RATE", False)])
def test_the_kiss_of_death(letters: str, code: str, final: bool) -> None:
    kiss = sntp.answer(changed(0, "e4 00 06 ec 00000000 00000000" + letters), NONCE, NOON_S, 0.1)
    assert kiss == Kiss(code)
    assert isinstance(kiss, Kiss)
    assert kiss.final is final
