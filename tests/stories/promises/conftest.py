"""A town of its own for each story, in a database whose clock may be moved."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
import trio

from dispatcher.desk import Desk
from dispatcher.replay import replay
from station.station_key import StationKey
from station.store.database import open_database
from station.store.install import install
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import open_writer
from tests.stories.promises.carrier import Carrier
from tests.stories.promises.town import Town, a_rehearsal

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def virtual_template(postgres_folder: str) -> str:
    """The name of a database with virtual time, to be copied."""

    async def make() -> None:
        url = f"postgresql://postgres@/{{}}?host={postgres_folder}"
        async with open_database(url.format("postgres"), "postgres") as server:
            await server.execute("create database virtual_template owner postgres")
        async with open_database(url.format("virtual_template"), "postgres") as owner:
            await install(owner, demo=False, virtual_time=True)

    trio.run(make)
    return "virtual_template"


@pytest.fixture
async def town_url(postgres_folder: str, virtual_template: str) -> str:
    """The URL of a fresh station in virtual time."""
    name = f"town_{next(_numbers)}"
    async with open_database(f"postgresql://postgres@/postgres?host={postgres_folder}", "postgres") as server:
        await server.execute(f"create database {name} template {virtual_template}")
    return f"postgresql://postgres@/{name}?host={postgres_folder}"


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """A town in which nothing has happened yet."""
    key, carrier = StationKey.generate(), Carrier()
    async with (
        open_database(town_url, "postgres") as owner,
        open_database(town_url, "sereno_dispatcher") as dispatching,
        open_database(town_url, "sereno_console") as console,
        open_database(town_url, "sereno_command") as commanding,
        open_writer(owner) as writer,
    ):
        found = Town(
            owner=owner,
            dispatching=dispatching,
            desk=Desk(console, lease_s=3600, key=key),
            key=key,
            writer=writer,
            carrier=carrier,
            rehearsal=await a_rehearsal(dispatching, commanding, carrier),
        )
        await found.begin()
        yield found
        await _assert_the_record_holds(found)


async def _assert_the_record_holds(town: Town) -> None:
    """At every end: chains, rows, a replay to the byte, and nothing open that nobody will look at again."""
    await assert_chains_hold(town.owner)
    await assert_rows_are_what_events_add_up_to(town.owner)
    for row in await town.incidents():
        replayed = await replay(town.dispatching, row.id)
        assert replayed.same, replayed.differences
        assert not row.incident.open or row.incident.next_due_at is not None
