"""A station that programs work.

A console with its station key, a dispatcher's turn on demand, and clients with tokens.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs
import httpx
import pytest
import trio

from dispatcher.outbox import NoProvider, send_waiting
from dispatcher.timers import fire_due, tell_news
from station.languages import Language
from station.operators import Role
from station.signals import Kind, Qualifier
from station.station_key import StationKey
from station.store.database import Database, open_database
from tests.dispatcher.writers import a_signal, open_writer, work_off_all
from tests.operators_ui.conftest import RunningConsole
from tests.operators_ui.seeding import Seed


@attrs.frozen
class Program:
    """A program that works as one operator."""

    http: httpx.AsyncClient
    name: str

    async def get(self, path: str) -> Any:  # noqa: ANN401 - whatever the API answers
        """What is there."""
        answer = await self.http.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def does(self, path: str, status: int = 200, method: str = "POST", **body: Any) -> Any:  # noqa: ANN401 - as above
        """Do something; what comes of it."""
        answer = await self.http.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


@attrs.frozen
class Town:
    """The station, and how signals come in."""

    owner: Database
    dispatching: Database
    console: RunningConsole
    seed: Seed
    clients: contextlib.AsyncExitStack

    async def program(self, name: str, role: Role = Role.OPERATOR, language: Language = Language.EN) -> Program:
        """A program with a token of its own."""
        operator = await self.seed.operator(name, language, role)
        await self.owner.execute(
            "insert into api_token (token_hash, operator, name, created_at) values ($1, $2, $3, now())",
            hashlib.sha256(name.encode()).digest(),
            operator.id,
            name,
        )
        client = await self.clients.enter_async_context(self.console.client())
        client.headers["authorization"] = f"Bearer {name}"
        return Program(client, name)

    async def account(self, number: str = "1234", *, country: str = "ES", grade: int = 2) -> int:
        """A home with three contacts, a guard contract and a police service."""
        account = await self.seed.account(number, "Casa", city="Madrid", time_zone="Europe/Madrid")
        await self.owner.execute("update account set country = $2, grade = $3 where id = $1", account, country, grade)
        (row,) = await self.owner.fetch(
            "insert into agency (service, name, country, phone) values ('police', 'Policía', 'ES', '+34910000091')"
            " returning id"
        )
        await self.owner.execute("insert into care (account, guard, police) values ($1, true, $2)", account, row["id"])
        return account

    async def signals(self, account: int, *zones: str, kind: Kind = Kind.BURGLARY, number: str = "1234") -> None:
        """Alarms of these zones, worked off."""
        async with open_writer(self.owner) as writer:
            for zone in zones:
                await writer.write(a_signal(kind, Qualifier.NEW, account=number, account_id=account, zone=zone))
        await work_off_all(self.dispatching)
        await self.settle()

    async def settle(self) -> None:
        """What is due is done."""
        while await fire_due(self.dispatching) + await send_waiting(self.dispatching, NoProvider()):
            await tell_news(self.dispatching)

    async def held(self, program: Program) -> tuple[int, int]:
        """The head of the queue, taken: incident and fence."""
        lease = await program.does("/queue/next")
        return lease["incident"], lease["fence"]

    async def texts(self, sql: str, *values: object) -> Sequence[str]:
        """One column of the database."""
        return [str(next(iter(row.values()))) for row in await self.owner.fetch(sql, *values)]


@pytest.fixture
async def town(database_url: str, owner: Database, seed: Seed, nursery: trio.Nursery) -> AsyncIterator[Town]:
    """The station at work."""
    console = RunningConsole(database_url, nursery, key=StationKey.generate())
    await console.start()
    async with open_database(database_url, "sereno_dispatcher") as dispatching, contextlib.AsyncExitStack() as clients:
        yield Town(owner, dispatching, console, seed, clients)
    await console.stop()
