"""A receiver that runs, on free ports of the loopback, with a real database behind it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs
import pytest
import trio

from receiver.clock.settings import ClockSettings
from receiver.limits import Limits
from receiver.process import ReceiverSettings, run_receiver
from station.station_key import StationKey
from station.store.database import Database


@attrs.frozen
class Station:
    """A running receiver and its database."""

    port: int
    owner: Database
    #: Ends the receiver as its supervisor would.
    stop: trio.CancelScope
    ended: trio.Event

    async def signals(self) -> Sequence[Any]:
        """All stored signals, in the order of their lanes."""
        return await self.owner.fetch("select * from signal order by id")


async def add_account(
    owner: Database, station_key: StationKey, number: str, *, key: bytes | None = None, prefix: str | None = None
) -> int:
    """An account, as an import makes it; its id."""
    (row,) = await owner.fetch(
        "insert into account (number, prefix, key_sealed, key_format) values ($1, $2, $3, $4) returning id",
        number,
        prefix,
        None if key is None else station_key.seal(key),
        None if key is None else "hex",
    )
    await owner.execute("notify account")
    id_: int = row["id"]
    return id_


def doors() -> tuple[socket.socket, socket.socket]:
    """TCP and UDP on one free port."""
    for _ in range(50):
        tcp = socket.create_server(("127.0.0.1", 0), backlog=512)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            continue
        tcp.setblocking(False)
        udp.setblocking(False)
        return tcp, udp
    raise AssertionError("no port is free for both TCP and UDP")


@contextlib.asynccontextmanager
async def running_station(
    database_url: str,
    owner: Database,
    station_key: StationKey,
    *,
    send_buffer_bytes: int | None = None,
    clock: ClockSettings = ClockSettings(),
    limits: Limits = Limits(),
) -> AsyncIterator[Station]:
    """A receiver that serves while the block runs. A small send buffer shows what becomes of replies not read."""
    tcp, udp = doors()
    if send_buffer_bytes is not None:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    with tcp, udp:
        settings = ReceiverSettings(
            database_url=database_url, station_key=station_key, tcp=tcp, udp=udp, clock=clock, limits=limits
        )
        stop, ended = trio.CancelScope(), trio.Event()

        async def receive(task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
            with stop:
                await run_receiver(settings, task_status=task_status)
            ended.set()

        async with trio.open_nursery() as nursery:
            await nursery.start(receive)
            yield Station(tcp.getsockname()[1], owner, stop, ended)
            stop.cancel()


@pytest.fixture
def station_key() -> StationKey:
    """The key that seals the panel keys of this test's station."""
    return StationKey.generate()


@pytest.fixture
async def station(database_url: str, owner: Database, station_key: StationKey) -> AsyncIterator[Station]:
    """An empty station with a running receiver."""
    async with running_station(database_url, owner, station_key) as running:
        yield running
