"""One alarm told many times: by retry, by a second path, to a second receiver, after a restart. It is one alarm.

Seen from outside only: a station as a user starts it, panels on real sockets, and what the commands print.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.receiver.peers import padded, sealed
from tests.sereno.conftest import Station, end, sereno, start_station, until
from tests.stories.panels import framed, stamp

KEY = bytes(range(16))
ACCOUNTS = ("2001", "2002", "2003", "2004", "2005", "2006", "2007", "2008")
KEYED = "2016"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station that knows these panels."""
    folder = tmp_path_factory.mktemp("repeats")
    running = start_station(folder / "data")
    lines = ["account,key,key_format", *(f"{number},," for number in ACCOUNTS), f"{KEYED},{KEY.hex()},hex"]
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    imported = sereno("accounts", "import", "accounts.csv", "--data", "data", folder=folder)
    assert imported.returncode == 0, imported.stderr
    yield running
    end([running])


@contextlib.contextmanager
def second_receiver(station: Station) -> Iterator[int]:
    """Another receiver process of the same station; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sereno", "receiver", "--data", str(station.data), "--log-format", "json",
         "--dc09-address", "127.0.0.1", "--dc09-port", "0", "--metrics-port", "0"],
        cwd=station.data.parent,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        ready = next(line for line in process.stderr if "role_ready" in line)
        yield json.loads(ready)["port"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def port_of(station: Station) -> int:
    return int(station.addresses["dc09_tcp"].rpartition(":")[2])


def tell(port: int, frame: bytes) -> bytes:
    """Send a frame on a connection of its own; the text of its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as panel:
        return ask(panel, frame)


def ask(panel: socket.socket, frame: bytes) -> bytes:
    panel.sendall(frame)
    answer = b""
    while not answer.endswith(b"\r"):
        got = panel.recv(4096)
        assert got, "the receiver hung up"
        answer += got
    return answer[9:-1]


def tell_by_udp(port: int, frame: bytes) -> bytes:
    with socket.socket(type=socket.SOCK_DGRAM) as panel:
        panel.settimeout(60)
        panel.sendto(frame, ("127.0.0.1", port))
        return panel.recv(4096)[9:-1]


def burglary(account: str, sequence: int = 1, zone: str = "001", extended: str = "") -> bytes:
    return framed(f'"SIA-DCS"{sequence:04}L0#{account}[#{account}|Nri1/BA{zone}]{extended}'.encode())


def acknowledged(account: str, sequence: int = 1) -> bytes:
    return f'"ACK"{sequence:04}L0#{account}[]'.encode()


def told(station: Station, account: str) -> list[dict[str, Any]]:
    """What the station stored of an account, oldest first; copies name the signal that they repeat."""
    words = ("signals", "--json", "--account", account, "--data", str(station.data))
    listed = sereno(*words, folder=station.data.parent)
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    return found


def acted_upon(station: Station, account: str) -> list[int]:
    """The signals that incidents of an account hold."""
    listed = sereno("incidents", "--json", "--data", str(station.data), folder=station.data.parent)
    return sorted(id_ for row in json.loads(listed.stdout) if row["account"] == account for id_ in row["signals"])


def assert_one_alarm(station: Station, account: str, copies: int) -> None:
    """One signal is acted upon, and so many copies of it are stored and named."""
    until(lambda: len([row for row in told(station, account) if row["repeat_of"] is not None]) == copies)
    until(lambda: acted_upon(station, account))
    rows = told(station, account)
    (first,) = [row for row in rows if row["repeat_of"] is None]
    assert {row["repeat_of"] for row in rows} == {None, first["id"]}
    assert len(rows) == 1 + copies
    assert acted_upon(station, account) == [first["id"]]


