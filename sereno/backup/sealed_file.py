"""One file of a backup: facts, then bytes, compressed and sealed so that any change of it is noticed.

Layout: magic, name of the key, salt; then chunks, each behind its length. A chunk is AES-256-GCM (NIST SP 800-38D) over
its compressed bytes. The nonce is the chunk's number and whether it is the last, and the file's name is authenticated
with it: chunks can't be swapped, cut off or moved to another file unnoticed. The first chunk holds facts as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sereno.backup.backup_key import NAME_BYTES, SALT_BYTES, BackupKey
from sereno.problems import CannotRun

Facts = Mapping[str, str | int]

CHUNK_BYTES: Final = 1 << 20
_MAGIC: Final = b"SERENO1\n"
_HEAD_BYTES: Final = len(_MAGIC) + NAME_BYTES + SALT_BYTES
_length = struct.Struct("!I")
#: What incompressible bytes grow by, and the tag, at the very most.
_SLACK_BYTES: Final = 4096
#: The fastest: log and tables shrink to a third, and panels need the processor more.
_COMPRESSION: Final = 1


def identity(path: pathlib.Path) -> str:
    """What a file is called within its backup: it may be carried elsewhere with its folder, not renamed."""
    return f"{path.parent.name}/{path.name}"


class Writer:
    """A file that comes into being whole, by `finish`, or not at all."""

    def __init__(self, path: pathlib.Path, key: BackupKey, facts: Facts) -> None:
        self._path = path
        self._half = half_of(path)
        salt = os.urandom(SALT_BYTES)
        head = _MAGIC + key.name + salt
        self._cipher = key.cipher(salt)
        self._authenticated = head + identity(path).encode()
        self._chunks = 0
        self._waiting = bytearray()
        self.bytes = 0
        with _writing(path):
            self._file = open(self._half, "wb")  # noqa: SIM115 - closed by `finish` or `abandon`
        self._put(head)
        self._seal(json.dumps(facts).encode(), last=False)

    def write(self, data: bytes) -> None:
        """More bytes.

        Raises:
            CannotRun: there is no room, or the target is gone.
        """
        self._waiting += data
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """The file stands under its name, and outlives a power cut.

        Raises:
            CannotRun: it does not.
        """
        self._seal(bytes(self._waiting), last=True)
        with _writing(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._half.replace(self._path)
            sync_folder(self._path.parent)

    def abandon(self) -> None:
        """Leave nothing of it, if the target still answers; does nothing after `finish`."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._half.unlink(missing_ok=True)

    def _seal(self, plain: bytes, *, last: bool) -> None:
        nonce = self._chunks.to_bytes(11) + bytes([last])
        box = self._cipher.encrypt(nonce, zlib.compress(plain, _COMPRESSION), self._authenticated)
        self._chunks += 1
        self._put(_length.pack(len(box)) + box)

    def _put(self, data: bytes) -> None:
        with _writing(self._path):
            self._file.write(data)
        self.bytes += len(data)


def write_sealed(path: pathlib.Path, key: BackupKey, facts: Facts, data: bytes = b"") -> int:
    """Write a whole file; how many bytes it takes.

    Raises:
        CannotRun: it can't be written; there is none then.
    """
    writer = Writer(path, key, facts)
    try:
        writer.write(data)
        writer.finish()
    finally:
        writer.abandon()
    return writer.bytes


@attrs.frozen
class Sealed:
    """An open file: its facts, and its bytes, to be read once."""

    facts: Facts
    chunks: Iterator[bytes]


@contextlib.contextmanager
def open_sealed(path: pathlib.Path, key: BackupKey) -> Iterator[Sealed]:
    """Read a file; its chunks come only after they are found as they were written.

    Raises:
        CannotRun: also from `chunks`: another key sealed it, or it is damaged, cut short, or not there.
    """
    with contextlib.ExitStack() as stack:
        with _reading(path):
            file = stack.enter_context(path.open("rb"))
            head = file.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
            raise _damaged(path)
        name, salt = head[len(_MAGIC) : -SALT_BYTES], head[-SALT_BYTES:]
        if name != key.name:
            raise CannotRun(
                f"{path} was sealed with the backup key {name.hex()}, and this is {key.name.hex()}. "
                "Use the other one: --backup-key FILE"
            )
        chunks = _opened(path, file, key.cipher(salt), head + identity(path).encode())
        facts = next(chunks)
        yield Sealed(json.loads(facts), chunks)


def read_facts(path: pathlib.Path, key: BackupKey) -> Facts:
    """The facts of a file, without its bytes.

    Raises:
        CannotRun: as `open_sealed`.
    """
    with open_sealed(path, key) as sealed:
        return sealed.facts


def _opened(path: pathlib.Path, file: io.BufferedReader, cipher: AESGCM, authenticated: bytes) -> Iterator[bytes]:
    number = 0
    ended = False
    while not ended:
        with _reading(path):
            prefix = file.read(_length.size)
            size = _length.unpack(prefix)[0] if len(prefix) == _length.size else 0
            box = file.read(size) if size <= CHUNK_BYTES + _SLACK_BYTES else b""
            ended = not file.peek(1)
        if not box or len(box) < size:
            raise _damaged(path)
        try:
            plain = cipher.decrypt(number.to_bytes(11) + bytes([ended]), box, authenticated)
        except InvalidTag:
            raise _damaged(path) from None
        yield zlib.decompress(plain)
        number += 1


def _damaged(path: pathlib.Path) -> CannotRun:
    return CannotRun(
        f"{path} is damaged: it was cut short, changed or renamed since it was written. "
        "Use another copy of this backup, or an earlier or later one."
    )


def half_of(path: pathlib.Path) -> pathlib.Path:
    """Under which name a file is written before it is whole."""
    return path.with_name(f".{path.name}.half")


def sync_folder(folder: pathlib.Path) -> None:
    """Make names in the folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _writing(path: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRun(
            f"The backup can't be written to {path.parent}: {error.strerror}. "
            "Check that its disk is mounted and has room."
        ) from error


@contextlib.contextmanager
def _reading(path: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRun(f"{path} can't be read: {error.strerror}. Check that the backup's disk is mounted.") from error
