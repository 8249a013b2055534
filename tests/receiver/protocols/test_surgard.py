"""Sur-Gard as manuals print it and as receivers were caught sending it (habit 26)."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.protocols.lines import LINE_LIMIT_BYTES
from receiver.protocols.relayed import Heartbeat, Message, Report, Rubbish, Transmission
from receiver.protocols.surgard import surgard

MANUAL = b"5011 181234E12101001"  # MLR2-E manual: duress, account 1234, group 01, zone 001
EBS = b"5011 187037E13001003"  # captured from EBS OSM.Server


def reports(line: bytes, end: bytes = b"\x14") -> list[Report]:
    wire = surgard()
    messages = wire.receive_data(line + end) + wire.give_up_waiting()
    return [report for message in messages if isinstance(message, Transmission) for report in message.reports]


def report(line: bytes, end: bytes = b"\x14") -> Report:
    (one,) = reports(line, end)
    return one


@pytest.mark.parametrize(
    ("line", "receiver", "of_line", "account", "data"),
    [
        (MANUAL, "01", "1", "1234", b"#1234|E121 01 001]"),
        (b"5011 187037E13001004", "01", "1", "7037", b"#7037|E130 01 004]"),
        (b"5011 187037P13001004", "01", "1", "7037", b"#7037|P130 01 004]"),
        (b"5011 181234113001005", "01", "1", "1234", b"#1234|1130 01 005]"),
        (b"5011 181234340100012", "01", "1", "1234", b"#1234|3401 00 012]"),
        (b"501001 187037E13001004", "01", "001", "7037", b"#7037|E130 01 004]"),
        (b"502A 180012R40102003", "02", "A", "0012", b"#0012|R401 02 003]"),
        (b"5011 181234567890123456E13001004", "01", "1", "1234567890123456", b"#1234567890123456|E130 01 004]"),
        # Counted from the end: the first E is a digit of the account.
        (b"5011 18E130E1E13001004", "01", "1", "E130E1", b"#E130E1|E130 01 004]"),
    ],
)
def test_contact_id_in_all_its_lengths(line: bytes, receiver: str, of_line: str, account: str, data: bytes) -> None:
    assert report(line) == Report(receiver=receiver, line=of_line, account=account, form="ADM-CID", data=data)


@pytest.mark.parametrize(
    ("line", "account", "data"),
    [
        (b"3011    001234BA0003", "001234", b"#001234|NBA0003]"),
        (b"3011    1234FA0012", "1234", b"#1234|NFA0012]"),
        (b"301012    00ABCDBA0003", "00ABCD", b"#00ABCD|NBA0003]"),
        (b"S011[#1234|Nri1BA003]", "1234", b"#1234|Nri1BA003]"),
        (b"S01001[#00A1B2|Nri1/BA003^Front door^/TA004]", "00A1B2", b"#00A1B2|Nri1/BA003^Front door^/TA004]"),
    ],
)
def test_sia_as_a_code_and_as_a_whole_block(line: bytes, account: str, data: bytes) -> None:
    found = report(line)

    assert (found.form, found.account, found.data) == ("SIA-DCS", account, data)


def test_formats_whose_fields_stand_apart_and_have_no_table() -> None:
    # MLR2-DG manual: closing of group 1 by user 128.
    closing = report(b"1011      0012 C1128")
    assert (closing.form, closing.account, closing.code, closing.area, closing.zone) == (
        "SIA-PUL", "0012", "C", "1", "128",
    )  # fmt: skip
    pima = report(b"1061      7002    TH")
    assert (pima.receiver, pima.account, pima.code, pima.zone) == ("06", "7002", "TH", None)
    bfsk = report(b"6011      1234BA0003")
    assert (bfsk.form, bfsk.account, bfsk.code, bfsk.zone) == ("BFSK", "1234", "BA", "0003")


def test_high_speed_tells_its_account_whatever_the_length_of_the_line() -> None:
    assert report(b"80111234 1555 5555 9").account == "1234"
    (message,) = surgard(3).receive_data(b"8010011234 1555 5555 9\x14")
    assert isinstance(message, Transmission)
    assert [(r.line, r.account, r.form, r.data) for r in message.reports] == [
        ("001", "1234", "ADM-HS", b"#1234|1555 5555 9]")
    ]


@pytest.mark.parametrize(
    ("line", "account"),
    [(b"9011 1234 whatever it says", "1234"), (b"0011  line fault", ""), (b"T011      7702 ??", "7702")],
)
def test_what_is_not_to_be_read_is_a_report_all_the_same(line: bytes, account: str) -> None:
    found = report(line)

    assert (found.account, found.data) == (account, line + b"]")


@pytest.mark.parametrize("line", [b"1011           @    ", b"101000           @    ", b"107000           @    "])
def test_a_heartbeat_is_no_report(line: bytes) -> None:
    assert surgard().receive_data(line + b"\x14") == [Heartbeat()]


# Habit 26: what EBS OSM and others do ----------------------------------------------------------------------------


@pytest.mark.parametrize("copies", [2, 3, 6])
def test_habit_26_copies_glued_without_an_end_are_one_transmission(copies: int) -> None:
    wire = surgard()
    assert wire.receive_data(EBS * copies) == []

    (message,) = wire.give_up_waiting()

    assert isinstance(message, Transmission)
    assert message.copies == copies
    assert [report.data for report in message.reports] == [b"#7037|E130 01 003]"]
    assert not wire.waiting


def test_habit_26_different_messages_glued_together_are_all_read() -> None:
    glued = EBS + b"5011 187037R13001003" + EBS + b"5012 189999E11001055" + b"5011 187037E60200000"

    assert [found.data for found in reports(glued)] == [
        b"#7037|E130 01 003]",
        b"#7037|R130 01 003]",
        b"#9999|E110 01 055]",
        b"#7037|E602 00 000]",
    ]


def test_habit_26_a_broken_copy_in_the_glue_costs_the_others_nothing() -> None:
    found = reports(b"5011 187037E1300" + EBS)

    assert [each.data for each in found] == [b"5011 187037E1300]", b"#7037|E130 01 003]"]


def test_habit_26_a_heartbeat_without_its_end() -> None:
    wire = surgard()
    assert wire.receive_data(b"1011           @    ") == []

    assert wire.give_up_waiting() == [Heartbeat()]


def test_half_a_message_waits_for_its_rest() -> None:
    wire = surgard()
    assert wire.receive_data(MANUAL[:12]) == []
    assert wire.give_up_waiting() == []
    assert wire.waiting

    (message,) = wire.receive_data(MANUAL[12:] + b"\x14")

    assert isinstance(message, Transmission)
    assert message.raw == MANUAL


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\xfc", b"\xff" * 300, b"@", b"501"]
)
def test_noise_is_no_message(noise: bytes) -> None:
    wire = surgard()

    assert wire.receive_data(noise + b"\x14") == [Rubbish(len(noise))]
    assert len(wire.receive_data(MANUAL + b"\x14")) == 1


def test_a_line_without_an_end_is_given_up_and_what_follows_its_end_counts() -> None:
    wire = surgard()
    endless = b"5" * (3 * LINE_LIMIT_BYTES)

    messages = wire.receive_data(endless) + wire.receive_data(b"5" * 10 + b"\x14" + MANUAL + b"\x14")

    assert sum(message.size_bytes for message in messages if isinstance(message, Rubbish)) == len(endless) + 10
    assert [message.raw for message in messages if isinstance(message, Transmission)] == [MANUAL]


PARTS = [
    *(MANUAL, EBS, EBS * 3, b"S011[#1234|Nri1BA003]", b"3011    001234BA0003", b"1011      0012 C1128"),
    *(b"1011           @    ", b"\x14", b"\x14", b"\x14", b"\r\n", b"5011 18", b"9011 1234 x", b"\x00"),
]


def sound(messages: list[Message]) -> list[Message]:
    return [message for message in messages if not isinstance(message, Rubbish)]


@settings(max_examples=200)
@given(
    parts=st.lists(st.sampled_from(PARTS) | st.binary(max_size=30), max_size=12),
    digits=st.sampled_from([1, 3]),
    seed=st.integers(0, 1 << 30),
)
def test_any_bytes_in_any_pieces_give_the_same_messages(parts: list[bytes], digits: int, seed: int) -> None:
    stream = b"".join(parts)
    cuts = sorted(random.Random(seed).randrange(len(stream) + 1) for _ in range(6))
    whole, pieces, single = (surgard(3 if digits == 3 else 1) for _ in range(3))

    expected = sound(whole.receive_data(stream))

    assert expected == sound(
        [m for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for m in pieces.receive_data(stream[a:b])]
    )
    assert expected == sound([m for at in range(len(stream)) for m in single.receive_data(stream[at : at + 1])])
    assert sound(whole.give_up_waiting()) == sound(pieces.give_up_waiting()) == sound(single.give_up_waiting())


FLOODS = {
    "spaces": b" ",
    "headers": b"5011 18",
    "digits": b"5",
    "heartbeats": b"1011           @    ",
    "almost heartbeats": b"1011           ",
    "brackets": b"S011[",
    "blocks": b"S011[#1|]",
    "line feeds": b"\n",
    "periods": b"ab" * 7 + b"c",
}


@pytest.mark.parametrize("unit", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("end", [b"", b"\x14"])
def test_a_flood_takes_linear_time(unit: bytes, end: bytes) -> None:
    lines = ((unit * LINE_LIMIT_BYTES)[:LINE_LIMIT_BYTES] + end) * 16
    wire = surgard()
    started = time.perf_counter()

    wire.receive_data(lines)
    for at in range(0, len(lines), 16):
        wire.receive_data(lines[at : at + 16])
    wire.give_up_waiting()

    assert time.perf_counter() - started < 5
