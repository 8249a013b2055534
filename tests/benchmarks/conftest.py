"""A small receiver on a real socket, with its own CRC: what it answers is not our own encoding."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Acknowledging(StreamRequestHandler):
    """Answers each frame as a station would; with `delay_s`, late; with `damaged`, wrongly."""

    delay_s = 0.0
    damaged = False

    def handle(self) -> None:
        while frame := self._frame():
            time.sleep(self.delay_s)
            header = re.match(rb'"SIA-DCS"(\d{4})(L0#[0-9A-F]+)', frame[9:])
            assert header is not None
            text = b'"ACK"%s%s[]' % (header[1], header[2])
            self.wfile.write(b"\n%04X0%03X%s\r" % (crc(text) ^ self.damaged, len(text), text))

    def _frame(self) -> bytes:
        head = self.rfile.read(9)
        return head + self.rfile.read(int(head[5:], 16) + 1) if head else b""


def crc(text: bytes) -> int:
    crc = 0
    for byte in text:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


@contextlib.contextmanager
def server(delay_s: float = 0.0, *, damaged: bool = False) -> Iterator[int]:
    handler = type("Handler", (Acknowledging,), {"delay_s": delay_s, "damaged": damaged})
    ThreadingTCPServer.daemon_threads = True
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()
