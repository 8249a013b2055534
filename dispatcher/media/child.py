"""One fetch in a process of its own, without rights: what comes from outside may be anything.

In: on standard input a link that is allowed. Out: on standard output the content's kind on a line, then the content; or
exit code 3 and why not, or 4 and why not now. It is another user if whoever starts it is root, writes no file, starts
no process, opens no database, and knows no key. Whoever starts it believes nothing that it says: by then it has read
what a stranger sent.
"""

from __future__ import annotations

import ctypes
import functools
import json
import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Awaitable, Sequence
from typing import Final

import attrs
import structlog
import trio

from dispatcher.media.fetching import WITHIN_S, Fetched, NotNow, fetch
from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed, kind_of

log = structlog.get_logger()

#: Nobody's: a number that no user of a system has.
USER: Final = 65533
_NOT_ALLOWED: Final = 3
_NOT_NOW: Final = 4
_MEMORY_BYTES: Final = 1 << 30
_PR_SET_NO_NEW_PRIVS: Final = 38
#: A kind on a line, and the content.
_MOST_SAID_BYTES: Final = LARGEST_BYTES + 100
_MOST_COMPLAINED_BYTES: Final = 10_000
_CHUNK_BYTES: Final = 1 << 16
_FAILED: Final = "the fetching process failed"
_TOO_LONG: Final = "the fetch took too long"
#: For the start of the process, beside the fetch.
_START_S: Final = 10.0
_PROGRAM: Final = (sys.executable, "-m", "dispatcher.media.child")


async def in_a_child(
    link: Link, *, program: Sequence[str] = _PROGRAM, within_s: float = WITHIN_S + _START_S
) -> Fetched:
    """Fetch it in a process without rights.

    Raises:
        NotAllowed: its address, its size or its kind is not.
        NotNow: it is not there just now, or the process failed.
    """
    done, failed = None, False
    try:
        with trio.move_on_after(within_s):
            done = await _run(link, program)
    except* OSError as errors:  # no room for another process; whatever is raised in here would be a group, too
        log.warning("fetch_not_started", why=repr(errors.exceptions[0]))
        failed = True
    if failed:
        raise NotNow(_FAILED)
    if done is None:
        raise NotNow(_TOO_LONG)
    return _said(done)


async def _run(link: Link, program: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end, or until it says more than it may."""
    said, complained = bytearray(), bytearray()
    async with trio.open_nursery() as nursery:

        async def read(stream: trio.abc.ReceiveStream, into: bytearray, most: int) -> None:
            while chunk := await stream.receive_some(_CHUNK_BYTES):
                into += chunk
                if len(into) > most:
                    process.kill()
                    return

        process: trio.Process = await nursery.start(_running(link, program))
        if process.stdout is not None and process.stderr is not None:
            nursery.start_soon(read, process.stdout, said, _MOST_SAID_BYTES)
            nursery.start_soon(read, process.stderr, complained, _MOST_COMPLAINED_BYTES)
    return subprocess.CompletedProcess(program, await process.wait(), bytes(said), bytes(complained))


def _running(link: Link, program: Sequence[str]) -> functools.partial[Awaitable[object]]:
    root = os.geteuid() == 0
    return functools.partial(
        trio.run_process,
        program,
        stdin=json.dumps(attrs.asdict(link)).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd="/",
        user=USER if root else None,
        group=USER if root else None,
        extra_groups=[] if root else None,
        deliver_cancel=_kill,
    )


async def _kill(process: trio.Process) -> None:
    process.kill()  # it has nothing to put in order


def _said(done: subprocess.CompletedProcess[bytes]) -> Fetched:
    _, _, content = done.stdout.partition(b"\n")
    match done.returncode:
        case 0 if len(content) <= LARGEST_BYTES:
            return Fetched(content, kind_of(content))
        case 3:
            raise NotAllowed(_reason(done.stdout))
        case 4:
            raise NotNow(_reason(done.stdout))
        case code if code == -signal.SIGALRM:
            raise NotNow(_TOO_LONG)
        case code:
            log.warning("fetch_failed", code=code, said=_harmless(done.stderr[-500:]))
            raise NotNow(_FAILED)


def _reason(said: bytes) -> str:
    return _harmless(said.partition(b"\n")[0])[:200] or "the fetching process gave no reason"


def _harmless(said: bytes) -> str:
    """As a screen, a terminal and a database can take it."""
    return "".join(letter for letter in said.decode("utf-8", "replace") if letter.isprintable())


def give_up_rights() -> None:
    """From here on no file is written, no process started, little memory used, and no right comes back; and it ends."""
    signal.alarm(math.ceil(WITHIN_S))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def main() -> int:
    """What the process does."""
    give_up_rights()
    link = Link(**json.load(sys.stdin))
    try:
        found = fetch(link)
    except NotAllowed as why:
        print(why)  # noqa: T201 - standard output is its answer
        return _NOT_ALLOWED
    except NotNow as why:
        print(why)  # noqa: T201 - the same
        return _NOT_NOW
    sys.stdout.buffer.write(found.content_type.encode() + b"\n" + found.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
