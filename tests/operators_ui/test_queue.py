"""The alarm queue over HTTP: its order, what it shows, and taking from it."""

from __future__ import annotations

from station.incident_events import TakenBy
from station.signals import Authenticity, Kind
from tests.operators_ui.conftest import RunningConsole, SignedOnClient
from tests.operators_ui.seeding import Came, Seed


async def test_the_most_urgent_comes_first_then_the_oldest(ana_client: SignedOnClient, seed: Seed) -> None:
    account = await seed.account("1234", "Farmácia Central", city="Porto")
    young = await seed.incident("98", None, Came(kind=Kind.BURGLARY, age_s=5))
    old = await seed.incident("99", None, Came(kind=Kind.UNREADABLE, age_s=500))
    fire = await seed.incident("1234", account, Came(code="FA", kind=Kind.FIRE, age_s=1))
    queue = (await ana_client.http.get("/api/queue")).json()
    assert [row["id"] for row in queue["waiting"]] == [fire, old, young]
    assert queue["counts"] == {"1": 1, "2": 2}
    assert queue["waiting"][0]["name"] == "Farmácia Central"
    assert queue["waiting"][0]["city"] == "Porto"
    assert queue["waiting"][1]["account_known"] is False


async def test_the_page_shows_what_must_not_be_believed(ana_client: SignedOnClient, seed: Seed) -> None:
    await seed.incident("99", None, Came(authenticity=Authenticity.WRONG_KEY))
    page = (await ana_client.http.get("/")).text
    assert "not authenticated" in page
    assert "unknown account" in page


async def test_a_program_without_a_session_gets_401_as_json(console: RunningConsole) -> None:
    async with console.client() as stranger:
        answer = await stranger.get("/api/queue")
    assert answer.status_code == 401
    assert "refused" in answer.json()


async def test_a_plain_form_takes_the_next(ana_client: SignedOnClient, seed: Seed) -> None:
    await seed.incident("99", None, Came(kind=Kind.TAMPER))
    fire = await seed.incident("98", None, Came(kind=Kind.FIRE))
    answer = await ana_client.post("/take-next")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{fire}")
    (held,) = (await ana_client.http.get("/api/queue")).json()["taken_or_on_hold"]
    assert (held["id"], held["operator"]) == (fire, "Ana Sousa")


async def test_what_a_colleague_holds_is_not_taken(ana_client: SignedOnClient, seed: Seed) -> None:
    rui = await seed.operator("Rui Carvalho")
    incident = await seed.incident()
    await seed.happens(incident, rui.actor, TakenBy(rui.id))
    answer = await ana_client.post(f"/incidents/{incident}/take")
    assert answer.status_code == 409
    assert "Rui Carvalho holds this incident" in answer.text


async def test_signing_off_gives_back_what_was_held(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident()
    await ana_client.post(f"/incidents/{incident}/take")
    await ana_client.post("/sign-off")
    row = await seed.state(incident)
    assert row == "waiting"


async def test_the_console_says_that_it_is_up_to_anybody(console: RunningConsole) -> None:
    async with console.client() as stranger:
        answer = (await stranger.get("/healthz")).json()
    assert answer["console"] == "up"
