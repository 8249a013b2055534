"""The station key: seals what must be kept secret at rest, such as panel keys and counter-passwords.

In: plain bytes. Out: sealed bytes (AES-256-GCM), with the number of the key version in front, so that keys can be
rotated while old rows stay readable. The key itself lives in a file of mode 0600, never in the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Final

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16


class WrongStationKey(Exception):
    """What was sealed can't be opened: it was sealed by another station's key, or it is damaged."""


@attrs.frozen(repr=False)
class StationKey:
    """All versions of the key; the newest seals."""

    _versions: Mapping[int, bytes] = attrs.field(alias="versions")

    @classmethod
    def generate(cls) -> StationKey:
        """A new random key, version 1."""
        return cls({1: os.urandom(_KEY_BYTES)})

    @classmethod
    def from_text(cls, text: str) -> StationKey:
        """Read what `to_text` wrote: a line `version base64` for each version.

        Raises:
            ValueError: the text holds no key, or a damaged one.
        """
        versions = {}
        for line in text.split("\n"):
            if line.strip():
                version, _, encoded = line.partition(" ")
                key = base64.b64decode(encoded, validate=True)
                if len(key) != _KEY_BYTES:
                    raise ValueError(f"version {version} of the station key has {len(key)} bytes, not {_KEY_BYTES}")
                versions[int(version)] = key
        if not versions:
            raise ValueError("the station key file is empty")
        return cls(versions)

    def to_text(self) -> str:
        """One line a version, for the key file."""
        return "".join(f"{version} {base64.b64encode(key).decode()}\n" for version, key in self._versions.items())

    @property
    def newest(self) -> int:
        """The version that seals."""
        return max(self._versions)

    def derived(self, version: int, purpose: bytes) -> bytes:
        """A key for one purpose, which says nothing of this one.

        Raises:
            WrongStationKey: that version is not here.
        """
        if version not in self._versions:
            raise WrongStationKey(f"version {version} of the station key is not here")
        return hmac.new(self._versions[version], purpose, hashlib.sha256).digest()

    def seal(self, plain: bytes) -> bytes:
        """`plain`, readable only with this key."""
        version = max(self._versions)
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([version]) + nonce + AESGCM(self._versions[version]).encrypt(nonce, plain, bytes([version]))

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            WrongStationKey: by another key, or the bytes are damaged.
        """
        if len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise WrongStationKey("cut short")
        version, nonce, box = sealed[0], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        key = self._versions.get(version)
        if key is None:
            raise WrongStationKey(f"sealed with version {version} of a station key that is not here")
        try:
            return AESGCM(key).decrypt(nonce, box, bytes([version]))
        except InvalidTag as error:
            raise WrongStationKey("sealed by the key of another station, or damaged") from error
