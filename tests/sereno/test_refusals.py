"""What is in the way of a start is said in one plain line, with exit code 2, and nothing is left running."""

from __future__ import annotations

import itertools
import pathlib
import socket

import pytest

from station.station_key import StationKey
from station.store.database import Database
from tests.sereno.conftest import Station, sereno


def refusal(*words: str, folder: pathlib.Path, **environment: str) -> str:
    """The line that `sereno run` ends with."""
    given = {"--dc09-port": "0", "--console-port": "0", "--metrics-port": "0", "--data": "data"}
    given |= dict(zip(words[::2], words[1::2], strict=True))
    done = sereno("run", *itertools.chain(*given.items()), folder=folder, **environment)
    assert done.returncode == 2, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert not (folder / "data" / "station.json").exists()
    return line


def make_key(data: pathlib.Path) -> None:
    """The key of a station that was used before."""
    data.mkdir()
    (data / "station.key").write_text(StationKey.generate().to_text())


@pytest.mark.parametrize(("door", "kind"), [("dc09", "TCP"), ("dc09", "UDP"), ("console", "TCP"), ("metrics", "TCP")])
def test_a_taken_port_is_named_with_a_way_out(tmp_path: pathlib.Path, door: str, kind: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "TCP" else socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        if kind == "TCP":
            other.listen()
        port = other.getsockname()[1]
        line = refusal(f"--{door}-port", str(port), folder=tmp_path)

    assert line.startswith(f"Port {port} ({kind}) is taken by another program.")
    assert f"--{door}-port {port + 1}" in line


def test_an_address_that_is_not_ours(tmp_path: pathlib.Path) -> None:
    assert "Nothing can listen on 192.0.2.1" in refusal("--dc09-address", "192.0.2.1", folder=tmp_path)


def test_a_data_folder_that_cannot_be_made(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("in the way")

    line = refusal("--data", "file/below", folder=tmp_path)

    assert "file/below can't be written: Not a directory. Choose a folder that you may write: --data DIR" in line


def test_a_data_folder_in_use(station: Station, tmp_path: pathlib.Path) -> None:
    line = refusal("--data", str(station.data), folder=tmp_path.parent)

    assert f"Another station runs in the data folder {station.data} (process {station.process.pid})" in line


def test_a_ready_file_without_a_folder(tmp_path: pathlib.Path) -> None:
    assert "there is no folder" in refusal("--ready-file", "nowhere/ready.json", folder=tmp_path)


def test_a_database_that_does_not_answer(tmp_path: pathlib.Path) -> None:
    line = refusal("--database-url", "postgresql://me:hidden@127.0.0.1:9/none", folder=tmp_path)

    assert "The database at 127.0.0.1 can't be used" in line
    assert "--database-url" in line
    assert "hidden" not in line


async def test_a_real_station_is_not_made_a_demonstration(tmp_path: pathlib.Path, database_url: str) -> None:
    make_key(tmp_path / "data")

    line = refusal("--database-url", database_url, folder=tmp_path, SERENO_DEMO="true")

    assert "serves a real station" in line


async def test_a_demonstration_is_not_run_as_a_real_station(
    tmp_path: pathlib.Path, database_url: str, owner: Database
) -> None:
    make_key(tmp_path / "data")
    await owner.execute("update station set demo = true")

    assert "is a demonstration" in refusal("--database-url", database_url, folder=tmp_path)


def test_a_demonstration_keeps_away_from_real_telephones(tmp_path: pathlib.Path) -> None:
    assert "SERENO_TWILIO_TOKEN is set" in refusal(folder=tmp_path, SERENO_DEMO="true", SERENO_TWILIO_TOKEN="x")


async def test_a_used_database_without_its_key(tmp_path: pathlib.Path, database_url: str) -> None:
    line = refusal("--database-url", database_url, folder=tmp_path)

    assert "station.key is missing" in line
    assert not (tmp_path / "data" / "station.key").exists()


def test_a_slip_in_the_settings_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sereno.toml").write_text("dc09_prot = 7701\n")

    assert "sets what does not exist: dc09_prot" in refusal(folder=tmp_path)


def test_no_postgres_is_left_after_a_refusal(tmp_path: pathlib.Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "station.key").write_text("not a key")

    assert "station.key is damaged" in refusal(folder=tmp_path)

    commands = [path.read_text() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(str(tmp_path) in command for command in commands)
