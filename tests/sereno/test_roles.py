"""Each role alone, as it runs on a host of its own."""

from __future__ import annotations

import json
import pathlib
import resource
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from station.station_key import StationKey
from tests.sereno.conftest import PATIENCE_S, page, sereno

FEW_DESCRIPTORS = 512


def started(role: str, folder: pathlib.Path, *words: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A role on free ports, begun with few descriptors, and the line in which it says that it is ready."""
    command = [sys.executable, "-m", "sereno", role, "--metrics-port", "0", "--log-format", "json", *words]
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_DESCRIPTORS, most))
    try:
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))
    assert process.stderr is not None
    for line in process.stderr:
        event = json.loads(line)
        if event["event"] == "role_ready":
            return process, event
    raise AssertionError(f"{role} ended with {process.wait()}")


@pytest.mark.parametrize(
    ("role", "door"),
    [("receiver", ["--dc09-port", "0"]), ("dispatcher", []), ("console", ["--console-port", "0"])],
)
async def test_a_role_serves_and_drains(tmp_path: pathlib.Path, database_url: str, role: str, door: list[str]) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "station.key").write_text(StationKey.generate().to_text())

    process, ready = started(role, tmp_path, "--database-url", database_url, *door)
    with process:
        metrics = page(f"http://127.0.0.1:{ready['metrics_port']}/metrics")
        if door:
            with socket.create_connection(("127.0.0.1", ready["port"]), timeout=5):
                pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0

    # One that holds connections takes as many descriptors as the host allows.
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if door else FEW_DESCRIPTORS
    (line,) = [line for line in metrics.splitlines() if line.startswith("process_max_fds ")]
    assert float(line.split()[1]) == allowed


def test_a_role_without_a_station_says_what_to_do(tmp_path: pathlib.Path) -> None:
    done = sereno("dispatcher", folder=tmp_path)

    assert done.returncode == 2
    assert "No station runs in var. Start one there with `sereno run --data var`" in done.stderr


async def test_a_receiver_without_the_station_key_says_so(tmp_path: pathlib.Path, database_url: str) -> None:
    done = sereno("receiver", "--database-url", database_url, folder=tmp_path)

    assert done.returncode == 2
    assert "There is no station key at var/station.key" in done.stderr


def test_a_role_whose_database_does_not_answer_says_so(tmp_path: pathlib.Path) -> None:
    url = "postgresql://127.0.0.1:9/none"

    done = sereno("dispatcher", "--metrics-port=0", "--database-url", url, folder=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("The dispatcher can't use the database: ConnectionRefusedError")
