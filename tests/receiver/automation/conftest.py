"""Links that are served, with a real database behind them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs
import pytest
import trio

from receiver.accounts import PanelAccounts
from receiver.automation.doors import run_links
from receiver.automation.link import LinkDesk
from receiver.automation.settings import Endpoint, LinkSettings
from receiver.journal import Journal
from station.signals import Protocol
from station.station_key import StationKey
from station.store.database import Database, open_database
from station.store.notices import SIGNAL, Bell

PATIENCE_S = 20.0
LOOPBACK = Endpoint("127.0.0.1", 0)


def link(name: str = "north", **more: Any) -> LinkSettings:  # noqa: ANN401 - any setting of a link
    """A link that listens on a free port of the loopback, unless told otherwise."""
    settings: dict[str, Any] = {"name": name, "protocol": Protocol.SURGARD}
    if "dial" not in more:
        settings["listen"] = LOOPBACK
    return LinkSettings(**(settings | more))


@attrs.frozen
class Served:
    """Links in service."""

    ports: dict[str, int]
    owner: Database
    journal: Journal

    async def signals(self, *, own: bool = False) -> Sequence[Any]:
        """What is stored, in the order of the lanes; the station's own matters apart."""
        comparison = "=" if own else "<>"
        return await self.owner.fetch(f"select * from signal where protocol {comparison} 'own' order by id")  # noqa: S608 - both texts stand here

    async def until_stored(self, count: int, *, own: bool = False) -> Sequence[Any]:
        """The signals, once there are `count`."""
        with trio.fail_after(PATIENCE_S):
            while True:
                stored = await self.signals(own=own)
                if len(stored) >= count:
                    return stored
                await trio.sleep(0.02)


@attrs.frozen
class Station:
    """What links need."""

    database_url: str
    owner: Database
    accounts: PanelAccounts

    @contextlib.asynccontextmanager
    async def serving(self, *links: LinkSettings, desk: LinkDesk | None = None) -> AsyncIterator[Served]:
        """Serve these links while the block runs."""
        async with open_database(self.database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
            bell = Bell(database, SIGNAL)
            journal = Journal(database, "receiver", bell)
            nursery.start_soon(bell.run)
            nursery.start_soon(journal.run)
            ports = await nursery.start(run_links, links, self.accounts, journal, desk or LinkDesk())
            yield Served(ports, self.owner, journal)
            nursery.cancel_scope.cancel()


@pytest.fixture
async def station(database_url: str, owner: Database) -> Station:
    """A station without accounts."""
    return Station(database_url, owner, PanelAccounts(StationKey.generate()))


class Caller:
    """A receiver, byte by byte."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def hears(self, answer: bytes, limit_s: float = PATIENCE_S) -> None:
        """Read as much as `answer` is long, and compare."""
        heard = b""
        with trio.fail_after(limit_s):
            while len(heard) < len(answer):
                data = await self.stream.receive_some(len(answer) - len(heard))
                assert data, f"hung up after {heard!r}"
                heard += data
        assert heard == answer

    async def hears_nothing(self, for_s: float) -> None:
        with trio.move_on_after(for_s):
            data = await self.stream.receive_some()
            raise AssertionError(f"heard {data!r}")


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    """A receiver that is connected while the block runs."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        yield Caller(stream)
