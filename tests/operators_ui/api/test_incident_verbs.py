"""The alarm queue, and verbs of the holder that stand beside the plan: hold, tasks, passwords, outages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from station.operators import Role
from station.signals import Kind
from tests.operators_ui.api.conftest import Program, Town


async def an_incident(town: Town, program: Program) -> tuple[int, int]:
    """Of a burglar alarm, taken: incident and fence."""
    await town.signals(await town.account(), "003")
    return await town.held(program)


async def test_the_queue_shows_each_state_with_how_many_wait(town: Town) -> None:
    ana = await town.program("Ana")
    assert await ana.get("/queue") == {"waiting": [], "taken": [], "on_hold": [], "automatic": [], "counts": {}}
    accounts = {number: await town.account(number) for number in ("1001", "1002", "1003", "1004", "1005", "1006")}
    await town.signals(accounts["1001"], "", kind=Kind.POWER, number="1001")
    for number, kind in (
        ("1002", Kind.BURGLARY),
        ("1003", Kind.BURGLARY),
        ("1004", Kind.FIRE),
        ("1005", Kind.BURGLARY),
    ):
        await town.signals(accounts[number], "003", kind=kind, number=number)
    numbers = {row["account"]: row["id"] for row in await town.owner.fetch("select id, account from incident")}
    await ana.does(f"/incidents/{numbers['1002']}/take")
    held = await ana.does(f"/incidents/{numbers['1003']}/take")
    await ana.does(f"/incidents/{numbers['1003']}/hold", fence=held["fence"], reason="guard on the way", minutes=10)
    queue = await ana.get("/queue")
    shown = {state: [one["account"] for one in queue[state]] for state in queue if state != "counts"}
    # A fire goes before a burglary that came earlier.
    assert shown == {"waiting": ["1004", "1005"], "taken": ["1002"], "on_hold": ["1003"], "automatic": ["1001"]}
    priority = {one["account"]: str(one["priority"]) for one in queue["waiting"]}
    assert queue["counts"] == {priority["1004"]: 1, priority["1005"]: 1}
    (taken,), (on_hold,) = queue["taken"], queue["on_hold"]
    assert (taken["holder"], taken["kind"], taken["city"], taken["state"]) == ("Ana", "burglary", "Madrid", "taken")
    assert (taken["plan"], taken["step"], taken["signals"]) == ("burglary", "call", 1)
    assert dt.datetime.fromisoformat(on_hold["hold_until"]) > dt.datetime.fromisoformat(on_hold["opened_at"])
    assert [one["holder"] for one in queue["waiting"]] == [None, None]


async def test_the_queue_is_what_the_database_holds_now(town: Town) -> None:
    ana, rui = await town.program("Ana"), await town.program("Rui")
    incident, fence = await an_incident(town, ana)
    assert [one["id"] for one in (await rui.get("/queue"))["taken"]] == [incident]
    await ana.does(f"/incidents/{incident}/hand-over", fence=fence)
    queue = await rui.get("/queue")
    assert ([one["id"] for one in queue["waiting"]], queue["taken"]) == ([incident], [])


async def test_a_hold_needs_an_end_and_says_it_once(town: Town) -> None:
    ana = await town.program("Ana")
    incident, fence = await an_incident(town, ana)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    wrongs: list[dict[str, Any]] = [
        {},
        {"minutes": None, "until": None},
        {"minutes": 5, "until": later.isoformat()},
        {"until": later.replace(tzinfo=None).isoformat()},
        {"until": "soon"},
        {"minutes": "soon"},
        {"minutes": 1.5},
    ]
    for wrong in wrongs:
        refused = await ana.does(f"/incidents/{incident}/hold", 422, fence=fence, reason="x", **wrong)
        assert refused["error"] == "not_understood", wrong
    for wrong in wrongs[:4]:
        refused = await ana.does(f"/incidents/{incident}/hold", 422, fence=fence, reason="x", **wrong)
        assert refused["who"] == "either minutes, or until with its zone"
    assert (await ana.get(f"/incidents/{incident}"))["state"] == "taken"


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ({"minutes": 0}, "hold_in_the_past"),
        ({"minutes": -(10**30)}, "hold_in_the_past"),
        ({"minutes": 24 * 60 + 1}, "hold_too_long"),
        ({"minutes": 10**30}, "hold_too_long"),
        ({"until": "2001-01-01T00:00:00Z"}, "hold_in_the_past"),
        ({"until": "9999-12-31T23:59:59-23:59"}, "hold_too_long"),
        ({"until": "0001-01-01T00:00:00+23:59"}, "hold_in_the_past"),
    ],
)
async def test_a_hold_ends_within_a_day(town: Town, end: dict[str, Any], error: str) -> None:
    ana = await town.program("Ana")
    incident, fence = await an_incident(town, ana)
    assert (await ana.does(f"/incidents/{incident}/hold", 409, fence=fence, reason="x", **end))["error"] == error


@pytest.mark.parametrize("zone", ["Z", "+00:00", "+05:30", "-08:00"])
async def test_a_hold_until_an_instant_of_any_zone(town: Town, zone: str) -> None:
    ana = await town.program("Ana")
    incident, fence = await an_incident(town, ana)
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)).replace(microsecond=0)
    given = until.astimezone(dt.datetime.fromisoformat(f"2027-01-01T00:00:00{zone}").tzinfo)
    shown = await ana.does(f"/incidents/{incident}/hold", fence=fence, reason="guard", until=given.isoformat())
    assert (shown["state"], dt.datetime.fromisoformat(shown["hold_until"])) == ("on_hold", until)


async def test_a_hold_of_minutes_counts_from_now(town: Town) -> None:
    ana = await town.program("Ana")
    incident, fence = await an_incident(town, ana)
    before = dt.datetime.now(dt.UTC)
    shown = await ana.does(f"/incidents/{incident}/hold", fence=fence, reason="guard", minutes=90)
    until = dt.datetime.fromisoformat(shown["hold_until"])
    ninety = dt.timedelta(minutes=90)
    assert before + ninety <= until <= dt.datetime.now(dt.UTC) + ninety


async def test_what_an_incident_leaves_to_be_done(town: Town) -> None:
    ana, rui = await town.program("Ana"), await town.program("Rui")
    incident, fence = await an_incident(town, ana)
    left: dict[str, Any] = {"what": "technician", "text": "the detector 3 is blind", "call_back": "+34600000002"}
    task = (await ana.does(f"/incidents/{incident}/tasks", 201, fence=fence, **left))["task"]
    (shown,) = await rui.get("/tasks")
    assert (shown["id"], shown["incident"], shown["number"]) == (task, incident, "1234")
    assert {name: shown[name] for name in left} == left
    last = (await ana.get(f"/incidents/{incident}"))["events"][-1]
    assert (last["kind"], last["body"], last["actor"]) == (
        "task_made",
        {"task": task, "what": "technician"},
        "operator:1",
    )
    # The chain is kept for ever: no sentence about anybody gets into it.
    assert "blind" not in " ".join(await town.texts("select body from incident_event"))


@pytest.mark.parametrize("what", ["", "Technician", "call Zé", "a" * 41, "_x", "call-back", "ñ", "x\0"])
async def test_a_task_is_called_by_a_word_of_the_trade(town: Town, what: str) -> None:
    ana = await town.program("Ana")
    incident, fence = await an_incident(town, ana)
    refused = await ana.does(f"/incidents/{incident}/tasks", 422, fence=fence, what=what, text="x")
    assert refused["who"] == "what: a word such as technician or change_contacts"
    assert await ana.get("/tasks") == []


async def test_a_task_says_something_and_comes_from_the_holder(town: Town) -> None:
    ana, rui = await town.program("Ana"), await town.program("Rui")
    incident, fence = await an_incident(town, ana)
    path, left = f"/incidents/{incident}/tasks", {"what": "technician", "text": "blind"}
    assert (await ana.does(path, 422, fence=fence, what="technician", text=" \n"))["error"] == "reason_needed"
    assert (await rui.does(path, 409, fence=fence, **left))["error"] == "lease_lost"
    assert (await ana.does(path, 409, fence=fence + 1, **left))["error"] == "lease_lost"
    assert await ana.get("/tasks") == []


async def test_a_match_gives_no_advice_and_a_refusal_uses_up_no_try(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    await ana.does("/accounts/1234/passwords", method="PUT", password="lua nova")
    await town.signals(account, "003")
    incident, fence = await town.held(ana)
    speaker: dict[str, Any] = {"fence": fence, "line": "placed"}
    for _ in range(3):
        refused = await ana.does(f"/incidents/{incident}/password/refused", **speaker)
        assert refused == {"result": "refused", "advice": "Not said. That is not wrong: go on with the list."}
    assert (await ana.does(f"/incidents/{incident}/password", **speaker, heard="sol"))["result"] == "no_match"
    heard = await ana.does(f"/incidents/{incident}/password", **speaker, heard="Lua nova")
    assert heard == {"result": "match", "advice": ""}
    assert (await ana.does(f"/incidents/{incident}/password", 422, **speaker))["error"] == "not_understood"


async def test_whoever_took_over_says_why(town: Town) -> None:
    ana, eva = await town.program("Ana"), await town.program("Eva", Role.SUPERVISOR)
    incident, _ = await an_incident(town, ana)
    assert (await ana.does(f"/incidents/{incident}/take-over", 403, reason="x"))["error"] == "not_a_supervisor"
    assert (await eva.does(f"/incidents/{incident}/take-over", 422, reason=" "))["error"] == "reason_needed"
    lease = await eva.does(f"/incidents/{incident}/take-over", reason="Ana went home")
    assert (await eva.does(f"/incidents/{incident}/renew", fence=lease["fence"])) == {"kept": True}


async def test_a_look_at_what_others_hold_is_recorded(town: Town) -> None:
    ana, rui = await town.program("Ana"), await town.program("Rui")
    incident, _ = await an_incident(town, ana)
    looks = "select actor from audit where action = 'incident_looked_at'"
    shown = await ana.get(f"/incidents/{incident}")
    assert (shown["mine"], await town.texts(looks)) == (True, [])
    shown = await rui.get(f"/incidents/{incident}")
    assert (shown["mine"], shown["fence"], await town.texts(looks)) == (False, None, ["operator:2"])
