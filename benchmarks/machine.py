"""What the figures were measured on: processor, memory, and how long the disk takes to commit."""

from __future__ import annotations

import datetime as dt
import os
import pathlib
import platform
import statistics
import tempfile
import time
from typing import Final

import attrs

_PROBES: Final = 200
#: As much as PostgreSQL writes for a small commit.
_BLOCK: Final = bytes(8192)


@attrs.frozen(kw_only=True)
class Machine:
    """The machine, and the median seconds that a write takes until it is on the disk."""

    measured_at: dt.datetime
    processor: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    postgresql: str
    commit_s: float
    #: Processes that wanted to run in the minute before: more than a little, and the figures tell of those too.
    load: float


def this_machine(folder: pathlib.Path, postgresql: str) -> Machine:
    """The machine we run on; the disk is the one under `folder`, the version PostgreSQL's own word."""
    return Machine(
        measured_at=dt.datetime.now(dt.UTC),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgresql=postgresql,
        commit_s=commit_s(folder),
        load=os.getloadavg()[0],
    )


def commit_s(folder: pathlib.Path) -> float:
    """Median seconds of one 8 KiB write with fdatasync, over a file that is there already, like PostgreSQL's log."""
    took_s = []
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(_BLOCK * _PROBES)
        file.flush()
        os.fsync(file.fileno())
        for n in range(_PROBES):
            started_at = time.perf_counter()
            os.pwrite(file.fileno(), _BLOCK, n * len(_BLOCK))
            os.fdatasync(file.fileno())
            took_s.append(time.perf_counter() - started_at)
    return statistics.median(took_s)


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
