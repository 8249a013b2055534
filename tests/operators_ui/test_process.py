"""The console while the database is away."""

from __future__ import annotations

import pathlib

import trio

from station.store.database import Database
from tests.operators_ui.conftest import RunningConsole, SignedOnClient


async def test_without_a_database_it_starts_and_says_so(nursery: trio.Nursery, tmp_path: pathlib.Path) -> None:
    console = RunningConsole(f"postgresql://postgres@/nowhere?host={tmp_path}", nursery)
    await console.start()
    async with console.client() as client:
        assert (await client.get("/healthz")).json() == {"console": "up", "data_age_s": None}
        answer = await client.get("/", headers={"Accept-Language": "es"})
        assert answer.status_code == 503
        assert "La base de datos de la central no responde" in answer.text
        assert "Avise al responsable del sistema" in answer.text
    await console.stop()


async def test_an_outage_passes_by_itself(console: RunningConsole, ana_client: SignedOnClient, owner: Database) -> None:
    async with ana_client.stream() as stream:
        await stream.until("section", "Nothing is waiting")
        await owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sereno_console'")
        with trio.fail_after(30):
            await stream.until("tick", '"age_s": 0')
    assert (await ana_client.http.get("/api/queue")).status_code in {200, 503}
    with trio.fail_after(30):
        while (await ana_client.http.get("/api/queue")).status_code != 200:
            pass


async def test_it_ends_within_two_seconds_under_open_streams(
    console: RunningConsole, ana_client: SignedOnClient
) -> None:
    async with ana_client.stream() as stream:
        await stream.until("tick", "now")
        await console.stop()
