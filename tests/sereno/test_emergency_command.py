"""`sereno emergency`, as a person calls it who has nothing else: no dispatcher, no console."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import attrs
import pytest
import trio

from station.signals import Kind
from station.store.database import Database
from tests.dispatcher.writers import a_signal, add_account, open_writer
from tests.sereno.conftest import PATIENCE_S, sereno, until


@pytest.fixture
async def alarms(owner: Database) -> None:
    """A burglary at a pharmacy and a fire at an account that nobody knows; the dispatcher has seen neither."""
    account_id = await add_account(owner, "1234")
    await owner.execute("update account set name = 'Farmácia Central', address = 'Rua Augusta 12', city = 'Lisboa'")
    await owner.execute(
        "insert into contact (account, position, name, phone, language) values ($1, 1, 'Eva', '+351210000001', 'pt')",
        account_id,
    )
    burglary = attrs.evolve(a_signal(account_id=account_id, zone="003"), event_code="BA", text="porta \x1b[2J")
    async with open_writer(owner) as writer:
        await writer.write(burglary, a_signal(Kind.FIRE, account="9999"), a_signal(Kind.LINK_TEST))


async def emergency(folder: pathlib.Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return await trio.to_thread.run_sync(lambda: sereno("emergency", "--database-url", url, *words, folder=folder))


async def test_it_lists_what_waits_with_whom_to_call(database_url: str, alarms: None, tmp_path: pathlib.Path) -> None:
    answer = await emergency(tmp_path, database_url)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("2 waiting, the most urgent first.")
    fire, burglary = answer.stdout.index("FIRE  account 9999"), answer.stdout.index("BURGLARY  account 1234")
    assert fire < burglary
    assert "Farmácia Central\n" in answer.stdout
    assert "   Rua Augusta 12, Lisboa\n   call +351210000001  Eva, pt\n" in answer.stdout
    assert "BA Burglary alarm area 1 zone 003" in answer.stdout
    assert "\x1b" not in answer.stdout


async def test_the_same_as_json(database_url: str, alarms: None, tmp_path: pathlib.Path) -> None:
    answer = await emergency(tmp_path, database_url, "--json")
    fire, burglary = json.loads(answer.stdout)
    assert (fire["rank"], fire["kind"], fire["account"], fire["incident"]) == (1, "fire", "9999", None)
    assert (burglary["rank"], burglary["name"], burglary["signals"]) == (2, "Farmácia Central", 1)
    assert burglary["contacts"] == [{"name": "Eva", "phone": "+351210000001", "language": "pt"}]
    assert (burglary["said"][0]["event_code"], burglary["said"][0]["zone"]) == ("BA", "003")
    assert burglary["since"].endswith("+00:00")


async def test_an_empty_station_says_so(database_url: str, tmp_path: pathlib.Path) -> None:
    answer = await emergency(tmp_path, database_url)
    assert answer.returncode == 0
    assert answer.stdout.startswith("No alarm waits.")
    assert json.loads((await emergency(tmp_path, database_url, "--json")).stdout) == []


def test_without_a_station_it_says_what_to_do(tmp_path: pathlib.Path) -> None:
    answer = sereno("emergency", folder=tmp_path)
    assert answer.returncode == 2
    assert "sereno run" in answer.stderr


async def test_it_is_shown_anew_until_told_to_end(owner: Database, database_url: str, tmp_path: pathlib.Path) -> None:
    shown = tmp_path / "shown"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SERENO_")}
    command = [sys.executable, "-m", "sereno", "emergency", "--watch", "--database-url", database_url]
    with shown.open("w") as output:
        process = await trio.lowlevel.open_process(command, stdout=output, cwd=tmp_path, env=environment)
        try:
            await trio.to_thread.run_sync(until, lambda: "No alarm waits." in shown.read_text())
            async with open_writer(owner) as writer:
                await writer.write(a_signal(Kind.FIRE, account="9999"))
            await trio.to_thread.run_sync(until, lambda: "FIRE  account 9999" in shown.read_text())
        finally:
            process.send_signal(signal.SIGINT)
            with trio.fail_after(PATIENCE_S):
                assert await process.wait() == 0
    assert "\x1b" not in shown.read_text()  # not a terminal


# Without the database ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def receivers_list(text: str) -> Iterator[int]:
    """What a receiver on this machine would serve."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/text" else 404)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


NO_DATABASE = "postgresql://postgres@/station?host=/tmp/no/such/folder"


def test_without_a_database_it_shows_what_the_receiver_knows(tmp_path: pathlib.Path) -> None:
    with receivers_list("FIRE  account 1234  Señora Núñez\n") as port:
        answer = sereno("emergency", "--database-url", NO_DATABASE, "--emergency-port", str(port), folder=tmp_path)
    assert answer.returncode == 3
    assert answer.stdout == (
        "The database does not answer. This is what the receiver knows:\n\nFIRE  account 1234  Señora Núñez\n"
    )


def test_with_neither_it_says_so(tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = sereno("emergency", "--database-url", NO_DATABASE, SERENO_EMERGENCY_PORT=str(port), folder=tmp_path)
    assert answer.returncode == 3
    assert answer.stdout.startswith("The database does not answer, nor does a receiver on this machine.")
    assert "Traceback" not in answer.stderr
