"""Where a frame came from."""

from __future__ import annotations

import attrs

from station.signals import Transport

#: Host and port; IPv6 adds flow and scope.
Address = tuple[str, int] | tuple[str, int, int, int]


@attrs.frozen
class Source:
    """One connection, or one sender of datagrams."""

    transport: Transport
    host: str
    #: Host and port, as text.
    peer: str
    #: Decides the lane: frames of one origin are stored in the order in which they came.
    origin: int


def source(transport: Transport, address: Address, origin: int) -> Source:
    """The source at a socket's address."""
    host, port = address[0], address[1]
    return Source(transport, host, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", origin)
