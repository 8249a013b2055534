"""The DC-09 doors: TCP and UDP on one port, read in batches by one task.

In: ready sockets. Out: every frame that they hold, taken in; replies come back from the journal. All descriptors lie in
one epoll, and trio waits for that one: a task for each connection would cost half of the throughput (docs/decisions).
"""

from __future__ import annotations

import datetime as dt
import errno
import functools
import resource
import select
import socket
import ssl
from collections.abc import Sequence
from typing import Final

import attrs
import structlog
import trio

from receiver import metrics
from receiver.connections import PanelConnection
from receiver.conversation import Ignored, frames_of_datagram
from receiver.intake import Intake, Moment, Sender
from receiver.journal import Journal
from receiver.limits import Limits, Newcomers
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES
from receiver.sources import Address, source
from receiver.tls import TlsFilter
from station.signals import Transport

log = structlog.get_logger()

_EVENTS_A_BATCH: Final = 512
_ACCEPTS_A_BATCH: Final = 128
_DATAGRAMS_A_BATCH: Final = 256
#: One datagram holds one frame.
_DATAGRAM_BYTES: Final = 2 * FRAME_LIMIT_BYTES
_SECOND_S: Final = 1.0
#: How long to stop accepting when descriptors run out, or the loop would spin on the waiting panel.
_ACCEPT_PAUSE_S: Final = 0.5
#: Panels may not use up what the journal needs to reach its database again.
_RESERVED_DESCRIPTORS: Final = 64
_OUT_OF_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


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
        self._udp = udp
        self._intake = intake
        self._journal = journal
        self._limits = limits
        self._newcomers: Newcomers[PanelConnection] = Newcomers(limits)
        self._connections: dict[int, PanelConnection] = {}
        self._paused: list[PanelConnection] = []
        self._accepted = 0
        self._accept_again_at_s: float | None = None
        self._connection_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_DESCRIPTORS
        self._epoll = select.epoll()
        for door in (*self._listening, udp):
            self._epoll.register(door, select.EPOLLIN)
        metrics.CONNECTIONS.set_function(lambda: len(self._connections))
        metrics.NEWCOMERS.set_function(lambda: len(self._newcomers))

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
        self._epoll.close()

    def _serve_ready(self) -> None:
        moment = _now()
        udp, connections = self._udp.fileno(), self._connections
        somebody_calls = False
        for descriptor, events in self._epoll.poll(0, _EVENTS_A_BATCH):
            if self._journal.full:
                return  # epoll tells of the others again
            if (connection := connections.get(descriptor)) is not None:
                self._serve_connection(connection, events, moment)
            elif descriptor == udp:
                self._read_datagrams(moment)
            else:
                somebody_calls = True
        # After the others: a new connection may get the number of one that was closed just now.
        if somebody_calls:
            for door, context in self._listening.items():
                self._accept(door, context, moment.now_s)

    # TCP -----------------------------------------------------------------------------------------------------------

    def _accept(self, door: socket.socket, context: ssl.SSLContext | None, now_s: float) -> None:
        for _ in range(_ACCEPTS_A_BATCH):
            if len(self._connections) >= self._connection_limit and not self._make_room():
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
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._accepted += 1
        came_from = source(Transport.TCP if context is None else Transport.TLS, address, self._accepted)
        tls = None if context is None else TlsFilter(context)
        connection = PanelConnection(sock, came_from, self._epoll, self._forget, now_s, tls)
        self._connections[sock.fileno()] = connection
        one_too_many = self._newcomers.add(connection, came_from.host)
        if one_too_many is not None:
            metrics.LIMITED.labels("newcomer_connections").inc()
            one_too_many.close()

    def _make_room(self) -> bool:
        """Hang up on the newcomer who has been here longest; False if there is none."""
        oldest = self._newcomers.oldest()
        if oldest is not None:
            metrics.LIMITED.labels("descriptors").inc()
            oldest.close()
        return oldest is not None

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
            self._take_in(connection.receive(moment.now_s), connection, moment)
            if events & (select.EPOLLHUP | select.EPOLLERR):
                # Reset: nobody will read an answer, and epoll would report it again and again.
                connection.close()

    def _take_in(self, heard: Sequence[Frame | Ignored], connection: PanelConnection, moment: Moment) -> None:
        for frame in heard:
            if isinstance(frame, Ignored):
                metrics.IGNORED.labels(frame.reason).inc()
            else:
                connection.expect_reply()
                sender = self._intake.take(frame, connection.source, connection.reply, moment)
                if sender is Sender.HASTY or connection in self._newcomers:
                    self._judge(connection, sender)
        if connection.conversation.noise_bytes != connection.noise_bytes:
            self._note_noise(connection)

    def _note_noise(self, connection: PanelConnection) -> None:
        noise = connection.conversation.noise_bytes
        metrics.NOISE.inc(noise - connection.noise_bytes)
        connection.noise_bytes = noise
        if noise > self._limits.newcomer_noise_bytes and connection in self._newcomers:
            metrics.LIMITED.labels("newcomer_noise").inc()
            connection.close()

    def _judge(self, connection: PanelConnection, sender: Sender) -> None:
        if sender is not Sender.DOUBTFUL:
            self._newcomers.forget(connection)
        if sender is Sender.HASTY:
            metrics.LIMITED.labels("account_frames").inc()
            self._pause(connection)
        elif sender is Sender.DOUBTFUL and self._newcomers.too_fast(connection.source.host):
            metrics.LIMITED.labels("newcomer_frames").inc()
            self._pause(connection)

    def _pause(self, connection: PanelConnection) -> None:
        connection.pause()
        self._paused.append(connection)

    def _forget(self, descriptor: int, connection: PanelConnection) -> None:
        self._connections.pop(descriptor, None)
        self._newcomers.forget(connection)

    # UDP -----------------------------------------------------------------------------------------------------------

    def _read_datagrams(self, moment: Moment) -> None:
        for _ in range(_DATAGRAMS_A_BATCH):
            try:
                data, address = self._udp.recvfrom(_DATAGRAM_BYTES)
            except OSError:
                return  # none left, or an ICMP error of an earlier reply
            heard, noise = frames_of_datagram(data)
            if noise:
                metrics.NOISE.inc(noise)
            for frame in heard:
                if isinstance(frame, Ignored):
                    metrics.IGNORED.labels(frame.reason).inc()
                else:
                    self._take_datagram(frame, address, moment)

    def _take_datagram(self, frame: Frame, address: Address, moment: Moment) -> None:
        came_from = source(Transport.UDP, address, hash(address))
        if not self._intake.knows(frame) and self._newcomers.too_fast(came_from.host):
            metrics.LIMITED.labels("newcomer_datagrams").inc()
            return
        self._intake.take(frame, came_from, functools.partial(self._send_datagram, address), moment)

    def _send_datagram(self, address: Address, reply: bytes) -> None:
        try:
            self._udp.sendto(reply, address)
        except OSError as error:
            # The panel repeats its frame, and the copy is answered.
            log.warning("udp_reply_lost", why=str(error))

    # Every second ----------------------------------------------------------------------------------------------------

    async def _sweep_forever(self) -> None:
        while True:
            await trio.sleep(_SECOND_S)
            self._sweep(_now())

    def _sweep(self, moment: Moment) -> None:
        now_s = moment.now_s
        if self._accept_again_at_s is not None and self._accept_again_at_s <= now_s:
            self._accept_again_at_s = None
            for door in self._listening:
                self._epoll.register(door, select.EPOLLIN)
        self._newcomers.next_second()
        self._intake.next_second()
        paused, self._paused = self._paused, []
        for connection in paused:
            connection.resume()
        for connection in list(self._connections.values()):
            self._look_at(connection, moment)

    def _look_at(self, connection: PanelConnection, moment: Moment) -> None:
        now_s = moment.now_s
        since_s = connection.unfinished_since_s
        idle_s = now_s - connection.heard_at_s
        if since_s is not None and now_s - since_s > self._limits.unfinished_s:
            metrics.LIMITED.labels("unfinished").inc()
            self._take_in(connection.give_up_waiting(now_s), connection, moment)
        elif idle_s > self._limits.newcomer_idle_s and connection in self._newcomers:
            metrics.LIMITED.labels("newcomer_idle").inc()
            connection.close()
        elif idle_s > self._limits.idle_s:
            metrics.LIMITED.labels("idle").inc()
            connection.close()


def _now() -> Moment:
    return Moment(dt.datetime.now(dt.UTC), trio.current_time())
