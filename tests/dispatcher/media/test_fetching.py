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

from dispatcher.media import rules
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
            case "/nobody":
                self._answer(204, b"")
            case "/host":
                self._answer(200, PICTURE + self.headers["host"].encode())
            case "/head":
                self._answer(200, PICTURE + repr(sorted(name.lower() for name in self.headers)).encode())
            case "/declared":
                self._answer(200, PICTURE, declared="text/html; charset=utf-8")
            case "/drawing":
                self._answer(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", declared="image/svg+xml")
            case "/called-a-picture":
                self._answer(200, b"<html><script>", declared="image/jpeg")
            case "/broken-off":
                self._answer(200, PICTURE, promised=len(PICTURE) + 1)
            case "/nothing-came":
                self._answer(200, b"", promised=10)
            case "/broken-chunk":
                self.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n" + PICTURE[:30])
            case "/chunks":
                self.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                self.wfile.write(b"4\r\n" + PICTURE[:4] + b"\r\n0\r\n\r\n")
            case "/large-without-end":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff")
                with contextlib.suppress(OSError):
                    while True:
                        self.wfile.write(bytes(65536))
            case "/garbage":
                self.wfile.write(b"\x16\x03\x01 nonsense\r\n\r\n")
            case "/endless-head":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000)
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes, *, declared: str = "", promised: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body) if promised is None else promised))
        if declared:
            self.send_header("content-type", declared)
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
    ("path", "why"),
    [
        ("/page", "neither"),
        ("/called-a-picture", "it is neither"),
        ("/declared", "the host calls it neither"),
        ("/drawing", "the host calls it neither"),
        ("/elsewhere", "elsewhere"),
        ("/large", "larger"),
        ("/large-without-end", "larger"),
        ("/nothing", "404"),
        ("/nobody", "204"),
    ],
)
async def test_what_is_no_picture_is_refused(camera: int, path: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        await get(link(camera, path))


async def test_what_may_be_there_later_is_tried_again(camera: int) -> None:
    with pytest.raises(NotNow, match="503"):
        await get(link(camera, "/later"))
    with pytest.raises(NotNow):
        await get(link(1, "/picture"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/broken-off", "broke off"),
        ("/nothing-came", "broke off"),
        ("/broken-chunk", "IncompleteRead"),
        ("/garbage", "BadStatusLine"),
        ("/endless-head", "HTTPException"),
    ],
)
async def test_a_host_that_stumbles_is_tried_again(camera: int, path: str, why: str) -> None:
    with pytest.raises(NotNow, match=why):
        await get(link(camera, path))


async def test_chunks_are_one_picture(camera: int) -> None:
    assert (await get(link(camera, "/chunks"))).content == PICTURE[:4]


async def test_the_host_is_named_as_signed_links_were_signed(camera: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await get(link(camera, "/host"))).content == PICTURE + f"localhost:{camera}".encode()
    monkeypatch.setitem(rules._PORTS, "http", camera)  # the usual port is where this test may listen
    assert (await get(link(camera, "/host"))).content == PICTURE + b"localhost"


async def test_a_host_learns_nothing_of_us(camera: int) -> None:
    sent = (await get(link(camera, "/head"))).content.removeprefix(PICTURE).decode()
    assert sent == "['accept', 'accept-encoding', 'host']"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..example", "x" * 64 + ".example"])
async def test_a_name_that_leads_nowhere_is_tried_again(host: str) -> None:
    with pytest.raises(NotNow, match="can't be resolved"):
        await get(Link("https", host, 443, "/"))


async def test_one_inner_address_among_others_is_enough(camera: int) -> None:
    with pytest.raises(NotAllowed, match="inner network"):
        fetch(link(camera, "/picture"), allowed=lambda address: address != "127.0.0.1")


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
