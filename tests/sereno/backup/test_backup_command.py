"""`sereno backup`, `sereno restore` and `sereno archiver` as a person uses them."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.sereno.conftest import Station, end, page, sereno, start_station, until


@pytest.fixture
def target(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


def test_from_a_running_station_to_a_restored_one(
    starting: Callable[..., Station], tmp_path: pathlib.Path, target: pathlib.Path
) -> None:
    station = starting()
    data = str(station.data)

    made = sereno("backup", "--to", str(target), "--data", data, folder=tmp_path)

    assert (made.returncode, made.stderr) == (0, "")
    assert "A backup key was made" in made.stdout
    assert f"Keep copies of {data}/backup.key and of the station key {data}/station.key" in made.stdout
    assert (station.data / "backup.key").stat().st_mode & 0o777 == 0o600
    again = sereno("backup", "--to", str(target), "--data", data, folder=tmp_path)
    assert "A backup key was made" not in again.stdout
    listed = sereno("backup", "list", "--from", str(target), "--data", data, folder=tmp_path)
    assert len(listed.stdout.splitlines()) == 2
    secrets = [(station.data / name).read_text().split()[1].encode() for name in ("backup.key", "station.key")]
    for file in target.rglob("*"):
        if file.is_file():
            assert not any(secret in file.read_bytes() for secret in secrets)

    keys = ["--backup-key", f"{data}/backup.key", "--station-key", f"{data}/station.key"]
    new = tmp_path / "new" / "data"
    new.parent.mkdir()
    done = sereno("restore", "--from", str(target), *keys, "--to", "latest", "--data", str(new), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is missing" in done.stdout
    assert "sereno restore release" in done.stdout

    restored = start_station(new)
    try:
        verified = sereno("audit", "verify", "--data", str(new), folder=tmp_path)
        assert verified.returncode == 0, verified.stdout
        released = sereno("restore", "release", "--data", str(new), folder=tmp_path)
        assert released.stdout.startswith("Released:")
        twice = sereno("restore", "release", "--data", str(new), folder=tmp_path)
        assert twice.stdout.startswith("It was released before")
    finally:
        end([restored])
    never = sereno("restore", "release", "--data", data, folder=tmp_path)
    assert never.stdout == "This station was never restored: nothing is held back.\n"


def test_a_killed_backup_is_no_backup_and_the_next_one_is(
    starting: Callable[..., Station], tmp_path: pathlib.Path, target: pathlib.Path
) -> None:
    station = starting()
    command = [sys.executable, "-m", "sereno", "backup", "--to", str(target), "--data", str(station.data)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as backup:
        until(lambda: list(target.glob("*/.*.base.half")) or backup.poll() is not None)
        backup.kill()
    assert backup.returncode == -signal.SIGKILL

    folders = ["--from", str(target), "--backup-key", str(station.data / "backup.key")]
    assert sereno("backup", "list", *folders, folder=tmp_path).stdout == "No backup yet.\n"
    refused = sereno("restore", *folders, "--to", "latest", "--data", "new", folder=tmp_path)
    assert refused.returncode == 2
    assert "There is no whole backup" in refused.stderr
    assert sereno("backup", "--to", str(target), "--data", str(station.data), folder=tmp_path).returncode == 0
    assert sereno("restore", *folders, "--to", "latest", "--data", "new", folder=tmp_path).returncode == 0


def test_the_archiver_alone_keeps_a_backup_and_says_how_old_it_is(
    starting: Callable[..., Station], tmp_path: pathlib.Path, target: pathlib.Path
) -> None:
    station = starting()
    sereno("backup", "--to", str(target), "--data", str(station.data), folder=tmp_path)
    command = [sys.executable, "-m", "sereno", "archiver", "--backup-to", str(target), "--data", str(station.data)]
    with subprocess.Popen(
        [*command, "--metrics-port", "0", "--log-format", "json"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as archiver:
        try:
            assert archiver.stderr is not None
            said = map(json.loads, archiver.stderr)
            port = next(line["metrics_port"] for line in said if "metrics_port" in line)
            until(lambda: "sereno_backup_last_base_timestamp_seconds 1" in page(f"http://127.0.0.1:{port}/metrics"))
            archiver.send_signal(signal.SIGTERM)
            archiver.communicate(timeout=60)
        finally:
            archiver.kill()
    assert archiver.returncode == 0
    keys = ["--backup-key", str(station.data / "backup.key")]
    listed = sereno("backup", "list", "--from", str(target), *keys, folder=tmp_path).stdout.splitlines()
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["backup"], "Say where the backup is to go: --to DIR"),
        (["backup", "--to", "."], "No station runs in var"),
        (["backup", "--to", ".", "--database-url", "postgresql://me@db/sereno"], "uses a PostgreSQL of yours"),
        (["backup", "list", "--from", "gone", "--backup-key", "key"], "The backup folder gone can't be read"),
        (["backup", "list", "--from", "gone"], "There is no backup key at var/backup.key"),
        (["restore", "--from", ".", "--backup-key", "key", "--data", "x", "--to", "noon"], "--to noon is no time"),
        (
            ["restore", "--from", ".", "--backup-key", "key", "--data", "x", "--to", "2026-06-15 12:00"],
            "Say in which zone",
        ),
        (["restore", "--from", ".", "--backup-key", "key", "--data", "x", "--to", "latest"], "no whole backup"),
    ],
)
def test_what_can_not_be_is_said_in_one_line(tmp_path: pathlib.Path, words: list[str], because: str) -> None:
    (tmp_path / "key").write_text("sereno-backup-key " + "A" * 43 + "=\n")

    said = sereno(*words, folder=tmp_path)

    assert (said.returncode, said.stdout) == (2, "")
    assert because in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "var").exists()