def test_a_panel_repeats_on_one_connection_on_another_and_by_udp(station: Station) -> None:
    frame = burglary("2001")
    with socket.create_connection(("127.0.0.1", port_of(station)), timeout=60) as panel:
        for _ in range(3):
            assert ask(panel, frame) == acknowledged("2001")
    assert tell(port_of(station), frame) == acknowledged("2001")
    assert tell_by_udp(port_of(station), frame) == acknowledged("2001")
    assert_one_alarm(station, "2001", copies=4)


def test_a_panel_that_does_not_wait_for_its_answer(station: Station) -> None:
    with socket.create_connection(("127.0.0.1", port_of(station)), timeout=60) as panel:
        panel.sendall(5 * burglary("2002"))
        heard = b""
        while heard.count(b"\r") < 5:
            got = panel.recv(4096)
            assert got, "the receiver hung up"
            heard += got
    assert heard == 5 * framed(acknowledged("2002"))
    assert_one_alarm(station, "2002", copies=4)


def test_the_same_event_by_a_second_path(station: Station) -> None:
    assert tell(port_of(station), burglary("2003", extended="[G1]")) == acknowledged("2003")
    assert tell_by_udp(port_of(station), burglary("2003", extended="[G2]")) == acknowledged("2003")
    assert_one_alarm(station, "2003", copies=1)


def test_the_same_event_at_a_second_receiver(station: Station) -> None:
    with second_receiver(station) as other:
        assert tell(port_of(station), burglary("2004")) == acknowledged("2004")
        assert tell(other, burglary("2004")) == acknowledged("2004")
        assert tell_by_udp(other, burglary("2004")) == acknowledged("2004")
    assert_one_alarm(station, "2004", copies=2)


def test_a_receiver_dies_between_the_signal_and_its_repeat(station: Station) -> None:
    assert tell(port_of(station), burglary("2005")) == acknowledged("2005")
    killed = station.pid_of("receiver")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    # The door outlives it: this waits for the next one.
    assert tell(port_of(station), burglary("2005")) == acknowledged("2005")
    assert station.pid_of("receiver") != killed
    assert_one_alarm(station, "2005", copies=1)


def test_a_panel_that_numbers_everything_the_same(station: Station) -> None:
    zones = ("001", "002", "003")
    for zone in zones:
        assert tell(port_of(station), burglary("2006", zone=zone)) == acknowledged("2006")
    until(lambda: len(acted_upon(station, "2006")) == 3)
    rows = told(station, "2006")
    assert [(row["zone"], row["repeat_of"]) for row in rows] == [(zone, None) for zone in zones]


def test_the_same_content_with_the_next_number(station: Station) -> None:
    for sequence in (1, 2):
        assert tell(port_of(station), burglary("2007", sequence)) == acknowledged("2007", sequence)
    until(lambda: len(acted_upon(station, "2007")) == 2)
    assert [row["repeat_of"] for row in told(station, "2007")] == [None, None]


def test_two_panels_say_the_same(station: Station) -> None:
    """The number 2008 here, and the same bytes from a panel that nobody knows."""
    assert tell(port_of(station), burglary("2008")) == acknowledged("2008")
    assert tell(port_of(station), burglary("20080")) == acknowledged("20080")
    until(lambda: acted_upon(station, "2008") and acted_upon(station, "20080"))
    assert [row["repeat_of"] for row in told(station, "2008") + told(station, "20080")] == [None, None]


def test_an_encrypted_repeat_has_another_pad_and_is_a_repeat(station: Station) -> None:
    at = dt.datetime.now(dt.UTC)
    content = f"#{KEYED}|Nri1/BA001]".encode() + stamp(at)
    head = f'"*SIA-DCS"0001L0#{KEYED}['.encode()
    for pad_bytes in (16, 32):
        frame = framed(head + sealed(KEY, padded(content, least=pad_bytes)))
        assert tell(port_of(station), frame).startswith(f'"*ACK"0001L0#{KEYED}['.encode())
    assert_one_alarm(station, KEYED, copies=1)
