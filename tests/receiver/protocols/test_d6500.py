"""D6500 mode as manuals print it, of the original and of those that imitate it (habit 27)."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.protocols.d6500 import d6500
from receiver.protocols.relayed import Heartbeat, Message, Report, Rubbish, Transmission

#: VisorAlarm manual: blank, `a`, receiver 01, line 1, account 1234.
VISOR = b" a011 123418E13001005\x14"


def report(data: bytes) -> Report:
    (message,) = d6500().receive_data(data)
    assert isinstance(message, Transmission)
    (one,) = message.reports
    return one


@pytest.mark.parametrize(
    ("raw", "line", "account", "data"),
    [
        (VISOR, "1", "1234", b"#1234|E130 01 005]"),
        # The original: no blank before it, and a digit for the qualifier.
        (b"a011 123418113001005\x14", "1", "1234", b"#1234|1130 01 005]"),
        (b"a01W 001218340100012\x14", "W", "0012", b"#0012|3401 00 012]"),
        (b" a011 12345618R13001005\x14", "1", "123456", b"#123456|R130 01 005]"),
        # The account may hold what looks like the format's number.
        (b" a011 181818E13001005\x14", "1", "1818", b"#1818|E130 01 005]"),
    ],
)
def test_habit_27_contact_id(raw: bytes, line: str, account: str, data: bytes) -> None:
    assert report(raw) == Report(receiver="01", line=line, account=account, form="ADM-CID", data=data)


def test_a_sia_block_is_read() -> None:
    found = report(b"S011[#7112|Nri1FA100]\x14")

    assert (found.form, found.account, found.data) == ("SIA-DCS", "7112", b"#7112|Nri1FA100]")


@pytest.mark.parametrize(
    "raw", [b" 1011           @    \x14", b"1011           @    \x14", b"102A           @    \x14"]
)
def test_a_heartbeat_is_no_report(raw: bytes) -> None:
    assert d6500().receive_data(raw) == [Heartbeat()]


@pytest.mark.parametrize(
    ("raw", "account"),
    [(b" 9011 1234 15555555 5\x14", "1234"), (b"e011 caller 555\x14", ""), (b" b012 0007 77\x14", "0007")],
)
def test_other_formats_are_reports_that_a_person_reads(raw: bytes, account: str) -> None:
    found = report(raw)

    assert (found.account, found.data) == (account, raw.strip(b" \x14") + b"]")


def test_copies_glued_without_an_end_are_one_transmission() -> None:
    wire = d6500()
    assert wire.receive_data(VISOR[:-1] * 4) == []

    (message,) = wire.give_up_waiting()

    assert isinstance(message, Transmission)
    assert message.copies == 4
    assert [found.data for found in message.reports] == [b"#1234|E130 01 005]"]


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00", b"a0", b"@"])
def test_noise_is_no_message(noise: bytes) -> None:
    wire = d6500()

    assert wire.receive_data(noise + b"\x14") == [Rubbish(len(noise))]
    assert len(wire.receive_data(VISOR)) == 1


def sound(messages: list[Message]) -> list[Message]:
    return [message for message in messages if not isinstance(message, Rubbish)]


PARTS = [VISOR, VISOR[:-1], b" 1011           @    \x14", b"S011[#1|Nri1FA100]", b"\x14", b" ", b"a011 ", b"\r\n"]


@settings(max_examples=200)
@given(parts=st.lists(st.sampled_from(PARTS) | st.binary(max_size=30), max_size=12), seed=st.integers(0, 1 << 30))
def test_any_bytes_in_any_pieces_give_the_same_messages(parts: list[bytes], seed: int) -> None:
    stream = b"".join(parts)
    cuts = sorted(random.Random(seed).randrange(len(stream) + 1) for _ in range(6))
    whole, pieces = d6500(), d6500()

    assert sound(whole.receive_data(stream)) == sound(
        [m for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for m in pieces.receive_data(stream[a:b])]
    )
    assert sound(whole.give_up_waiting()) == sound(pieces.give_up_waiting())


@pytest.mark.parametrize("unit", [b" ", b"a011 ", b"1", b"S011[#1|", b" a011 123418E130"])
def test_a_flood_takes_linear_time(unit: bytes) -> None:
    flood = (unit * 65_536)[:4096] + b"\x14"
    wire = d6500()
    started = time.perf_counter()

    for _ in range(16):
        wire.receive_data(flood)
        for at in range(0, len(flood), 16):
            wire.receive_data(flood[at : at + 16])

    assert time.perf_counter() - started < 5
