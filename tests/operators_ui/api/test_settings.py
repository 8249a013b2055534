"""What is agreed for an account is checked before it counts, and nothing of another account gets into it."""

from __future__ import annotations

from typing import Any

import pytest

from station.operators import Role
from tests.operators_ui.api.conftest import Program, Town

CARE = "/accounts/1234/care"
NEIGHBOUR = {"name": "Zé", "phone": "+351910000000", "language": "pt"}


async def set_care(program: Program, status: int = 200, **settings: Any) -> Any:  # noqa: ANN401 - any JSON
    """Change what is agreed."""
    return await program.does(CARE, status, "PUT", settings=settings)


@pytest.mark.parametrize(
    ("name", "expected", "wrongs"),
    [
        ("guard", "true or false", ["yes", 1, 0, "true", [], {}]),
        ("media_consent", "true or false", ["no", 1, ""]),
        ("window_s", "a whole number", ["900", 1.5, True, -1, [900], 1e30]),
        ("guard_visits", "a whole number", [-1, "2", False]),
        ("police", "a whole number", ["1", True, {"id": 1}]),
        ("carrier", "a text", [5, True, ["x"], {}]),
        ("permit", "a text", [5, 0.5]),
        ("permit_until", "a day, such as 2027-01-31", ["soon", "2027-02-30", 20270131, True, "31/01/2027"]),
        ("arm_reminder", "a local time, such as 22:30", ["late", "25:00", 2230, "22:30+01:00"]),
        ("suspended_until", "an instant with its zone", ["tomorrow", "2027-01-31T12:00:00", "2027-01-31", 5, {}]),
        ("schedule", "schedule: ", [5, "x", [], {}, {"zone": 5}, {"zone": "Europe/Madrid", "week": []}]),
        ("quiet_hours", "quiet_hours: ", [5, "x", [], {"daily": 5}, {"daily": [["22:00"]]}, {"daily": [[22, 7]]}]),
    ],
)
async def test_a_setting_of_the_wrong_type_is_refused_in_plain_words(
    town: Town, name: str, expected: str, wrongs: list[Any]
) -> None:
    await town.account()
    ana = await town.program("Ana")
    before = await town.owner.fetch("select * from care")
    for wrong in wrongs:
        refused = await set_care(ana, 422, **{name: wrong})
        assert refused["error"] == "not_understood", wrong
        assert f"{name}: " in refused["message"], wrong
        assert expected in refused["message"], wrong
    assert await town.owner.fetch("select * from care") == before


@pytest.mark.parametrize(
    "settings",
    [
        {"window_s": 0},  # the schema asks for more
        {"window_s": 2**31},
        {"police": 2**63},
        {"police": 2**200},
        {"guard": None},
        {"suspended_until": "2027-01-31T12:00:00Z"},  # by whom?
        {"suspended_until": "9999-12-31T23:59:59-23:00", "suspended_by": "Ayuntamiento"},
        {"suspended_until": "0001-01-01T00:00:00+23:00", "suspended_by": "Ayuntamiento"},
        {"carrier": "a\0b"},
        {"schedule": {"zone": "a\0b"}},
    ],
)
async def test_a_value_that_can_not_be_kept_is_refused_and_changes_nothing(
    town: Town, settings: dict[str, Any]
) -> None:
    await town.account()
    ana = await town.program("Ana")
    before = await town.owner.fetch("select * from care")
    refused = await set_care(ana, 422, **settings, technician=True)
    assert refused["error"] == "not_understood"
    assert [name for name in settings if name in refused["message"]]
    assert await town.owner.fetch("select * from care") == before


