"""`sereno run`: a whole station on one host, from an empty folder to a console that answers, and back.

In: settings. Out: PostgreSQL, receiver, dispatcher and console as processes of their own until SIGTERM or Ctrl-C, and
`station.json`, which says how they are reached. What is in the way is said in one line, and nothing is left running.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import urllib.parse
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import attrs
import trio

from receiver.supervision.arrays import new_memory
from sereno import demo, demo_agreements, embedded_postgres, logs
from sereno.auditor_settings import Auditing
from sereno.backup.source import NOT_OURS
from sereno.doors import FREED_WITHIN_S, OpenDoors, open_doors
from sereno.problems import CannotRun
from sereno.programs import Program, Roles
from sereno.settings import Backup, ConsoleDoor, Dispatching, Links, MetricsDoor, Receiving, Start, Where
from sereno.supervisor import Child, Supervisor, until_up
from sereno.whereabouts import forget_station, load_or_make_key, occupy, station_file, write_station
from station.errors import SchemaMismatch, StoreUnavailable
from station.station_key import StationKey
from station.store.database import open_database
from station.store.install import OWNER, install, is_installed

READY_WITHIN_S: Final = 60.0
_ROTATION_PERIOD_S: Final = 60.0

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@attrs.frozen(kw_only=True)
class RunSettings:
    """What `sereno run` is asked for."""

    where: Where
    receiving: Receiving
    console: ConsoleDoor
    metrics: MetricsDoor
    start: Start
    backup: Backup = attrs.field(factory=Backup)
    dispatching: Dispatching = attrs.field(factory=Dispatching)
    auditing: Auditing = attrs.field(factory=Auditing)


async def run(settings: RunSettings, announce: Callable[[str], None]) -> None:
    """Run the station until a signal says to end it. `announce` gets the text that says that all is ready.

    Raises:
        CannotRun: something is in the way; alone or in a group.
    """
    for sign in _ENDING:  # what comes after the receiver below is closed again must not interrupt the last steps
        signal.signal(sign, signal.SIG_IGN)
    with trio.open_signal_receiver(*_ENDING) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_on_first, signals, nursery.cancel_scope)
            await _station(settings, announce)


async def _cancel_on_first(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    await anext(signals)  # later ones are received too, and change nothing
    scope.cancel()


async def _station(settings: RunSettings, announce: Callable[[str], None]) -> None:
    if settings.start.demo:
        demo.refuse_real_providers(os.environ)
    if settings.backup.backup_to is not None and settings.where.database_url is not None:
        raise CannotRun(NOT_OURS)
    data = settings.where.data.resolve()
    occupied = occupy(data)
    try:
        async with contextlib.AsyncExitStack() as stack:
            supervisor = stack.enter_context(contextlib.closing(Supervisor()))
            patience_s = FREED_WITHIN_S if station_file(data).exists() else 0.0
            files = [station_file(data)]
            if settings.start.ready_file is not None:
                files.append(settings.start.ready_file.absolute())
            forget_station(files)
            doors = await open_doors(
                settings.receiving.dc09,
                settings.receiving.tls,
                settings.console,
                settings.metrics,
                supervisor.children,
                patience_s,
            )
            stack.callback(doors.close)
            url = await _database(settings, data, stack, supervisor)
            key = await _install(settings, url, data)
            if settings.start.demo and not demo.accounts_file(data).exists():
                await demo.fill(url, key, data)
            await _start_roles(settings, Roles(data, url), doors, stack, supervisor)
            station = {**doors.addresses, "database_url": url}
            write_station(files, station)
            stack.callback(station_file(data).unlink, missing_ok=True)
            announce(_announcement(station, settings))
            await _rotate_logs(supervisor.children)
    finally:
        os.close(occupied)


# Database --------------------------------------------------------------------------------------------------------


async def _database(
    settings: RunSettings, data: pathlib.Path, stack: contextlib.AsyncExitStack, supervisor: Supervisor
) -> str:
    """The URL of a database that answers: the one given, or the station's own, started now."""
    if settings.where.database_url is not None:
        return settings.where.database_url
    cluster = await embedded_postgres.prepare(data / "postgres")
    program = Program(
        name="postgres",
        command=cluster.command,
        log=cluster.log,
        stop=embedded_postgres.STOP,
        ready=cluster.wait_until_it_answers,
    )
    # No limit of time: after a crash it may have much to recover.
    (child,) = await stack.enter_async_context(supervisor.kept_alive(program))
    await until_up(child)
    return cluster.url()


