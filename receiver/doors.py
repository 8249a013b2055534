"""The DC-09 doors: TCP, TLS and UDP, read in batches.

In: ready sockets. Out: every frame that they hold, taken in; replies come back from the journal. All known panels lie
in one epoll, and one task waits for that: a task for each connection would cost half of the throughput
(docs/decisions). Newcomers lie in an epoll of their own, the lobby, and a second task serves that beside the listening
sockets, in short turns. Time wasted there is paid for with a pause: strangers, however many, never take more than a
share of it.
"""

from __future__ import annotations

import datetime as dt
import select
import socket
import ssl
import time
from typing import Final

import attrs
import trio

from receiver import metrics
from receiver.connections import PanelConnection
from receiver.conversation import Ignored
from receiver.datagrams import DatagramDoor
from receiver.entrance import Entrance
from receiver.intake import Intake, Moment, Sender
from receiver.journal import Journal
from receiver.limits import TICK_S, Limits
from receiver.protocols.dc09_frame import Frame
from receiver.sources import Address, source
from receiver.stranger_talk import StrangerTalk
from receiver.suspicion import Suspicion
from receiver.tls import TlsFilter
from station.signals import Transport

#: So many frames are read before a commit may go on.
_EVENTS_A_BATCH: Final = 128
#: After a smaller batch, so long is waited: to look for each frame apart costs more than to read it.
_GATHER_S: Final = 0.0005
#: The journal is asked for room after so many of them.
_EVENTS_A_ROOM: Final = 16
#: A member of an enum is looked up at each mention.
_KNOWN: Final = Sender.KNOWN
_SWEEP_EVERY_S: Final = 1.0
#: So many connections are looked at in one go.
_SWEPT_A_BATCH: Final = 512


@attrs.frozen
class TlsDoor:
    """Where panels speak DC-09 over TLS."""

    #: Bound, listening, non-blocking.
    listening: socket.socket
    context: ssl.SSLContext


