"""Panels as a load: many TCP connections over one epoll, one message in flight on each, every ACK checked.

In: a receiver's address, connections, seconds and, if wanted, a rate of messages a second. Out: one JSON object on
standard output. Frames are written before the clock starts, all different, so the generator mostly waits.

At an offered rate an answer is timed from the moment at which its message was due, so that a message that had to wait
for a free connection counts its waiting too.
"""

from __future__ import annotations

import argparse
import collections
import gc
import json
import math
import select
import socket
import time
from collections.abc import Sequence
from typing import Final

import attrs
from fastcrc import crc16

#: Messages written ahead, over all connections; the first connection that has sent all of its own ends the run.
FRAMES: Final = 240_000
FIRST_ACCOUNT: Final = 0xB000
_ANSWER_BYTES: Final = 512
#: Longer than a panel waits.
_SILENCE_S: Final = 25.0


@attrs.frozen(kw_only=True)
class Measured:
    """What a run gave. Seconds; `cpu_share` is of one core."""

    connections: int
    acknowledged: int
    seconds: float
    rate: float
    p50_s: float
    p99_s: float
    worst_s: float
    cpu_share: float


class GeneratorFailed(Exception):
    """The receiver closed, was silent, or answered something else than the ACK."""


def account(index: int) -> str:
    """The account number of a connection."""
    return f"{FIRST_ACCOUNT + index:X}"


def framed(body: str) -> bytes:
    """A DC-09 frame: CRC and length of the body, four digits each, and the body."""
    text = body.encode("ascii")
    return b"\n%04X0%03X%s\r" % (crc16.arc(text), len(text), text)


def event(number: str, sequence: int, serial: int) -> bytes:
    """A clear SIA-DCS frame that tells of a door; `serial` makes it unlike all others."""
    return framed(f'"SIA-DCS"{sequence:04}L0#{number}[#{number}|Nri1/OP{serial % 90 + 1:03}^Load {serial}^]')


def expected_ack(number: str, sequence: int) -> bytes:
    """The one right answer to it."""
    return framed(f'"ACK"{sequence:04}L0#{number}[]')


@attrs.define(eq=False)
class _Conversation:
    """One connection, what it is still to send, and what it waits for."""

    socket: socket.socket
    #: Frames with their answers, the next one last.
    to_send: list[tuple[bytes, bytes]]
    expected: bytes = b""
    received: bytes = b""
    timed_from: float = 0.0


class Generator:
    """Open connections, each with what it will send."""

    def __init__(self, host: str, port: int, connections: int, frames: int) -> None:
        self._epoll = select.epoll()
        self._conversations: dict[int, _Conversation] = {}
        serial = int(time.time() * 1000)
        for index in range(connections):
            opened = socket.create_connection((host, port), timeout=10)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setblocking(False)
            to_send = _written(account(index), serial + index * frames, frames // connections)
            self._conversations[opened.fileno()] = _Conversation(opened, to_send)
            self._epoll.register(opened.fileno(), select.EPOLLIN)

    def run(self, seconds: float, rate: float | None) -> Sequence[float]:
        """Send for `seconds`, or until a connection has no frames left; the seconds that each ACK took.

        Raises:
            GeneratorFailed: an answer is missing or wrong.
        """
        answered_s: list[float] = []
        idle = collections.deque(self._conversations.values())
        started_at = time.perf_counter()
        begun = 0
        open_until = started_at + seconds
        while True:
            while idle and idle[0].to_send and (now := time.perf_counter()) < open_until:
                due_at = now if rate is None else started_at + begun / rate
                if due_at > now:
                    break
                _send(idle.popleft(), due_at)
                begun += 1
            over = time.perf_counter() >= open_until or (bool(idle) and not idle[0].to_send)
            if over:
                open_until = started_at
                if len(idle) == len(self._conversations):
                    return answered_s
            limit_s = _SILENCE_S
            if rate is not None and idle and not over:
                limit_s = max(0.0, started_at + begun / rate - time.perf_counter())
            self._read(answered_s, idle, limit_s)

    def close(self) -> None:
        """Give all connections up."""
        for conversation in self._conversations.values():
            conversation.socket.close()
        self._epoll.close()

    def _read(self, answered_s: list[float], idle: collections.deque[_Conversation], limit_s: float) -> None:
        # `select` on the epoll, since epoll itself waits in whole milliseconds.
        if not select.select([self._epoll], [], [], limit_s)[0] and limit_s == _SILENCE_S:
            raise GeneratorFailed(f"no answer for {_SILENCE_S:.0f} s")
        for number, _ in self._epoll.poll(0):
            conversation = self._conversations[number]
            got = conversation.socket.recv(_ANSWER_BYTES)
            conversation.received += got
            if conversation.received == conversation.expected:
                answered_s.append(time.perf_counter() - conversation.timed_from)
                conversation.received = b""
                idle.append(conversation)
            elif not got or not conversation.expected.startswith(conversation.received):
                raise GeneratorFailed(f"{conversation.received!r} instead of {conversation.expected!r}")


def _written(number: str, serial: int, count: int) -> list[tuple[bytes, bytes]]:
    """Frames and their answers; the last is sent first."""
    sequences = [n % 9999 + 1 for n in range(count)]
    return [
        (event(number, sequence, serial + n), expected_ack(number, sequence))
        for n, sequence in reversed([*enumerate(sequences)])
    ]


def _send(conversation: _Conversation, timed_from: float) -> None:
    frame, conversation.expected = conversation.to_send.pop()
    conversation.timed_from = timed_from
    conversation.socket.send(frame)


def measured(
    host: str, port: int, *, connections: int, seconds: float, rate: float | None = None, frames: int = FRAMES
) -> Measured:
    """One run.

    Raises:
        GeneratorFailed: an answer is missing or wrong.
        OSError: no connection.
    """
    generator = Generator(host, port, connections, frames)
    # A collection of all those frames would stand in the middle of an answer.
    gc.freeze()
    gc.disable()
    busy_s, started_at = time.process_time(), time.perf_counter()
    try:
        answered_s = sorted(generator.run(seconds, rate))
    finally:
        generator.close()
        gc.enable()
    took_s = time.perf_counter() - started_at
    return Measured(
        connections=connections,
        acknowledged=len(answered_s),
        seconds=took_s,
        rate=len(answered_s) / took_s,
        p50_s=percentile(answered_s, 50),
        p99_s=percentile(answered_s, 99),
        worst_s=answered_s[-1],
        cpu_share=(time.process_time() - busy_s) / took_s,
    )


def percentile(ascending: Sequence[float], percent: int) -> float:
    """The smallest of the values that `percent` of them do not exceed."""
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]


def main() -> None:
    """The process that the benchmark starts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generator")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float)
    told = parser.parse_args()
    result = measured(told.host, told.port, connections=told.connections, seconds=told.seconds, rate=told.rate)
    print(json.dumps(attrs.asdict(result)))


if __name__ == "__main__":
    main()
