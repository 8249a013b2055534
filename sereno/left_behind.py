"""A PostgreSQL that outlived its supervisor: found by its working folder, and ended before the next one starts.

In: PostgreSQL's data directory. Out: nobody works in it any more. A process is ours only if it is called `postgres` and
stands in that very folder; a number in `postmaster.pid` alone proves nothing, since numbers are used again.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
from collections.abc import Set as AbstractSet
from typing import Final

import trio

from sereno.problems import CannotRun

#: A fast stop, an immediate one, the end; each with the seconds it is given.
_STEPS: Final = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0))


async def end_left_behind(data: pathlib.Path) -> None:
    """End the server and the backends that work in `data`; returns at once if there are none.

    Raises:
        CannotRun: they can't be ended.
    """
    for sign, patience_s in _STEPS:
        working = _working_in(data)
        server = _server(data)
        if server in working:
            _send(server, sign)
        elif sign is not signal.SIGINT:  # without a server they end by themselves, unless one is deep in a computation
            for pid in working:
                _send(pid, sign)
        with trio.move_on_after(patience_s):
            await _until_empty(data)
            return
    raise CannotRun(
        f"A PostgreSQL still works in {data} (process {min(_working_in(data))}). Stop it, then start again."
    )


async def _until_empty(data: pathlib.Path) -> None:
    while True:
        if not _working_in(data):
            return
        await trio.sleep(0.05)


def _server(data: pathlib.Path) -> int:
    """The process that `postmaster.pid` names, whatever it is; 0 for none."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    return 0


def _working_in(data: pathlib.Path) -> AbstractSet[int]:
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        # Processes end while we look, and those of other users do not say where they are.
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == "postgres" and os.readlink(process / "cwd") == str(data):
                found.add(int(process.name))
    return found


def _send(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)
