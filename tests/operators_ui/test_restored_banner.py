"""A restored station says so on every page, until a person releases it."""

from __future__ import annotations

import datetime as dt

import pytest

from operators_ui.live import Snapshot
from operators_ui.pages import Pages
from operators_ui.stream import section
from station.languages import Language
from station.operators import Operator, Role
from station.store.database import Database
from station.store.restored import Restoration, mark, release
from tests.operators_ui.conftest import SignedOnClient, open_stream


async def test_the_gap_is_shown_until_it_is_released(ana_client: SignedOnClient, owner: Database) -> None:
    assert "RESTORED FROM A BACKUP" not in (await ana_client.http.get("/")).text
    port, token = ana_client.http.base_url.port or 0, ana_client.http.cookies["sereno_session"]
    kept = await owner.fetch("select * from session")

    await mark(owner, dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC))
    assert await owner.fetch("select * from session") == []  # everybody signs on anew
    for row in kept:
        await owner.execute("insert into session values ($1, $2, $3, $4, $5)", *row.values())
    async with open_stream(port, token) as stream:
        await stream.until("section", "RESTORED FROM A BACKUP")
        assert "sereno restore release" in (await ana_client.http.get("/")).text
        await release(owner, "command")
        await stream.until("section", '"name": "restored", "html": ""')


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ES, "Falta lo que llegó desde el 15 jun, "),
        (Language.PT, "Falta o que chegou de 15 jun., "),
        (Language.EN, "What came from 15 Jun, "),
    ],
)
def test_it_is_said_in_every_language(language: Language, said: str) -> None:
    at = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    gap = Restoration(at, at + dt.timedelta(hours=1), None)

    html = section(Pages(language), "restored", Snapshot(restoration=gap), Operator(1, "Ana", Role.OPERATOR, language))

    assert said in html
