"""The station as the dispatcher and the console see it, each under its own role."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dispatcher.desk import Desk
from station.operators import Operator
from station.signals import Kind
from station.store.database import Database, open_database
from tests.dispatcher.writers import add_operator, alarms


@pytest.fixture
async def dispatching(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as a dispatcher may use it."""
    async with open_database(database_url, "sereno_dispatcher") as database:
        yield database


@pytest.fixture
async def console(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as a console may use it."""
    async with open_database(database_url, "sereno_console") as database:
        yield database


@pytest.fixture
async def desk(console: Database) -> Desk:
    """A desk whose leases end soon."""
    return Desk(console, lease_s=0.5)


@pytest.fixture
async def ana(owner: Database) -> Operator:
    return await add_operator(owner, "Ana")


@pytest.fixture
async def rui(owner: Database) -> Operator:
    return await add_operator(owner, "Rui")


@pytest.fixture
async def incident(owner: Database, dispatching: Database) -> int:
    """A burglary that waits."""
    (id_,) = await alarms(owner, dispatching, Kind.BURGLARY)
    return id_


@pytest.fixture
def patient(console: Database) -> Desk:
    """A desk whose leases outlast the test."""
    return Desk(console, lease_s=60)
