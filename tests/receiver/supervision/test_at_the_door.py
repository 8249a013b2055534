"""Link tests through real sockets: what keeps a path alive, and what does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import trio

from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import add_account, running_station
from tests.receiver.peers import DatagramPanel, calling, encrypted, unsealed
from tests.receiver.test_doors import ack, null

KEY = bytes(range(16))
#: Longer than a flush and a sweep.
EVERY_S = 5


async def supervise(owner: Database, account: int, number: int = 1, network_path: int | None = None) -> None:
    """A path of this account that is lost five seconds after its last sign of life."""
    await owner.execute(
        "insert into path (account, number, category, interval_s, reporting_s, network_path)"
        " values ($1, $2, 'custom', $3, $3, $4)",
        account,
        number,
        EVERY_S,
        network_path,
    )


async def told(owner: Database, kind: str) -> Sequence[Any]:
    rows = await owner.fetch("select qualifier, zone from signal where kind = $1::text::kind order by id", kind)
    return [(row["qualifier"], row["zone"]) for row in rows]


def secret_null(at: dt.datetime) -> bytes:
    return encrypted(KEY, b'"*NULL"0000L0#1234', b"", at)


async def test_link_tests_keep_a_path_alive_and_write_no_rows(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    account = await add_account(owner, station_key, "1234")
    await supervise(owner, account)
    async with running_station(database_url, owner, station_key) as station:
        async with calling(station.port) as panel:
            with trio.move_on_after(2.5 * EVERY_S):
                while True:
                    assert await panel.ask(null(0)) == ack(0)
                    await trio.sleep(0.2)
        assert await told(owner, "path_lost") == []
        assert await told(owner, "link_test") == []
        with trio.fail_after(60):
            while not await told(owner, "path_lost"):  # noqa: ASYNC110 (rows ring no bell here)
                await trio.sleep(0.1)
        with DatagramPanel(station.port) as panel:
            await panel.ask(null(0))
        with trio.fail_after(60):
            while len(await told(owner, "path_lost")) < 2:  # noqa: ASYNC110 (rows ring no bell here)
                await trio.sleep(0.1)
    assert await told(owner, "path_lost") == [("new", "1"), ("restore", "1")]


async def test_recorded_link_tests_do_not_hide_a_cut_panel(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    account = await add_account(owner, station_key, "1234", key=KEY)
    await supervise(owner, account)
    await owner.execute("update account set window_past_s = 3600 where id = $1", account)
    async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
        recorded = secret_null(dt.datetime.now(dt.UTC))
        with trio.fail_after(60):
            while not await told(owner, "path_lost"):
                reply = await panel.ask(recorded)
                # Whoever plays it is answered as the panel was.
                assert reply.startswith(b'"*ACK"')
                assert b"_" in unsealed(KEY, reply.partition(b"[")[2])
                await trio.sleep(0.1)
        await panel.ask(secret_null(dt.datetime.now(dt.UTC)))
        with trio.fail_after(60):
            while ("restore", "1") not in await told(owner, "path_lost"):  # noqa: ASYNC110 (rows ring no bell here)
                await trio.sleep(0.1)


async def test_clear_text_in_the_name_of_a_panel_with_a_key_is_no_sign_of_life(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    account = await add_account(owner, station_key, "1234", key=KEY)
    await supervise(owner, account)
    async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
        with trio.fail_after(60):
            while not await told(owner, "path_lost"):
                await panel.ask(null(0))
                await trio.sleep(0.1)
