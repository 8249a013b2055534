"""The UDP door: one datagram, one frame, one answer.

In: a socket that is ready. Out: its frames, taken in. Known panels are read as long as there is something to read;
strangers only until their turn is over, since a flood of them would keep everybody else waiting.
"""

from __future__ import annotations

import functools
import socket
import time
from collections.abc import Callable
from typing import Final

import trio

from receiver import metrics
from receiver.conversation import Ignored, frames_of_datagram
from receiver.intake import Intake, Moment, Sender, Taken
from receiver.limits import Limits
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES
from receiver.sources import Address, Source, source
from receiver.stranger_talk import StrangerTalk
from receiver.suspicion import Suspicion
from station.signals import Transport

_DATAGRAMS_A_TURN: Final = 256
_DATAGRAM_BYTES: Final = 2 * FRAME_LIMIT_BYTES


class DatagramDoor:
    """Panels that speak UDP."""

    def __init__(
        self, bound: socket.socket, intake: Intake, suspicion: Suspicion, talk: StrangerTalk, limits: Limits
    ) -> None:
        self._socket = bound
        self._intake = intake
        self._suspicion = suspicion
        self._talk = talk
        self._limits = limits

    def fileno(self) -> int:
        """For epoll."""
        return self._socket.fileno()

    def read(self, moment: Moment) -> None:
        """Take in what is there."""
        wasted_s = 0.0
        for _ in range(_DATAGRAMS_A_TURN):
            begun_s = time.monotonic()
            try:
                data, address = self._socket.recvfrom(_DATAGRAM_BYTES)
            except BlockingIOError:
                break
            except OSError:
                continue  # an ICMP error of an earlier reply
            if not self._take_in(data, address, moment):
                wasted_s += time.monotonic() - begun_s
                if wasted_s >= self._limits.newcomer_turn_s:
                    break
        self._suspicion.wasted(wasted_s)

    def _take_in(self, data: bytes, address: Address, moment: Moment) -> bool:
        """True if it came from a panel of ours."""
        came_from = source(Transport.UDP, address, hash(address))
        answer = functools.partial(self._send, address)
        if (taken := self._intake.take_usual(data, came_from, answer, moment)) is not None:
            return self._judge(taken, came_from, too_much=False)
        heard, noise = frames_of_datagram(data)
        known = False
        if noise:
            metrics.NOISE.inc(noise)
        for frame in heard:
            if isinstance(frame, Ignored):
                metrics.IGNORED.labels(frame.reason).inc()
            else:
                known = self._take(frame, came_from, answer, moment) or known
        if not heard and (stranger := self._talk.hear(data, address[0], moment.now_s)) is not None and stranger.reply:
            self._send(address, stranger.reply)
        return known

    def _take(self, frame: Frame, came_from: Source, answer: Callable[[bytes], None], moment: Moment) -> bool:
        too_much = self._suspicion.too_doubtful(came_from.host)
        taken = self._intake.take(frame, came_from, answer, moment, doubtful_too=not too_much)
        return self._judge(taken, came_from, too_much=too_much)

    def _judge(self, taken: Taken, came_from: Source, *, too_much: bool) -> bool:
        match taken.sender:
            case Sender.KNOWN:
                return True
            case Sender.HASTY:
                metrics.LIMITED.labels("account_datagrams").inc()
            case Sender.DOUBTFUL:
                self._suspicion.doubt_datagram(came_from.host)
                if too_much:
                    metrics.LIMITED.labels("newcomer_datagrams").inc()
        return False

    def _send(self, address: Address, reply: bytes) -> None:
        try:
            self._socket.sendto(reply, address)
        except OSError as error:
            self._talk.unreachable(str(error), address[0], trio.current_time())
