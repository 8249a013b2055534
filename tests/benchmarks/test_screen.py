"""Alarms on their way to a screen, with a receiver and a console of a few lines: what goes wrong is said."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.screen import ScreenFailed, seconds_to_the_screen
from benchmarks.station import Station
from tests.benchmarks.conftest import server


def queue(account: str) -> bytes:
    """An event of the stream, as a browser gets it."""
    html = f'<td class="account">{account}</td>'
    return f"data: {json.dumps({'name': 'queue', 'html': html})}\n\n".encode()


class Console(BaseHTTPRequestHandler):
    """Signs everybody on; its stream shows an empty queue, and after `late_s` the alarm of B000."""

    late_s = 0.3
    door = 303

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        if self.path == "/sign-on":
            self.wfile.write(b'<input name="csrf" value="00ff">')
        else:
            self.wfile.write(queue(""))
            time.sleep(self.late_s)
            self.wfile.write(queue("B000"))
            time.sleep(1)

    def do_POST(self) -> None:
        self.send_response(self.door)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def station(panels_port: int, *, door: int = 303) -> Iterator[Station]:
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (Console,), {"door": door})) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield Station(
            host="127.0.0.1", port=panels_port, console=f"http://127.0.0.1:{listening.server_port}", database_url=""
        )
        listening.shutdown()
        thread.join()


async def test_seconds_are_from_the_ack_to_the_queue() -> None:
    with server() as port, station(port) as running:
        (took_s,) = await seconds_to_the_screen(running, ["B000"], every_s=0.0)

    assert 0.1 < took_s < 0.5


async def test_a_wrong_answer_to_an_alarm_is_told() -> None:
    with server(damaged=True) as port, station(port) as running, pytest.raises(ScreenFailed, match="instead of"):
        await seconds_to_the_screen(running, ["B000"], every_s=0.0)


async def test_an_alarm_that_does_not_come_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.screen._SEEN_WITHIN_S", 0.5)
    with server() as port, station(port) as running, pytest.raises(ScreenFailed, match="1 of 1 alarms never came up"):
        await seconds_to_the_screen(running, ["B001"], every_s=0.0)


async def test_a_receiver_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.screen._SEEN_WITHIN_S", 0.5)
    with server(delay_s=1.0) as port, station(port) as running, pytest.raises(ScreenFailed, match="was silent"):
        await seconds_to_the_screen(running, ["B000"], every_s=0.0)


async def test_a_receiver_that_is_gone_is_told() -> None:
    with server() as port:
        pass
    with station(port) as running, pytest.raises(ScreenFailed, match="a connection to the station failed"):
        await seconds_to_the_screen(running, ["B000"], every_s=0.0)


async def test_a_console_that_is_gone_is_told() -> None:
    with station(1) as gone:
        pass
    with pytest.raises(ScreenFailed, match="a connection to the station failed"):
        await seconds_to_the_screen(gone, ["B000"], every_s=0.0)


async def test_a_sign_on_that_is_refused_is_told() -> None:
    with server() as port, station(port, door=401) as running, pytest.raises(ScreenFailed, match="answered 401"):
        await seconds_to_the_screen(running, ["B000"], every_s=0.0)
