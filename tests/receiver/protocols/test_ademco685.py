"""Ademco 685 as the manuals of MX8000 and VisorAlarm lay it out (habit 27)."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.protocols.ademco685 import ademco685
from receiver.protocols.relayed import Heartbeat, Message, Report, Rubbish, Transmission

ZONE = b"\n11 1234 18 E130 01 C005\r"


def report(data: bytes) -> Report:
    (message,) = ademco685().receive_data(data)
    assert isinstance(message, Transmission)
    (one,) = message.reports
    return one


@pytest.mark.parametrize(
    ("raw", "account", "data"),
    [
        (ZONE, "1234", b"#1234|E130 01 005]"),
        (b"\n11 1234 18 R401 01 U003\r", "1234", b"#1234|R401 01 003]"),
        (b"\n11 0012 18 P602 00 C000\r", "0012", b"#0012|P602 00 000]"),
        (b"\n11 123456 18 E110 02 C017\r", "123456", b"#123456|E110 02 017]"),
        (b"11 1234 18 E130 01 C005\r\n", "1234", b"#1234|E130 01 005]"),
    ],
)
def test_habit_27_contact_id_for_zones_and_users(raw: bytes, account: str, data: bytes) -> None:
    assert report(raw) == Report(receiver="1", line="1", account=account, form="ADM-CID", data=data)


def test_habit_27_short_formats_give_code_and_zone() -> None:
    one, two = report(b"\n1A 1234 3\r"), report(b"\n11 1234 3 2\r")

    assert (one.form, one.line, one.account, one.code, one.zone) == ("ADM-41E", "A", "1234", "3", None)
    assert (two.form, two.account, two.code, two.zone) == ("ADM-42E", "1234", "3", "2")


def test_habit_27_high_speed_tells_its_account_and_channels() -> None:
    found = report(b"\n11 1234 1555 5555 9\r")

    assert (found.form, found.account, found.data, found.code) == ("ADM-HS", "1234", b"#1234|1555 5555 9]", None)


@pytest.mark.parametrize("raw", [b"\n00 OKAY @\r", b"\n00 OKAY\r", b"00 OKAY @\r\n"])
def test_a_heartbeat_is_no_report(raw: bytes) -> None:
    assert [m for m in ademco685().receive_data(raw) if not isinstance(m, Rubbish)] == [Heartbeat()]


def test_what_is_not_to_be_read_is_a_report_all_the_same() -> None:
    found = report(b"\n11 1234 77 strange things\r")

    assert (found.account, found.data) == ("1234", b"#1234|77 strange things]")


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1", b"\nHost: 10.0.0.1", b"\x16\x03\x01\x02", b"\n11 12", b"OKAY"])
def test_noise_is_no_message(noise: bytes) -> None:
    wire = ademco685()

    assert wire.receive_data(noise + b"\r") == [Rubbish(len(noise))]
    assert len(wire.receive_data(ZONE)) == 1


def test_a_broken_message_costs_the_next_one_nothing() -> None:
    (message,) = ademco685().receive_data(b"\n11 1234 18 E1" + ZONE)

    assert isinstance(message, Transmission)
    assert [found.data for found in message.reports] == [b"#1234|E130 01 005]"]


def test_a_message_without_its_end_counts_when_nothing_more_comes() -> None:
    wire = ademco685()
    assert wire.receive_data(ZONE[:-1]) == []

    (message,) = wire.give_up_waiting()

    assert isinstance(message, Transmission)


def sound(messages: list[Message]) -> list[Message]:
    return [message for message in messages if not isinstance(message, Rubbish)]


PARTS = [ZONE, b"\n00 OKAY @\r", b"\n11 1234 3 2\r", b"\n11 1234 1555 5555 9\r", b"\r", b"\n", b"\n11 1234 18", b"\x00"]


@settings(max_examples=200)
@given(parts=st.lists(st.sampled_from(PARTS) | st.binary(max_size=30), max_size=12), seed=st.integers(0, 1 << 30))
def test_any_bytes_in_any_pieces_give_the_same_messages(parts: list[bytes], seed: int) -> None:
    stream = b"".join(parts)
    cuts = sorted(random.Random(seed).randrange(len(stream) + 1) for _ in range(6))
    whole, pieces = ademco685(), ademco685()

    assert sound(whole.receive_data(stream)) == sound(
        [m for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for m in pieces.receive_data(stream[a:b])]
    )
    assert sound(whole.give_up_waiting()) == sound(pieces.give_up_waiting())


@pytest.mark.parametrize("unit", [b" ", b"\n", b"11 ", b"11 1234 ", b"F", b"\n11 1234 18 E130"])
def test_a_flood_takes_linear_time(unit: bytes) -> None:
    flood = (unit * 65_536)[:65_536]
    wire = ademco685()
    started = time.perf_counter()

    wire.receive_data(flood + b"\r")
    for at in range(0, len(flood), 16):
        wire.receive_data(flood[at : at + 16])
    wire.receive_data(b"\r")

    assert time.perf_counter() - started < 5
