"""Refusals: always JSON, never a bug's 500, in words that the operator reads."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from station.languages import Language
from station.operators import Role
from tests.operators_ui.api.conftest import Town
from tests.operators_ui.conftest import try_sign_on

TOO_LARGE = 2**63


def said(answer: httpx.Response) -> tuple[int, str]:
    """Status and word of a refusal, which has its three fields."""
    assert answer.headers["content-type"].startswith("application/json"), answer.text
    body = answer.json()
    assert sorted(body) == ["error", "message", "who"]
    assert body["message"]
    assert "Another operator" not in body["message"]
    return answer.status_code, body["error"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/nothing", (404, "not_found")),
        ("GET", "/api/v1/", (404, "not_found")),
        ("POST", "/api/v1/incidents/1/nothing", (404, "not_found")),
        ("GET", "/api/v1/incidents/one", (404, "not_found")),
        ("GET", "/api/v1/incidents/1/take", (405, "method_not_allowed")),
        ("DELETE", "/api/v1/incidents/1", (405, "method_not_allowed")),
        ("GET", "/api/v1", (404, "not_found")),
        ("GET", "/api/v2/queue", (404, "not_found")),
    ],
)
async def test_where_no_route_leads_a_program_gets_json(
    town: Town, method: str, path: str, expected: tuple[int, str]
) -> None:
    ana = await town.program("Ana")
    assert said(await ana.http.request(method, path)) == expected


async def test_a_browser_gets_a_page_where_no_route_leads(town: Town) -> None:
    await town.program("Ana")
    async with town.console.client() as client:
        assert (await try_sign_on(client, "Ana")).status_code == 303
        answer = await client.get("/nothing")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, "text/html")


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", f"/incidents/{TOO_LARGE}", None, {404, 422}),
        ("POST", f"/incidents/{TOO_LARGE}/take", {}, {404, 422}),
        ("POST", f"/incidents/{2**200}/note", {"fence": 1, "text": "x"}, {404, 422}),
        ("POST", f"/tests/{TOO_LARGE}/end", {}, {404, 422}),
        ("POST", f"/tasks/{TOO_LARGE}/done", {}, {404, 422}),
        ("POST", f"/approvals/{TOO_LARGE}/approve", {}, {409, 422}),
        ("POST", "/tests", {"account": "1234", "reason": "x", "kinds": ["burglary"] * 3, "zones": ["a\0"]}, {422}),
        ("POST", "/tests", {"account": "a\0", "reason": "x"}, {422}),
        ("POST", "/tests", {"account": "1234", "reason": "\0"}, {422}),
        ("POST", "/tasks", {"account": "1234", "what": "Call Zé!", "text": "x"}, {422}),
        ("POST", "/tasks", {"account": "1234", "what": "technician", "text": "  "}, {422}),
        ("POST", "/approvals", {"what": "on_test", "of": {"account": "a\0"}}, {201, 422}),
        ("PUT", "/accounts/1234/users", {"users": [{"number": "1", "name": "a"}, {"number": "1", "name": "b"}]}, {422}),
        ("PUT", "/accounts/1234/users", {"users": [{"number": "\0", "name": "a"}]}, {422}),
        ("PUT", "/accounts/1234/contacts", {"contacts": [{"name": "\0", "phone": "1", "language": "pt"}]}, {422}),
        (
            "PUT", "/accounts/1234/contacts",
            {"contacts": [{"name": "a", "phone": "1", "language": "pt", "hours": {"someday": []}}]}, {422},
        ),
        ("PUT", "/accounts/1234/passwords", {"password": "a"}, {422}),
        ("PUT", "/accounts/1234/passwords", {"password": "lua nova", "duress": "lua nova"}, {422}),
        ("PUT", "/accounts/9999/care", {"settings": {}}, {404}),
        ("POST", "/accounts/1234/keys", {"code": "\0"}, {422}),
        ("POST", "/accounts/1234/keys", {"code": "K" * 100_000}, {201, 422}),
        ("POST", "/guards", {"name": "x", "phone": "1", "position": 40_000}, {422}),
        ("POST", "/guards", {"name": "a\0", "phone": "1"}, {422}),
        ("POST", "/agencies", {"service": "fire", "name": "x", "country": "Spain", "phone": "+34910000080"}, {422}),
        (
            "POST", "/agencies",
            {"service": "fire", "name": "x", "country": "ES", "phone": "+34910000080", "webhook": "http://x.example"},
            {422},
        ),
        ("POST", "/agencies", {"service": "fire", "name": "\0", "country": "ES", "phone": "+34910000080"}, {422}),
        ("POST", "/approvals", {"what": "on_test", "of": {"account": "1" * 140_000}}, {413}),
    ],
)  # fmt: skip
async def test_what_can_not_be_kept_is_no_fault(
    town: Town, method: str, path: str, body: dict[str, Any] | None, expected: set[int]
) -> None:
    await town.account()
    eva = await town.program("Eva", Role.SUPERVISOR)
    answer = await eva.http.request(method, f"/api/v1{path}", json=body)
    assert answer.status_code in expected, answer.text
    if answer.status_code >= 400:
        said(answer)


async def test_a_code_that_another_key_has_is_refused(town: Town) -> None:
    await town.account()
    ana = await town.program("Ana")
    await ana.does("/accounts/1234/keys", 201, code="K-71")
    refused = await ana.does("/accounts/1234/keys", 422, code="K-71")
    assert (refused["error"], refused["who"]) == ("not_understood", "K-71")


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        ("attempts", {"contact": TOO_LARGE, "line": "placed", "outcome": "answered"}, {404}),
        ("password", {"contact": TOO_LARGE, "line": "placed", "heard": "x"}, {404, 409}),
        ("guards", {"guard": TOO_LARGE, "state": "offered", "reason": "x"}, {422}),
        ("guards", {"guard": 77, "state": "offered", "reason": "x"}, {404}),
        ("guards", {"guard": 77, "state": "accepted"}, {404, 409}),
        ("agencies", {"service": "police", "state": "closed"}, {409, 422}),
        ("agencies", {"service": "police", "state": "accepted", "told": ["everything"]}, {422}),
        ("agencies", {"service": "fire", "state": "accepted", "no": TOO_LARGE}, {200, 409, 422}),
        ("hand-over", {"to": "Nobody"}, {404}),
        ("hand-over", {"to": "a\0"}, {404, 422}),
        ("close", {"disposition": "real", "seen_n": -1}, {409}),
        ("close", {"disposition": "lost", "seen_n": 1}, {422}),
        ("outcome", {"outcome": "done"}, {409}),
        ("evidence", {"kind": "a feeling"}, {422}),
        ("note", {"text": " \0 "}, {409, 422}),
        ("pass-over", {"reason": ""}, {422}),
        ("outage/confirm", {}, {409, 422}),
        ("renew", {"fence": TOO_LARGE}, {200, 409, 422}),
        ("note", {"text": "x", "fence": TOO_LARGE}, {409}),
        ("note", {"text": "x", "fence": 2**200}, {409, 422}),
        ("tasks", {"what": "technician", "text": "x", "fence": -1}, {409}),
    ],
)
async def test_no_verb_of_an_incident_fails_at_odd_values(
    town: Town, verb: str, body: dict[str, Any], expected: set[int]
) -> None:
    account = await town.account()
    ana = await town.program("Ana")
    await town.signals(account, "003")
    incident, fence = await town.held(ana)
    answer = await ana.http.post(f"/api/v1/incidents/{incident}/{verb}", json={"fence": fence, **body})
    assert answer.status_code in expected, answer.text
    if answer.status_code >= 400:
        said(answer)
    assert (await ana.get(f"/incidents/{incident}"))["state"] == "taken"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, "There is no account with this number."),
        (Language.ES, "No hay ninguna cuenta con este número."),
        (Language.PT, "Não há nenhuma conta com este número."),
    ],
)
async def test_words_are_in_the_operators_language_whatever_the_program_prefers(
    town: Town, language: Language, expected: str
) -> None:
    ana = await town.program("Ana", language=language)
    ana.http.headers["accept-language"] = "de, en;q=0.8"
    refused = await ana.does("/accounts/77?reason=x", 404, "GET")
    assert (refused["error"], refused["message"], refused["who"]) == ("no_such_account", expected, "77")


@pytest.mark.parametrize("language", [Language.ES, Language.PT])
async def test_all_kinds_of_refusals_are_translated(town: Town, language: Language) -> None:
    account = await town.account()
    await town.signals(account, "003")
    english, other = await town.program("Ana"), await town.program("Rui", language=language)
    (incident,) = await town.texts("select id from incident")
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/incidents/{incident}/note", {"fence": 1, "text": "x"}),
        ("POST", f"/incidents/{incident}/note", {"fence": 1, "txt": "x"}),
        ("POST", "/guards", {"name": "x", "phone": "1"}),
        ("POST", "/approvals", {"what": "on_test", "of": {"account": "1" * 140_000}}),
    ]
    for method, path, body in asked:
        answers = [await one.http.request(method, f"/api/v1{path}", json=body) for one in (english, other)]
        assert said(answers[0]) == said(answers[1])
        assert answers[0].json()["message"] != answers[1].json()["message"], path


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ("pt-PT, en;q=0.5", "Esta página não existe."),
        ("es", "Esta página no existe."),
        ("de, fr", "There is no such page."),
        ("", "There is no such page."),
    ],
)
async def test_before_it_is_known_who_comes_words_are_in_what_the_program_prefers(
    town: Town, wishes: str, expected: str
) -> None:
    async with town.console.client() as client:
        answer = await client.get("/api/v1/nothing", headers={"accept-language": wishes})
    assert said(answer) == (404, "not_found")
    assert answer.json()["message"] == expected


async def test_advice_is_in_the_operators_language(town: Town) -> None:
    account = await town.account()
    rui = await town.program("Rui", language=Language.PT)
    await rui.does("/accounts/1234/passwords", method="PUT", password="lua nova")
    await town.signals(account, "003")
    incident, fence = await town.held(rui)
    heard: dict[str, Any] = {"fence": fence, "line": "placed", "heard": "sol"}
    advice = (await rui.does(f"/incidents/{incident}/password", **heard))["advice"]
    assert re.search("obrigad", advice), advice
