"""An incident worked from the queue to its end by a program, over HTTP."""

from __future__ import annotations

from typing import Any

from station.operators import Role
from station.signals import Kind
from tests.operators_ui.api.conftest import Program, Town


async def taken(program: Program) -> tuple[int, int]:
    """The head of the queue: incident and fence."""
    lease = await program.does("/queue/next")
    return lease["incident"], lease["fence"]


async def test_a_false_alarm_from_the_call_to_the_end(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    await ana.does("/accounts/1234/passwords", method="PUT", password="Água Fria", duress="Fogo Posto", counter="Faro")
    await town.signals(account, "003")
    incident, fence = await taken(ana)
    shown = await ana.get(f"/incidents/{incident}")
    step = shown["plan"]["step"]
    assert (shown["plan"]["name"], step["id"], step["contact"]) == ("burglary", "call", shown["contacts"][0]["id"])
    assert not shown["legal"]["confirmed"]

    first: dict[str, Any] = {"fence": fence, "contact": step["contact"], "line": "placed"}
    await ana.does(f"/incidents/{incident}/attempts", **first, outcome="no_answer")
    shown = await ana.get(f"/incidents/{incident}")
    second: dict[str, Any] = {**first, "contact": shown["contacts"][1]["id"]}
    assert shown["plan"]["step"]["contact"] == second["contact"]
    await ana.does(f"/incidents/{incident}/attempts", **second, outcome="answered")

    wrong = await ana.does(f"/incidents/{incident}/password", **second, heard="fogo")
    assert wrong == {
        "result": "no_match",
        "advice": "Do not say it was wrong. Say: thank you, we continue.",
    }
    right = await ana.does(f"/incidents/{incident}/password", **second, heard="  AGUA fria ")
    assert right == {"result": "match", "advice": ""}
    assert await ana.does(f"/incidents/{incident}/counter-password", **second) == {"word": "Faro", "seconds": 20}
    shown = await ana.does(f"/incidents/{incident}/outcome", fence=fence, outcome="false_alarm")
    assert shown["plan"]["step"]["do"] == "close"

    closed = await ana.does(
        f"/incidents/{incident}/close", fence=fence, disposition="user_error", seen_n=shown["last_n"]
    )
    assert (closed["state"], closed["disposition"]) == ("closed", "user_error")
    bodies = " ".join(await town.texts("select body from incident_event"))
    assert "fria" not in bodies.casefold()
    assert await town.texts("select action from audit where action = 'counter_shown'") == ["counter_shown"]


async def test_three_detectors_are_confirmed_and_police_are_told(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    await town.signals(account, "001", "002", "003")
    incident, fence = await taken(ana)
    shown = await ana.get(f"/incidents/{incident}")
    assert shown["legal"]["article"] == "INT/316/2011 art. 7.1"
    assert len(shown["legal"]["signals"]) == 3
    assert (shown["plan"]["name"], shown["plan"]["step"]["do"]) == ("burglary_confirmed", "police")
    assert shown["agencies_of_the_place"][0]["phone"] == "+34910000091"
    to_tell = shown["legal"]["to_tell"]
    assert sorted(to_tell) == ["fire", "medical", "police"]
    assert {"place", "zones", "confirmation"} <= {*to_tell["police"]}
    assert "people" in to_tell["fire"]
    told: dict[str, Any] = {"fence": fence, "service": "police"}
    shown = await ana.does(f"/incidents/{incident}/agencies", **told, state="accepted", told=["place", "zones"])
    assert [(one["service"], one["state"]) for one in shown["agencies"]] == [("police", "accepted")]
    assert shown["plan"]["step"]["id"] == "call"
    for state in ("on_the_way", "on_scene", "closed"):
        shown = await ana.does(f"/incidents/{incident}/agencies", **told, state=state, result="two arrested")
    assert shown["agencies"][0]["state"] == "closed"
    refused = await ana.does(f"/incidents/{incident}/agencies", 409, **told, no=1, state="on_scene")
    assert refused["error"] == "illegal_transition"


async def test_without_ground_police_need_a_reason_and_a_supervisor_looks_at_it(town: Town) -> None:
    account = await town.account()
    ana, eva = await town.program("Ana"), await town.program("Eva", Role.SUPERVISOR)
    await town.signals(account, "003")
    incident, fence = await taken(ana)
    move: dict[str, Any] = {"fence": fence, "service": "police", "state": "accepted"}
    refused = await ana.does(f"/incidents/{incident}/agencies", 422, **move)
    assert refused["error"] == "ground_missing"
    assert "write why" in refused["message"]
    shown = await ana.does(f"/incidents/{incident}/agencies", **move, reason="a neighbour hears glass break")
    assert shown["plan"]["to_review"]
    last = shown["last_n"]
    await ana.does(
        f"/incidents/{incident}/close", fence=fence, disposition="real", seen_n=last, note="police took over"
    )
    assert [one["id"] for one in await eva.get("/reviews")] == [incident]
    assert (await ana.does(f"/incidents/{incident}/review", 403, note="fine"))["error"] == "not_a_supervisor"
    await eva.does(f"/incidents/{incident}/review", note="right so")
    assert await eva.get("/reviews") == []


async def test_duress_is_closed_by_police_and_a_second_person(town: Town) -> None:
    account = await town.account()
    ana, rui = await town.program("Ana"), await town.program("Rui")
    await ana.does("/accounts/1234/passwords", method="PUT", password="lua nova", duress="sol posto")
    await town.signals(account, "003")
    incident, fence = await taken(ana)
    contact = (await ana.get(f"/incidents/{incident}"))["contacts"][0]["id"]
    called: dict[str, Any] = {"fence": fence, "contact": contact, "line": "placed"}
    await ana.does(f"/incidents/{incident}/attempts", **called, outcome="answered")
    heard = await ana.does(f"/incidents/{incident}/password", **called, heard="Sol posto")
    assert heard["advice"] == "DURESS: finish normally, police being told."
    shown = await ana.get(f"/incidents/{incident}")
    assert (shown["plan"]["name"], shown["plan"]["step"]["do"], shown["priority"]) == ("duress", "police", 1)
    assert shown["messages"] == []
    end: dict[str, Any] = {"fence": fence, "disposition": "user_error", "seen_n": 99, "note": "she says it is fine"}
    assert (await ana.does(f"/incidents/{incident}/close", 409, **end))["error"] == "duress_open"
    for state in ("accepted", "closed"):
        await ana.does(f"/incidents/{incident}/agencies", fence=fence, service="police", state=state)
    assert (await ana.does(f"/incidents/{incident}/close", 409, **end))["error"] == "duress_open"
    assert (await ana.does(f"/incidents/{incident}/second", 409, why="me"))["error"] == "same_person"
    await rui.does(f"/incidents/{incident}/second", why="police say all clear")
    assert (await ana.does(f"/incidents/{incident}/close", **end))["state"] == "closed"


async def test_a_guard_from_the_offer_to_the_report(town: Town) -> None:
    account = await town.account()
    ana, eva = await town.program("Ana"), await town.program("Eva", Role.SUPERVISOR)
    guard = (await eva.does("/guards", 201, name="Patrulha 1", phone="+34600000001"))["guard"]
    await town.signals(account, "003")
    incident, fence = await taken(ana)
    move: dict[str, Any] = {"fence": fence, "guard": guard}
    for state in ("offered", "accepted", "on_the_way"):
        await ana.does(f"/incidents/{incident}/guards", **move, state=state)
    inside: dict[str, Any] = {"state": "on_site", "position": "inside"}
    assert (await ana.does(f"/incidents/{incident}/guards", 409, **move, **inside))["error"] == "two_guards_inside"
    await ana.does(f"/incidents/{incident}/guards", **move, **inside, guards=2)
    shown = await ana.does(f"/incidents/{incident}/guards", **move, state="reported", report="real", note="a door")
    assert shown["guards"][0]["report"] == "real"
    assert shown["legal"]["article"] == "INT/316/2011 art. 10"


async def test_a_message_that_nobody_carries_is_shown_and_an_operator_calls(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    await town.signals(account, "", kind=Kind.POWER)
    (incident,) = await town.owner.fetch("select id, state from incident")
    assert incident["state"] == "automatic"
    await town.owner.execute("update timer set due_at = now() - interval '1 s'")
    await town.settle()
    shown = await ana.get(f"/incidents/{incident['id']}")
    assert [(one["template"], one["state"], one["why"]) for one in shown["messages"]] == [
        ("power_failed", "failed", "no provider")
    ]
    assert (shown["state"], shown["plan"]["step"]["do"]) == ("waiting", "call")
