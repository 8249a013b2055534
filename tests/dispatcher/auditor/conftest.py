"""A station with an auditor, and the outside world that it speaks to."""

from __future__ import annotations

import http.server
import threading
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest

from station.store.database import Database, open_database


@pytest.fixture
async def owner(owner: Database) -> Database:
    """The fresh station as its superuser; the auditor's role and function are there, and an incident needs nothing due.

    What the schema itself forbids the auditor still looks for.
    """
    for row in await owner.fetch(
        "select conname from pg_constraint where conrelid = 'incident'::regclass and contype = 'c' "
        "and pg_get_constraintdef(oid) like '%next_due_at%'"
    ):
        await owner.execute(f'alter table incident drop constraint "{row["conname"]}"')
    return owner


@pytest.fixture
async def dispatching(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as a dispatcher may use it."""
    async with open_database(database_url, "sereno_dispatcher") as database:
        yield database


@pytest.fixture
async def auditing(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as the auditor may use it."""
    async with open_database(database_url, "sereno_auditor") as database:
        yield database


@attrs.define
class Outside:
    """A web server: counts heartbeats, keeps heads."""

    url: str = ""
    beats: int = 0
    status: int = 204
    heads: list[bytes] = attrs.field(factory=list)


@pytest.fixture
def outside() -> Iterator[Outside]:
    found = Outside()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.beats += 1
            self.send_response(found.status)
            self.end_headers()

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            if found.status < 300:
                found.heads.append(said)
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/token"
        yield found
        server.shutdown()
        thread.join()
