"""Heads and their key as files.

In: a folder. Out: the heads in it, in order; the key that signs them, made at first use. The private key has mode 0600
and never leaves its file but into the process that signs. Both keys are PEM, so that other programs can check, too.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator, Sequence
from typing import Final

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from station.heads import SignedHead, file_name, file_text, read

log = structlog.get_logger()

_PRIVATE_MODE: Final = 0o600
_PUBLIC_MODE: Final = 0o644


class Unusable(Exception):
    """A file that should hold a head or a key does not; the text says which."""


def heads_folder(data: pathlib.Path) -> pathlib.Path:
    """Where a station keeps its own copy of its heads."""
    return data / "heads"


def public_key_file(data: pathlib.Path) -> pathlib.Path:
    """Where the key lies by which anybody can check a head."""
    return data / "head.pub"


def private_key_file(data: pathlib.Path) -> pathlib.Path:
    """Where the key lies that signs."""
    return data / "head.key"


# Keys ------------------------------------------------------------------------------------------------------------


def load_or_make_key(data: pathlib.Path) -> Ed25519PrivateKey:
    """The key that signs; a new one where there is none.

    Raises:
        Unusable: what lies there is no such key.
        OSError: it can't be read or written.
    """
    path = private_key_file(data)
    try:
        key = _private_key(path)
    except FileNotFoundError:
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(path, pem.decode(), _PRIVATE_MODE)
        log.warning("head_key_made", private=str(path), public=public_pem(key.public_key()))
    public = public_pem(key.public_key())
    shown = public_key_file(data)
    if not shown.exists() or shown.read_text(encoding="ascii", errors="replace") != public:
        write_whole(shown, public, _PUBLIC_MODE)
    return key


def _private_key(path: pathlib.Path) -> Ed25519PrivateKey:
    pem = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unusable(f"{path} holds no key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unusable(f"{path} holds a key of another kind than Ed25519")
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """As it lies in `head.pub`."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def load_public_key(path: pathlib.Path) -> Ed25519PublicKey:
    """The key by which heads are checked.

    Raises:
        Unusable: what lies there is no such key.
        OSError: it can't be read.
    """
    pem = path.read_bytes()
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable(f"{path} holds no public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(f"{path} holds a key of another kind than Ed25519")
    return key


# Heads -----------------------------------------------------------------------------------------------------------


def head_paths(places: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    """The head files in these folders, and those that are named themselves; in the order of their numbers.

    Raises:
        OSError: a folder can't be read.
    """
    found = {path for place in places for path in (_heads_in(place) if place.is_dir() else [place])}
    return sorted(found, key=lambda path: (path.name, path))


def _heads_in(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in folder.iterdir() if path.name.startswith("head-") and path.name.endswith(".json")]


def read_heads(paths: Sequence[pathlib.Path]) -> Iterator[SignedHead]:
    """What is in these files, one at a time: the first of a large station has megabytes.

    Raises:
        Unusable: one holds no head.
        OSError: one can't be read.
    """
    for path in paths:
        try:
            yield read(path.read_text(encoding="ascii"))
        except ValueError:
            raise Unusable(f"{path} holds no head") from None


def write_head(folder: pathlib.Path, signed: SignedHead) -> pathlib.Path:
    """Write a head's file, whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    path = folder / file_name(signed.head)
    write_whole(path, file_text(signed), _PUBLIC_MODE)
    return path


def write_whole(path: pathlib.Path, text: str, mode: int = _PUBLIC_MODE) -> None:
    """Write a file so that a reader sees all of it or none, even after a power cut.

    Raises:
        OSError: it can't be written.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
