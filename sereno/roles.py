"""What each process does: one role of the station, its metrics, and a drain when it is told to end.

In: a database URL and sockets, its own or handed down by the supervisor. Out: the role runs until SIGTERM or SIGINT,
or until the supervisor is gone. A role imports only what it needs.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog
import trio

from sereno.exposition import serve_metrics
from sereno.problems import CannotRun, first_of
from sereno.settings import ConsoleDoor, Dispatching, Inherited, MetricsDoor, Receiving
from sereno.sockets import Pair, inherited, listening, listening_pair, port_of
from station.errors import SchemaMismatch, StoreUnavailable
from station.station_key import StationKey

if TYPE_CHECKING:
    from receiver.doors import TlsDoor

#: A role whose supervisor is gone and that does not end when told to ends itself after so long.
ORPHAN_ENDS_WITHIN_S: Final = 8.0

log = structlog.get_logger()
Body = Callable[..., Awaitable[None]]


def receiver(url: str, key: StationKey, receiving: Receiving, metrics: MetricsDoor, handed: Inherited) -> None:
    """Answer panels until told to end."""
    from receiver.process import ReceiverSettings, run_receiver

    if handed.tcp_fd is not None and handed.udp_fd is not None:
        panels = Pair(inherited(handed.tcp_fd), inherited(handed.udp_fd))
    else:
        panels = listening_pair(receiving.dc09.dc09_address, receiving.dc09.dc09_port, flag="dc09")
    _allow_many_sockets()
    settings = ReceiverSettings(
        database_url=url,
        station_key=key,
        tcp=panels.tcp,
        udp=panels.udp,
        tls=_tls_door(receiving, handed),
        links=receiving.links.links,
        limits=receiving.limits,
        runaway=receiving.runaway,
        supervision=receiving.supervision,
        paths_memory=handed.paths_memory,
        watch=receiving.watch,
        clock=receiving.clock,
        emergency=(receiving.emergency.emergency_address, receiving.emergency.emergency_port),
        name=handed.role_name,
    )
    run_role("receiver", functools.partial(run_receiver, settings), metrics, handed, port_of(panels.tcp))


def _tls_door(receiving: Receiving, handed: Inherited) -> TlsDoor | None:
    """The door for panels over TLS, if there is one.

    Raises:
        CannotRun: a certificate or key can't be used, or the port can't be had.
    """
    from receiver.doors import TlsDoor
    from receiver.tls import context_for

    tls = receiving.tls
    if tls.tls_port is None:
        return None
    if tls.tls_certificate is None or tls.tls_key is None:
        raise CannotRun("DC-09 over TLS needs --tls-certificate and --tls-key, both files in PEM.")
    try:
        context = context_for(
            tls.tls_certificate, tls.tls_key, tls.tls_client_ca, require_client=tls.tls_require_client
        )
    except ValueError as error:
        raise CannotRun(f"No panel can be met over TLS: {error}") from error
    if handed.tls_fd is not None:
        return TlsDoor(inherited(handed.tls_fd), context)
    return TlsDoor(listening(receiving.dc09.dc09_address, tls.tls_port, flag="tls"), context)


def dispatcher(url: str, dispatching: Dispatching, metrics: MetricsDoor, handed: Inherited) -> None:
    """Make incidents of signals, and carry each along its plan, until told to end."""
    from dispatcher.outages import OutageSettings
    from dispatcher.process import DispatcherSettings, run_dispatcher

    settings = DispatcherSettings(
        least_operators=dispatching.least_operators,
        outages=OutageSettings(members=dispatching.outage_members, within_s=dispatching.outage_within_s),
    )
    run_role("dispatcher", functools.partial(run_dispatcher, url, settings=settings), metrics, handed)


def console(url: str, key: StationKey | None, door: ConsoleDoor, metrics: MetricsDoor, handed: Inherited) -> None:
    """Serve the operators' screens until told to end."""
    from operators_ui.process import run_console

    if handed.listen_fd is not None:
        tcp = inherited(handed.listen_fd)
    else:
        tcp = listening(door.console_address, door.console_port, flag="console")
    _allow_many_sockets()
    body = functools.partial(run_console, url, tcp, key=key, secure_cookies=door.console_secure_cookies)
    run_role("console", body, metrics, handed, port_of(tcp))


def run_role(name: str, body: Body, metrics: MetricsDoor, handed: Inherited, port: int | None = None) -> None:
    """Run `body` with its metrics beside it, say when it is ready, and cancel it when told to end.

    Raises:
        CannotRun: a port or the database can't be had; alone or in a group.
    """
    metrics_port = serve_metrics(metrics)

    async def live() -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(_until_told_to_end, nursery.cancel_scope)
            await nursery.start(body)
            log.info("role_ready", role=name, port=port, metrics_port=metrics_port)
            _say_ready(handed.ready_fd, metrics_port)

    try:
        trio.run(live)
    except* (StoreUnavailable, SchemaMismatch) as errors:
        raise CannotRun(f"The {name} can't use the database: {first_of(errors)}") from None
    log.info("role_ended", role=name)


def _allow_many_sockets() -> None:
    """Raise the limit of open descriptors as far as we may: under the usual 1,024 a receiver holds 1,000 panels."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _until_told_to_end(scope: trio.CancelScope, *, task_status: trio.TaskStatus[None]) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:  # a second one changes nothing
            scope.cancel()


def _say_ready(ready_fd: int | None, metrics_port: int) -> None:
    if ready_fd is not None:
        with os.fdopen(ready_fd, "w") as supervisor:
            supervisor.write(json.dumps({"metrics": metrics_port}) + "\n")


def end_with_supervisor() -> None:
    """Turn the end of standard input into SIGTERM: its other end was held by the supervisor, and that is gone."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_ENDS_WITHIN_S)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
