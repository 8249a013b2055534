"""Signing on and off over HTTP: who gets in, who does not, and what is left behind."""

from __future__ import annotations

import hashlib
import json

import httpx
import trio
from prometheus_client import REGISTRY

from station.languages import Language
from station.operators import Operator
from station.store.database import Database
from tests.operators_ui.conftest import RunningConsole, SignedOnClient, csrf_in, try_sign_on
from tests.operators_ui.seeding import PASSWORD, Seed


async def _audit(owner: Database) -> list[tuple[str, str, dict[str, str]]]:
    rows = await owner.fetch("select actor, action, body from audit order by n")
    return [(row["actor"], row["action"], json.loads(row["body"])) for row in rows]


async def test_a_station_without_operators_says_how_to_add_one(console: RunningConsole) -> None:
    async with console.client() as client:
        page = await client.get("/sign-on")
    assert "sereno operators add NAME --role administrator" in page.text
    assert "<form" not in page.text


async def test_the_right_password_opens_a_session(console: RunningConsole, ana: Operator, owner: Database) -> None:
    async with console.client() as client:
        answer = await try_sign_on(client, "ana SOUSA")
        assert answer.status_code == 303
        cookie = next(value for value in answer.headers.get_list("set-cookie") if "sereno_session" in value)
        queue = await client.get("/")
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert "secure" not in cookie.lower()  # a browser would not send it back to a console without https
    assert "Ana Sousa" in queue.text
    assert [(actor, action) for actor, action, _ in await _audit(owner)] == [(f"operator:{ana.id}", "signed_on")]


async def test_the_database_alone_opens_no_session(
    console: RunningConsole, ana_client: SignedOnClient, owner: Database
) -> None:
    token = ana_client.http.cookies["sereno_session"]
    (row,) = await owner.fetch("select token_hash from session")
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    async with console.client() as thief:
        thief.cookies.set("sereno_session", row["token_hash"].hex(), domain="127.0.0.1")
        assert (await thief.get("/")).status_code == 302


