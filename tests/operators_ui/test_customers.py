"""What is done for customers on the screens: tests, keys, tasks, contacts, words, agreements, and the shift's lists."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
import trio

from station.languages import Language
from station.operators import Operator
from station.station_key import StationKey
from station.store.database import Database
from tests.operators_ui.conftest import RunningConsole, SignedOnClient, csrf_in, try_sign_on
from tests.operators_ui.seeding import Came, Seed


@contextlib.asynccontextmanager
async def _signed_on(console: RunningConsole, name: str) -> AsyncIterator[SignedOnClient]:
    async with console.client() as client:
        await try_sign_on(client, name)
        yield SignedOnClient(client, csrf_in((await client.get("/")).text))


async def test_without_an_incident_it_asks_why_and_keeps_the_answer(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    await seed.account("1234", "Farmácia Central")
    asked = (await ana_client.http.get("/accounts/1234")).text
    assert "Nothing is open here. Write why you look" in asked
    assert "Maria do Carmo" not in asked
    opened = (await ana_client.http.get("/accounts/1234", params={"reason": "He asked to correct a number"})).text
    assert "Maria do Carmo Figueiredo" in opened
    (row,) = await owner.fetch("select body from audit where action = 'account_looked_at'")
    assert "He asked to correct a number" in row["body"]


async def test_an_account_that_is_not_there_is_said_plainly(ana_client: SignedOnClient) -> None:
    answer = await ana_client.http.get("/accounts", params={"number": " 9zz "}, follow_redirects=True)
    assert answer.status_code == 409
    assert "There is no account with this number." in answer.text


async def test_on_test_from_the_incident_page_to_its_end_on_the_shift_page(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    incident = await seed.incident("1234", account)
    await ana_client.post(f"/incidents/{incident}/take")
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    assert f'name="back" value="/incidents/{incident}"' in page
    started = await ana_client.post(
        "/accounts/1234/tests", back=f"/incidents/{incident}", minutes="30", zones="001, 002", named="fire", reason="x"
    )
    assert (started.status_code, started.headers["location"]) == (303, f"/incidents/{incident}")
    (row,) = await owner.fetch("select id, zones, kinds::text[] as kinds from on_test")
    assert list(row["zones"]) == ["001", "002"]
    # What was named aloud comes to all that is on test anyway, and nothing else that threatens life.
    assert {"fire", "burglary", "trouble"} <= {*row["kinds"]}
    assert not {"medical", "panic_holdup", "gas_co"} & {*row["kinds"]}
    assert "On test until" in (await ana_client.http.get(f"/incidents/{incident}")).text
    shift = (await ana_client.http.get("/shift")).text
    assert "Farmácia Central" in shift
    ended = await ana_client.post(f"/tests/{row['id']}/end")
    assert ended.headers["location"] == "/shift"
    (after,) = await owner.fetch("select ends_at <= now() as over from on_test")
    assert after["over"]


async def test_a_task_of_an_incident_stands_in_its_history_and_in_the_list_until_done(
    ana_client: SignedOnClient, seed: Seed
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    incident = await seed.incident("1234", account)
    await ana_client.post(f"/incidents/{incident}/take")
    said = {"what": "technician", "text": "The siren is loose", "call_back": "Rui Sousa"}
    await ana_client.post(f"/incidents/{incident}/task", fence="1", **said)
    shift = (await ana_client.http.get("/shift")).text
    assert "The siren is loose" in shift
    assert "to be billed" in shift  # no contract holds technicians' visits
    done = shift.split('action="/tasks/')[1].split('"')[0]
    await ana_client.post(f"/tasks/{done}")
    assert "The siren is loose" not in (await ana_client.http.get("/shift")).text


async def test_a_key_at_a_high_grade_takes_a_second_person(
    console: RunningConsole, ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    account = await seed.account("1234", "Joalharia")
    await owner.execute("update account set grade = 3 where id = $1", account)
    (guard,) = await owner.fetch(
        "insert into guard (name, phone, place, position) values ('Patrulha 1', '+351910000001', '', 1) returning id"
    )
    await ana_client.post("/accounts/1234/keys", code="K-77")
    (key,) = await owner.fetch("select id from premises_key")
    move = f"/accounts/1234/keys/{key['id']}/move"
    refused = await ana_client.post(move, to_guard=str(guard["id"]))
    assert "This takes two people" in refused.text
    look = {"reason": "give out the key"}
    page = (await ana_client.http.get("/accounts/1234", params=look)).text
    assert "Takes two people: give out a key" in page
    await ana_client.post("/approvals", what="key_release", key=str(key["id"]))
    (approval,) = await owner.fetch("select id from approval")
    assert "It takes another person than you." in (await ana_client.post(f"/approvals/{approval['id']}/approve")).text
    await seed.operator("Rui Costa")
    async with _signed_on(console, "Rui Costa") as rui:
        assert "give out a key" in (await rui.http.get("/shift")).text
        await rui.post(f"/approvals/{approval['id']}/approve")
    page = (await ana_client.http.get("/accounts/1234", params=look)).text
    assert f'name="approval" value="{approval["id"]}"' in page
    await ana_client.post(move, to_guard=str(guard["id"]), approval=str(approval["id"]))
    page = (await ana_client.http.get("/accounts/1234", params=look)).text
    assert "with Patrulha 1" in page


async def test_contacts_are_saved_in_their_order_and_count_at_once(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    rows = await owner.fetch("select id, name, phone from contact where account = $1 order by position", account)
    form = {
        "place": ["2", "1", "3"],
        "id": [str(rows[0]["id"]), str(rows[1]["id"]), ""],
        "name": [rows[0]["name"], rows[1]["name"], "Ana Prima"],
        "phone": [rows[0]["phone"], rows[1]["phone"], "+351 913 000 000"],
        "language": ["pt", "pt", "es"],
        "role": ["contact", "keyholder", "contact"],
        "hours": ["", "", '{"daily": [["08:00", "20:00"]]}'],
        "csrf": ana_client.csrf,
    }
    await ana_client.http.post("/accounts/1234/contacts", data=form)
    rows = await owner.fetch(
        "select name, phone, role::text from contact where account = $1 order by position", account
    )
    assert [row["name"] for row in rows] == ["Rui Sousa", "Maria do Carmo Figueiredo", "Ana Prima"]
    assert rows[2]["phone"] == "+351913000000"
    assert rows[0]["role"] == "keyholder"


async def test_while_an_incident_is_open_a_change_becomes_a_task(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    await seed.incident("1234", account)
    answer = await ana_client.post("/accounts/1234/agreements", detectors="9", **{"was-detectors": ""})
    assert answer.status_code == 409
    assert "It became a task: call back." in answer.text
    assert await owner.fetch("select 1 from care where detectors = 9") == []
    assert "Change of what is agreed" in (await ana_client.http.get("/shift")).text


async def test_only_what_was_changed_on_the_form_is_changed(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    account = await seed.account("1234", "Farmácia Central")
    await owner.execute("insert into care (account, detectors, carrier) values ($1, 4, 'Vodafone')", account)
    page = (await ana_client.http.get("/accounts/1234", params={"reason": "x"})).text
    assert 'name="was-carrier" value="Vodafone"' in page
    form = {
        "was-detectors": "4", "detectors": "", "was-carrier": "Vodafone", "carrier": "Vodafone",
        "was-guard": "no", "guard": "yes", "was-arm_reminder": "", "arm_reminder": "22:30",
    }  # fmt: skip
    assert (await ana_client.post("/accounts/1234/agreements", **form)).status_code == 303
    (row,) = await owner.fetch("select detectors, carrier, guard, arm_reminder::text from care")
    assert dict(row) == {"detectors": None, "carrier": "Vodafone", "guard": True, "arm_reminder": "22:30:00"}
    (said,) = await owner.fetch("select body from audit where action = 'care_changed'")
    assert "carrier" not in said["body"]


@pytest.mark.parametrize(("name", "typed"), [("detectors", "many"), ("quiet_hours", "at night"), ("permit_until", "x")])
async def test_a_setting_that_means_nothing_is_refused_by_name(
    ana_client: SignedOnClient, seed: Seed, name: str, typed: str
) -> None:
    await seed.account("1234", "Farmácia Central")
    answer = await ana_client.post("/accounts/1234/agreements", **{name: typed})
    assert answer.status_code == 409
    assert f"{name}: " in answer.text


async def test_users_and_passwords(
    database_url: str, nursery: trio.Nursery, seed: Seed, owner: Database, ana: Operator
) -> None:
    await seed.account("1234", "Farmácia Central")
    console = RunningConsole(database_url, nursery, key=StationKey.generate())
    await console.start()
    async with _signed_on(console, ana.name) as ana_client:
        form = {"user": ["7", ""], "name": ["Carla", ""], "kind": ["installer", "ordinary"], "contact": ["", ""]}
        await ana_client.http.post("/accounts/1234/users", data={**form, "csrf": ana_client.csrf})
        rows = await owner.fetch("select number, name, kind::text from panel_user")
        assert [tuple(row.values()) for row in rows] == [("7", "Carla", "installer")]
        answer = await ana_client.post("/accounts/1234/passwords", password="jacaranda", duress="", counter="farol")
        assert answer.status_code == 303
        (row,) = await owner.fetch("select password_kept, duress_kept from care")
        assert "argon2id" in row["password_kept"]
        assert row["duress_kept"] is None
        assert "jacaranda" not in (await ana_client.http.get("/accounts/1234", params={"reason": "x"})).text
    await console.stop()


async def test_closed_incidents_to_review_are_listed(ana_client: SignedOnClient, seed: Seed, owner: Database) -> None:
    account = await seed.account("1234", "Farmácia Central")
    incident = await seed.incident("1234", account, Came(code="BA"))
    await ana_client.post(f"/incidents/{incident}/take")
    page = (await ana_client.http.get(f"/incidents/{incident}")).text
    seen = page.split('name="seen_n" value="')[1].split('"')[0]
    await ana_client.post(f"/incidents/{incident}/close", fence="1", seen_n=seen, disposition="real", note="a note")
    await owner.execute("update incident set to_review = true where id = $1", incident)
    shift = (await ana_client.http.get("/shift")).text
    assert f'href="/incidents/{incident}"' in shift
    assert "Real alarm" in shift


@pytest.mark.parametrize(("language", "words"), [(Language.ES, "Este turno"), (Language.PT, "Este turno")])
async def test_the_shift_page_in_the_operators_language(
    console: RunningConsole, seed: Seed, language: Language, words: str
) -> None:
    await seed.operator("Eva", language)
    async with _signed_on(console, "Eva") as eva:
        page = (await eva.http.get("/shift")).text
    assert words in page
    assert "Nothing is on test." not in page
