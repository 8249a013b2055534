"""A fetch over a real socket, the process without rights, and what is shown afterwards."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator

import pytest
import trio

from dispatcher.media.child import in_a_child
from dispatcher.media.fetching import Fetched, NotNow, fetch
from dispatcher.media.process import fetch_wanted
from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed
from station.operators import Operator
from station.signals import Kind
from station.store import media
from station.store.database import Database, open_database
from tests.dispatcher.writers import alarms

PICTURE = b"\xff\xd8\xff\xe0" + b"picture" * 100


class _Camera(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        match self.path:
            case "/picture":
                self._answer(200, PICTURE)
            case "/page":
                self._answer(200, b"<html><script>")
            case "/elsewhere":
                self.send_response(302)
                self.send_header("location", "http://127.0.0.1/")
                self.end_headers()
            case "/large":
                self._answer(200, b"\xff\xd8\xff" + bytes(LARGEST_BYTES))
            case "/later":
                self._answer(503, b"")
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def camera() -> Iterator[int]:
    """The port of a camera's server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Camera) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def link(port: int, path: str) -> Link:
    return Link("http", "localhost", port, path)


def anywhere(_: str) -> bool:
    return True


async def get(wanted: Link) -> Fetched:
    """As the process without rights would, from addresses of ours too."""
    return await trio.to_thread.run_sync(functools.partial(fetch, wanted, allowed=anywhere))


async def test_a_picture_is_fetched_as_it_is(camera: int) -> None:
    assert await get(link(camera, "/picture")) == Fetched(PICTURE, "image/jpeg")


@pytest.mark.parametrize(
    ("path", "why"), [("/page", "neither"), ("/elsewhere", "elsewhere"), ("/large", "larger"), ("/nothing", "404")]
)
async def test_what_is_no_picture_is_refused(camera: int, path: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        await get(link(camera, path))


async def test_what_may_be_there_later_is_tried_again(camera: int) -> None:
    with pytest.raises(NotNow, match="503"):
        await get(link(camera, "/later"))
    with pytest.raises(NotNow):
        await get(link(1, "/picture"))


async def test_the_process_without_rights_reaches_nothing_of_ours(camera: int) -> None:
    with pytest.raises(NotAllowed, match="inner network"):
        await in_a_child(link(camera, "/picture"))


@pytest.mark.parametrize("consent", [True, False])
async def test_a_picture_of_an_alarm_is_shown_with_consent_and_each_look_is_recorded(
    owner: Database,
    dispatching: Database,
    console: Database,
    database_url: str,
    ana: Operator,
    camera: int,
    consent: bool,
) -> None:
    (incident,) = await alarms(owner, dispatching, Kind.BURGLARY)
    await owner.execute("insert into care (account, media_consent) select account_id, $1 from incident", consent)
    await owner.execute("insert into media_host values ('localhost', true)")
    url = f"http://localhost:{camera}/picture"
    await media.wants(dispatching, incident, 1, f'[["V", "{url}"], ["A", "x"]]', consent=consent)
    async with open_database(database_url, "sereno_fetcher") as fetching:
        await fetch_wanted(fetching, get)
    (one,) = await media.of_incident(console, incident)
    shown = await media.open_media(console, one.id, ana.id, "looked")
    looks = await owner.fetch("select operator from media_look")
    if not consent:
        assert (one.state.value, shown, len(looks)) == ("refused", None, 0)
        return
    assert (one.state.value, shown) == ("stored", (PICTURE, "image/jpeg"))
    assert [row["operator"] for row in looks] == [ana.id]
    (row,) = await owner.fetch("select sha256 from media")
    assert row["sha256"] == hashlib.sha256(PICTURE).digest()

    await owner.execute("update media set expires_at = now()")
    assert await media.open_media(console, one.id, ana.id, "again") is None
    assert await media.forget(owner) == 1
    assert await owner.fetch("select id from media where content is not null") == []
