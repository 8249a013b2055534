"""The live stream: what comes, how soon, and who may hinder whom."""

from __future__ import annotations

import socket

import trio

from station.signals import Kind
from station.store.database import Database
from tests.operators_ui.conftest import RunningConsole, SignedOnClient
from tests.operators_ui.seeding import Came, Seed


async def test_an_alarm_is_sent_as_it_comes(ana_client: SignedOnClient, seed: Seed) -> None:
    account = await seed.account("1234", "Farmácia Central")
    async with ana_client.stream() as stream:
        await stream.until("section", "Nothing is waiting")
        for number in range(3):
            await seed.incident("1234", account, kind=[Kind.FIRE, Kind.TROUBLE, Kind.POWER][number])
            with trio.fail_after(30):
                await stream.until("section", ["Fire", "Trouble", "Power"][number])


async def test_an_alarm_whose_bell_is_lost_comes_all_the_same(
    ana_client: SignedOnClient, seed: Seed, owner: Database
) -> None:
    async with ana_client.stream() as stream:
        await stream.until("section", "No signal yet")
        await seed.signal("777", None, Came())  # rings no bell
        with trio.fail_after(30):
            await stream.until("section", "Burglary alarm")


async def test_link_tests_are_left_out_of_the_strip(ana_client: SignedOnClient, seed: Seed) -> None:
    await seed.signal("777", None, Came(kind=Kind.LINK_TEST, code="XX", token="NULL"))
    await seed.signal("888", None, Came())
    page = (await ana_client.http.get("/")).text
    assert ">888<" in page
    assert ">777<" not in page


async def test_the_strip_looks_back_a_day(ana_client: SignedOnClient, seed: Seed) -> None:
    await seed.signal("777", None, Came(age_s=24 * 3600 + 60))
    await seed.signal("888", None, Came(age_s=24 * 3600 - 60))
    page = (await ana_client.http.get("/")).text
    assert ">888<" in page
    assert ">777<" not in page


async def test_ticks_come_every_two_seconds(ana_client: SignedOnClient) -> None:
    async with ana_client.stream() as stream:
        await stream.until("tick", "now")
        started = trio.current_time()
        await stream.until("tick", "now")
        assert 1.5 < trio.current_time() - started < 2.6


async def test_the_stream_ends_with_the_session(ana_client: SignedOnClient, owner: Database) -> None:
    async with ana_client.stream() as stream:
        await stream.until("tick", "now")
        await owner.execute("delete from session")
        with trio.fail_after(30):
            await stream.until("signed_off", "")


async def test_a_stranger_is_told_so_and_nothing_else(console: RunningConsole) -> None:
    async with console.client() as stranger:
        answer = await stranger.get("/stream")
    assert answer.text.split("\n")[0] == "event: signed_off"
    assert answer.text.count("event:") == 1


async def test_a_browser_that_does_not_read_hinders_nobody_and_the_console_stops(
    console: RunningConsole, ana_client: SignedOnClient, seed: Seed
) -> None:
    account = await seed.account("1234", "Banco do Comércio " * 20)
    for number in range(60):
        await seed.incident(f"{number:04}", None, kind=Kind.UNKNOWN_ACCOUNT)
    token = ana_client.http.cookies["sereno_session"]
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        silent.connect(("127.0.0.1", int(console.base.rpartition(":")[2])))
        silent.sendall(f"GET /stream HTTP/1.1\r\nHost: x\r\nCookie: sereno_session={token}\r\n\r\n".encode())
        async with ana_client.stream() as stream:
            await stream.until("section", "Unknown account")
            await seed.incident("1234", account, kind=Kind.FIRE)
            with trio.fail_after(30):
                await stream.until("section", "Fire")
            await console.stop()
