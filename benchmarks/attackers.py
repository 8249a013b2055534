"""Those who mean no good, as a process: `python -m benchmarks.attackers KIND PORT KNOWN KEYED`, until its input ends.

In: a kind, the port, the number of a known clear account and of one that has a key. Out: one line once it is at work,
and one at its end with what it did. It comes from several addresses of the loopback.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import itertools
import os
import random
import resource
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from receiver.protocols.dc09_framing import CrcForm, enclose

_MANY: Final = 10_000
_FEW: Final = 50
_ADDRESSES: Final = 20
_FIRST_ADDRESS: Final = 100
#: Linux: the socket is closed without a word to the other side, as when a panel loses its power.
_TCP_REPAIR: Final = 19
_RESET: Final = struct.pack("ii", 1, 0)
_PIECE_BYTES: Final = 16_384


class Attack(enum.Enum):
    """What they do."""

    SLOW = "ten thousand connections, a byte of a frame every few seconds on each"
    SILENT = "ten thousand silent connections"
    GARBAGE = "random bytes at full speed on 50 connections"
    BEGINNINGS = "beginnings of frames at full speed on 50 connections"
    GARBAGE_UDP = "random datagrams at full speed"
    UNKNOWN = "sound frames of unknown accounts at full speed on 50 connections"
    UNKNOWN_UDP = "sound datagrams of unknown accounts at full speed"
    KEYLESS = "clear frames at full speed in the name of an account with a key"
    NAMED = "sound frames at full speed in the name of a clear account"
    NAMED_THEN_UNKNOWN = "the same name once on each connection, then unknown accounts"
    NAMED_THEN_GARBAGE = "the same name once on each connection, then random bytes"
    STORM = "connections opened and closed at full speed"
    HALF_OPEN = "connections that send a frame and vanish without a word, at full speed"


def frames(number: str, kind: str = "Nri1/BA003", start: int = 0) -> Iterator[bytes]:
    """Burglaries of one account, each with another sequence number; `%` in `number` counts."""
    for n in itertools.count(start):
        account = number % (n % 0xFFFFF) if "%" in number else number
        named = (n % 9999 + 1, account.encode(), account.encode(), kind.encode())
        yield enclose(b'"SIA-DCS"%04dL0#%b[#%b|%b]' % named, CrcForm.HEX)


def _connected(port: int, n: int) -> socket.socket:
    sock = socket.socket()
    # The port is picked at the connect, so that one address has room for all of them.
    sock.setsockopt(socket.IPPROTO_IP, 24, 1)
    sock.bind((f"127.0.0.{_FIRST_ADDRESS + n % _ADDRESSES}", 0))
    sock.connect(("127.0.0.1", port))
    sock.setblocking(False)
    return sock


class Crowd:
    """One attacker's connections."""

    def __init__(self, port: int, count: int, first: bytes = b"") -> None:
        self._port = port
        self._first = first
        self.opened = 0
        self.sent_bytes = 0
        self.all: list[socket.socket | None] = [self._another(n) for n in range(count)]

    def _another(self, n: int) -> socket.socket | None:
        try:
            sock = _connected(self._port, n)
        except OSError:
            return None
        self.opened += 1
        with contextlib.suppress(OSError):
            sock.send(self._first)
        return sock

    def send(self, n: int, data: bytes) -> bool:
        """Send what goes, and read what came; call again if hung up on. False if nothing went."""
        sock = self.all[n]
        if sock is None:
            self.all[n] = self._another(n)
            return False
        try:
            with contextlib.suppress(BlockingIOError):
                if sock.recv(65_536) == b"":
                    raise ConnectionResetError
            sent = sock.send(data)
        except BlockingIOError:
            return False
        except OSError:
            sock.close()
            self.all[n] = None
            return False
        self.sent_bytes += sent
        return sent > 0