async def test_what_is_right_is_kept(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    settings: dict[str, Any] = {
        "guard": False, "window_s": 900, "carrier": "Telefónica", "permit_until": "2027-01-31", "arm_reminder": "22:30",
        "suspended_until": "2027-01-31T12:00:00+01:00", "suspended_by": "Ayuntamiento", "fire": None,
        "quiet_hours": {"daily": [["22:00", "07:00"]]},
    }  # fmt: skip
    assert await set_care(ana, **settings) == {"changed": sorted(settings)}
    (kept,) = await town.owner.fetch(
        "select guard::text, window_s, carrier, permit_until::text, arm_reminder::text, fire,"
        " (suspended_until at time zone 'UTC')::text as suspended_until from care"
    )
    assert dict(kept) == {
        "guard": "false", "window_s": 900, "carrier": "Telefónica", "permit_until": "2027-01-31",
        "arm_reminder": "22:30:00", "fire": None, "suspended_until": "2027-01-31 11:00:00",
    }  # fmt: skip


async def test_police_are_no_fire_brigade(town: Town) -> None:
    await town.account()
    ana, eva = await town.program("Ana"), await town.program("Eva", Role.SUPERVISOR)
    numbers: dict[str, int] = {}
    for service in ("police", "fire", "medical"):
        named = {"service": service, "name": service, "country": "ES", "phone": "+34910000080"}
        numbers[service] = (await eva.does("/agencies", 201, **named))["agency"]
    for service in numbers:
        for other in set(numbers) - {service}:
            refused = await set_care(ana, 422, **{service: numbers[other]})
            assert refused["who"] == f"{service}: there is no such agency of this service"
        refused = await set_care(ana, 422, **{service: 999})
        assert refused["who"] == f"{service}: there is no such agency of this service"
    await set_care(ana, **numbers)
    assert await town.texts("select array[police, fire, medical]::text from care") == [
        f"{{{numbers['police']},{numbers['fire']},{numbers['medical']}}}"
    ]
    await set_care(ana, medical=None)
    assert await town.texts("select coalesce(medical::text, 'none') from care") == ["none"]


async def test_contacts_of_another_account_do_not_get_in(town: Town) -> None:
    here, there = await town.account(), await town.account("5678")
    ana = await town.program("Ana")
    all_of = (
        "select array_agg(id || ':' || name || ':' || phone order by position)::text from contact where account = $1"
    )
    before = [await town.texts(all_of, account) for account in (here, there)]
    (foreign, *_) = await town.texts("select id from contact where account = $1 order by position", there)
    for number in (int(foreign), 10**9, -1, 2**70):
        changed = [NEIGHBOUR, {**NEIGHBOUR, "id": number}]
        refused = await ana.does("/accounts/1234/contacts", 404, "PUT", contacts=changed)
        assert refused["error"] == "no_such_contact"
        users = [{"number": "1", "name": "Zé", "contact": number}]
        refused = await ana.does("/accounts/1234/users", 404, "PUT", users=users)
        assert refused["error"] == "no_such_contact"
        asked: dict[str, Any] = {"account": "1234", "reason": "installer", "asked_by": number}
        assert (await ana.does("/tests", 404, **asked))["error"] == "no_such_contact"
    assert [await town.texts(all_of, account) for account in (here, there)] == before
    assert await town.texts("select name from panel_user") == []


async def test_contacts_that_stay_keep_their_number(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    first, second = await town.texts("select id from contact where account = $1 order by position", account)
    await ana.does("/accounts/1234/contacts", method="PUT", contacts=[{**NEIGHBOUR, "id": int(second)}, NEIGHBOUR])
    kept = await town.texts("select id from contact where account = $1 order by position", account)
    assert kept[0] == second
    assert first not in kept


async def test_keys_of_another_account_are_not_moved(town: Town) -> None:
    await town.account()
    await town.account("5678")
    ana, eva = await town.program("Ana"), await town.program("Eva", Role.SUPERVISOR)
    guard = (await eva.does("/guards", 201, name="Patrulha 1", phone="+34600000001"))["guard"]
    key = (await ana.does("/accounts/5678/keys", 201, code="K-71"))["key"]
    for number in (key, 10**9, -1):
        refused = await ana.does(f"/accounts/1234/keys/{number}/move", 404, to_guard=guard)
        assert refused["error"] == "no_such_thing"
    assert await town.texts("select count(*) from key_move") == ["0"]
    await ana.does(f"/accounts/5678/keys/{key}/move", to_guard=guard)
    assert (await ana.does(f"/accounts/1234/keys/{key}/move", 404, to_guard=None))["error"] == "no_such_thing"
    assert await town.texts("select with_guard from premises_key") == [str(guard)]


async def test_keys_are_looked_at_like_an_account(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    await ana.does("/accounts/1234/keys", 201, code="K-71")
    assert (await ana.does("/accounts/1234/keys", 422, "GET"))["error"] == "reason_needed"
    shown = await ana.get("/accounts/1234/keys?reason=the+owner+asks")
    assert [(one["code"], one["with_guard"], one["code_due"]) for one in shown] == [("K-71", None, False)]
    assert await town.texts("select actor from audit where action = 'account_looked_at'") == ["operator:1"]


@pytest.mark.parametrize("minutes", [0, -5, 481, 10**12, 10**30])
async def test_a_test_goes_on_for_a_shift_at_most(town: Town, minutes: int) -> None:
    await town.account()
    ana = await town.program("Ana")
    test = (await ana.does("/tests", 201, account="1234", reason="installer"))["test"]
    before = await ana.get("/tests")
    assert (await ana.does(f"/tests/{test}/extend", 409, minutes=minutes))["error"] == "test_too_long"
    assert (await ana.does("/tests", 409, account="1234", reason="x", minutes=minutes))["error"] == "test_too_long"
    assert await ana.get("/tests") == before
    await ana.does(f"/tests/{test}/extend", minutes=480)