class Doors:
    """Everything between the sockets and the intake."""

    def __init__(
        self,
        tcp: socket.socket,
        udp: socket.socket,
        tls: TlsDoor | None,
        intake: Intake,
        journal: Journal,
        limits: Limits,
    ) -> None:
        self._intake = intake
        self._journal = journal
        self._limits = limits
        self._connections: dict[int, PanelConnection] = {}
        self._accepted = 0
        self._known = select.epoll()
        self._lobby = select.epoll()
        #: The lobby, the listening sockets, and the one for datagrams.
        self._outside = select.epoll()
        self._outside.register(self._lobby.fileno(), select.EPOLLIN)
        self._outside.register(udp.fileno(), select.EPOLLIN)
        listening: dict[socket.socket, ssl.SSLContext | None] = {tcp: None}
        if tls is not None:
            listening[tls.listening] = tls.context
        talk = StrangerTalk()
        self._suspicion = Suspicion(limits, talk, known=self._known, lobby=self._lobby)
        self._datagrams = DatagramDoor(udp, intake, self._suspicion, talk, limits)
        self._entrance = Entrance(listening, self._outside, limits, self._suspicion.make_room, self._welcome)
        metrics.CONNECTIONS.set_function(lambda: len(self._connections))
        metrics.NEWCOMERS.set_function(lambda: len(self._suspicion.newcomers))

    async def serve(self) -> None:
        """Read whatever becomes ready, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._sweep_forever)
            nursery.start_soon(self._tick_forever)
            nursery.start_soon(self._serve_outside_forever)
            while True:
                await trio.lowlevel.wait_readable(self._known.fileno())
                await self._journal.wait_for_room()
                if self._serve_known() < _EVENTS_A_BATCH:
                    await trio.sleep(_GATHER_S)

    def close(self) -> None:
        """Let every panel go."""
        for connection in list(self._connections.values()):
            connection.close()
        for epoll in (self._outside, self._lobby, self._known):
            epoll.close()

    def _serve_known(self) -> int:
        """Serve those who are ready, up to a batch of them; how many."""
        moment = _now()
        connections = self._connections
        ready = self._known.poll(0, _EVENTS_A_BATCH)
        for place, (descriptor, events) in enumerate(ready):
            if place % _EVENTS_A_ROOM == 0 and self._journal.full:
                break  # epoll tells of the others again
            if (connection := connections.get(descriptor)) is None:
                continue
            if events == select.EPOLLIN:
                self._hear(connection, moment)
            else:
                self._serve_connection(connection, events, moment)
        return len(ready)

    # Outside ---------------------------------------------------------------------------------------------------------

    async def _serve_outside_forever(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._outside.fileno())
            await self._journal.wait_for_room()
            ready = {descriptor for descriptor, _ in self._outside.poll(0)}
            if self._datagrams.fileno() in ready:
                self._datagrams.read(_now())
            if self._lobby.fileno() in ready:
                self._serve_lobby(_now())
            # Last: a new connection may get the number of one that was closed just now.
            self._entrance.accept(ready, len(self._connections), trio.current_time())
            await trio.sleep(self._suspicion.time_to_pay())

    def _serve_lobby(self, moment: Moment) -> None:
        turn_ends_s = time.monotonic() + self._limits.newcomer_turn_s
        begun_s = time.monotonic()
        # One by one: epoll puts whom it has told of at the end of its line, and nobody is passed over.
        while begun_s < turn_ends_s and not self._journal.full and (ready := self._lobby.poll(0, 1)):
            descriptor, events = ready[0]
            ended_s = begun_s
            if (connection := self._connections.get(descriptor)) is not None:
                self._serve_connection(connection, events, moment)
                ended_s = time.monotonic()
                if connection.vouched_by is None:
                    self._suspicion.wasted(ended_s - begun_s)
            begun_s = ended_s

    def _welcome(self, sock: socket.socket, address: Address, context: ssl.SSLContext | None) -> None:
        sock.setblocking(False)
        self._accepted += 1
        came_from = source(Transport.TCP if context is None else Transport.TLS, address, self._accepted)
        tls = None if context is None else TlsFilter(context)
        now_s = trio.current_time()
        connection = PanelConnection(sock, came_from, self._lobby, self._forget, now_s, tls)
        self._connections[sock.fileno()] = connection
        self._suspicion.welcome(connection, now_s)

    def _forget(self, descriptor: int, connection: PanelConnection) -> None:
        self._connections.pop(descriptor, None)
        self._suspicion.forget(connection)

    # A connection ----------------------------------------------------------------------------------------------------

    def _serve_connection(self, connection: PanelConnection, events: int, moment: Moment) -> None:
        if events & select.EPOLLOUT:
            connection.flush()
        if events & ~select.EPOLLOUT and not connection.closed:
            self._hear(connection, moment)
            if events & (select.EPOLLHUP | select.EPOLLERR):
                # Reset: nobody will read an answer, and epoll would report it again and again.
                connection.close()

    def _hear(self, connection: PanelConnection, moment: Moment) -> None:
        data = connection.receive()
        if not data or connection.unfinished_since_s is not None:
            self._understand(data, connection, moment)
            return
        connection.owe_one()
        taken = self._intake.take_usual(data, connection.source, connection.reply, moment)
        if taken is None:
            connection.owe_none()
            self._understand(data, connection, moment)
            return
        connection.heard_one(moment.now_s)
        if taken.sender is not _KNOWN or connection.vouched_by is None:
            self._suspicion.judge(connection, taken, moment.now_s)

    def _understand(self, data: bytes, connection: PanelConnection, moment: Moment) -> None:
        if heard := connection.understand(data, moment.now_s):
            self._take_in(heard, connection, moment)
        else:
            self._suspicion.nothing_heard(connection, moment.now_s)
            if connection.unfinished_since_s is not None:
                self._look_at_unfinished(connection, moment)

    def _take_in(self, heard: list[Frame | Ignored], connection: PanelConnection, moment: Moment) -> None:
        for frame in heard:
            if isinstance(frame, Ignored):
                metrics.IGNORED.labels(frame.reason).inc()
                connection.pass_over()
                if connection.vouched_by is not None:
                    self._suspicion.doubt(connection)
            else:
                taken = self._intake.take(frame, connection.source, connection.reply, moment)
                if taken.sender is not Sender.KNOWN or connection.vouched_by is None:
                    self._suspicion.judge(connection, taken, moment.now_s)
        if connection.conversation.noise_bytes != connection.noise_bytes:
            self._suspicion.noise(connection)

    def _look_at_unfinished(self, connection: PanelConnection, moment: Moment) -> None:
        since_s = connection.unfinished_since_s
        if since_s is not None and moment.now_s - since_s > self._limits.unfinished_s:
            metrics.LIMITED.labels("unfinished").inc()
        elif connection.conversation.held_bytes > self._limits.unfinished_bytes:
            metrics.LIMITED.labels("unfinished_bytes").inc()
        else:
            return
        self._take_in(connection.give_up_waiting(moment.now_s), connection, moment)

    # Now and then ----------------------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        while True:
            await trio.sleep(TICK_S)
            self._intake.next_tick()
            self._suspicion.next_tick()

    async def _sweep_forever(self) -> None:
        while True:
            await trio.sleep(_SWEEP_EVERY_S)
            now_s = trio.current_time()
            self._entrance.open_again(now_s)
            self._suspicion.next_second(now_s)
            connections = list(self._connections.values())
            for first in range(0, len(connections), _SWEPT_A_BATCH):
                moment = _now()
                for connection in connections[first : first + _SWEPT_A_BATCH]:
                    if not connection.closed:
                        self._look_at(connection, moment)
                # Panels that have something to say need not wait until all the others are looked at.
                await trio.lowlevel.checkpoint()

    def _look_at(self, connection: PanelConnection, moment: Moment) -> None:
        idle_s = moment.now_s - connection.heard_at_s
        if connection.unfinished_since_s is not None:
            self._look_at_unfinished(connection, moment)
        if connection.vouched_by is None and idle_s > self._limits.newcomer_idle_s:
            metrics.LIMITED.labels("newcomer_idle").inc()
            connection.close()
        elif idle_s > self._limits.idle_s:
            metrics.LIMITED.labels("idle").inc()
            connection.close()


def _now() -> Moment:
    return Moment(dt.datetime.now(dt.UTC), trio.current_time())
