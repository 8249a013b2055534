"""Nobody looks, and the receiver says so: real PostgreSQL, a real program, a real web server, and no dispatcher."""

from __future__ import annotations

import contextlib
import http.server
import json
import pathlib
import shlex
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import attrs
import httpx
import pytest
import trio
from structlog.testing import capture_logs

from receiver import metrics
from receiver.journal import Journal
from receiver.watch import crying
from receiver.watch.settings import WatchSettings
from receiver.watch.watching import Watch, watch
from station.signals import Kind, Signal
from station.store.database import Database, open_database
from station.store.notices import SIGNAL, Bell
from tests.dispatcher.writers import a_signal, add_account, add_operator, open_writer, work_off_all

PATIENCE_S = 60.0
SOON = WatchSettings(unattended_after_s=0.4, unattended_repeat_s=0.3, unattended_look_s=0.1)


async def until(happened: Callable[[], object]) -> None:
    with trio.fail_after(PATIENCE_S):
        while True:
            if happened():
                return
            await trio.sleep(0.02)


@attrs.frozen
class Webhook:
    url: str
    calls: list[dict[str, Any]]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A web server that writes down what it is told."""
    calls: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append({"path": self.path, "type": self.headers["Content-Type"], **json.loads(said)})
            self.send_response(500 if self.path.startswith("/broken") else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Webhook(f"http://127.0.0.1:{server.server_port}/hook?token=secret", calls)
        server.shutdown()
        thread.join()


@pytest.fixture
def cries(tmp_path: pathlib.Path) -> pathlib.Path:
    """Where the program writes each cry."""
    return tmp_path / "cries"


@pytest.fixture
def program(tmp_path: pathlib.Path, cries: pathlib.Path) -> Sequence[str]:
    """A program that appends what it was told to a file."""
    script = tmp_path / "siren with a blank.sh"
    script.write_text('#!/bin/sh\necho "$1 $SERENO_UNATTENDED$SERENO_DATABASE_URL" >> "$2"\n')
    script.chmod(0o755)
    return [str(script), "$HOME;", str(cries)]


def lines(file: pathlib.Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@contextlib.asynccontextmanager
async def watching(database_url: str, settings: WatchSettings, unstored: Sequence[Signal] = ()) -> AsyncIterator[Watch]:
    """A receiver's journal and its watch."""
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "receiver", Bell(database, SIGNAL))
        state = Watch()
        nursery.start_soon(journal.run)
        nursery.start_soon(watch, state, database, journal, settings, ("127.0.0.1", 0), lambda: unstored)
        yield state
        nursery.cancel_scope.cancel()


async def station_signals(owner: Database) -> list[tuple[str, str]]:
    """What the receiver itself has reported."""
    rows = await owner.fetch("select account, qualifier from signal where kind = 'station' order by received_at")
    return [(row["account"], row["qualifier"]) for row in rows]


@contextlib.asynccontextmanager
async def unreachable(database_url: str, owner: Database) -> AsyncIterator[None]:
    """The database lets nobody in while the block runs."""
    (row,) = await owner.fetch("select current_database() as name")
    elsewhere = database_url.replace(row["name"], "postgres")
    async with open_database(elsewhere, "postgres") as server:
        await server.execute(f"alter database {row['name']} allow_connections false")
        await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", row["name"])
        try:
            yield
        finally:
            await server.execute(f"alter database {row['name']} allow_connections true")


async def sign_on(owner: Database) -> None:
    ana = await add_operator(owner, "Ana")
    await owner.execute(
        "insert into session (token_hash, operator, created_at, seen_at, expires_at) "
        "select 't', $1, now, now, now + interval '1 h' from clock_timestamp() as now",
        ana.id,
    )