async def test_wrong_names_and_wrong_passwords_look_the_same(
    console: RunningConsole, ana: Operator, owner: Database
) -> None:
    async with console.client() as client:
        wrong = await try_sign_on(client, ana.name, "wrong")
        unknown = await try_sign_on(client, "my password in the wrong box", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert "The name or the password is wrong" in wrong.text
    assert "The name or the password is wrong" in unknown.text
    assert "sereno_session" not in client.cookies
    names = [body["name"] for _, action, body in await _audit(owner) if action == "sign_on_failed"]
    assert names == ["Ana Sousa", "(nobody)"]


async def test_strangers_do_not_fill_the_audit_trail(console: RunningConsole, ana: Operator, owner: Database) -> None:
    counted = REGISTRY.get_sample_value("sereno_sign_on_unknown_names_total") or 0
    async with console.client() as client:
        for name in ("root", "admin", *["guest"] * 4):
            assert "The name or the password is wrong" in (await try_sign_on(client, name, "wrong")).text
        # A name that nobody has locks like any other, or the lock would tell who works here.
        assert "locked until" in (await try_sign_on(client, "guest", "wrong")).text
        await try_sign_on(client, ana.name, "wrong")
    failures = [(action, body["name"]) for _, action, body in await _audit(owner)]
    assert failures == [("sign_on_failed", "(nobody)"), ("sign_on_failed", "Ana Sousa")]
    assert REGISTRY.get_sample_value("sereno_sign_on_unknown_names_total") == counted + 7


async def test_a_link_to_the_door_signs_nobody_off(ana_client: SignedOnClient) -> None:
    door = await ana_client.http.get("/sign-on")
    assert not any("sereno_session" in value for value in door.headers.get_list("set-cookie"))
    assert (await try_sign_on(ana_client.http, "nobody", "wrong")).status_code == 401
    assert "Ana Sousa" in (await ana_client.http.get("/")).text
    assert (await ana_client.post("/language", language="en")).status_code == 303


async def test_the_form_at_the_door_is_bound_to_the_door_alone(ana_client: SignedOnClient, ana: Operator) -> None:
    await ana_client.http.get("/sign-on")
    assert (await ana_client.post("/sign-on", name=ana.name, password=PASSWORD)).status_code == 403


async def test_signing_on_again_ends_the_session_before(
    console: RunningConsole, ana_client: SignedOnClient, ana: Operator, seed: Seed, owner: Database
) -> None:
    rui = await seed.operator("Rui Carvalho")
    before = ana_client.http.cookies["sereno_session"]
    assert (await try_sign_on(ana_client.http, rui.name)).status_code == 303
    assert "Rui Carvalho" in (await ana_client.http.get("/")).text
    async with console.client() as client:
        client.cookies.set("sereno_session", before, domain="127.0.0.1")
        assert (await client.get("/api/queue")).status_code == 401
    assert [row["operator"] for row in await owner.fetch("select operator from session")] == [rui.id]
    assert [(actor, action) for actor, action, _ in await _audit(owner)] == [
        (ana.actor, "signed_on"),
        (ana.actor, "signed_off"),
        (rui.actor, "signed_on"),
    ]


async def test_behind_a_proxy_that_speaks_https_cookies_are_for_https_alone(
    database_url: str, nursery: trio.Nursery, ana: Operator
) -> None:
    console = RunningConsole(database_url, nursery, secure_cookies=True)
    await console.start()
    async with console.client() as client:
        door = await client.get("/sign-on")
        (door_cookie,) = door.headers.get_list("set-cookie")
        fields = {"csrf": csrf_in(door.text), "name": ana.name, "password": PASSWORD}
        # The proxy hands on what a browser sent by https; this client speaks http and would keep the cookie back.
        answer = await client.post("/sign-on", data=fields, headers={"Cookie": door_cookie.split(";")[0]})
    assert answer.status_code == 303
    for cookie in (door_cookie, *answer.headers.get_list("set-cookie")):
        assert "secure" in [part.strip().lower() for part in cookie.split(";")], cookie
    await console.stop()


async def test_five_failures_lock_the_name_even_for_the_right_password(
    console: RunningConsole, ana: Operator, owner: Database
) -> None:
    async with console.client() as client:
        for _ in range(4):
            assert "The name or the password is wrong" in (await try_sign_on(client, ana.name, "wrong")).text
        fifth = await try_sign_on(client, ana.name, "wrong")
        right = await try_sign_on(client, ana.name.upper())
    assert "locked until" in fifth.text
    assert "locked until" in right.text
    assert right.status_code == 401
    assert [action for _, action, _ in await _audit(owner)] == ["sign_on_failed"] * 5 + ["locked_out"]
    await owner.execute("update sign_on_failure set at = at - interval '15 minutes'")
    async with console.client() as client:
        assert (await try_sign_on(client, ana.name)).status_code == 303


async def test_who_left_is_out(console: RunningConsole, ana_client: SignedOnClient) -> None:
    token = ana_client.http.cookies["sereno_session"]
    assert (await ana_client.post("/sign-off")).headers["location"] == "/sign-on"
    async with console.client() as again:
        again.cookies.set("sereno_session", token, domain="127.0.0.1")
        assert (await again.get("/")).headers["location"] == "/sign-on?next=/"


async def test_what_a_page_does_by_itself_keeps_no_session_alive(ana_client: SignedOnClient, owner: Database) -> None:
    await owner.execute("update session set seen_at = seen_at - interval '11 hours 59 minutes'")
    assert (await ana_client.http.get("/api/queue", headers={"X-By": "page"})).status_code == 200
    await owner.execute("update session set seen_at = seen_at - interval '2 minutes'")
    assert (await ana_client.http.get("/api/queue")).status_code == 401


async def test_what_a_person_does_keeps_it_alive_until_the_day_is_over(
    ana_client: SignedOnClient, owner: Database
) -> None:
    await owner.execute("update session set seen_at = seen_at - interval '11 hours 59 minutes'")
    assert (await ana_client.http.get("/api/queue")).status_code == 200
    await owner.execute("update session set seen_at = seen_at - interval '2 minutes'")
    assert (await ana_client.http.get("/api/queue")).status_code == 200
    await owner.execute("update session set expires_at = clock_timestamp()")
    assert (await ana_client.http.get("/api/queue")).status_code == 401


async def test_forms_of_others_are_refused(console: RunningConsole, ana_client: SignedOnClient) -> None:
    for path in ("/sign-off", "/language", "/take-next", "/incidents/1/close"):
        assert (await ana_client.http.post(path, data={"next": "/"})).status_code == 403
        assert (await ana_client.http.post(path, data={"csrf": "0" * 64})).status_code == 403
    async with console.client() as stranger:
        token = csrf_in((await stranger.get("/sign-on")).text)
    async with console.client() as other:
        answer = await other.post("/sign-on", data={"csrf": token, "name": "Ana Sousa", "password": PASSWORD})
    assert answer.status_code == 403
    assert "does not belong to your session" in answer.text


async def test_nobody_is_sent_elsewhere_after_signing_on(console: RunningConsole, ana: Operator) -> None:
    async with console.client() as client:
        for path in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            token = csrf_in((await client.get("/sign-on", params={"next": path})).text)
            fields = {"csrf": token, "name": ana.name, "password": PASSWORD, "next": path}
            assert (await client.post("/sign-on", data=fields)).headers["location"] == "/"


def _is_guarded(answer: httpx.Response) -> bool:
    policy = answer.headers["content-security-policy"]
    return (
        "default-src 'none'" in policy
        and "frame-ancestors 'none'" in policy
        and "unsafe" not in policy
        and answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["cache-control"] == "no-store"
    )


async def test_every_answer_carries_the_headers_that_keep_others_out(ana_client: SignedOnClient) -> None:
    for path in ("/", "/sign-on", "/nowhere", "/incidents/77", "/healthz", "/api/queue"):
        assert _is_guarded(await ana_client.http.get(path)), path


async def test_the_language_is_the_operators_own(console: RunningConsole, seed: Seed) -> None:
    await seed.operator("Luz", Language.ES)
    async with console.client() as client:
        await try_sign_on(client, "Luz")
        page = (await client.get("/")).text
        assert "Cola de alarmas" in page
        await client.post("/language", data={"csrf": csrf_in(page), "language": "pt", "next": "/"})
        assert "Fila de alarmes" in (await client.get("/")).text


async def test_before_signing_on_the_browsers_language_counts(console: RunningConsole, ana: Operator) -> None:
    async with console.client() as client:
        page = await client.get("/sign-on", headers={"Accept-Language": "fr, pt-BR;q=0.8"})
    assert "Central recetora de alarmes" in page.text


async def test_every_page_of_a_demo_says_so(
    console: RunningConsole, ana_client: SignedOnClient, owner: Database
) -> None:
    assert "DEMO" not in (await ana_client.http.get("/")).text
    await owner.execute("update station set demo = true")
    await console.stop()
    await console.start()
    # The kind of station is read with the first snapshot.
    async with ana_client.stream() as stream:
        await stream.until("section", "No signal yet")
    for path in ("/", "/sign-on", "/nowhere"):
        page = (await ana_client.http.get(path)).text
        assert "<title>DEMO" in page, path
        assert "<strong>DEMO</strong>" in page, path
