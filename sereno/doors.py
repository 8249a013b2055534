"""Where the world reaches the station: the ports of panels, browsers and Prometheus, opened before anything starts.

In: settings. Out: bound sockets, the metrics page answering already, and the addresses that `station.json` gives.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import attrs
import trio

from sereno.exposition import serve_metrics, station_registry
from sereno.settings import ConsoleDoor, Dc09Door, Dc09TlsDoor, MetricsDoor
from sereno.sockets import Pair, PortTaken, listening, listening_pairs, listening_together, port_of, reachable
from sereno.supervisor import Child

#: A station that was killed lets its ports go when the last of its roles has ended itself, at most 8 s later.
FREED_WITHIN_S: Final = 10.0

T = TypeVar("T")


@attrs.frozen
class OpenDoors:
    """All that listens, and its addresses by the names of `station.json`."""

    #: One pair for each receiver process.
    panels: Sequence[Pair]
    #: For TLS, one for each receiver process; empty without that door.
    tls: Sequence[socket.socket]
    console: socket.socket
    addresses: dict[str, str]

    def close(self) -> None:
        """Let the ports go."""
        for pair in self.panels:
            pair.close()
        for door in (*self.tls, self.console):
            door.close()


async def open_doors(
    dc09: Dc09Door,
    tls: Dc09TlsDoor,
    console: ConsoleDoor,
    metrics: MetricsDoor,
    children: Sequence[Child],
    patience_s: float,
) -> OpenDoors:
    """Bind every port, waiting `patience_s` for those that are taken.

    Raises:
        CannotRun: one of them can't be had.
    """
    give_up_at = trio.current_time() + patience_s

    async def patiently(open_door: Callable[[], T]) -> T:
        while True:
            try:
                return open_door()
            except PortTaken:
                if trio.current_time() >= give_up_at:
                    raise
                await trio.sleep(0.1)

    address, count = dc09.dc09_address, dc09.receivers
    panels = await patiently(lambda: listening_pairs(address, dc09.dc09_port, count, flag="dc09"))
    sealed: Sequence[socket.socket] = []
    if (tls_port := tls.tls_port) is not None:
        sealed = await patiently(lambda: listening_together(address, tls_port, count, flag="tls"))
    screens = await patiently(lambda: listening(console.console_address, console.console_port, flag="console"))
    metrics_port = await patiently(lambda: serve_metrics(metrics, station_registry(children)))
    panels_at = reachable(address, port_of(panels[0].tcp))
    addresses = {
        "dc09_tcp": panels_at,
        "dc09_udp": panels_at,
        "console": f"http://{reachable(console.console_address, port_of(screens))}",
        "metrics": f"http://{reachable(metrics.metrics_address, metrics_port)}/metrics",
    }
    if sealed:
        addresses["dc09_tls"] = reachable(address, port_of(sealed[0]))
    return OpenDoors(panels, sealed, screens, addresses)
