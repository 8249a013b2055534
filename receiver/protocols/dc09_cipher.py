"""SIA DC-09 encryption: AES-CBC with a zero initialisation vector, its own padding, hex on the wire.

    pad | data ] { [x data] } _timestamp        a multiple of 16 bytes

The pad is random, 1-16 bytes in older editions and 16-31 in the newest, and may hold any byte but `|`, `[` and `]`.
Before empty data most panels leave `|` out. Nothing but the timestamp shows that the right key was used.
"""

from __future__ import annotations

import functools
import os
import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK_BYTES: Final = 16
_PAD_BYTES: Final = 16
_STAMP: Final = re.compile(rb"_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}\x00*\Z")
# Forbidden, yet right: the time is missing, not the key.
_UNSTAMPED: Final = re.compile(rb"\|[ -~]{8,}\]\x00*\Z")
_HEX_TEXT: Final = re.compile(rb"[0-9A-Fa-f]{32}")
# The three bytes that a pad may not hold become three that it may.
_PAD_ALPHABET: Final = bytes.maketrans(b"|[]", b"spq")


@functools.lru_cache(maxsize=4096)
def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK_BYTES)))


def decrypt(key: bytes, hex_text: bytes) -> bytes | None:
    """The content that `parse_content` takes, pad removed; None if this key does not open it."""
    try:
        cipher_text = bytes.fromhex(hex_text.rstrip(b"\x00").decode("ascii"))
    except ValueError:
        return None
    if not cipher_text or len(cipher_text) % _BLOCK_BYTES:
        return None
    opener = _cipher(key).decryptor()
    plain = opener.update(cipher_text) + opener.finalize()
    opened = b"]" in plain and (_STAMP.search(plain) or _UNSTAMPED.search(plain))
    return _without_pad(plain) if opened else None


def encrypt(key: bytes, content: bytes) -> bytes:
    """`content` (from after the pad's `|`) as hex on the wire, with a fresh pad of 16 to 31 bytes."""
    pad_bytes = _PAD_BYTES + -(len(content) + 1) % _BLOCK_BYTES
    pad = os.urandom(pad_bytes).translate(_PAD_ALPHABET)
    sealer = _cipher(key).encryptor()
    cipher_text = sealer.update(pad + b"|" + content) + sealer.finalize()
    return cipher_text.hex().upper().encode("ascii")


def other_reading(key: bytes) -> bytes | None:
    """The AES-128 key that the 32 characters of an AES-256 key spell in hexadecimal, if they do.

    Installers type such a text for either, and only a frame that opens tells which the panel meant.
    """
    return bytes.fromhex(key.decode("ascii")) if _HEX_TEXT.fullmatch(key) else None


def _without_pad(plain: bytes) -> bytes:
    end = plain.find(b"]")
    bar = plain.find(b"|", 0, end)
    return plain[bar + 1 :] if bar >= 0 else plain[end:]
