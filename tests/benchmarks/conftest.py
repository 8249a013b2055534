"""A small receiver on a real socket, with its own CRC: what it answers is not our own encoding. And the C programs."""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import threading
import time
from collections.abc import Iterator
from socketserver import BaseRequestHandler, StreamRequestHandler, TCPServer, ThreadingTCPServer, UDPServer
from typing import ClassVar

import pytest

from benchmarks.native import built


class Server(ThreadingTCPServer):
    """Many may call at once."""

    daemon_threads = True
    request_queue_size = 256


class Acknowledging(StreamRequestHandler):
    """Answers each frame as a station would; with `delay_s`, late; with `damaged`, all but link tests wrongly."""

    delay_s = 0.0
    damaged = False
    frames: ClassVar[list[bytes]]

    def handle(self) -> None:
        while frame := self._frame():
            self.frames.append(frame)
            time.sleep(self.delay_s)
            self.wfile.write(ack(frame, damaged=self.damaged and b'"NULL"' not in frame))

    def _frame(self) -> bytes:
        head = self.rfile.read(9)
        return head + self.rfile.read(int(head[5:], 16) + 1) if head else b""


class AcknowledgingDatagrams(BaseRequestHandler):
    """The same by UDP; it never hears every fifth frame when that comes for the first time."""

    frames: ClassVar[list[bytes]]

    def handle(self) -> None:
        frame, back = self.request
        again = frame in self.frames
        self.frames.append(frame)
        if again or len(self.frames) % 5:
            back.sendto(ack(frame), self.client_address)


def ack(frame: bytes, *, damaged: bool = False) -> bytes:
    header = re.match(rb'"[A-Z-]+"(\d{4})(L0#[0-9A-F]+)', frame[9:])
    assert header is not None
    assert int(frame[1:5], 16) == crc(frame[9:-1])
    text = b'"ACK"%s%s[]' % (header[1], header[2])
    return b"\n%04X0%03X%s\r" % (crc(text) ^ damaged, len(text), text)


def crc(text: bytes) -> int:
    crc = 0
    for byte in text:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


@contextlib.contextmanager
def server(delay_s: float = 0.0, *, damaged: bool = False, frames: list[bytes] | None = None) -> Iterator[int]:
    """Its port; what it hears is put into `frames`."""
    heard = [] if frames is None else frames
    handler = type("Handler", (Acknowledging,), {"delay_s": delay_s, "damaged": damaged, "frames": heard})
    with _serving(Server(("127.0.0.1", 0), handler)) as port:
        yield port


@contextlib.contextmanager
def datagram_server(frames: list[bytes]) -> Iterator[int]:
    handler = type("Handler", (AcknowledgingDatagrams,), {"frames": frames})
    with _serving(UDPServer(("127.0.0.1", 0), handler)) as port:
        yield port


@contextlib.contextmanager
def _serving(listening: TCPServer) -> Iterator[int]:
    with listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield int(listening.server_address[1])
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the compiled programs."""
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("no C compiler, and the load generator is a C program")
    folder = tmp_path_factory.mktemp("programs")
    built("generator", folder)
    built("echo", folder)
    return folder
