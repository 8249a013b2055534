"""PostgreSQL refuses to run as root: whom it runs as instead.

In: a folder in the data folder, that it must write. Out: how to start a program there. Root becomes somebody else in a
user namespace (the files stay root's); where the kernel forbids that, the user `nobody`, whom the folder is given to.
"""

from __future__ import annotations

import os
import pathlib
import pwd
from collections.abc import Sequence
from typing import Final

import attrs
import trio

from sereno.problems import CannotRun

_NAMESPACE: Final = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@attrs.frozen
class Unprivileged:
    """How to start a program so that it is not root, and who owns its files then."""

    uid: int
    gid: int
    prefix: Sequence[str] = ()

    def command(self, command: Sequence[str]) -> list[str]:
        """`command`, started that way."""
        return [*self.prefix, *command]


async def unprivileged(folder: pathlib.Path, program: pathlib.Path) -> Unprivileged:
    """Who may run `program` in `folder`.

    Raises:
        CannotRun: we are root, and nobody else can run it there.
    """
    if os.geteuid() != 0:
        return Unprivileged(os.geteuid(), os.getegid())
    if await _works([*_NAMESPACE, str(program), "--version"]):
        return Unprivileged(0, 0, _NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    drop = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    user = Unprivileged(nobody.pw_uid, nobody.pw_gid, drop)
    give_to(user, folder)
    folder.parent.chmod(folder.parent.stat().st_mode | 0o011)  # the data folder: others may pass through, not look
    if await _works(user.command([str(program), "--version"])) and await _works(
        user.command(["test", "-w", str(folder)])
    ):
        return user
    raise CannotRun(
        f"PostgreSQL does not run as root, and the user `nobody` can't reach {folder} or {program}. Start sereno as "
        "another user, or choose a data folder that everybody may enter (--data DIR), or use --database-url URL"
    )


def give_to(user: Unprivileged, folder: pathlib.Path) -> None:
    """Make the user the owner of the folder and of all in it."""
    if os.geteuid() != 0 or folder.stat().st_uid == user.uid:
        return
    for path in [*folder.rglob("*"), folder]:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


async def _works(command: Sequence[str]) -> bool:
    try:
        return (await trio.run_process(command, check=False, capture_stdout=True, capture_stderr=True)).returncode == 0
    except FileNotFoundError:
        return False
