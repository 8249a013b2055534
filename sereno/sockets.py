"""The station's listening sockets, bound before anything else starts.

In: addresses and ports; port 0 picks a free one. Out: bound, non-blocking sockets, or a plain line that says which port
is taken. The supervisor holds them, so panels that connect while the receiver restarts wait instead of being refused.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import Final

import attrs

from sereno.problems import CannotRun

#: Panels that may wait in the kernel while a receiver restarts; Linux caps it at net.core.somaxconn.
BACKLOG: Final = 4096
#: A free TCP port may be taken for UDP; so often another pair is tried.
_PAIRS_TRIED: Final = 20


class PortTaken(CannotRun):
    """Another program listens there; it may be a station that is just ending."""


def listening(address: str, port: int, *, flag: str) -> socket.socket:
    """A listening TCP socket. `flag` is the setting that chooses the port, for the message.

    Raises:
        PortTaken: another program listens there.
        CannotRun: the address is not ours, or the port is not allowed.
    """
    return _bound(socket.SOCK_STREAM, address, port, flag)


@attrs.frozen
class Pair:
    """Two sockets on the same port number; TCP listens."""

    tcp: socket.socket
    udp: socket.socket

    def close(self) -> None:
        """Let the port go."""
        self.tcp.close()
        self.udp.close()


def listening_together(address: str, port: int, count: int, *, flag: str) -> list[socket.socket]:
    """Listening TCP sockets that share one port; the kernel deals callers out among them.

    Raises:
        PortTaken: another program holds it.
        CannotRun: the address is not ours, or the port is not allowed.
    """
    first = listening(address, port, flag=flag)
    return [first] if count == 1 else _shared(first, [socket.SOCK_STREAM] * count, address, flag)


def listening_pairs(address: str, port: int, count: int, *, flag: str) -> list[Pair]:
    """Pairs that share one port; the kernel deals panels out among them.

    Raises:
        PortTaken: another program holds one of them.
        CannotRun: the address is not ours, or the port is not allowed.
    """
    first = listening_pair(address, port, flag=flag)
    if count == 1:
        return [first]
    first.udp.close()
    bound = _shared(first.tcp, [socket.SOCK_STREAM, socket.SOCK_DGRAM] * count, address, flag)
    return [Pair(tcp, udp) for tcp, udp in zip(bound[::2], bound[1::2], strict=True)]


def listening_pair(address: str, port: int, *, flag: str) -> Pair:
    """One pair.

    Raises:
        PortTaken: another program holds one of them.
        CannotRun: the address is not ours, or the port is not allowed.
    """
    tries_left = _PAIRS_TRIED if port == 0 else 1
    while True:
        tries_left -= 1
        tcp = listening(address, port, flag=flag)
        try:
            return Pair(tcp, _bound(socket.SOCK_DGRAM, address, port_of(tcp), flag))
        except PortTaken:
            tcp.close()
            if not tries_left:
                raise


def inherited(fd: int) -> socket.socket:
    """The socket that the supervisor handed down as descriptor `fd`."""
    handed = socket.socket(fileno=fd)
    handed.setblocking(False)
    return handed


def port_of(bound: socket.socket) -> int:
    """The port number that a socket is bound to."""
    port: int = bound.getsockname()[1]
    return port


def reachable(host: str, port: int) -> str:
    """HOST:PORT at which this machine reaches a socket bound to `host`."""
    if host in {"0.0.0.0", "::"}:
        return f"127.0.0.1:{port}"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _shared(first: socket.socket, kinds: Sequence[socket.SocketKind], address: str, flag: str) -> list[socket.socket]:
    """Sockets that share the port of `first`, which is closed."""
    # Who shares a port is not told that another program of the same user holds it; so it was bound alone first.
    port = port_of(first)
    first.close()
    return [_bound(kind, address, port, flag, shared=True) for kind in kinds]


def _bound(kind: socket.SocketKind, address: str, port: int, flag: str, *, shared: bool = False) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    try:
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if kind is socket.SOCK_STREAM:
            # A port whose old conversations linger in TIME_WAIT is free.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bound.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind((address, port))
        if kind is socket.SOCK_STREAM:
            bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise refusal(error, address, port, flag, "TCP" if kind is socket.SOCK_STREAM else "UDP") from error
    bound.setblocking(False)
    return bound


def refusal(error: OSError, address: str, port: int, flag: str, transport: str) -> CannotRun:
    """What to tell the user when a port can't be had."""
    other = f"--{flag}-port {port + 1 if 1024 <= port < 65535 else 0}"
    match error.errno:
        case errno.EADDRINUSE:
            return PortTaken(
                f"Port {port} ({transport}) is taken by another program. Stop it, or choose another: {other}"
            )
        case errno.EACCES | errno.EPERM:
            return CannotRun(f"Port {port} ({transport}) needs more rights than you have. Choose another: {other}")
        case _:
            return CannotRun(
                f"Nothing can listen on {address}:{port} ({transport}): {error.strerror or error}. "
                f"Choose an address of this machine: --{flag}-address 127.0.0.1"
            )
