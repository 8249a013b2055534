"""Plays cases against a receiver: sends the frames of each, on a connection of its own, and hears what comes back.

Nothing is ever sent but the frames of the cases.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Final

import attrs
import trio

from simulators.conformance.cases import Case, Turn
from simulators.conformance.judging import Heard, Verdict, verdict, whole_replies
from simulators.links import Door, LinkLost

_CONNECT_LIMIT_S: Final = 10.0
#: Between two pieces, so that each is read by itself.
_PIECE_PAUSE_S: Final = 0.01
_READ_BYTES: Final = 65_536
_AT_ONCE: Final = 8


@attrs.frozen
class Patience:
    """How long to wait, in seconds."""

    #: For an answer that should come.
    answer_s: float = 5.0
    #: To see that nothing comes.
    silence_s: float = 1.0
    #: To see that nothing more comes.
    surplus_s: float = 0.2


@attrs.frozen
class Result:
    """How one case went."""

    case: Case
    #: All bytes sent, turn by turn.
    sent: tuple[bytes, ...]
    heard: Heard
    verdict: Verdict


async def play_all(cases: Sequence[Case], door: Door, *, udp: bool, patience: Patience) -> list[Result]:
    """Every case, a few at a time; over UDP those that datagrams can show.

    Raises:
        LinkLost: nothing listens there. UDP does not tell.
    """
    results: dict[int, Result] = {}
    turnstile = trio.CapacityLimiter(_AT_ONCE)

    async def one(place: int, case: Case) -> None:
        async with turnstile:
            results[place] = await play(case, door, udp=udp, patience=patience)

    async with _line(door, udp=udp):
        pass  # somebody is there
    async with trio.open_nursery() as nursery:
        for place, case in enumerate(cases):
            nursery.start_soon(one, place, case)
    return [results[place] for place in sorted(results)]


async def play(case: Case, door: Door, *, udp: bool, patience: Patience) -> Result:
    """One case, from its first frame to the last answer."""
    if case.untried or (udp and case.stream):
        return Result(case, (), Heard(()), Verdict.NOT_TRIED)
    sent: list[bytes] = []
    heard: list[bytes] = []
    hung_up = False
    try:
        async with _line(door, udp=udp) as line:
            for turn in case.turns:
                sent.append(await line.say(turn))
                heard.append(await line.hear(turn, patience, last=turn is case.turns[-1]))
                if line.ended:
                    break
            hung_up = line.ended
    except LinkLost:
        hung_up = True
    all_heard = Heard(tuple(heard), hung_up)
    return Result(case, tuple(sent), all_heard, verdict(case, all_heard, dt.datetime.now(dt.UTC)))


class _Line:
    """One connection, or one socket for datagrams."""

    def __init__(self, socket: trio.socket.SocketType, *, udp: bool) -> None:
        self._socket = socket
        self._udp = udp
        #: Whether the receiver has closed it.
        self.ended = False

    async def say(self, turn: Turn) -> bytes:
        """Send a turn's pieces; all of them, as they went out. Raises LinkLost."""
        said = b""
        for piece in turn.sent:
            data = piece if isinstance(piece, bytes) else piece.written(dt.datetime.now(dt.UTC))
            said += data
            await self._send(data)
            if len(turn.sent) > 1:
                await trio.sleep(_PIECE_PAUSE_S)
        if turn.then_half_closes and not self._udp:
            self._socket.shutdown(trio.socket.SHUT_WR)
        return said

    async def _send(self, data: bytes) -> None:
        try:
            while data:
                data = data[await self._socket.send(data) :]
        except OSError as error:
            raise LinkLost(str(error)) from error

    async def hear(self, turn: Turn, patience: Patience, *, last: bool) -> bytes:
        """All that comes in answer to a turn, until it is enough or time is up."""
        heard = b""
        with trio.move_on_after(patience.answer_s if turn.comes else patience.silence_s):
            while not self.ended and (not turn.comes or whole_replies(heard) < len(turn.comes)):
                heard += await self._receive()
        with trio.move_on_after(max(turn.then_waits_s, patience.surplus_s if last else 0.0)):
            while not self.ended:
                heard += await self._receive()
        return heard

    async def _receive(self) -> bytes:
        try:
            got = await self._socket.recv(_READ_BYTES)
        except OSError:
            got = b""
        if not got:
            self.ended = True
        return got


@contextlib.asynccontextmanager
async def _line(door: Door, *, udp: bool) -> AsyncIterator[_Line]:
    """Raises LinkLost if there is no way."""
    kind = trio.socket.SOCK_DGRAM if udp else trio.socket.SOCK_STREAM
    try:
        with trio.fail_after(_CONNECT_LIMIT_S):
            (family, *_, address), *_ = await trio.socket.getaddrinfo(door.host, door.port, type=kind)
            socket = trio.socket.socket(family, kind)
            try:
                await socket.connect(address)
            except BaseException:
                socket.close()
                raise
    except (OSError, trio.TooSlowError) as error:
        raise LinkLost(str(error) or "it takes too long") from error
    with socket:
        if not udp:
            # Each piece is to arrive by itself.
            socket.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
        yield _Line(socket, udp=udp)
