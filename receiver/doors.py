"""The DC-09 doors: TCP, TLS and UDP, read in batches by one task.

In: ready sockets. Out: every frame that they hold, taken in; replies come back from the journal. All descriptors lie in
one epoll, and trio waits for that one: a task for each connection would cost half of the throughput (docs/decisions).
Newcomers lie in an epoll of their own inside it, the lobby. Known panels are read first, then newcomers for a short
turn: however many of them there are and whatever they send, a known panel waits no longer than that turn.
"""

from __future__ import annotations

import datetime as dt
import errno
import resource
import select
import socket
import ssl
from typing import Final

import attrs
import structlog
import trio

from receiver import metrics
from receiver.connections import PanelConnection
from receiver.conversation import Ignored
from receiver.datagrams import DatagramDoor
from receiver.intake import Intake, Moment, Sender
from receiver.journal import Journal
from receiver.limits import Limits
from receiver.protocols.dc09_frame import Frame
from receiver.sources import Address, source
from receiver.stranger_talk import StrangerTalk
from receiver.suspicion import Suspicion
from receiver.tls import TlsFilter
from station.signals import Transport

log = structlog.get_logger()

_EVENTS_A_BATCH: Final = 512
_ACCEPTS_A_BATCH: Final = 128
#: Accepted at least, however short the turn.
_ACCEPTS_AT_LEAST: Final = 8
_SWEEP_EVERY_S: Final = 1.0
#: So many connections are looked at in one go.
_SWEPT_A_BATCH: Final = 512
#: How long to stop accepting when descriptors run out, or the loop would spin on the waiting panel.
_ACCEPT_PAUSE_S: Final = 0.5
#: Panels may not use up what the journal needs to reach its database again.
_RESERVED_DESCRIPTORS: Final = 64
_OUT_OF_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
#: A network that does not answer is asked so often, at these intervals, before the connection counts as dead.
_KEEPALIVE_PROBES: Final = 6
_KEEPALIVE_INTERVAL_S: Final = 75


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
        #: Listening sockets, and what is spoken on their connections.
        self._listening: dict[socket.socket, ssl.SSLContext | None] = {tcp: None}
        if tls is not None:
            self._listening[tls.listening] = tls.context
        self._intake = intake
        self._journal = journal
        self._limits = limits
        self._epoll = select.epoll()
        self._lobby = select.epoll()
        talk = StrangerTalk()
        self._suspicion = Suspicion(limits, intake, talk, known=self._epoll, lobby=self._lobby)
        self._datagrams = DatagramDoor(udp, intake, self._suspicion.doubts, talk, limits)
        self._connections: dict[int, PanelConnection] = {}
        self._accepted = 0
        self._accept_again_at_s: float | None = None
        self._connection_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_DESCRIPTORS
        for door in self._listening:
            _prepare(door, limits)
        for descriptor in (*map(socket.socket.fileno, self._listening), udp.fileno(), self._lobby.fileno()):
            self._epoll.register(descriptor, select.EPOLLIN)
        metrics.CONNECTIONS.set_function(lambda: len(self._connections))
        metrics.NEWCOMERS.set_function(lambda: len(self._suspicion.newcomers))

    async def serve(self) -> None:
        """Read whatever becomes ready, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._sweep_forever)
            while True:
                await trio.lowlevel.wait_readable(self._epoll.fileno())
                await self._journal.wait_for_room()
                self._serve_ready()

    def close(self) -> None:
        """Let every panel go."""
        for connection in list(self._connections.values()):
            connection.close()
        self._lobby.close()
        self._epoll.close()

    def _serve_ready(self) -> None:
        moment = _now()
        connections = self._connections
        others = set()
        for descriptor, events in self._epoll.poll(0, _EVENTS_A_BATCH):
            if self._journal.full:
                return  # epoll tells of the others again
            if (connection := connections.get(descriptor)) is not None:
                self._serve_connection(connection, events, moment)
            else:
                others.add(descriptor)
        if others:
            self._serve_others(others)

    def _serve_others(self, ready: set[int]) -> None:
        """Give everybody who is not known a turn, after the others."""
        turn_s = self._limits.newcomer_turn_s
        if self._datagrams.fileno() in ready:
            moment = _now()
            self._datagrams.read(moment, moment.now_s + turn_s)
        if self._lobby.fileno() in ready:
            moment = _now()
            self._serve_lobby(moment, moment.now_s + turn_s)
        # Last: a new connection may get the number of one that was closed just now.
        for door, context in self._listening.items():
            # One that ran out of descriptors stopped all of them.
            if door.fileno() in ready and self._accept_again_at_s is None:
                now_s = trio.current_time()
                self._accept(door, context, now_s, now_s + turn_s)

    def _serve_lobby(self, moment: Moment, turn_ends_s: float) -> None:
        # One by one: epoll puts whom it has told of at the end of its line, and nobody is passed over.
        while not self._journal.full and (ready := self._lobby.poll(0, 1)):
            descriptor, events = ready[0]
            if (connection := self._connections.get(descriptor)) is not None:
                self._serve_connection(connection, events, moment)
            if trio.current_time() >= turn_ends_s:
                return

    # TCP -----------------------------------------------------------------------------------------------------------

    def _accept(self, door: socket.socket, context: ssl.SSLContext | None, now_s: float, turn_ends_s: float) -> None:
        for accepted in range(_ACCEPTS_A_BATCH):
            if accepted >= _ACCEPTS_AT_LEAST and trio.current_time() >= turn_ends_s:
                return
            if len(self._connections) >= self._connection_limit and not self._suspicion.make_room():
                self._pause_accepting(now_s, "all descriptors but the reserve are in use")
                return
            try:
                sock, address = door.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._pause_accepting(now_s, str(error))
                    return
                continue  # this panel gave up between its SYN and our accept
            self._welcome(sock, address, context, now_s)

    def _welcome(self, sock: socket.socket, address: Address, context: ssl.SSLContext | None, now_s: float) -> None:
        sock.setblocking(False)
        self._accepted += 1
        came_from = source(Transport.TCP if context is None else Transport.TLS, address, self._accepted)
        tls = None if context is None else TlsFilter(context)
        connection = PanelConnection(sock, came_from, self._lobby, self._forget, now_s, tls)
        self._connections[sock.fileno()] = connection
        self._suspicion.welcome(connection, now_s)

    def _pause_accepting(self, now_s: float, why: str) -> None:
        metrics.ACCEPT_PAUSES.inc()
        log.error("out_of_descriptors", connections=len(self._connections), why=why)
        for door in self._listening:
            self._epoll.unregister(door)
        self._accept_again_at_s = now_s + _ACCEPT_PAUSE_S

    def _serve_connection(self, connection: PanelConnection, events: int, moment: Moment) -> None:
        if events & select.EPOLLOUT:
            connection.flush()
        if events & ~select.EPOLLOUT and not connection.closed:
            if heard := connection.receive(moment.now_s):
                self._take_in(heard, connection, moment)
            else:
                self._suspicion.nothing_heard(connection, moment.now_s)
                if connection.unfinished_since_s is not None:
                    self._look_at_unfinished(connection, moment)
            if events & (select.EPOLLHUP | select.EPOLLERR):
                # Reset: nobody will read an answer, and epoll would report it again and again.
                connection.close()

    def _take_in(self, heard: list[Frame | Ignored], connection: PanelConnection, moment: Moment) -> None:
        for frame in heard:
            if isinstance(frame, Ignored):
                metrics.IGNORED.labels(frame.reason).inc()
                connection.pass_over()
                self._suspicion.doubt(connection)
            else:
                sender = self._intake.take(frame, connection.source, connection.reply, moment)
                if sender is not Sender.KNOWN or connection.vouched_by is None:
                    self._suspicion.judge(connection, sender, frame, moment.now_s)
        if connection.conversation.noise_bytes != connection.noise_bytes:
            self._suspicion.noise(connection)

    def _forget(self, descriptor: int, connection: PanelConnection) -> None:
        self._connections.pop(descriptor, None)
        self._suspicion.forget(connection)

    # Every second ----------------------------------------------------------------------------------------------------

    async def _sweep_forever(self) -> None:
        while True:
            await trio.sleep(_SWEEP_EVERY_S)
            self._next_second(trio.current_time())
            connections = list(self._connections.values())
            for first in range(0, len(connections), _SWEPT_A_BATCH):
                moment = _now()
                for connection in connections[first : first + _SWEPT_A_BATCH]:
                    if not connection.closed:
                        self._look_at(connection, moment)
                # Panels that have something to say need not wait until all the others are looked at.
                await trio.lowlevel.checkpoint()

    def _next_second(self, now_s: float) -> None:
        if self._accept_again_at_s is not None and self._accept_again_at_s <= now_s:
            self._accept_again_at_s = None
            for door in self._listening:
                self._epoll.register(door, select.EPOLLIN)
        self._intake.next_second()
        self._suspicion.next_second(now_s)

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

    def _look_at_unfinished(self, connection: PanelConnection, moment: Moment) -> None:
        since_s = connection.unfinished_since_s
        if since_s is not None and moment.now_s - since_s > self._limits.unfinished_s:
            metrics.LIMITED.labels("unfinished").inc()
        elif connection.conversation.held_bytes > self._limits.unfinished_bytes:
            metrics.LIMITED.labels("unfinished_bytes").inc()
        else:
            return
        self._take_in(connection.give_up_waiting(moment.now_s), connection, moment)


def _prepare(door: socket.socket, limits: Limits) -> None:
    """What every connection of this door inherits."""
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A panel that lost its power or its network says no farewell.
    door.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, limits.keepalive_s)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, min(_KEEPALIVE_INTERVAL_S, limits.keepalive_s))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _KEEPALIVE_PROBES)


def _now() -> Moment:
    return Moment(dt.datetime.now(dt.UTC), trio.current_time())
