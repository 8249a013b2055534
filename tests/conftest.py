"""What every test may ask for: a real PostgreSQL, and in it a station of its own.

The server is the one that the station ships, started once a session in a temporary folder. Each test that asks for
`database_url` gets a fresh database, copied from a template that holds the installed schema.
"""

from __future__ import annotations

import itertools
import pathlib
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator

import pytest
import trio

from sereno.embedded_postgres import Cluster, prepare
from station.store.database import Database, open_database
from station.store.install import install

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """The socket folder of a running PostgreSQL; its superuser is `postgres`."""
    with tempfile.TemporaryDirectory(prefix="sereno-test-") as folder:
        cluster = trio.run(prepare, pathlib.Path(folder) / "postgres")
        command = [*cluster.command, "-c", "fsync=off"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as server:
            try:
                trio.run(_make_template, cluster)
                yield str(cluster.socket_folder)
            finally:
                server.send_signal(signal.SIGQUIT)  # at once: nobody needs this data any more


async def _make_template(cluster: Cluster) -> None:
    with trio.fail_after(20):
        await cluster.wait_until_it_answers()
    async with open_database(cluster.url("postgres"), "sereno_owner") as server:
        await server.execute("create role postgres superuser login")
        await server.execute("create database station_template owner postgres")
    async with open_database(cluster.url("station_template"), "postgres") as owner:
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
