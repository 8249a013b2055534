"""Those that answer panels, each as a process beside the benchmark: our receiver, and its peers.

In: a place to store. Out: a port that answers, and the processes behind it, ended with the block. They end as well
when the benchmark is killed, since their standard input does.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from benchmarks.database import Place
from receiver.supervision.arrays import new_memory
from sereno.whereabouts import key_file

_READY_WITHIN_S: Final = 120.0
_ENDS_WITHIN_S: Final = 10.0
_BACKLOG: Final = 4096
_PAIRS_TRIED: Final = 20
#: Enough for the datagrams of all panels at once.
_UDP_BUFFER_BYTES: Final = 4 * 2**20


@attrs.frozen(kw_only=True)
class Server:
    """Something that answers on a port of the loopback."""

    port: int
    pids: tuple[int, ...]
    #: From the start of the process until it said that it was ready.
    started_in_s: float


class ServerFailed(Exception):
    """It did not start; the text holds its last words."""


class NotInstalled(Exception):
    """A package that is not of the station's own is needed for it."""


@contextlib.contextmanager
def receiver(
    place: Place, folder: pathlib.Path, *flags: str, processes: int = 1, stores: bool = True
) -> Iterator[Server]:
    """Our receiver, alone: no dispatcher, no console. Several processes share one port, and what they know of paths.

    Raises:
        ServerFailed: see there.
    """
    program = "sereno" if stores else "benchmarks.peers.store_off"
    environment = os.environ | {"SERENO_DATABASE_URL": place.database_url, "SERENO_SUPERVISED": "1"}
    always = ["--data", str(place.data), "--metrics-port", "0", "--emergency-port", "0", "--log-format", "json"]
    with contextlib.ExitStack() as stack:
        memory = new_memory()
        stack.callback(os.close, memory)
        port, pids, started_at = 0, [], time.monotonic()
        for n in range(processes):
            tcp, udp = (stack.enter_context(contextlib.closing(bound)) for bound in _pair(port))
            port = tcp.getsockname()[1]
            handed = {"tcp-fd": tcp.fileno(), "udp-fd": udp.fileno(), "paths-memory": memory}
            words = [program, "receiver", *always, "--role-name", f"receiver-{n}", "--ready-fd", "1", *flags]
            words += [word for name, fd in handed.items() for word in (f"--{name}", str(fd))]
            child, _ = stack.enter_context(_running(words, folder, environment, fds=list(handed.values())))
            pids.append(child)
        yield Server(port=port, pids=tuple(pids), started_in_s=time.monotonic() - started_at)


@contextlib.contextmanager
def twin(place: Place, folder: pathlib.Path) -> Iterator[Server]:
    """asyncio, uvloop and asyncpg in place of our doors and journal.

    Raises:
        ServerFailed: see there.
        NotInstalled: uvloop is not.
    """
    _need("uvloop")
    words = ["benchmarks.peers.twin", str(key_file(place.data))]
    with _peer(words, folder, os.environ | {"SERENO_DATABASE_URL": place.database_url}) as server:
        yield server


@contextlib.contextmanager
def pysiaalarm(folder: pathlib.Path) -> Iterator[Server]:
    """The TCP server of the package pysiaalarm, which stores nothing.

    Raises:
        ServerFailed: see there.
        NotInstalled: pysiaalarm is not.
    """
    _need("pysiaalarm")
    with _peer(["benchmarks.peers.pysiaalarm_server"], folder, dict(os.environ)) as server:
        yield server


@contextlib.contextmanager
def _peer(words: Sequence[str], folder: pathlib.Path, environment: dict[str, str]) -> Iterator[Server]:
    started_at = time.monotonic()
    with _running(words, folder, environment) as (pid, said):
        yield Server(port=json.loads(said)["port"], pids=(pid,), started_in_s=time.monotonic() - started_at)


@contextlib.contextmanager
def _running(
    words: Sequence[str], folder: pathlib.Path, environment: dict[str, str], fds: Sequence[int] = ()
) -> Iterator[tuple[int, str]]:
    """A module of ours as a process: its id, and the line by which it said that it is ready."""
    log = folder / f"{words[0]}.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, pass_fds=fds, text=True,
        )  # fmt: skip
    try:
        yield process.pid, _first_line(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _first_line(process: subprocess.Popen[str], log: pathlib.Path) -> str:
    output = process.stdout
    if output is None or not select.select([output], [], [], _READY_WITHIN_S)[0] or not (line := output.readline()):
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise ServerFailed(f"{log.stem} did not start: {said[-1] if said else 'it said nothing'}")
    return line


def _pair(port: int) -> tuple[socket.socket, socket.socket]:
    """TCP and UDP on one port; 0 picks one that is free for both."""
    for _ in range(_PAIRS_TRIED):
        tcp = _bound(socket.SOCK_STREAM, port)
        try:
            return tcp, _bound(socket.SOCK_DGRAM, tcp.getsockname()[1])
        except OSError:
            tcp.close()
    raise ServerFailed("no port is free for both TCP and UDP")


def _bound(kind: socket.SocketKind, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, kind)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    if kind is socket.SOCK_STREAM:
        bound.listen(_BACKLOG)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UDP_BUFFER_BYTES)
    bound.setblocking(False)
    return bound


def _need(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise NotInstalled(f"{package} is not installed: make bench-peers")
