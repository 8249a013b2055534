"""One connection with a hardware receiver: what it relays is stored, then acknowledged.

In: an open stream. Out: entries for the journal, and an ACK for each transmission after its commit. The ACK of most
protocols names no message; so one that comes too late is not sent, or it would be taken for that of the next message,
and that one would be lost. The receiver says it again, and the copy is acknowledged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import structlog
import trio

from receiver import metrics
from receiver.automation.relay import Accounts, signals_of
from receiver.automation.settings import LinkSettings
from receiver.journal import Journal, entry_of
from receiver.protocols.relayed import ACK, Heartbeat, Message, Report, Rubbish, Transmission
from station.signals import Signal

log = structlog.get_logger()

#: A Sur-Gard receiver waits for its ACK so long, then repeats.
ACK_WITHIN_S: Final = 4.0
#: After so long without another byte, a message that lacks only its end is taken as it stands.
_QUIET_S: Final = 1.0
_READ_BYTES: Final = 8192
#: Transmissions on their way to the database, and bytes of ACKs that are not read: then no more is read.
_AWAITED_LIMIT: Final = 256
_UNSENT_LIMIT_BYTES: Final = 4096


@attrs.frozen
class LinkDesk:
    """What links share with the rest of the receiver."""

    #: Told what came of known accounts: a sign of life of theirs.
    relayed: Callable[[Sequence[Signal]], None] = lambda _: None
    #: The same signals as they are to be stored: a panel that floods repeats itself by this way, too.
    judged: Callable[[list[Signal]], list[Signal]] = lambda signals: signals
    #: False while receivers are to turn to somebody else: what they say is stored, and gets no ACK.
    acknowledging: Callable[[], bool] = lambda: True


class LinkConnection:
    """A connected receiver."""

    def __init__(
        self,
        link: LinkSettings,
        origin: int,
        accounts: Accounts,
        journal: Journal,
        heard: Callable[[], None],
        stream: trio.abc.Stream,
        peer: str,
        desk: LinkDesk,
    ) -> None:
        """`heard` is called whenever something sound has come."""
        self._desk = desk
        self._link = link
        self._origin = origin
        self._accounts = accounts
        self._journal = journal
        self._heard = heard
        self._stream = stream
        self._peer = peer
        self._wire = link.wire()
        #: Monotonic seconds at which something sound last came; at first, at which it was opened.
        self.heard_at_s = trio.current_time()
        #: Being stored, and when each last came.
        self._awaited: dict[Sequence[Report], float] = {}
        self._unsent = b""
        #: Something was committed, or something is to be sent.
        self._changed = trio.Event()

    async def run(self) -> None:
        """Until the receiver hangs up, or has been silent for too long."""
        async with self._stream, trio.open_nursery() as nursery:
            nursery.start_soon(self._send_for_ever, nursery.cancel_scope)
            await self._receive()
            # It may only have closed its sending half: it still gets its ACK.
            with trio.move_on_after(ACK_WITHIN_S):
                while self._awaited or self._unsent:
                    await self._change()
            nursery.cancel_scope.cancel()

    async def _receive(self) -> None:
        held = False
        while True:
            await self._wait_for_room()
            give_up_at_s = self.heard_at_s + self._link.silence_s
            if self._wire.waiting and not held:
                give_up_at_s = min(give_up_at_s, trio.current_time() + _QUIET_S)
            data: bytes | bytearray | None = None
            try:
                with trio.move_on_at(give_up_at_s):
                    data = await self._stream.receive_some(_READ_BYTES)
            except trio.BrokenResourceError:
                return
            if data:
                self._take(self._wire.receive_data(bytes(data)))
                held = False
            elif data is not None or trio.current_time() >= self.heard_at_s + self._link.silence_s:
                return
            else:
                self._take(self._wire.give_up_waiting())
                held = True

    def _take(self, messages: Sequence[Message]) -> None:
        for message in messages:
            match message:
                case Rubbish(size_bytes=size_bytes):
                    metrics.NOISE.inc(size_bytes)
                case Heartbeat(ack=ack):
                    metrics.LINK_HEARTBEATS.labels(self._link.name).inc()
                    self._note_sound()
                    self._send(ack)
                case Transmission():
                    self._note_sound()
                    self._store(message)

    def _note_sound(self) -> None:
        self.heard_at_s = trio.current_time()
        self._heard()

    def _store(self, said: Transmission) -> None:
        metrics.LINK_COPIES.labels(self._link.name).inc(said.copies - 1)
        key = tuple(said.reports)
        if key in self._awaited:
            # One ACK answers them all, or the next would be taken for that of another message.
            metrics.LINK_COPIES.labels(self._link.name).inc()
            self._awaited[key] = self.heard_at_s
            return
        self._awaited[key] = self.heard_at_s

        def committed() -> None:
            waited_s = trio.current_time() - self._awaited.pop(key)
            if not self._desk.acknowledging():
                self._note_change()
            elif said.ack != ACK or waited_s <= ACK_WITHIN_S:
                self._send(said.ack)
            else:
                metrics.LINK_LATE.labels(self._link.name).inc()
                self._note_change()

        signals = signals_of(said, self._link, self._accounts, dt.datetime.now(dt.UTC), self._peer)
        self._desk.relayed(signals)
        self._journal.submit(self._origin, entry_of(self._desk.judged(signals), committed))

    async def _wait_for_room(self) -> None:
        await self._journal.wait_for_room()
        while len(self._awaited) >= _AWAITED_LIMIT or len(self._unsent) > _UNSENT_LIMIT_BYTES:
            await self._change()

    def _send(self, ack: bytes) -> None:
        self._unsent += ack
        self._note_change()

    async def _send_for_ever(self, scope: trio.CancelScope) -> None:
        try:
            while True:
                while not self._unsent:
                    await self._change()
                sending = self._unsent
                await self._stream.send_all(sending)
                self._unsent = self._unsent[len(sending) :]
                self._note_change()
        except trio.BrokenResourceError:
            scope.cancel()  # nobody reads; what it said is stored

    def _note_change(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _change(self) -> None:
        await self._changed.wait()
