"""What the machine gives at this moment: its speed drifts by half within minutes, so every round asks anew.

In: a folder on the disk that PostgreSQL writes to. Out: how many messages a second go through a C server that only
echoes them, and how long the disk takes to commit.
"""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Final

import attrs

from benchmarks.load import Load, measured
from benchmarks.machine import commit_s
from benchmarks.native import built

_ECHO: Final = Load(connections=500, mode="echo")
_SECONDS: Final = 0.4


@attrs.frozen(kw_only=True)
class Calibration:
    """Before one round."""

    echo_rate: float
    commit_s: float


@attrs.frozen
class Calibrating:
    """An echo server that runs, and the disk."""

    port: int
    folder: pathlib.Path

    def now(self) -> Calibration:
        """Measure both; takes half a second.

        Raises:
            LoadFailed: the echo server did not answer.
        """
        echoed = measured(built("generator", self.folder), self.port, _ECHO, seconds=_SECONDS)
        return Calibration(echo_rate=echoed.rate, commit_s=commit_s(self.folder))


@contextlib.contextmanager
def calibrating(folder: pathlib.Path) -> Iterator[Calibrating]:
    """The echo server, while the block runs.

    Raises:
        NoCompiler: it can't be built.
    """
    with subprocess.Popen([str(built("echo", folder))], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:
        if echo.stdout is None or echo.stdin is None:
            raise AssertionError("both are pipes")
        yield Calibrating(int(echo.stdout.readline()), folder)
        echo.stdin.close()
