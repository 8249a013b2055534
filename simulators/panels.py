"""One simulated panel: it reports, waits for its acknowledgement, and repeats until it has one (DC-09 5.5.1, 5.6).

In: reports from an inbox. Out: frames on a link. A repeat is the same bytes under the same sequence number; only a
NAK, which corrects the panel's clock, makes it write the message anew.
"""

from __future__ import annotations

import datetime as dt
import enum
import random
from typing import Final

import attrs
import trio

from simulators.frames import Ack, Duh, Nak, Reply, frame, reply_to
from simulators.links import Door, Link, LinkLost, TcpLink, UdpLink
from simulators.panel_settings import PanelSettings, Transport
from simulators.reports import Report, data_field
from simulators.tally import Tally

_LAST_SEQUENCE: Final = 9999


@attrs.frozen(kw_only=True)
class Patience:
    """How long a panel waits, and how often it tries."""

    answer_s: float = 20.0
    #: After the first sending, on one connection.
    repeats: int = 3
    #: Corrections of the clock that a panel takes for one message.
    corrections: int = 3
    #: Between two rounds with a receiver that does not answer: doubled from the first to the last.
    retry_s: tuple[float, float] = (1.0, 15.0)


class Answer(enum.Enum):
    """How a message ended."""

    ACKNOWLEDGED = "acknowledged"
    DUH = "duh"
    UNANSWERED = "unanswered"


@attrs.frozen
class _Message:
    """A message under way. `report` is None for a link test."""

    report: Report | None
    sequence: int
    frame: bytes


class Panel:
    """A panel and its link. Used by one task at a time, as a panel has one message in flight."""

    def __init__(
        self,
        settings: PanelSettings,
        door: Door,
        *,
        patience: Patience | None = None,
        tally: Tally | None = None,
        clock_error: dt.timedelta = dt.timedelta(),
        first_sequence: int = 1,
    ) -> None:
        self.settings = settings
        self.tally = Tally() if tally is None else tally
        self._door = door
        self._patience = patience or Patience()
        self._clock_error = clock_error
        self._sequence = first_sequence
        self._link: Link | None = None

    async def send(self, report: Report | None) -> Answer:
        """Report once (None: a link test), with repeats; if nobody answers, both link and report are given up."""
        answer = await self._round(self._next_message(report))
        if answer is Answer.UNANSWERED:
            self.tally.unanswered += 1
        return answer

    async def deliver(self, report: Report | None) -> Answer:
        """Report until somebody answers, for ever."""
        message = self._next_message(report)
        first_s, last_s = self._patience.retry_s
        pause_s = first_s
        while (answer := await self._round(message)) is Answer.UNANSWERED:
            self.tally.unanswered += 1
            # Spread, or all panels of a receiver that comes back would knock in the same instant.
            await trio.sleep(pause_s * random.uniform(0.5, 1.5))
            pause_s = min(2 * pause_s, last_s)
        return answer

    async def run(self, inbox: trio.MemoryReceiveChannel[Report], *, first_link_test_s: float = 0.0) -> None:
        """Deliver what comes; send a link test after each silence of `link_test_s`."""
        silence_s = first_link_test_s
        try:
            while True:
                report: Report | None = None
                with trio.move_on_after(silence_s):
                    report = await inbox.receive()
                await self.deliver(report)
                silence_s = self.settings.link_test_s
        finally:
            self.close()

    def close(self) -> None:
        """Give the link up."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _next_message(self, report: Report | None) -> _Message:
        sequence = self._sequence
        self._sequence = 1 if sequence == _LAST_SEQUENCE else sequence + 1
        self.tally.sent += 1
        return _Message(report, sequence, self._written(report, sequence))

    def _written(self, report: Report | None, sequence: int) -> bytes:
        settings = self.settings
        token, data = "NULL", b""
        if report is not None:
            token = settings.form.value
            data = data_field(report, settings.identity.account, settings.form, settings.encoding)
        timed = settings.stamps_clear or settings.identity.key is not None
        return frame(settings.identity, token, sequence, data, self._now() if timed else None)

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._clock_error

    async def _round(self, message: _Message) -> Answer:
        """Send and repeat on one receiver; count what comes of it."""
        for _ in range(1 + self._patience.corrections):
            reply = await self._exchange(message)
            match reply:
                case Ack():
                    self.tally.acknowledged += 1
                    return Answer.ACKNOWLEDGED
                case Duh():
                    self.tally.duh += 1
                    return Answer.DUH
                case Nak(now=now):
                    self.tally.nak += 1
                    self._clock_error = now - dt.datetime.now(dt.UTC)
                    message = attrs.evolve(message, frame=self._written(message.report, message.sequence))
                case None:
                    break
        self.close()
        return Answer.UNANSWERED

    async def _exchange(self, message: _Message) -> Reply | None:
        """The reply to a message, sent as often as patience allows; None if there is none."""
        for attempt in range(1 + self._patience.repeats):
            self.tally.repeated += attempt > 0
            try:
                link = await self._opened()
            except LinkLost:
                return None
            try:
                reply = await self._asked(link, message)
            except LinkLost:
                self.close()
                continue
            if reply is not None:
                if self.settings.transport is Transport.TCP_EACH:
                    self.close()
                return reply
        return None

    async def _asked(self, link: Link, message: _Message) -> Reply | None:
        """The reply to one sending; None if it does not come in time. Raises LinkLost."""
        sent_at, sent = trio.current_time(), False
        with trio.move_on_after(self._patience.answer_s):
            await link.send(message.frame)
            sent = True
            reply = await self._reply(link, message.sequence)
            if isinstance(reply, Ack):
                self.tally.answered_s.append(trio.current_time() - sent_at)
            return reply
        if not sent:
            # Half a frame may be under way: what follows it on this connection would be read as its rest.
            raise LinkLost("the receiver does not read")
        return None

    async def _opened(self) -> Link:
        if self._link is None:
            udp = self.settings.transport is Transport.UDP
            self._link = await (UdpLink.open(self._door) if udp else TcpLink.open(self._door))
        return self._link

    async def _reply(self, link: Link, sequence: int) -> Reply:
        """The answer to this message; a late one to an earlier message is not for it."""
        while True:
            reply = reply_to(self.settings.identity, sequence, await link.receive())
            if reply is not None:
                return reply
