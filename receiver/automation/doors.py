"""The links of all hardware receivers: some connect to us, others are dialled.

In: settings. Out: connections that are served, for ever, and a matter of the station for each link that falls silent.
A port that is taken or a receiver that does not answer is tried again: panels at the other doors must not suffer.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

import structlog
import trio

from receiver import metrics
from receiver.automation.link import LinkConnection, LinkDesk
from receiver.automation.relay import Accounts
from receiver.automation.settings import Endpoint, LinkSettings
from receiver.automation.watch import LinkWatch
from receiver.journal import Journal
from receiver.sources import source
from station.signals import Signal, Transport

log = structlog.get_logger()

_CONNECT_TIMEOUT_S: Final = 10.0
#: Between two attempts: at first, and at most.
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
#: A receiver that comes back while its old connection still seems to be open has two.
_CONNECTIONS_LIMIT: Final = 8
_LOOK_INTERVAL_S: Final = 1.0


#: A link with nobody beside it.
_ALONE: Final = LinkDesk()


async def run_links(
    links: Sequence[LinkSettings],
    accounts: Accounts,
    journal: Journal,
    desk: LinkDesk = _ALONE,
    *,
    task_status: trio.TaskStatus[dict[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve every link until cancelled. Started with the port of each link that listens, by name."""
    ports: dict[str, int] = {}
    async with trio.open_nursery() as nursery:
        for origin, settings in enumerate(links):
            link = Link(settings, origin, accounts, journal, desk)
            nursery.start_soon(link.watch)
            if settings.dial is not None:
                nursery.start_soon(link.dial, settings.dial)
            elif settings.listen is not None:
                ports[settings.name] = await nursery.start(link.listen, settings.listen)
        task_status.started(ports)


class Link:
    """One receiver, connected or not."""

    def __init__(
        self, settings: LinkSettings, origin: int, accounts: Accounts, journal: Journal, desk: LinkDesk
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._origin = origin
        self._accounts = accounts
        self._journal = journal
        self._watch = LinkWatch(settings.name, settings.silence_s, trio.current_time())
        self._open: dict[LinkConnection, trio.CancelScope] = {}
        metrics.LINK_LIVES.labels(settings.name).set_function(lambda: self._watch.lives)
        metrics.LINK_CONNECTIONS.labels(settings.name).set_function(lambda: len(self._open))

    async def watch(self) -> None:
        """Report the link lost when it falls silent, for ever."""
        while True:
            await trio.sleep(min(_LOOK_INTERVAL_S, self._settings.silence_s / 4))
            self._report(self._watch.look(trio.current_time(), dt.datetime.now(dt.UTC)))

    async def listen(self, endpoint: Endpoint, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        """Let the receiver connect, for ever. Started with the port, or 0 if it is taken at first."""
        started = False
        while True:
            try:
                listeners = await trio.open_tcp_listeners(endpoint.port, host=endpoint.host)
            except OSError as error:
                log.error("link_cannot_listen", link=self._settings.name, why=str(error))
                if not started:
                    started = True
                    task_status.started(0)
                await trio.sleep(_LONGEST_PAUSE_S)
                continue
            if not started:
                task_status.started(listeners[0].socket.getsockname()[1])
            await trio.serve_listeners(self._welcome, listeners)

    async def dial(self, endpoint: Endpoint) -> None:
        """Keep connected to the receiver, for ever."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                with trio.fail_after(_CONNECT_TIMEOUT_S):
                    stream = await trio.open_tcp_stream(endpoint.host, endpoint.port)
            except (OSError, trio.TooSlowError) as error:
                log.warning("link_not_connected", link=self._settings.name, why=str(error))
            else:
                connected_at_s = trio.current_time()
                await self._serve(stream, f"{endpoint.host}:{endpoint.port}")
                if trio.current_time() - connected_at_s > _LONGEST_PAUSE_S:
                    pause_s = _FIRST_PAUSE_S
            # Not all at once after a cut: many links may lead to one receiver.
            await trio.sleep(pause_s * random.uniform(0.75, 1.25))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _welcome(self, stream: trio.SocketStream) -> None:
        try:
            address = stream.socket.getpeername()
        except OSError:
            await trio.aclose_forcefully(stream)  # gone already
            return
        caller = source(Transport.TCP, address, self._origin)
        if not self._settings.welcomes(caller.host):
            metrics.LINK_REFUSED.labels(self._settings.name).inc()
            await trio.aclose_forcefully(stream)
            return
        if len(self._open) >= _CONNECTIONS_LIMIT:
            self._open[min(self._open, key=lambda connection: connection.heard_at_s)].cancel()
        await self._serve(stream, caller.peer)

    async def _serve(self, stream: trio.abc.Stream, peer: str) -> None:
        connection = LinkConnection(
            self._settings, self._origin, self._accounts, self._journal, self._note_heard, stream, peer, self._desk
        )
        log.info("link_connected", link=self._settings.name, peer=peer)
        with trio.CancelScope() as scope:
            self._open[connection] = scope
            try:
                await connection.run()
            finally:
                del self._open[connection]
        log.info("link_disconnected", link=self._settings.name, peer=peer)

    def _note_heard(self) -> None:
        self._report(self._watch.heard(trio.current_time(), dt.datetime.now(dt.UTC)))

    def _report(self, signal: Signal | None) -> None:
        if signal is not None:
            self._journal.report(signal, self._origin)
