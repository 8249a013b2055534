"""A whole station in one nursery: receiver, dispatcher and desk, over real sockets and a real database."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Sequence

import attrs
import pytest
import trio

from dispatcher.desk import Desk
from dispatcher.process import run_dispatcher
from receiver.process import ReceiverSettings, run_receiver
from station.operators import Operator
from station.station_key import StationKey
from station.store.database import Database, Row, open_database
from tests.dispatcher.writers import add_operator

PATIENCE_S = 30.0


@attrs.define
class Station:
    """What a story needs of the station. `desk` has leases of half a second, `desk_at_rest` of a minute."""

    database_url: str
    owner: Database
    desk: Desk
    desk_at_rest: Desk
    key: StationKey

    async def account(self, number: str, name: str = "", panel_key: bytes | None = None) -> int:
        """Somebody whom we serve."""
        sealed = None if panel_key is None else self.key.seal(panel_key)
        (row,) = await self.owner.fetch(
            "insert into account (number, name, key_sealed, key_format) values ($1, $2, $3, $4) returning id",
            number,
            name,
            sealed,
            None if sealed is None else "hex",
        )
        id_: int = row["id"]
        return id_

    async def operator(self, name: str) -> Operator:
        """Somebody who works here."""
        return await add_operator(self.owner, name)

    async def incidents(self) -> Sequence[Row]:
        """All incidents, in the order in which they were opened."""
        return await self.owner.fetch("select * from incident order by id")

    async def until(self, sql: str, *values: object) -> None:
        """Wait until a query answers with a row, however busy the machine."""
        with trio.fail_after(PATIENCE_S):
            while not await self.owner.fetch(sql, *values):  # noqa: ASYNC110 - the database is asked
                await trio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def receiving(self) -> AsyncIterator[int]:
        """A receiver runs while the block does; its port."""
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            port: int = tcp.getsockname()[1]
            udp.bind(("127.0.0.1", port))
            tcp.setblocking(False)
            udp.setblocking(False)
            settings = ReceiverSettings(database_url=self.database_url, station_key=self.key, tcp=tcp, udp=udp)
            async with trio.open_nursery() as nursery:
                await nursery.start(run_receiver, settings)
                yield port
                nursery.cancel_scope.cancel()

    @contextlib.asynccontextmanager
    async def dispatching(self) -> AsyncIterator[None]:
        """A dispatcher runs while the block does."""
        async with trio.open_nursery() as nursery:
            await nursery.start(run_dispatcher, self.database_url)
            yield
            nursery.cancel_scope.cancel()


@pytest.fixture
async def station(database_url: str, owner: Database) -> AsyncIterator[Station]:
    """A fresh station; nothing of it runs yet."""
    async with open_database(database_url, "sereno_console") as console:
        desk, at_rest = Desk(console, lease_s=0.5), Desk(console, lease_s=60)
        yield Station(database_url, owner, desk, at_rest, StationKey.generate())
