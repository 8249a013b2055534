"""What the supervisor runs: each program as data, and how a program that it started says that it is ready.

In: settings and open sockets. Out: command lines. A role gets its sockets by descriptor number, the database's URL in
its environment, and on standard input a pipe that ends when the supervisor does.
"""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from sereno.auditor_settings import Auditing
from sereno.flags import flags_of, secrets_of
from sereno.settings import Backup, Dispatching, Receiving
from sereno.sockets import Pair

#: Seconds that each is given to end when asked, before it is killed: more than its own drain takes (a receiver's 2 s),
#: and than the end of a Python on a busy machine. The last three end together; with PostgreSQL's 3 s the sum of all
#: stays under ten.
STOP_PATIENCE_S: Final = {
    "simulate": 1.0,
    "receiver": 2.5,
    "archiver": 3.0,
    "dispatcher": 3.0,
    "console": 3.0,
    "auditor": 3.0,
    "fetcher": 3.0,
}


@attrs.frozen(kw_only=True)
class Program:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    #: Where its output is appended.
    log: pathlib.Path
    #: Signals that ask it to end, each with the seconds it is given; then it is killed.
    stop: Sequence[tuple[signal.Signals, float]]
    #: Descriptors that it inherits.
    fds: Sequence[int] = ()
    environment: dict[str, str] = attrs.field(factory=lambda: dict(os.environ), repr=False)
    #: Returns when it is ready. None: it says so itself, on the descriptor that `--ready-fd` names.
    ready: Callable[[], Awaitable[None]] | None = None


@attrs.frozen
class Roles:
    """What all roles of one station have in common."""

    data: pathlib.Path
    database_url: str = attrs.field(repr=False)

    def receiver(
        self, place: int, doors: Pair, tls: socket.socket | None, memory: int, receiving: Receiving
    ) -> Program:
        """Answers panels; the first has place 0. `memory`: what all of them share."""
        handed = {"tcp_fd": doors.tcp.fileno(), "udp_fd": doors.udp.fileno(), "paths_memory": memory}
        if tls is not None:
            handed["tls_fd"] = tls.fileno()
        name = "receiver" if place == 0 else f"receiver-{place + 1}"
        return self._role(
            "receiver", "--role-name", name, *flags_of(receiving), as_=name, secrets=secrets_of(receiving), **handed
        )

    def dispatcher(self, dispatching: Dispatching) -> Program:
        """Makes incidents of signals."""
        return self._role("dispatcher", *flags_of(dispatching))

    def fetcher(self) -> Program:
        """Gets pictures and films of alarms."""
        return self._role("fetcher")

    def auditor(self, auditing: Auditing) -> Program:
        """Watches the dispatcher, and signs heads of the station's history."""
        return self._role("auditor", *flags_of(auditing), secrets=secrets_of(auditing))

    def console(self, listening: socket.socket, *, secure_cookies: bool) -> Program:
        """Serves the operators' screens."""
        flag = "--console-secure-cookies" if secure_cookies else "--no-console-secure-cookies"
        return self._role("console", flag, listen_fd=listening.fileno())

    def archiver(self, backup: Backup) -> Program:
        """Keeps the backup complete."""
        return self._role("archiver", *flags_of(backup))

    def demo_fleet(self, panels_at: str, accounts: pathlib.Path) -> Program:
        """Simulated panels that report to `panels_at`, HOST:PORT."""
        command = ["simulate", "demo-fleet", "--to", panels_at, "--accounts", str(accounts)]
        return self._program("demo-fleet", command, ready=_at_once)

    def _role(
        self,
        role: str,
        *more: str,
        as_: str | None = None,
        secrets: Mapping[str, str] = MappingProxyType({}),
        **descriptors: int,
    ) -> Program:
        # Every flag that has a default elsewhere is given: SERENO_METRICS_PORT is meant for the whole station.
        flags = [
            "--data",
            str(self.data),
            "--metrics-port",
            "0",
            "--metrics-address",
            "127.0.0.1",
            "--log-format",
            "json",
            *more,
        ]
        for flag, descriptor in descriptors.items():
            flags += [f"--{flag.replace('_', '-')}", str(descriptor)]
        return self._program(as_ or role, [role, *flags], fds=list(descriptors.values()), secrets=secrets)

    def _program(
        self,
        name: str,
        command: Sequence[str],
        fds: Sequence[int] = (),
        ready: Callable[[], Awaitable[None]] | None = None,
        secrets: Mapping[str, str] = MappingProxyType({}),
    ) -> Program:
        own = {"SERENO_DATABASE_URL": self.database_url, "SERENO_SUPERVISED": "1"}
        return Program(
            name=name,
            command=[sys.executable, "-m", "sereno", *command],
            log=self.data / "log" / f"{name}.log",
            stop=[(signal.SIGTERM, STOP_PATIENCE_S[command[0]])],
            fds=fds,
            environment={**os.environ, **own, **secrets},
            ready=ready,
        )


async def _at_once() -> None:
    pass
