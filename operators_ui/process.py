"""The console as a process: hypercorn under trio on a socket that is already listening.

In: a database URL and the socket. Out: the screens, until cancelled. It starts and stays up while the database is away,
and says so on every page.
"""

from __future__ import annotations

import socket
from typing import Any, cast

import hypercorn.config
import structlog
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from litestar.types import ASGIApp

from dispatcher.desk import Desk
from operators_ui.app import application
from operators_ui.console import Console
from operators_ui.live import Screen, follow
from operators_ui.pages import all_pages
from operators_ui.passwords import Passwords
from operators_ui.strangers import Strangers
from station.station_key import StationKey
from station.store.database import open_database

#: A browser that takes nothing for so long is gone, and must not keep its connection.
_SILENT_BROWSER_MS = 10_000

log = structlog.get_logger()


def _config() -> hypercorn.config.Config:
    config = hypercorn.config.Config()
    config.loglevel = "WARNING"
    config.include_server_header = False
    config.keep_alive_timeout = 60.0
    return config


async def run_console(
    database_url: str,
    listening: socket.socket,
    *,
    key: StationKey | None = None,
    secure_cookies: bool = False,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve the screens on `listening` until cancelled.

    Args:
        key: opens counter-passwords and checks spoken passwords; None: neither is possible here.
        secure_cookies: browsers reach this console by https alone, through a proxy that it can't see.

    Raises:
        SchemaMismatch: the database holds a schema that this program does not know.
    """
    async with open_database(database_url, "sereno_console", size=8) as database, trio.open_nursery() as nursery:
        screen = Screen()
        console = Console(
            database=database,
            desk=Desk(database, key=key),
            screen=screen,
            pages=all_pages(),
            passwords=Passwords(),
            strangers=Strangers(),
            secure_cookies=secure_cookies,
        )
        nursery.start_soon(follow, database, screen)
        await nursery.start(_serve, application(console), listening)
        log.info("console_ready", address=listening.getsockname()[:2])
        task_status.started()


async def _serve(app: ASGIApp, listening: socket.socket, *, task_status: trio.TaskStatus[None]) -> None:
    # What `hypercorn.trio.serve` does, but with a hold on the connections: hypercorn shields its sends, so that a
    # browser that does not read would keep the console from ending.
    listening.setblocking(False)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_BROWSER_MS)
    # Litestar and hypercorn each have their own types for one ASGI.
    wrapped = ASGIWrapper(cast(Any, app))
    config, context = _config(), WorkerContext(None)
    connections: set[trio.SocketStream] = set()

    async def talk(connection: trio.SocketStream) -> None:
        connections.add(connection)
        try:
            await TCPServer(wrapped, config, context, ConnectionState({}), cast(Any, connection))
        finally:
            connections.discard(connection)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_cut_at_end, connections)
        await nursery.start(
            trio.serve_listeners, talk, [trio.SocketListener(trio.socket.from_stdlib_socket(listening))]
        )
        task_status.started()


async def _cut_at_end(connections: set[trio.SocketStream]) -> None:
    try:
        await trio.sleep_forever()
    finally:
        for connection in connections:
            connection.socket.close()
