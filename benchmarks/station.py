"""A station for the length of a measurement, in a folder of its own; everything goes through the `sereno` command."""

from __future__ import annotations

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import attrs

_SERENO: Final = [sys.executable, "-m", "sereno"]
_DOORS: Final = ("dc09", "console", "metrics", "emergency")
_READY_WITHIN_S: Final = 60.0
_ENDS_WITHIN_S: Final = 15.0
OPERATOR: Final = "benchmark"
PASSWORD: Final = "count-every-signal"  # noqa: S105 (of a station that lives for two minutes on the loopback)


@attrs.frozen(kw_only=True)
class Station:
    """Where it is reached."""

    host: str
    port: int
    console: str
    #: As the schema's owner.
    database_url: str


class StationFailed(Exception):
    """It did not start, or refused a command; the text says what it said."""


@contextlib.contextmanager
def running_station(folder: pathlib.Path) -> Iterator[Station]:
    """A station with one operator, in a new folder, stopped at the end.

    Raises:
        StationFailed: see there.
    """
    folder.mkdir()
    data, ready = folder / "data", folder / "ready.json"
    words = ["run", "--data", str(data), "--ready-file", str(ready)]
    with (folder / "station.log").open("wb") as log:
        process = subprocess.Popen(
            [*_SERENO, *words, *(word for door in _DOORS for word in (f"--{door}-port", "0"))],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait_for(ready, process, folder / "station.log")
            add = ["operators", "add", OPERATOR, "--role", "operator", "--password-stdin", "--data", str(data)]
            _sereno(*add, stdin=PASSWORD)
            found = json.loads(ready.read_text(encoding="utf-8"))
            host, _, port = found["dc09_tcp"].rpartition(":")
            yield Station(host=host, port=int(port), console=found["console"], database_url=found["database_url"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_ENDS_WITHIN_S)


def _wait_for(ready: pathlib.Path, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise StationFailed(log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)


def _sereno(*words: str, stdin: str = "") -> None:
    done = subprocess.run([*_SERENO, *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StationFailed(f"sereno {' '.join(words)}: {done.stdout}{done.stderr}")
