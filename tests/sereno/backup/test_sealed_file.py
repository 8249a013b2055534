"""A sealed file is read as it was written, or refused."""

from __future__ import annotations

import os
import pathlib

import pytest

from sereno.backup.backup_key import BackupKey, load
from sereno.backup.sealed_file import CHUNK_BYTES, Writer, open_sealed, read_facts, write_sealed
from sereno.problems import CannotRun
from tests.sereno.backup.conftest import damage

PLAIN = os.urandom(2 * CHUNK_BYTES + 1000)


def read(path: pathlib.Path, key: BackupKey) -> bytes:
    with open_sealed(path, key) as sealed:
        return b"".join(sealed.chunks)


@pytest.fixture
def sealed(tmp_path: pathlib.Path, key: BackupKey) -> pathlib.Path:
    path = tmp_path / "file"
    write_sealed(path, key, {"what": "numbers", "count": 3}, PLAIN)
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_it_is_read_as_it_was_written(tmp_path: pathlib.Path, key: BackupKey, size: int) -> None:
    write_sealed(tmp_path / "file", key, {"what": "numbers", "count": 3}, PLAIN[:size])

    assert read(tmp_path / "file", key) == PLAIN[:size]
    assert read_facts(tmp_path / "file", key) == {"what": "numbers", "count": 3}


def test_nothing_of_it_can_be_read_on_the_disk(tmp_path: pathlib.Path, key: BackupKey) -> None:
    write_sealed(tmp_path / "file", key, {"what": "Farmacia"}, b"Farmacia " * 10)

    assert b"Farmacia" not in (tmp_path / "file").read_bytes()


def test_another_key_is_told_by_name(sealed: pathlib.Path, key: BackupKey) -> None:
    other = BackupKey.generate()

    with pytest.raises(CannotRun, match=f"sealed with the backup key {key.name.hex()}, and this is {other.name.hex()}"):
        read(sealed, other)


def test_a_key_survives_its_file(tmp_path: pathlib.Path, sealed: pathlib.Path, key: BackupKey) -> None:
    (tmp_path / "key").write_text(key.to_text())

    assert read(sealed, load(tmp_path / "key")) == PLAIN


@pytest.mark.parametrize("text", ["", "sereno-backup-key", "sereno-backup-key AAAA", "1 " + "A" * 43 + "="])
def test_what_is_no_key_is_refused(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "key").write_text(text)

    with pytest.raises(CannotRun, match="can't be read"):
        load(tmp_path / "key")


@pytest.mark.parametrize("at", [0, 8, 12, 44, 48, 60, CHUNK_BYTES, -1])
def test_a_bit_turned_over_is_noticed(sealed: pathlib.Path, key: BackupKey, at: int) -> None:
    damage(sealed, at)

    with pytest.raises(CannotRun, match=r"is damaged|sealed with the backup key"):
        read(sealed, key)


def test_a_file_cut_short_anywhere_is_noticed(sealed: pathlib.Path, key: BackupKey) -> None:
    whole = sealed.read_bytes()
    # Where each chunk ends is where a cut is hardest to notice.
    ends, end = [], 44
    while end < len(whole):
        end += 4 + int.from_bytes(whole[end : end + 4])
        ends.append(end)
    assert ends[-1] == len(whole)
    for cut in [0, 3, 20, 44, 46, *ends[:-1], len(whole) - 1]:
        sealed.write_bytes(whole[:cut])
        with pytest.raises(CannotRun, match="is damaged"):
            read(sealed, key)


def test_chunks_that_change_places_are_noticed(sealed: pathlib.Path, key: BackupKey) -> None:
    whole = sealed.read_bytes()
    parts, end = [], 44
    while end < len(whole):
        size = 4 + int.from_bytes(whole[end : end + 4])
        parts.append(whole[end : end + size])
        end += size
    sealed.write_bytes(whole[:44] + parts[0] + parts[2] + parts[1] + parts[3])

    with pytest.raises(CannotRun, match="is damaged"):
        read(sealed, key)


def test_more_at_the_end_is_noticed(sealed: pathlib.Path, key: BackupKey) -> None:
    sealed.write_bytes(sealed.read_bytes() + b"\0")

    with pytest.raises(CannotRun, match="is damaged"):
        read(sealed, key)


def test_a_file_under_another_name_is_refused(sealed: pathlib.Path, key: BackupKey) -> None:
    with pytest.raises(CannotRun, match="renamed"):
        read(sealed.rename(sealed.with_name("other")), key)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: pathlib.Path, key: BackupKey) -> None:
    writer = Writer(tmp_path / "file", key, {})
    writer.write(PLAIN)
    assert not (tmp_path / "file").exists()
    writer.abandon()

    assert list(tmp_path.iterdir()) == []


def test_no_folder_to_write_to_is_told(tmp_path: pathlib.Path, key: BackupKey) -> None:
    with pytest.raises(CannotRun, match="Check that its disk is mounted"):
        write_sealed(tmp_path / "gone" / "file", key, {})
