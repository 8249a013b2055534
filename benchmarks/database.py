"""PostgreSQL for the length of a benchmark, and stations without processes in it.

In: a folder. Out: the station's own PostgreSQL running there (fsync on), databases with the schema, a station key and
as many accounts as wanted, and a disk that can be made slow.
"""

from __future__ import annotations

import contextlib
import pathlib
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import attrs
import trio

from benchmarks.load import FIRST_ACCOUNT
from sereno.embedded_postgres import SUPERUSER, Cluster, prepare
from sereno.whereabouts import load_or_make_key
from station.store.database import Database, open_database
from station.store.install import install
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
_ANSWERS_WITHIN_S: Final = 60.0
#: Accounts in one statement.
_SLICE: Final = 20_000

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Place:
    """A database with a station in it, and the folder that holds its key."""

    database_url: str
    data: pathlib.Path


@contextlib.contextmanager
def running_postgres(folder: pathlib.Path) -> Iterator[Cluster]:
    """PostgreSQL in `folder`, stopped at the end.

    Raises:
        CannotRun: it can't be started here; alone or in a group.
    """
    cluster = trio.run(prepare, folder / "postgres")
    # A session of its own: Ctrl-C is for us, and we stop it last.
    with (
        cluster.log.open("wb") as log,
        subprocess.Popen(cluster.command, stdout=log, stderr=log, start_new_session=True) as server,
    ):
        try:
            trio.run(_until_it_answers, cluster)
            yield cluster
        finally:
            server.send_signal(signal.SIGINT)


async def _until_it_answers(cluster: Cluster) -> None:
    with trio.fail_after(_ANSWERS_WITHIN_S):
        await cluster.wait_until_it_answers()


def new_place(cluster: Cluster, folder: pathlib.Path, name: str, accounts: int) -> Place:
    """A station of its own with `accounts` accounts, numbered from `FIRST_ACCOUNT` on."""
    data = folder / name
    data.mkdir(mode=0o700)
    url = cluster.url(name)
    load_or_make_key(data, installed=False)

    async def create(server: Database) -> None:
        await server.execute(f"create database {name}")

    async def fill(owner: Database) -> None:
        await install(owner, demo=False)
        await insert_accounts(owner, accounts)

    _as_owner(cluster.url("postgres"), create)
    _as_owner(url, fill)
    return Place(database_url=url, data=data)


def add_accounts(database_url: str, accounts: int) -> None:
    """Put the first `accounts` numbers into a station that runs already."""

    async def fill(owner: Database) -> None:
        await insert_accounts(owner, accounts)

    _as_owner(database_url, fill)


async def insert_accounts(owner: Database, accounts: int) -> None:
    """As many accounts, each with a supervised path; in slices that fit into a statement's time."""
    for first in range(FIRST_ACCOUNT, FIRST_ACCOUNT + accounts, _SLICE):
        last = min(first + _SLICE, FIRST_ACCOUNT + accounts) - 1
        await owner.execute(_SQL["insert_accounts"], first, last)


@contextlib.contextmanager
def slow_disk(cluster: Cluster) -> Iterator[None]:
    """Every commit of the cluster takes 5 ms inside."""
    _run_each(cluster, "slow_commits", "slow_even_alone", "reload")
    try:
        yield
    finally:
        _run_each(cluster, "reset_delay", "reset_siblings", "reload")


def server_version(cluster: Cluster) -> str:
    """PostgreSQL's own word."""

    async def ask(server: Database) -> str:
        (row,) = await server.fetch(_SQL["version"])
        version: str = row["version"]
        return version

    return _as_owner(cluster.url("postgres"), ask)


def _run_each(cluster: Cluster, *names: str) -> None:
    async def run(server: Database) -> None:
        for name in names:
            await server.execute(_SQL[name])

    _as_owner(cluster.url("postgres"), run)


def _as_owner(url: str, act: Callable[[Database], Awaitable[T]]) -> T:
    async def connected() -> T:
        async with open_database(url, SUPERUSER) as database:
            return await act(database)

    return trio.run(connected)