async def _install(settings: RunSettings, url: str, data: pathlib.Path) -> StationKey:
    """Make or check the schema; gives the station key that belongs to it."""
    parts = urllib.parse.urlsplit(url)
    try:
        async with open_database(url, parts.username or OWNER) as owner:
            key = load_or_make_key(data, installed=await is_installed(owner))
            station = await install(owner, demo=settings.start.demo, virtual_time=settings.start.virtual_time)
    except SchemaMismatch as error:
        raise CannotRun(f"The database does not fit: {error}") from None
    except StoreUnavailable as error:
        raise CannotRun(
            f"The database at {parts.hostname or 'this machine'} can't be used: {error}. "
            "Check that it runs and that --database-url is right."
        ) from None
    demo.check_kind(asked=settings.start.demo, found=station.demo, data=data)
    return key


# Roles -----------------------------------------------------------------------------------------------------------


async def _start_roles(
    settings: RunSettings, roles: Roles, doors: OpenDoors, stack: contextlib.AsyncExitStack, supervisor: Supervisor
) -> None:
    """Start every role and wait until each is up. Receivers end first."""
    memory = new_memory()
    stack.callback(os.close, memory)
    behind = [
        roles.console(doors.console, secure_cookies=settings.console.console_secure_cookies),
        roles.dispatcher(settings.dispatching),
        roles.auditor(settings.auditing),
        roles.fetcher(),
    ]
    if settings.backup.backup_to is not None:
        behind.append(roles.archiver(settings.backup))
    receivers = _receivers(settings, roles, doors, memory)
    children = [
        *await stack.enter_async_context(supervisor.kept_alive(*behind)),
        *await stack.enter_async_context(supervisor.kept_alive(*receivers)),
    ]
    with trio.move_on_after(READY_WITHIN_S) as patience:
        for child in children:
            await until_up(child)
    if patience.cancelled_caught:
        late = ", ".join(child.program.name for child in children if not child.up)
        raise CannotRun(f"Not ready within {READY_WITHIN_S:.0f} s: {late}. See the logs in {roles.data / 'log'}")
    if settings.start.demo:
        fleet = roles.demo_fleet(doors.addresses["dc09_tcp"], demo.accounts_file(roles.data))
        await stack.enter_async_context(supervisor.kept_alive(fleet))


def _receivers(settings: RunSettings, roles: Roles, doors: OpenDoors, memory: int) -> list[Program]:
    sealed: Sequence[socket.socket | None] = doors.tls or [None] * len(doors.panels)
    first = settings.receiving
    # A hardware receiver talks to one of them, and one list of waiting alarms is enough.
    others = attrs.evolve(first, links=Links(), emergency=attrs.evolve(first.emergency, emergency_port=0))
    return [
        roles.receiver(place, pair, tls, memory, first if place == 0 else others)
        for place, (pair, tls) in enumerate(zip(doors.panels, sealed, strict=True))
    ]


async def _rotate_logs(children: list[Child]) -> None:
    while True:
        await trio.sleep(_ROTATION_PERIOD_S)
        for child in children:
            # A full disk must not end a station that still answers panels.
            with contextlib.suppress(OSError):
                logs.rotate(child.program.log)


# Words -----------------------------------------------------------------------------------------------------------


def _announcement(station: dict[str, str], settings: RunSettings) -> str:
    lines = [
        "Sereno is ready." + (" DEMO: panels and people are simulated." if settings.start.demo else ""),
        "",
        f"  Console   {station['console']}",
        f"  Panels    SIA DC-09 by TCP and UDP at {station['dc09_tcp']}"
        + (f", over TLS at {station['dc09_tls']}" if "dc09_tls" in station else ""),
        f"  Metrics   {station['metrics']}",
    ]
    if settings.backup.backup_to is not None:
        lines.append(f"  Backup    {settings.backup.backup_to.absolute()}")
    if settings.start.demo:
        names = ", ".join(f"{operator.name} ({operator.role})" for operator in demo.OPERATORS)
        lines.append(f"  Sign on   {names}; password: {demo.PASSWORD}")
        said = (demo_agreements.PASSWORD, demo_agreements.DURESS, demo_agreements.COUNTER)
        lines.append("  Customers say {}; under duress {}; the station answers {}".format(*said))
    return "\n".join([*lines, "", "Stop it with Ctrl-C."])
