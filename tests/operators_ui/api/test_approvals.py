"""What one person asks and another approves serves once, and for nothing else than it was given for."""

from __future__ import annotations

from typing import Any

import pytest

from station.operators import Role
from tests.operators_ui.api.conftest import Program, Town


async def approved(ana: Program, rui: Program, what: str, **of: Any) -> int:  # noqa: ANN401 - any JSON
    """Asked by one, approved by the other."""
    approval: int = (await ana.does("/approvals", 201, what=what, of=of))["approval"]
    await rui.does(f"/approvals/{approval}/approve")
    return approval


def asking(account: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A test that the installer wants."""
    return {"account": account, "minutes": 30, "reason": "the installer is here", **more}


async def test_for_another_account_it_is_worth_nothing(town: Town) -> None:
    await town.account(grade=3)
    await town.account("5678", grade=3)
    ana, rui = await town.program("Ana"), await town.program("Rui")
    approval = await approved(ana, rui, "on_test", account="5678")
    refused = await ana.does("/tests", 422, **asking("1234", approval=approval))
    assert refused["error"] == "second_person_needed"
    assert await ana.get("/tests") == []
    # It was not used up by that.
    await ana.does("/tests", 201, **asking("5678", approval=approval))


async def test_an_account_may_be_written_in_small_letters(town: Town) -> None:
    await town.account("AB12", grade=3)
    ana, rui = await town.program("Ana"), await town.program("Rui")
    for asked, used in (("ab12", "AB12"), ("AB12", "ab12"), ("aB12", "Ab12")):
        approval = await approved(ana, rui, "on_test", account=asked)
        await ana.does("/tests", 201, **asking(used, approval=approval))
    assert {one["number"] for one in await ana.get("/tests")} == {"AB12"}


async def test_for_another_key_it_is_worth_nothing(town: Town) -> None:
    await town.account(grade=3)
    ana, rui, eva = await town.program("Ana"), await town.program("Rui"), await town.program("Eva", Role.SUPERVISOR)
    guard = (await eva.does("/guards", 201, name="Patrulha 1", phone="+34600000001"))["guard"]
    front, back = [(await ana.does("/accounts/1234/keys", 201, code=code))["key"] for code in ("K-1", "K-2")]
    approval = await approved(ana, rui, "key_release", key=back)
    release: dict[str, Any] = {"to_guard": guard, "approval": approval}
    refused = await ana.does(f"/accounts/1234/keys/{front}/move", 422, **release)
    assert refused["error"] == "second_person_needed"
    await ana.does(f"/accounts/1234/keys/{back}/move", **release)
    assert [one["with_guard"] for one in await ana.get("/accounts/1234/keys?reason=count")] == [None, "Patrulha 1"]


async def test_for_another_incident_it_is_worth_nothing(town: Town) -> None:
    here, there = await town.account(grade=3), await town.account("5678", grade=3)
    ana, rui = await town.program("Ana"), await town.program("Rui")
    await town.signals(here, "001", "002", "003")
    await town.signals(there, "001", "002", "003", number="5678")
    incident, fence = await town.held(ana)
    (other,) = await town.texts("select id from incident where id <> $1", incident)
    path = f"/incidents/{incident}/agencies"
    police: dict[str, Any] = {"fence": fence, "service": "police"}
    await ana.does(path, **police, state="accepted")
    cancel = {**police, "state": "cancel_requested", "reason": "the owner is there"}
    assert (await ana.does(path, 422, **cancel))["error"] == "second_person_needed"
    wrong = await approved(ana, rui, "police_cancel", incident=int(other))
    assert (await ana.does(path, 422, **cancel, approval=wrong))["error"] == "second_person_needed"
    right = await approved(ana, rui, "police_cancel", incident=incident)
    shown = await ana.does(path, **cancel, approval=right)
    assert [one["state"] for one in shown["agencies"]] == ["cancel_requested"]


async def test_it_serves_for_what_it_was_asked_by_whom_it_was_asked_and_once_approved(town: Town) -> None:
    await town.account(grade=3)
    ana, rui = await town.program("Ana"), await town.program("Rui")
    key = (await ana.does("/accounts/1234/keys", 201, code="K-1"))["key"]
    of_a_key = await approved(ana, rui, "key_release", key=key)
    asked_by_rui = await approved(rui, ana, "on_test", account="1234")
    unapproved = (await ana.does("/approvals", 201, what="on_test", of={"account": "1234"}))["approval"]
    for approval in (of_a_key, asked_by_rui, unapproved, 10**9, -1):
        refused = await ana.does("/tests", 422, **asking("1234", approval=approval))
        assert refused["error"] == "second_person_needed"


async def test_who_is_to_approve_sees_of_what(town: Town) -> None:
    ana, rui = await town.program("Ana"), await town.program("Rui")
    await ana.does("/approvals", 201, what="on_test", of={"account": "ab12"})
    await ana.does("/approvals", 201, what="police_cancel", of={"incident": 7})
    shown = await rui.get("/approvals")
    assert [(one["what"], one["of"], one["asked_by"], one["approved"]) for one in shown] == [
        ("on_test", {"account": "AB12"}, "Ana", False),
        ("police_cancel", {"incident": 7}, "Ana", False),
    ]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("on_test", "of: an approval of on_test is of one account; give account: its number as a text"),
        ("police_cancel", "of: an approval of police_cancel is of one incident; give incident: its number"),
        ("key_release", "of: an approval of key_release is of one key; give key: its number"),
    ],
)
async def test_an_approval_that_does_not_say_of_what_is_not_asked(town: Town, what: str, expected: str) -> None:
    ana = await town.program("Ana")
    name = {"on_test": "account", "police_cancel": "incident", "key_release": "key"}[what]
    good = "1234" if what == "on_test" else 7
    wrongs: list[dict[str, Any]] = [
        {}, {"colour": good}, {name.upper(): good}, {name: None}, {name: True}, {name: [good]}, {name: {}}, {name: 0},
        {name: ""}, {name: 1.5}, {name: good, "more": 1}, {name: 1234 if what == "on_test" else "7"},
    ]  # fmt: skip
    for of in wrongs:
        refused = await ana.does("/approvals", 422, what=what, of=of)
        assert (refused["error"], refused["who"]) == ("not_understood", expected), of
    assert await ana.get("/approvals") == []


@pytest.mark.parametrize("what", ["", "close", "ON_TEST", "on_test; drop table approval"])
async def test_what_takes_one_person_is_not_asked(town: Town, what: str) -> None:
    ana = await town.program("Ana")
    refused = await ana.does("/approvals", 422, what=what, of={"account": "1234"})
    assert refused["who"] == "what: there are on_test, police_cancel, key_release"
