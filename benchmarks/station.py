"""A station for the length of a measurement, in a folder of its own; everything goes through the `sereno` command."""

from __future__ import annotations

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

_SERENO: Final = [sys.executable, "-m", "sereno"]
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


class StationFailed(Exception):
    """It did not start, or refused a command; the text says what it said."""


@contextlib.contextmanager
def running_station(folder: pathlib.Path, accounts: Sequence[str]) -> Iterator[Station]:
    """A station with these accounts and one operator, stopped at the end.

    Raises:
        StationFailed: see there.
    """
    data, ready = folder / "data", folder / "ready.json"
    words = ["run", "--data", str(data), "--ready-file", str(ready)]
    with (folder / "station.log").open("wb") as log:
        process = subprocess.Popen(
            [*_SERENO, *words, "--dc09-port", "0", "--console-port", "0", "--metrics-port", "0"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait_for(ready, process, folder / "station.log")
            _fill(folder, data, accounts)
            found = json.loads(ready.read_text(encoding="utf-8"))
            host, _, port = found["dc09_tcp"].rpartition(":")
            yield Station(host=host, port=int(port), console=found["console"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_ENDS_WITHIN_S)


def _wait_for(ready: pathlib.Path, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise StationFailed(log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)


def _fill(folder: pathlib.Path, data: pathlib.Path, accounts: Sequence[str]) -> None:
    file = folder / "accounts.csv"
    file.write_text("account,name\n" + "".join(f"{number},Load {number}\n" for number in accounts), encoding="utf-8")
    _sereno("accounts", "import", str(file), "--data", str(data))
    add = ["operators", "add", OPERATOR, "--role", "operator", "--password-stdin", "--data", str(data)]
    _sereno(*add, stdin=PASSWORD)
    # Receivers take changed accounts over within a second.
    time.sleep(2)


def _sereno(*words: str, stdin: str = "") -> None:
    done = subprocess.run([*_SERENO, *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StationFailed(f"sereno {' '.join(words)}: {done.stdout}{done.stderr}")
