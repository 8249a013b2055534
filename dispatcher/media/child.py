"""One fetch in a process of its own, without rights: what comes from outside may be anything.

In: on standard input a link that is allowed. Out: on standard output the content's kind on a line, then the content; or
exit code 3 and why not, or 4 and why not now. It is another user if whoever starts it is root, writes no file, opens no
database, and knows no key.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
from typing import Final

import attrs
import structlog
import trio

from dispatcher.media.fetching import WITHIN_S, Fetched, NotNow, fetch
from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed

log = structlog.get_logger()

#: Nobody's: a number that no user of a system has.
USER: Final = 65533
_NOT_ALLOWED: Final = 3
_NOT_NOW: Final = 4
_MEMORY_BYTES: Final = 1 << 30
_PR_SET_NO_NEW_PRIVS: Final = 38


async def in_a_child(link: Link) -> Fetched:
    """Fetch it in a process without rights.

    Raises:
        NotAllowed: its address, its size or its kind is not.
        NotNow: it is not there just now, or the process failed.
    """
    root = os.geteuid() == 0
    with trio.move_on_after(WITHIN_S + 10):
        done = await trio.run_process(
            [sys.executable, "-m", "dispatcher.media.child"],
            stdin=json.dumps(attrs.asdict(link)).encode(),
            capture_stdout=True,
            capture_stderr=True,
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
        )
        return _said(done)
    raise NotNow("the fetch took too long")


def _said(done: subprocess.CompletedProcess[bytes]) -> Fetched:
    kind, _, content = done.stdout.partition(b"\n")
    match done.returncode:
        case 0:
            return Fetched(content[: LARGEST_BYTES + 1], kind.decode())
        case 3:
            raise NotAllowed(kind.decode("utf-8", "replace")[:200])
        case 4:
            raise NotNow(kind.decode("utf-8", "replace")[:200])
        case code:
            log.warning("fetch_failed", code=code, said=done.stderr[-500:].decode("utf-8", "replace"))
            raise NotNow("the fetching process failed")


def give_up_rights() -> None:
    """From here on no file is written, little memory is used, and no right comes back."""
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
