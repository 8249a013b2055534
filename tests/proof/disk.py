"""A small disk for a station, and filling it.

As root the station's folder is a small tmpfs of its own, and a ballast file takes all that is left of it. Where nothing
can be mounted, PostgreSQL's processes are forbidden to write files further than a few bytes (RLIMIT_FSIZE), which
fails in the same places with another error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import resource
import shutil
import subprocess
from collections.abc import Iterator
from typing import Final

import trio

from tests.proof.station import Station

SMALL_DISK_BYTES: Final = 600 << 20
_CHUNK: Final = bytes(1 << 20)
#: Less than one segment of WAL: the next write into one fails.
_FILE_LIMIT_BYTES: Final = 4096


@contextlib.contextmanager
def small_disk(folder: pathlib.Path) -> Iterator[bool]:
    """`folder` on a disk of its own; False if that is not to be had here."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES},mode=755", "tmpfs", str(folder)]
    mounted = mount is not None and umount is not None and os.geteuid() == 0 and _succeeds(command)
    try:
        yield mounted
    finally:
        if mounted:
            _succeeds([umount or "", "--lazy", str(folder)])


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def fill_for(station: Station, seconds: float) -> None:
    """No room for so long, on the station's small disk or by its limit."""
    if station.folder.is_mount():
        await _with_ballast(station.folder / "ballast", seconds)
    else:
        await _with_limit(station, seconds)


async def _with_ballast(file: pathlib.Path, seconds: float) -> None:
    give_up_at = trio.current_time() + seconds
    with file.open("wb", buffering=0) as ballast:
        try:
            while trio.current_time() < give_up_at:
                _fill(ballast.fileno())
                await trio.sleep(0.02)  # what others free is taken, too
        finally:
            ballast.truncate(0)


def _fill(descriptor: int) -> None:
    size = len(_CHUNK)
    while size:
        try:
            os.write(descriptor, _CHUNK[:size])
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            size //= 16


async def _with_limit(station: Station, seconds: float) -> None:
    give_up_at = trio.current_time() + seconds
    try:
        while trio.current_time() < give_up_at:
            for pid in [*station.pids_of("postgres"), *station.backends()]:
                with contextlib.suppress(ProcessLookupError):
                    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_FILE_LIMIT_BYTES, hard))
            await trio.sleep(0.05)
    finally:
        for pid in [*station.pids_of("postgres"), *station.backends()]:
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
