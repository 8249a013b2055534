"""Stations as a user starts them: `sereno run` in a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import attrs
import httpx
import pytest

#: On a machine with other work to do.
PATIENCE_S = 60.0


def sereno(*words: str, folder: pathlib.Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself; `folder` is where it is called."""
    return subprocess.run(
        [sys.executable, "-m", "sereno", *words],
        cwd=folder,
        env=_clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SERENO_")}


@attrs.define
class Station:
    """A station that runs, or ran, in `data`."""

    data: pathlib.Path
    process: subprocess.Popen[str]

    @property
    def ready_file(self) -> pathlib.Path:
        return self.data.parent / "ready.json"

    @property
    def addresses(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.ready_file.read_text())
        return found

    def wait_until_ready(self) -> None:
        until(lambda: self.ready_file.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()

    def pid_of(self, role: str) -> int | None:
        """The process of a role, which is a child of the supervisor."""
        for pid in _children(self.process.pid):
            words = _command(pid)
            if role in words[:4] or (role == "postgres" and words[0].endswith("/postgres")):
                return pid
        return None

    def processes(self) -> list[int]:
        """The supervisor's children."""
        return _children(self.process.pid)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> tuple[str, str]:
        """Ask it to end; gives what it said on both outputs."""
        self.process.send_signal(sign)
        return self.process.communicate(timeout=PATIENCE_S)


def _children(parent: int) -> list[int]:
    pids = [int(folder.name) for folder in pathlib.Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if _state_and_parent(pid)[1] == parent]


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        state, parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return "Z", 0
    return state, int(parent)


def _command(pid: int) -> list[str]:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return [""]


def is_alive(pid: int) -> bool:
    """Whether the process is there, and not merely waiting to be buried."""
    return _state_and_parent(pid)[0] != "Z"


def until(happened: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Wait for something to become true."""
    give_up_at = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)


def page(url: str) -> str:
    """What stands at an address of this machine."""
    return httpx.get(url, trust_env=False).text


def start_station(
    data: pathlib.Path, port: int = 0, database_url: str | None = None, more: Sequence[str] = ()
) -> Station:
    """Start `sereno run` on free ports, and wait until it is ready. `port` is the panels'; `more` are more flags."""
    ready_file = data.parent / "ready.json"
    ready_file.unlink(missing_ok=True)
    doors = ["--dc09-port", str(port), "--console-port", "0", "--metrics-port", "0", "--emergency-port", "0"]
    if database_url is not None:
        doors += ["--database-url", database_url]
    process = subprocess.Popen(
        [sys.executable, "-m", "sereno", "run", "--data", str(data), "--ready-file", str(ready_file), *doors, *more],
        cwd=data.parent,
        env=_clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    station = Station(data, process)
    station.wait_until_ready()
    return station


def end(stations: Sequence[Station]) -> None:
    """Leave nothing behind, whatever a test did."""
    for station in stations:
        with station.process as process:
            process.send_signal(signal.SIGINT)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station that the tests of one file share."""
    running = start_station(tmp_path_factory.mktemp("station") / "data")
    yield running
    end([running])


@pytest.fixture
def starting(tmp_path: pathlib.Path) -> Iterator[Callable[..., Station]]:
    """Call it to start a station in the test's own folder; they are ended after the test."""
    stations: list[Station] = []

    def start(port: int = 0, database_url: str | None = None, more: Sequence[str] = ()) -> Station:
        stations.append(start_station(tmp_path / "data", port, database_url, more))
        return stations[-1]

    yield start
    end(stations)
