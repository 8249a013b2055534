"""The backup key: seals every file that leaves the host. Without it a backup can't be read, by anybody.

In: a file of one line, mode 0600, made at the first backup. Out: a key of its own for each file (HKDF-SHA256,
RFC 5869), so that a counter is nonce enough, and a short name by which a file says whose key it needs.
"""

from __future__ import annotations

import base64
import os
import pathlib
from typing import Final

import attrs
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sereno.problems import CannotRun
from sereno.whereabouts import write_private

SALT_BYTES: Final = 32
NAME_BYTES: Final = 4
_SECRET_BYTES: Final = 32
_TITLE: Final = "sereno-backup-key"


@attrs.frozen(repr=False)
class BackupKey:
    """A secret of 32 random bytes."""

    _secret: bytes = attrs.field(alias="secret")

    @classmethod
    def generate(cls) -> BackupKey:
        """A new random key."""
        return cls(os.urandom(_SECRET_BYTES))

    @classmethod
    def from_text(cls, text: str) -> BackupKey:
        """Read what `to_text` wrote.

        Raises:
            ValueError: the text is no backup key.
        """
        title, _, encoded = text.strip().partition(" ")
        secret = base64.b64decode(encoded, validate=True)
        if title != _TITLE or len(secret) != _SECRET_BYTES:
            raise ValueError("it does not hold a backup key")
        return cls(secret)

    def to_text(self) -> str:
        """One line, for the key file."""
        return f"{_TITLE} {base64.b64encode(self._secret).decode()}\n"

    @property
    def name(self) -> bytes:
        """Tells this key from others, and gives nothing of it away."""
        return self._derived(b"name", None)[:NAME_BYTES]

    def cipher(self, salt: bytes) -> AESGCM:
        """The cipher of the one file that holds this random salt."""
        return AESGCM(self._derived(b"file", salt))

    def _derived(self, purpose: bytes, salt: bytes | None) -> bytes:
        return HKDF(SHA256(), _SECRET_BYTES, salt, b"sereno backup " + purpose).derive(self._secret)


def backup_key_file(data: pathlib.Path) -> pathlib.Path:
    """Where a station keeps its backup key."""
    return data / "backup.key"


def load(path: pathlib.Path) -> BackupKey:
    """The key in a file.

    Raises:
        CannotRun: there is none, or it is damaged.
    """
    try:
        return BackupKey.from_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotRun(
            f"There is no backup key at {path}. Say where your copy of it lies: --backup-key FILE"
        ) from None
    except (OSError, ValueError) as error:
        raise CannotRun(f"The backup key {path} can't be read ({error}). Use another copy of it.") from error


def load_or_make(data: pathlib.Path) -> tuple[BackupKey, bool]:
    """The station's backup key, and whether it was made just now.

    Raises:
        CannotRun: it is damaged, or can't be written.
    """
    path = backup_key_file(data)
    if path.exists():
        return load(path), False
    key = BackupKey.generate()
    write_private(path, key.to_text())
    return key, True