def _sit(crowd: Crowd, piece: bytes, every_s: float) -> Iterator[None]:
    """All connections in turn get one byte of `piece`, or nothing."""
    for n in itertools.count():
        if piece:
            crowd.send(n % _MANY, piece[n // _MANY % len(piece) :][:1])
        else:
            crowd.send(n % _MANY, b"")
        time.sleep(every_s / _MANY if n % 100 else every_s / _MANY * 100)
        yield


def _flood(crowd: Crowd, pieces: Callable[[], bytes]) -> Iterator[None]:
    """As much as they take."""
    count = len(crowd.all)
    while True:
        went = [crowd.send(n, pieces()) for n in range(count)]
        if not any(went):
            time.sleep(0.005)
        yield


def _flood_datagrams(port: int, pieces: Callable[[], bytes]) -> Iterator[None]:
    senders = []
    for n in range(_ADDRESSES):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((f"127.0.0.{_FIRST_ADDRESS + n}", 0))
        sock.setblocking(False)
        senders.append(sock)
    for sock in itertools.cycle(senders):
        with contextlib.suppress(OSError):
            sock.sendto(pieces(), ("127.0.0.1", port))
        yield


def _storm(port: int, first: bytes) -> Iterator[None]:
    for n in itertools.count():
        with contextlib.suppress(OSError), _connected(port, n) as sock:
            sock.send(first[: n % len(first)])
            if n % 2:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        yield


def _vanish(port: int, known: Iterator[bytes]) -> Iterator[None]:
    for n in itertools.count():
        try:
            sock = _connected(port, n)
        except OSError:
            time.sleep(0.01)
            yield
            continue
        with sock:
            sock.send(next(known))
            try:
                sock.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)
            except OSError as error:
                sys.exit(f"connections can't vanish here: {errno.errorcode[error.errno or 0]}")
        time.sleep(0.001)
        yield


def _pieces(source: Iterator[bytes], count: int) -> Callable[[], bytes]:
    """What is made once is sent again and again: making it must not be what takes the time."""
    made = [b"".join(itertools.islice(source, count)) for _ in range(200)]
    return itertools.cycle(made).__next__


def _at_work(attack: Attack, port: int, known: str, keyed: str) -> Iterator[None]:
    noise = _pieces(iter(lambda: random.randbytes(_PIECE_BYTES), b""), 1)
    ours = next(frames(known))
    match attack:
        case Attack.SLOW:
            return _sit(Crowd(port, _MANY), ours, 4.0)
        case Attack.SILENT:
            return _sit(Crowd(port, _MANY), b"", 4.0)
        case Attack.GARBAGE:
            return _flood(Crowd(port, _FEW), noise)
        case Attack.BEGINNINGS:
            return _flood(Crowd(port, _FEW), lambda: b'00000FFF"' * 1800)
        case Attack.GARBAGE_UDP:
            return _flood_datagrams(port, _pieces(iter(lambda: random.randbytes(300), b""), 1))
        case Attack.UNKNOWN:
            return _flood(Crowd(port, _FEW), _pieces(frames("E%05X"), 100))
        case Attack.UNKNOWN_UDP:
            return _flood_datagrams(port, _pieces(frames("E%05X"), 1))
        case Attack.KEYLESS:
            return _flood(Crowd(port, _FEW), _pieces(frames(keyed), 100))
        case Attack.NAMED:
            return _flood(Crowd(port, _FEW), _pieces(frames(known), 100))
        case Attack.NAMED_THEN_UNKNOWN:
            return _flood(Crowd(port, _FEW, ours), _pieces(frames("E%05X"), 100))
        case Attack.NAMED_THEN_GARBAGE:
            return _flood(Crowd(port, _FEW, ours), noise)
        case Attack.STORM:
            return _storm(port, ours)
        case Attack.HALF_OPEN:
            return _vanish(port, frames("E%05X"))


def main() -> None:
    """Attack until standard input ends."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kind, port, known, keyed = sys.argv[1:]
    at_work = _at_work(Attack[kind], int(port), known, keyed)
    next(at_work)
    print("at work", flush=True)
    steps = 0
    while not (steps % 64 == 0 and select.select([0], [], [], 0)[0] and not os.read(0, 1)):
        next(at_work)
        steps += 1


if __name__ == "__main__":
    main()
