"""Habits of real panels 23 and 24: how keys are typed, and how clear text is filled up before it is encrypted."""

from __future__ import annotations

import pytest

from station.account_texts import panel_key
from station.signals import Authenticity, Kind, Reply
from tests.receiver.peers import Captured, padded, sealed, stamp, unsealed, written
from tests.receiver.readings import KEY, NOW, account, captured_from, only_signal, reading, token_of

TEXT = "000102030405060708090A0B0C0D0E0F"


def by_name(captured: Captured) -> str:
    return captured.name


def alarm(key: bytes, plain: bytes) -> bytes:
    return written(b'"*SIA-DCS"0007R0L0#1234[' + sealed(key, plain))


@pytest.mark.parametrize(
    ("typed", "key_format", "key"),
    [
        pytest.param(TEXT, "hex", bytes(range(16)), id="Hikvision: 32 hexadecimal digits"),
        pytest.param("SixteenBytesKey!", "", b"SixteenBytesKey!", id="Ajax: 16 characters"),
        pytest.param("TwentyFour-Characters-Ok", "", b"TwentyFour-Characters-Ok", id="24 characters"),
        pytest.param("Thirty-two characters, not hex..", "", b"Thirty-two characters, not hex..", id="32 characters"),
        pytest.param(TEXT, "ascii", TEXT.encode(), id="32 digits, said to be characters"),
        pytest.param(TEXT + TEXT, "", bytes.fromhex(TEXT + TEXT), id="64 hexadecimal digits"),
    ],
)
def test_habit_23_keys_of_every_length_and_spelling(typed: str, key_format: str, key: bytes) -> None:
    ours = account(panel_key(typed, key_format).secret)

    result = reading(alarm(key, padded(b"#1234|Nri1/BA003]" + stamp(NOW))), ours)

    assert (result.said, result.signals[0].zone) == (Reply.ACK, "003")
    assert result.signals[0].authenticity is Authenticity.AUTHENTICATED


@pytest.mark.parametrize("key_format", ["", "auto"])
@pytest.mark.parametrize(
    "key", [pytest.param(bytes.fromhex(TEXT), id="AES-128 in hexadecimal"), pytest.param(TEXT.encode(), id="AES-256")]
)
def test_habit_23_a_text_of_32_digits_is_tried_in_both_readings(key: bytes, key_format: str) -> None:
    ours = account(panel_key(TEXT, key_format).secret)

    result = reading(alarm(key, padded(b"#1234|Nri1/BA003]" + stamp(NOW))), ours)

    assert result.signals[0].authenticity is Authenticity.AUTHENTICATED
    # The panel understands the answer.
    assert unsealed(key, result.reply[:-1].partition(b"[")[2]).endswith(b"]" + stamp(NOW))
    assert token_of(reading(alarm(bytes(16), padded(b"#1234|NRP]" + stamp(NOW))), ours).reply) == b"DUH"


@pytest.mark.parametrize("captured", captured_from("E10", "E11", "E12", "E13", "E14", "E17", "E18"), ids=by_name)
def test_habit_24_pads_of_the_worked_examples(captured: Captured) -> None:
    result = reading(captured.raw, account(captured.key), captured.sent_at or NOW)

    assert (result.said, result.alive) == (Reply.ACK, True)
    assert [signal.event_code for signal in result.signals] == [
        *(row["code"] for row in captured.signals if row["kind"] != "link_test")
    ]


#: Every byte but `|`, `[` and `]`, from the far end: CR, LF, NUL, quotes, and no UTF-8.
PAD = bytes(byte for byte in range(255, -1, -1) if byte not in b"|[]")


@pytest.mark.parametrize("count", range(48))
def test_habit_24_a_pad_of_any_length_before_data(count: int) -> None:
    # The text grows so that pad, bar and tail are whole blocks.
    fill = b"x" * (-(count + 1 + len(b"#1234|Nri1/BA003^^]") + 20) % 16)
    plain = PAD[-count - 1 : -1] + b"|#1234|Nri1/BA003^" + fill + b"^]" + stamp(NOW)

    signal = only_signal(alarm(KEY, plain), account(KEY))

    assert (signal.event_code, signal.zone, signal.area, signal.text) == ("BA", "003", "1", fill.decode())
    assert signal.authenticity is Authenticity.AUTHENTICATED
    assert signal.payload == "#1234|Nri1/BA003^" + fill.decode() + "^"


@pytest.mark.parametrize("bar", [b"|", b""], ids=["bar", "no bar"])
@pytest.mark.parametrize("least", range(0, 48, 5))
def test_habit_24_a_pad_of_any_length_before_nothing_with_and_without_a_bar(least: int, bar: bytes) -> None:
    tail = bar + b"]" + stamp(NOW)
    count = least + -(least + len(tail)) % 16

    result = reading(written(b'"*NULL"0000L0#1234[' + sealed(KEY, PAD[:count] + tail)), account(KEY))

    assert (result.said, result.alive, result.sent_at) == (Reply.ACK, True, NOW)


@pytest.mark.parametrize("filler", [b"0", b"\x00", b" ", b"\r\n", b"\xff"], ids=repr)
def test_habit_24_a_pad_of_one_byte_again_and_again(filler: bytes) -> None:
    tail = b"|#1234|Nri1/BA003]" + stamp(NOW)
    plain = (filler * 32)[: 16 + -len(tail) % 16] + tail

    assert only_signal(alarm(KEY, plain), account(KEY)).zone == "003"


def test_habit_24_zeros_for_a_pad_and_no_account_in_the_data() -> None:
    (captured,) = captured_from("zeros for a pad")

    (signal,) = reading(captured.raw, account(captured.key), captured.sent_at or NOW).signals

    assert (signal.event_code, signal.account) == (captured.signals[0]["code"], "1111")


@pytest.mark.parametrize("count", [1, 7, 15])
def test_habit_24_nul_behind_the_time(count: int) -> None:
    plain = padded(b"#1234|Nri1/BA003]" + stamp(NOW) + bytes(count))

    signal = only_signal(alarm(KEY, plain), account(KEY))

    assert (signal.zone, signal.occurred_at, signal.authenticity) == ("003", NOW, Authenticity.AUTHENTICATED)


def test_habit_24_cipher_text_in_small_letters() -> None:
    body = b'"*SIA-DCS"0007R0L0#1234[' + sealed(KEY, padded(b"#1234|Nri1/BA003]" + stamp(NOW))).lower()

    assert only_signal(written(body), account(KEY)).zone == "003"


def test_the_right_key_without_a_time_is_outside_the_window() -> None:
    result = reading(alarm(KEY, padded(b"#1234|Nri1/BA003]")), account(KEY))

    assert (result.said, result.alive) == (Reply.NAK, False)
    assert (result.signals[0].kind, result.signals[0].authenticity) == (Kind.BURGLARY, Authenticity.OUTSIDE_WINDOW)