async def test_without_a_dispatcher_the_receiver_raises_the_alarm_until_somebody_looks(
    database_url: str,
    owner: Database,
    webhook: Webhook,
    program: Sequence[str],
    cries: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SERENO_DATABASE_URL", "postgresql://owner:password@host/station")
    settings = attrs.evolve(SOON, unattended_command=shlex.join(program), unattended_webhook=webhook.url)
    with capture_logs() as logs:
        async with open_writer(owner) as writer, watching(database_url, settings):
            await trio.sleep(1)
            assert (lines(cries), webhook.calls) == ([], [])

            await writer.write(a_signal(Kind.BURGLARY))
            await until(lambda: len(lines(cries)) >= 3 and len(webhook.calls) >= 3)
            assert metrics.UNATTENDED._value.get() == 1

            await sign_on(owner)
            async with open_database(database_url, "sereno_dispatcher") as dispatching:
                await work_off_all(dispatching)
            await until(lambda: metrics.UNATTENDED._value.get() == 0)
            await until(lambda: webhook.calls[-1]["event"] == "attended")
            await trio.sleep(1)  # what was being said may be finished
            heard = len(lines(cries))
            await trio.sleep(1)

    text = "Alarms may wait and nobody looks: the dispatcher does not work off what came."
    assert set(lines(cries)) == {f"$HOME; {text}"}
    assert len(lines(cries)) == heard
    first = webhook.calls[0]
    assert {key: first[key] for key in ("path", "type", "event", "reasons", "unread", "waiting", "text")} == {
        "path": "/hook?token=secret",
        "type": "application/json",
        "event": "unattended",
        "reasons": ["dispatcher"],
        "unread": 1,
        "waiting": 0,
        "text": text,
    }
    assert await station_signals(owner) == [("unattended", "new"), ("unattended", "restore")]
    assert "nobody_looks_at_alarms" in {line["event"] for line in logs}
    assert "secret" not in str(logs)


async def test_an_incident_that_waits_with_nobody_signed_on(
    database_url: str, owner: Database, program: Sequence[str], cries: pathlib.Path
) -> None:
    async with open_database(database_url, "sereno_dispatcher") as dispatching:
        async with open_writer(owner) as writer:
            await writer.write(a_signal(Kind.FIRE))
        await work_off_all(dispatching)
        async with watching(database_url, attrs.evolve(SOON, unattended_command=shlex.join(program))):
            await until(lambda: lines(cries))
            assert lines(cries)[0].endswith("no operator is signed on.")
            await sign_on(owner)
            # The receiver's own report is worked off as well, and must not keep the alarm alive.
            with trio.fail_after(PATIENCE_S):
                while len(await station_signals(owner)) < 2:
                    await work_off_all(dispatching)
                    await trio.sleep(0.05)
            assert metrics.UNATTENDED._value.get() == 0
        await work_off_all(dispatching)
    (row,) = await owner.fetch("select account, signals, restored_at from incident where kind = 'station'")
    assert (row["account"], row["signals"], row["restored_at"] is None) == ("unattended", 2, False)


async def test_its_own_report_alone_is_no_alarm_that_waits(
    database_url: str, owner: Database, program: Sequence[str], cries: pathlib.Path
) -> None:
    async with open_writer(owner) as writer:
        await writer.write(attrs.evolve(a_signal(Kind.STATION), account="unattended", account_id=None))
    async with watching(database_url, attrs.evolve(SOON, unattended_command=shlex.join(program))):
        await trio.sleep(1.5)
    assert lines(cries) == []


async def test_after_the_second_limit_it_stops_acknowledging_until_somebody_looks(
    database_url: str, owner: Database
) -> None:
    settings = attrs.evolve(SOON, unattended_stop_ack_after_s=0.5)
    async with open_writer(owner) as writer, watching(database_url, settings) as state:
        await writer.write(a_signal(Kind.BURGLARY))
        await until(lambda: metrics.UNATTENDED._value.get() == 1)
        assert not state.stop_acknowledging
        await until(lambda: state.stop_acknowledging)
        await sign_on(owner)
        async with open_database(database_url, "sereno_dispatcher") as dispatching:
            await work_off_all(dispatching)
        await until(lambda: not state.stop_acknowledging)


async def test_a_database_that_does_not_answer_is_cried_out_too(
    database_url: str, owner: Database, program: Sequence[str], cries: pathlib.Path, webhook: Webhook
) -> None:
    settings = attrs.evolve(SOON, unattended_command=shlex.join(program), unattended_webhook=webhook.url)
    async with watching(database_url, settings):
        async with unreachable(database_url, owner):
            await until(lambda: lines(cries) and webhook.calls)
            assert lines(cries)[0].endswith("the database does not answer.")
            assert (webhook.calls[0]["reasons"], webhook.calls[0]["unread"]) == (["store"], None)
        await until(lambda: metrics.UNATTENDED._value.get() == 0)
        await until(lambda: webhook.calls[-1]["event"] == "attended")


async def test_the_list_is_served_with_and_without_the_database(database_url: str, owner: Database) -> None:
    account_id = await add_account(owner, "1234")
    await owner.execute("update account set name = 'Farmacia Central'")
    await owner.execute(
        "insert into contact (account, position, name, phone, language) values ($1, 1, 'Eva', '+34910000001', 'es')",
        account_id,
    )
    unstored = [a_signal(Kind.GAS_CO, account="5678")]
    async with (
        open_writer(owner) as writer,
        watching(database_url, SOON, unstored) as state,
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client,
    ):
        await until(lambda: state.emergency_port)
        url = f"http://127.0.0.1:{state.emergency_port}/text"
        assert (await client.get(url)).text.startswith("No alarm waits.")
        await writer.write(a_signal(Kind.FIRE, account_id=account_id))
        text = (await client.get(url)).text
        assert "FIRE  account 1234  Farmacia Central" in text
        assert "call +34910000001  Eva, es" in text
        assert "5678" not in text
        await until(lambda: metrics.UNATTENDED._value.get() == 1)  # the watch itself has seen it by now

        async with unreachable(database_url, owner):
            text = (await client.get(url)).text
        assert text.startswith("THE DATABASE DOES NOT ANSWER.")
        assert "GAS CO  account 5678" in text
        assert "FIRE  account 1234  Farmacia Central" in text
        assert "call +34910000001  Eva, es" in text


@pytest.mark.parametrize("command", ["/no/such/program", "false", "sleep 1000"], ids=["none", "fails", "hangs"])
async def test_a_program_that_does_not_work_is_logged_and_tried_again(
    database_url: str, owner: Database, webhook: Webhook, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crying, "TIME_LIMIT_S", 1.0)
    settings = attrs.evolve(
        SOON, unattended_command=command, unattended_webhook=f"{webhook.url.partition('/hook')[0]}/broken"
    )
    with capture_logs() as logs:
        async with open_writer(owner) as writer, watching(database_url, settings):
            await writer.write(a_signal(Kind.BURGLARY))
            await until(lambda: [line["event"] for line in logs].count("unattended_command_failed") >= 2)
            await until(lambda: [line["event"] for line in logs].count("unattended_webhook_failed") >= 2)
    failed = [line for line in logs if line["event"].startswith("unattended_")]
    assert {line.get("status") for line in failed if line["event"] == "unattended_webhook_failed"} == {500}
