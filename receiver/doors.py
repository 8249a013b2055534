"""The DC-09 doors: TCP and UDP on one port, read in batches by one task.

In: ready sockets. Out: every frame that they hold, read and handed to the journal in one go; replies come back from
there. All descriptors lie in one epoll, and trio waits for that one: a task for each connection would cost half of
the throughput (docs/decisions).
"""

from __future__ import annotations

import datetime as dt
import errno
import resource
import select
import socket
from collections.abc import Callable, Iterable
from typing import Final

import structlog
import trio

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.connections import PanelConnection
from receiver.conversation import Conversation, Ignored
from receiver.journal import Entry, Journal
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES
from receiver.reading import account_number, read
from station.signals import Protocol, Transport

log = structlog.get_logger()

#: Host and port; IPv6 adds flow and scope.
Address = tuple[str, int] | tuple[str, int, int, int]

_EVENTS_A_BATCH: Final = 1024
_ACCEPTS_A_BATCH: Final = 128
_DATAGRAMS_A_BATCH: Final = 256
#: One datagram holds one frame.
_DATAGRAM_BYTES: Final = 2 * FRAME_LIMIT_BYTES
_SWEEP_INTERVAL_S: Final = 1.0
#: A frame that is still unfinished after this is passed over; what came behind it counts.
_UNFINISHED_LIMIT_S: Final = 5.0
#: Longer than the longest supervision interval (EN 50136 DP1: 50 h): a silent panel is not hung up on.
_IDLE_LIMIT_S: Final = 52 * 3600.0
#: How long to stop accepting when descriptors run out, or the loop would spin on the waiting panel.
_ACCEPT_PAUSE_S: Final = 0.5
#: Panels may not use up what the journal needs to reach its database again.
_RESERVED_DESCRIPTORS: Final = 64
_OUT_OF_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Doors:
    """Everything between the sockets and the journal."""

    def __init__(self, tcp: socket.socket, udp: socket.socket, accounts: PanelAccounts, journal: Journal) -> None:
        self._tcp = tcp
        self._udp = udp
        self._accounts = accounts
        self._journal = journal
        self._connections: dict[int, PanelConnection] = {}
        self._accepted = 0
        self._accept_again_at_s: float | None = None
        self._connection_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_DESCRIPTORS
        self._epoll = select.epoll()
        self._epoll.register(tcp, select.EPOLLIN)
        self._epoll.register(udp, select.EPOLLIN)

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
            self._forget(connection)
        self._epoll.close()

    def _serve_ready(self) -> None:
        now_s = trio.current_time()
        for descriptor, events in self._epoll.poll(0, _EVENTS_A_BATCH):
            if self._journal.full:
                return  # epoll tells of the others again
            if descriptor == self._tcp.fileno():
                self._accept(now_s)
            elif descriptor == self._udp.fileno():
                self._read_datagrams(now_s)
            elif (connection := self._connections.get(descriptor)) is not None:
                self._serve_connection(connection, events, now_s)

    def _accept(self, now_s: float) -> None:
        for _ in range(_ACCEPTS_A_BATCH):
            if len(self._connections) >= self._connection_limit:
                self._pause_accepting(now_s, "all descriptors but the reserve are in use")
                return
            try:
                sock, address = self._tcp.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._pause_accepting(now_s, str(error))
                    return
                continue  # this panel gave up between its SYN and our accept
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._accepted += 1
            connection = PanelConnection(sock, _address_text(address), self._accepted, now_s)
            self._connections[sock.fileno()] = connection
            self._epoll.register(sock, connection.interest)
            metrics.CONNECTIONS.set(len(self._connections))

    def _pause_accepting(self, now_s: float, why: str) -> None:
        metrics.ACCEPT_PAUSES.inc()
        log.error("out_of_descriptors", connections=len(self._connections), why=why)
        self._epoll.unregister(self._tcp)
        self._accept_again_at_s = now_s + _ACCEPT_PAUSE_S

    def _serve_connection(self, connection: PanelConnection, events: int, now_s: float) -> None:
        descriptor, interest = connection.fileno(), connection.interest
        if events & select.EPOLLOUT:
            connection.flush()
        if not connection.closed and events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            noise = connection.conversation.noise_bytes
            self._take_in(connection.receive(now_s), connection, now_s)
            metrics.NOISE.inc(connection.conversation.noise_bytes - noise)
            if events & (select.EPOLLHUP | select.EPOLLERR):
                # Reset: nobody will read an answer, and epoll would report it again and again.
                connection.close()
        self._wait_again(connection, descriptor, interest)

    def _take_in(self, heard: Iterable[Frame | Ignored], connection: PanelConnection, now_s: float) -> None:
        for frame in heard:
            match frame:
                case Ignored(reason=reason):
                    metrics.IGNORED.labels(reason).inc()
                case Frame():
                    connection.expect_reply()
                    self._store(
                        frame, Transport.TCP, connection.peer, connection.number, now_s, _answer(self, connection)
                    )

    def _read_datagrams(self, now_s: float) -> None:
        for _ in range(_DATAGRAMS_A_BATCH):
            try:
                data, address = self._udp.recvfrom(_DATAGRAM_BYTES)
            except OSError:
                return  # none left, or an ICMP error of an earlier reply
            conversation = Conversation()
            heard = conversation.receive_data(data)
            while conversation.waiting:
                heard += conversation.give_up_waiting()  # nothing more will come of this datagram
            for frame in heard:
                match frame:
                    case Ignored(reason=reason):
                        metrics.IGNORED.labels(reason).inc()
                    case Frame():
                        send = _datagram_answer(self._udp, address)
                        self._store(frame, Transport.UDP, _address_text(address), hash(address), now_s, send)
            metrics.NOISE.inc(conversation.noise_bytes)

    def _store(
        self, frame: Frame, transport: Transport, peer: str, origin: int, now_s: float, answer: Callable[[bytes], None]
    ) -> None:
        number = account_number(frame)
        account = None if number is None else self._accounts.find(number, frame.receiver, frame.prefix)
        reading = read(frame, account, dt.datetime.now(dt.UTC), transport, peer)

        def committed() -> None:
            answer(reading.reply)
            for signal in reading.signals:
                metrics.SIGNALS.labels(Protocol.DC09.value, transport.value, signal.kind.value).inc()
            metrics.REPLIES.labels(reading.signals[0].reply.value).inc()
            metrics.ACK_DURATION.labels(Protocol.DC09.value).observe(trio.current_time() - now_s)

        self._journal.submit(origin, Entry(reading.signals, committed))

    def _wait_again(self, connection: PanelConnection, descriptor: int, interest: int) -> None:
        """Tell epoll what has changed about a connection."""
        if connection.closed:
            # Closing took it out of the epoll.
            self._connections.pop(descriptor, None)
            metrics.CONNECTIONS.set(len(self._connections))
        elif connection.interest != interest:
            self._epoll.modify(descriptor, connection.interest)

    def _forget(self, connection: PanelConnection) -> None:
        descriptor = connection.fileno()
        connection.close()
        self._connections.pop(descriptor, None)
        metrics.CONNECTIONS.set(len(self._connections))

    async def _sweep_forever(self) -> None:
        while True:
            await trio.sleep(_SWEEP_INTERVAL_S)
            self._sweep(trio.current_time())

    def _sweep(self, now_s: float) -> None:
        if self._accept_again_at_s is not None and self._accept_again_at_s <= now_s:
            self._accept_again_at_s = None
            self._epoll.register(self._tcp, select.EPOLLIN)
        for connection in list(self._connections.values()):
            since_s = connection.unfinished_since_s
            if now_s - connection.heard_at_s > _IDLE_LIMIT_S:
                self._forget(connection)
            elif since_s is not None and now_s - since_s > _UNFINISHED_LIMIT_S:
                descriptor, interest = connection.fileno(), connection.interest
                self._take_in(connection.give_up_waiting(now_s), connection, now_s)
                self._wait_again(connection, descriptor, interest)


def _answer(doors: Doors, connection: PanelConnection) -> Callable[[bytes], None]:
    def answer(reply: bytes) -> None:
        descriptor, interest = connection.fileno(), connection.interest
        connection.reply(reply)
        doors._wait_again(connection, descriptor, interest)

    return answer


def _datagram_answer(udp: socket.socket, address: Address) -> Callable[[bytes], None]:
    def answer(reply: bytes) -> None:
        try:
            udp.sendto(reply, address)
        except OSError as error:
            # The panel repeats its frame, and the copy is answered.
            log.warning("udp_reply_lost", why=str(error))

    return answer


def _address_text(address: Address) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
