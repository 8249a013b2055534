"""Where panels call in: the listening sockets.

In: a listening socket that is ready. Out: connected sockets, as many as a turn has time for. When descriptors run out
it asks for room, and if there is none stops listening for a moment: callers wait in the kernel's line meanwhile.
"""

from __future__ import annotations

import errno
import resource
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from receiver import metrics
from receiver.limits import Limits
from receiver.sources import Address

log = structlog.get_logger()

#: Accepted at least, however short the turn.
_AT_LEAST: Final = 8
#: How long to stop accepting when descriptors run out, or the loop would spin on the waiting panel.
_PAUSE_S: Final = 0.5
#: Panels may not use up what the journal needs to reach its database again.
_RESERVED_DESCRIPTORS: Final = 64
_OUT_OF_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
#: A network that does not answer is asked so often, at these intervals, before the connection counts as dead.
_KEEPALIVE_PROBES: Final = 6
_KEEPALIVE_INTERVAL_S: Final = 75

Welcome = Callable[[socket.socket, Address, ssl.SSLContext | None], None]


class Entrance:
    """All listening sockets of a receiver, waited for by one epoll."""

    def __init__(
        self,
        listening: Mapping[socket.socket, ssl.SSLContext | None],
        epoll: select.epoll,
        limits: Limits,
        make_room: Callable[[], bool],
        welcome: Welcome,
    ) -> None:
        """`listening`: and what is spoken on their connections. `make_room` closes some; False if there are none."""
        self._listening = {door.fileno(): (door, context) for door, context in listening.items()}
        self._epoll = epoll
        self._limits = limits
        self._make_room = make_room
        self._welcome = welcome
        self._connection_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED_DESCRIPTORS
        self._again_at_s: float | None = None
        for door in listening:
            _prepare(door, limits)
            epoll.register(door, select.EPOLLIN)

    def accept(self, ready: set[int], connections: int, now_s: float) -> None:
        """Welcome those who call, for one turn. `connections`: how many there are already."""
        turn_ends_s = time.monotonic() + self._limits.newcomer_turn_s
        for descriptor in ready & self._listening.keys():
            door, context = self._listening[descriptor]
            accepted = 0
            while self._again_at_s is None and (accepted < _AT_LEAST or time.monotonic() < turn_ends_s):
                if connections + accepted >= self._connection_limit and not self._make_room():
                    self._pause(now_s, "all descriptors but the reserve are in use")
                    break
                try:
                    sock, address = door.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno in _OUT_OF_DESCRIPTORS:
                        self._pause(now_s, str(error))
                    accepted += 1  # or this panel gave up between its SYN and our accept
                    continue
                accepted += 1
                self._welcome(sock, address, context)

    def open_again(self, now_s: float) -> None:
        """Listen again, if the pause is over."""
        if self._again_at_s is not None and self._again_at_s <= now_s:
            self._again_at_s = None
            for descriptor in self._listening:
                self._epoll.register(descriptor, select.EPOLLIN)

    def _pause(self, now_s: float, why: str) -> None:
        metrics.ACCEPT_PAUSES.inc()
        log.error("out_of_descriptors", why=why)
        for descriptor in self._listening:
            self._epoll.unregister(descriptor)
        self._again_at_s = now_s + _PAUSE_S


def _prepare(door: socket.socket, limits: Limits) -> None:
    """What every connection of this door inherits."""
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A panel that lost its power or its network says no farewell.
    door.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, limits.keepalive_s)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, min(_KEEPALIVE_INTERVAL_S, limits.keepalive_s))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _KEEPALIVE_PROBES)
