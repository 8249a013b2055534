"""Who may come in, what is refused in what words, and what OpenAPI says."""

from __future__ import annotations

from typing import Any

import pytest

from station.operators import Role
from tests.operators_ui.api.conftest import Town
from tests.operators_ui.conftest import try_sign_on


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic Ana"])
async def test_without_a_token_nothing_opens(town: Town, header: str) -> None:
    await town.program("Ana")
    async with town.console.client() as client:
        answer = await client.get("/api/v1/queue", headers={"authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer.json()["error"] == "no_token"


async def test_a_browsers_session_opens_no_api(town: Town) -> None:
    await town.program("Ana")
    async with town.console.client() as client:
        assert (await try_sign_on(client, "Ana")).status_code == 303
        assert (await client.get("/api/queue")).status_code == 200
        assert (await client.get("/api/v1/queue")).status_code == 401


async def test_a_token_that_is_over_opens_nothing(town: Town) -> None:
    ana = await town.program("Ana")
    assert await ana.get("/tests") == []
    await town.owner.execute("update api_token set expires_at = now()")
    assert (await ana.does("/tests", 401, "GET"))["error"] == "no_token"


async def test_what_means_nothing_is_told(town: Town) -> None:
    ana = await town.program("Ana")
    assert (await ana.does("/incidents/77/take", 404))["error"] == "no_such_incident"
    assert (await ana.does("/accounts/77", 404, "GET"))["error"] == "no_such_account"
    for body in ({"fence": 1}, {"fence": 1, "text": "x", "colour": "red"}, {"fence": "one", "text": "x"}):
        answer = await ana.http.post("/api/v1/incidents/1/note", json=body)
        assert (answer.status_code, answer.json()["error"]) == (422, "not_understood"), body


async def test_openapi_names_every_path_and_its_door(town: Town) -> None:
    ana = await town.program("Ana")
    schema = (await ana.http.get("/api/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.")
    assert {"/api/v1/queue/next", "/api/v1/incidents/{incident}/agencies", "/api/v1/tests"} <= {*schema["paths"]}
    assert not [path for path in schema["paths"] if not path.startswith("/api/v1/")]
    assert all(
        one.get("summary") or one.get("description") for path in schema["paths"].values() for one in path.values()
    )


async def test_what_takes_two_people(town: Town) -> None:
    account = await town.account(grade=3)
    ana, rui = await town.program("Ana"), await town.program("Rui")
    asked: dict[str, Any] = {"account": "1234", "minutes": 30, "reason": "the installer is here"}
    assert (await ana.does("/tests", 422, **asked))["error"] == "second_person_needed"
    approval = (await ana.does("/approvals", 201, what="on_test", of={"account": "1234"}))["approval"]
    assert (await ana.does(f"/approvals/{approval}/approve", 409))["error"] == "same_person"
    await rui.does(f"/approvals/{approval}/approve")
    test = (await ana.does("/tests", 201, **asked, approval=approval))["test"]
    assert [one["id"] for one in await ana.get("/tests")] == [test]
    assert (await ana.does("/tests", 422, **asked, approval=approval))["error"] == "second_person_needed"

    await town.signals(account, "001", "002", "003")
    assert await town.texts("select id::text from incident") == []
    await ana.does(f"/tests/{test}/end")


async def test_a_caller_in_an_open_incident_changes_nothing(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    new: dict[str, Any] = {"contacts": [{"name": "Zé", "phone": "+351910000000", "language": "pt"}]}
    await ana.does("/accounts/1234/contacts", method="PUT", **new)
    await town.signals(account, "003")
    refused = await ana.does("/accounts/1234/contacts", 409, "PUT", contacts=[])
    assert refused["error"] == "became_a_task"
    (task,) = await ana.get("/tasks")
    assert (task["what"], task["account"]) == ("change_contacts", account)
    assert await town.texts("select name from contact where account = $1", account) == ["Zé"]
    await ana.does(f"/tasks/{task['id']}/done")
    assert await ana.get("/tasks") == []


async def test_opening_an_account_without_an_incident_asks_why(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    assert (await ana.does("/accounts/1234", 422, "GET"))["error"] == "reason_needed"
    assert (await ana.get("/accounts/1234?reason=the+owner+asks"))["contacts"][0]["name"]
    await town.signals(account, "003")
    await ana.get("/accounts/1234")
    assert await town.texts("select count(*) from audit where action = 'account_looked_at'") == ["2"]


async def test_what_is_agreed_is_checked_before_it_counts(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    week = {"zone": "Europe/Madrid", "week": {"mon": [["09:00", "20:00"]]}}
    done = await ana.does("/accounts/1234/care", method="PUT", settings={"schedule": week, "window_s": 900})
    assert done == {"changed": ["schedule", "window_s"]}
    wrongs: list[dict[str, Any]] = [
        {"colour": 1},
        {"schedule": {"zone": "Mars"}},
        {"quiet_hours": {"someday": []}},
        {"police": 77},
    ]
    for wrong in wrongs:
        refused = await ana.does("/accounts/1234/care", 422, "PUT", settings=wrong)
        assert refused["error"] == "not_understood", wrong


async def test_keys_are_registered(town: Town) -> None:
    await town.account(grade=3)
    ana, rui, eva = await town.program("Ana"), await town.program("Rui"), await town.program("Eva", Role.SUPERVISOR)
    guard = (await eva.does("/guards", 201, name="Patrulha 1", phone="+34600000001"))["guard"]
    key = (await ana.does("/accounts/1234/keys", 201, code="K-71"))["key"]
    path = f"/accounts/1234/keys/{key}/move"
    assert (await ana.does(path, 422, to_guard=guard))["error"] == "second_person_needed"
    approval = (await ana.does("/approvals", 201, what="key_release", of={"key": key}))["approval"]
    await rui.does(f"/approvals/{approval}/approve")
    await ana.does(path, to_guard=guard, approval=approval)
    await ana.does(path, to_guard=None)
    assert await town.texts("select actor || ' ' || coalesce(to_guard::text, '-') from key_move order by n") == [
        f"operator:{1} {guard}",
        f"operator:{1} -",
    ]


async def test_a_service_is_named_by_a_number_that_works_from_here(town: Town) -> None:
    eva = await town.program("Eva", Role.SUPERVISOR)
    ours: dict[str, Any] = {"service": "police", "name": "112", "country": "ES"}
    assert (await eva.does("/agencies", 422, **ours, phone="112"))["error"] == "not_understood"
    assert (await eva.does("/agencies", 201, **ours, phone="+34910000112"))["agency"]


async def test_a_technicians_visit_outside_the_contract_is_billed(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    task = {"account": "1234", "what": "technician", "text": "the battery is old", "call_back": "+34600000002"}
    await ana.does("/tasks", 201, **task)
    await ana.does("/accounts/1234/care", method="PUT", settings={"technician": True})
    await ana.does("/tasks", 201, **task)
    assert [one["billable"] for one in await ana.get("/tasks")] == [True, False]


async def test_a_new_timetable_counts_at_once(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    week = {day: [["09:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    await ana.does("/accounts/1234/care", method="PUT", settings={"schedule": {"zone": "Europe/Madrid", "week": week}})
    assert await town.texts("select count(*) from expected") == ["1"]
