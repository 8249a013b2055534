"""One incident over HTTP: what it shows, who may write, and what is refused without losing a word."""

from __future__ import annotations

import datetime as dt

import pytest

from operators_ui.pages import web_address
from operators_ui.verbs import next_time
from station.incident_events import Effect, TakenBy
from station.signals import Authenticity, Kind, Qualifier
from tests.operators_ui.conftest import RunningConsole, SignedOnClient, csrf_in, try_sign_on
from tests.operators_ui.seeding import Came, Seed


async def test_it_shows_the_premises_whom_to_call_and_what_came(ana_client: SignedOnClient, seed: Seed) -> None:
    account = await seed.account("1234", "Farmácia Central", notes="Beware of the dog")
    incident = await seed.incident("1234", account, Came(code="BA", zone="2", text="Montra partida"))
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    for text in ("Farmácia Central", "Rua Garrett 19", "Beware of the dog", "Portugal", "Portuguese", "Europe/Lisbon"):
        assert text in page, text
    assert page.index("Maria do Carmo Figueiredo") < page.index("Rui Sousa")
    assert 'href="tel:+351912345678"' in page
    assert "+351 912 345 678" in page
    assert "Burglary alarm" in page
    # The panel says area 01, the installer wrote 1.
    assert "area 01 Loja" in page
    assert "Montra partida" in page
    # The panel says 2, the installer wrote 002.
    assert '<li class="in-alarm"><span class="num">002</span> <span>Montra</span>' in page
    # The raw frame: its first bytes in hex, and printable.
    assert "0000  0a 34 41 31 43 30 30 33 39 22" in page


async def test_what_a_panel_sends_is_never_markup(ana_client: SignedOnClient, seed: Seed) -> None:
    attack = "<script>alert(1)</script>"
    links = (("V", "https://video.example.net/clip"), ("V", "javascript:alert(1)"), ("X", attack))
    incident = await seed.incident("666", None, Came(text=attack, extended=links, zone='"><img src=x>'))
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    assert attack not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://video.example.net/clip" target="_blank" rel="noopener noreferrer">' in page
    assert "Picture or film at video.example.net" in page


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a/b", "https://["]
)
def test_only_web_addresses_become_links(link: str) -> None:
    assert web_address(link) is None


async def test_doubt_is_shown_with_its_reason(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None, Came(authenticity=Authenticity.CLEAR_TEXT))
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    assert "not authenticated" in page
    assert "sent in clear, though this account has a key" in page
    assert "No account answers to number 99" in page


async def test_a_contact_id_restore_is_told_from_the_alarm(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None, Came(code="130", token="ADM-CID"))
    restore = Came(code="130", token="ADM-CID", qualifier=Qualifier.RESTORE)
    await seed.joins(incident, restore, Effect.RESTORE)
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    assert ", restored" in page
    assert "restored at" in page


