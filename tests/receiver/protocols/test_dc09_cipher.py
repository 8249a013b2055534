"""Encryption, against AES of another library: pads of every length, wrong keys, and what we send ourselves."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.protocols.dc09_cipher import decrypt, encrypt
from tests.receiver.peers import Captured, captured_frames, sealed, stamp, unsealed

KEYS = [bytes(range(size)) for size in (16, 24, 32)]
STAMP = stamp(dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC))
ENCRYPTED = [captured for captured in captured_frames() if captured.key]


@pytest.mark.parametrize("key", KEYS, ids=["AES-128", "AES-192", "AES-256"])
@pytest.mark.parametrize("pad", [*range(33), 47])
def test_a_pad_of_any_length_is_taken_off(key: bytes, pad: int) -> None:
    text = b"x" * (-(pad + 1 + 19 + len(STAMP)) % 16)
    content = b"#1234|Nri1/BA003^%b^]" % text + STAMP

    assert decrypt(key, sealed(key, b"p" * pad + b"|" + content)) == content


@pytest.mark.parametrize("pad", range(0, 48, 16))
def test_without_a_bar_the_pad_ends_at_the_bracket(pad: int) -> None:
    # `]` and the time make 21 bytes: a whole number of blocks needs 11 more.
    plain = b"p" * (pad + 11) + b"]" + STAMP

    assert decrypt(KEYS[0], sealed(KEYS[0], plain)) == b"]" + STAMP


def test_a_pad_of_awkward_bytes() -> None:
    pad = b'\xff\x00\x80\x0a\x0d\xc3("#_'
    plain = pad + b"|#1234|Nri1/FA012]" + STAMP

    assert decrypt(KEYS[0], sealed(KEYS[0], plain)) == b"#1234|Nri1/FA012]" + STAMP


def test_small_letters_and_nuls_behind() -> None:
    plain = b"p" * 9 + b"|#1234|Nri1/FA01]" + STAMP + b"\x00\x00"

    content = decrypt(KEYS[0], sealed(KEYS[0], plain).lower())

    assert content is not None
    assert content.rstrip(b"\x00") == b"#1234|Nri1/FA01]" + STAMP


@pytest.mark.parametrize("captured", ENCRYPTED, ids=[captured.name for captured in ENCRYPTED])
def test_published_frames_open_with_their_key_alone(captured: Captured) -> None:
    assert captured.key is not None
    hex_text = captured.raw[:-1].partition(b"[")[2]
    opened = decrypt(captured.key, hex_text)

    assert opened is not None
    assert unsealed(captured.key, hex_text).endswith(opened)
    assert decrypt(bytes(len(captured.key)), hex_text) is None
    assert decrypt(bytes([captured.key[0] ^ 1]) + captured.key[1:], hex_text) is None


@pytest.mark.parametrize("hex_text", [b"", b"0", b"zz", b"00" * 15, b"00" * 16, b"00" * 17, b"\xff\xfe", b" " * 32])
def test_what_is_no_cipher_text_opens_with_no_key(hex_text: bytes) -> None:
    assert decrypt(KEYS[0], hex_text) is None


@given(st.binary(max_size=200), st.sampled_from(KEYS))
def test_any_bytes_are_taken(data: bytes, key: bytes) -> None:
    decrypt(key, data)
    decrypt(key, data.hex().encode())


@given(st.sampled_from(KEYS), st.text("abc|", max_size=40))
def test_what_we_send_has_a_fresh_pad_of_16_to_31_bytes(key: bytes, text: str) -> None:
    content = text.encode() + b"]" + STAMP
    one, two = encrypt(key, content), encrypt(key, content)
    plain = unsealed(key, one)
    pad = plain.removesuffix(b"|" + content)

    assert 16 <= len(pad) <= 31
    assert len(plain) == len(pad) + 1 + len(content)
    assert not set(pad) & set(b"|[]")
    assert one != two
    assert one == one.upper()
