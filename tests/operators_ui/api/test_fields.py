"""A slip of the pen is refused with the names that there are, however deep it lies; and what is no JSON at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operators_ui.api.conftest import Program, Town

CONTACT = {"name": "Zé", "phone": "+351910000000", "language": "pt"}


async def refused(program: Program, path: str, body: Any, method: str = "POST") -> str:  # noqa: ANN401 - any JSON
    """What the refusal is about."""
    answer = await program.http.request(method, f"/api/v1{path}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "not_understood"), answer.text
    assert answer.json()["who"] in answer.json()["message"]
    who: str = answer.json()["who"]
    return who


async def test_a_field_that_does_not_exist_is_refused_with_those_that_do(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    who = await refused(ana, "/tests", {"account": "1234", "reason": "x", "minuts": 5})
    assert who == "there is no minuts; there are account, approval, asked_by, kinds, minutes, reason, zones"
    assert await ana.get("/tests") == []


async def test_also_inside_a_list(town: Town) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    before = await town.texts("select name from contact where account = $1 order by position", account)
    for contacts in ([CONTACT | {"rôle": "x"}], [CONTACT, CONTACT | {"rôle": "x"}]):
        who = await refused(ana, "/accounts/1234/contacts", {"contacts": contacts}, "PUT")
        assert who == "there is no contacts.rôle; there are hours, id, language, name, phone, role"
    users = [{"number": "1", "name": "Zé", "knd": "ordinary"}]
    assert "users.knd; there are contact, kind, name" in await refused(
        ana, "/accounts/1234/users", {"users": users}, "PUT"
    )
    assert await town.texts("select name from contact where account = $1 order by position", account) == before
    await ana.does("/accounts/1234/contacts", method="PUT", contacts=[CONTACT])


async def test_also_inside_a_setting(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    settings = {"schedule": {"zone": "Europe/Madrid", "weak": {}}}
    who = await refused(ana, "/accounts/1234/care", {"settings": settings}, "PUT")
    assert "weak" in who
    assert "week" in who
    who = await refused(ana, "/accounts/1234/care", {"settings": {"windows_s": 5}}, "PUT")
    assert "windows_s" in who
    assert "window_s" in who.partition(";")[2]


async def test_each_wrong_one_is_named(town: Town) -> None:
    ana = await town.program("Ana")
    who = await refused(ana, "/approvals", {"what": "on_test", "off": {}, "why": "x"})
    assert who == "there is no off; there are of, what; there is no why; there are of, what"


@pytest.mark.parametrize("body", [None, [], 5, "text", [{"text": "x"}], True])
async def test_what_is_no_object_is_refused(town: Town, body: Any) -> None:  # noqa: ANN401 - any JSON
    ana = await town.program("Ana")
    assert await refused(ana, "/tasks", body) == "a JSON object is expected"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "a JSON object is expected"),
        (b"{", "no JSON"),
        (b"account=1234", "no JSON"),
        (b"{'account': '1234'}", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON"),
        (b'{"settings": ' + b"[" * 60_000 + b"]" * 60_000 + b"}", "20 deep"),
        (b'{"settings": {"schedule": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}", "20 deep"),
        (b'{"settings": {"schedule": ' + b"[" * 21 + b"]" * 21 + b"}}", "20 deep"),
        (b'{"settings": {"window_s": NaN}}', "JSON"),
        (b'{"settings": {"carrier": "\\ud800"}}', ""),
        (b'{"settings": {"window_s": 1e999}}', ""),
    ],
)
async def test_what_is_no_json_for_us_is_refused_in_words(town: Town, content: bytes, why: str) -> None:
    await town.account()
    ana = await town.program("Ana")
    answer = await ana.http.put("/api/v1/accounts/1234/care", content=content)
    assert (answer.status_code, answer.json()["error"]) == (422, "not_understood"), answer.text
    assert why in answer.json()["message"]
    assert "Another operator" not in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"fence": "one", "text": "x"}, {"fence": 1.5, "text": "x"}, {"fence": None, "text": "x"},
        {"fence": True, "text": "x"}, {"fence": [1], "text": "x"}, {"fence": 1, "text": 5}, {"text": "x"}, {},
    ],
)  # fmt: skip
async def test_a_field_of_the_wrong_type_is_named(town: Town, body: dict[str, Any]) -> None:
    ana = await town.program("Ana")
    who = await refused(ana, "/incidents/1/note", body)
    assert "fence" in who or "text" in who


async def test_words_of_the_trade_are_listed(town: Town) -> None:
    ana = await town.program("Ana")
    who = await refused(ana, "/incidents/1/agencies", {"fence": 1, "service": "polise", "state": "accepted"})
    assert "service" in who
    assert "polise" in who