async def test_work_from_taking_to_closing(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None)
    await ana_client.post(f"/incidents/{incident}/take")
    at = f"/incidents/{incident}"
    assert (await ana_client.post(f"{at}/renew", fence="1")).json() == {"kept": True}
    await ana_client.post(f"{at}/note", fence="1", text="No answer at the shop")
    page = (await ana_client.http.get(at)).text
    assert "You hold this incident" in page
    assert "No answer at the shop" in page
    answer = await ana_client.post(f"{at}/close", fence="1", disposition="user_error", note="Cleaners", seen_n="3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = (await ana_client.http.get(at)).text
    assert "Closed: User error" in page
    assert "Cleaners" in page


async def test_a_close_without_having_seen_the_last_signal_is_refused(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None)
    await ana_client.post(f"/incidents/{incident}/take")
    await seed.joins(incident, Came(zone="002"))
    fields = {"fence": "1", "disposition": "test", "note": "a precious text", "seen_n": "2"}
    refused = await ana_client.post(f"/incidents/{incident}/close", **fields)
    assert refused.status_code == 409
    assert "New signals came while you were closing" in refused.text
    assert "a precious text" in refused.text
    assert await seed.state(incident) == "taken"


async def test_hold_and_hand_over(ana_client: SignedOnClient, seed: Seed) -> None:
    await seed.operator("Rui Carvalho")
    incident = await seed.incident("99", None)
    at = f"/incidents/{incident}"
    await ana_client.post(f"{at}/take")
    await ana_client.post(f"{at}/hold", fence="1", minutes="15", reason="Waiting for the guard")
    assert await seed.state(incident) == "on_hold"
    page = (await ana_client.http.get(at)).text
    assert "On hold until" in page
    assert "Waiting for the guard" in page
    await ana_client.post(f"{at}/take")
    await ana_client.post(f"{at}/hand-over", fence="2", to="Rui Carvalho")
    assert "Rui Carvalho holds this incident" in (await ana_client.http.get(at)).text
    lost = await ana_client.post(f"{at}/note", fence="2", text="too late")
    assert lost.status_code == 409
    assert "too late" in lost.text


async def test_a_second_operator_reads_and_cannot_write(
    console: RunningConsole, ana_client: SignedOnClient, seed: Seed
) -> None:
    rui = await seed.operator("Rui Carvalho")
    incident = await seed.incident("99", None)
    await seed.happens(incident, rui.actor, TakenBy(rui.id))
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    assert "Rui Carvalho holds this incident" in page
    assert '<fieldset id="verbs" disabled>' in page
    answer = await ana_client.post(f"/incidents/{incident}/note", fence="1", text="let me in")
    assert answer.status_code == 409
    async with console.client() as client:
        await try_sign_on(client, "Rui Carvalho")
        csrf = csrf_in((await client.get("/")).text)
        fields = {"csrf": csrf, "fence": "1", "text": "mine"}
        assert (await client.post(f"/incidents/{incident}/note", data=fields)).status_code == 303


async def test_what_a_box_takes_is_kept_whole(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None)
    at = f"/incidents/{incident}"
    await ana_client.post(f"{at}/take")
    page = (await ana_client.http.get(at)).text
    for box in ("note-text", "close-note", "hold-reason"):
        assert 'maxlength="10000"' in page.split(f'id="{box}"')[1].split(">")[0], box
    # Browsers send a line's end as two characters and count it as one.
    text = "警" * 9_000 + "\r\n" * 990 + "the end..."
    assert (await ana_client.post(f"{at}/note", fence="1", text=text)).status_code == 303
    assert "the end...<" in (await ana_client.http.get(at)).text


async def test_nonsense_is_refused_in_plain_words(ana_client: SignedOnClient, seed: Seed) -> None:
    incident = await seed.incident("99", None, kind=Kind.FIRE)
    at = f"/incidents/{incident}"
    await ana_client.post(f"{at}/take")
    for path, fields in (
        ("close", {"disposition": "alien", "seen_n": "9"}),
        ("close", {"disposition": "test", "seen_n": "-1"}),
        ("hold", {"minutes": "soon"}),
        ("hold", {"time": "25:00"}),
        ("note", {"fence": "\u0661"}),
    ):
        answer = await ana_client.post(f"{at}/{path}", **{"fence": "1", **fields})
        assert answer.status_code == 400, path
        assert "try again" in answer.text
    assert (await ana_client.http.get("/incidents/999999")).status_code == 404


def test_a_time_of_day_is_the_next_one() -> None:
    now = dt.datetime(2026, 3, 1, 23, 50, tzinfo=dt.UTC)
    assert next_time(now, "23:55") == dt.datetime(2026, 3, 1, 23, 55, tzinfo=dt.UTC)
    assert next_time(now, "00:10") == dt.datetime(2026, 3, 2, 0, 10, tzinfo=dt.UTC)
    assert next_time(now, "23:50") == dt.datetime(2026, 3, 2, 23, 50, tzinfo=dt.UTC)


async def test_what_the_station_reports_is_of_paths_and_matters_never_of_zones_or_strangers(
    ana_client: SignedOnClient, seed: Seed
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    lost = await seed.incident("1234", account, Came(kind=Kind.PATH_LOST, zone="2", text="Path 2 is silent", code=""))
    page = (await ana_client.http.get(f"/incidents/{lost}")).text
    assert 'path <span class="num">2</span>' in page
    assert "in-alarm" not in page
    fault = await seed.incident(
        "receiver link north", None, Came(kind=Kind.STATION, zone="", text="No heartbeat", code="")
    )
    page = (await ana_client.http.get(f"/incidents/{fault}")).text
    assert "receiver link north" in page
    assert "unknown account" not in page
    assert "Nobody we know" not in page
