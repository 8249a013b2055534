"""The station under attack: `sereno run` in a folder of its own, and the processes below it.

Everything is seen from outside: `station.json`, /proc, and the `sereno` command.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import attrs
import trio

#: On a machine with other work to do.
PATIENCE_S: Final = 180.0
_ENDS_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.02


async def until(happened: Callable[[], bool]) -> None:
    """Return once it is so; cancel it to give up."""
    while True:
        if happened():
            return
        await trio.sleep(_LOOK_EVERY_S)


class ProofFailed(Exception):
    """The station did not start, did not come back, or refused a command; the text says what it said."""


@attrs.define
class Station:
    """A station that is started, killed, and started again in the same folder and on the same port."""

    folder: pathlib.Path
    receivers: int = 1
    #: The same after each start.
    port: int = attrs.field(init=False)
    #: How often it was started while something of its predecessor was still in the way.
    refused_starts: int = attrs.field(default=0, init=False)
    #: Held by whoever kills the whole of it, until it is back.
    restarting: trio.Lock = attrs.field(factory=trio.Lock, init=False)
    _process: subprocess.Popen[bytes] | None = attrs.field(default=None, init=False)

    @port.default
    def _default_port(self) -> int:
        return _free_port()

    @property
    def data(self) -> pathlib.Path:
        """Its data folder."""
        return self.folder / "data"

    @property
    def database_url(self) -> str:
        """The URL of its database, as the owner."""
        url: str = json.loads((self.data / "station.json").read_text(encoding="utf-8"))["database_url"]
        return url

    @property
    def database_socket(self) -> pathlib.Path:
        """Where its PostgreSQL listens."""
        host = self.database_url.partition("host=")[2].partition("&")[0]
        return pathlib.Path(host) / ".s.PGSQL.5432"

    async def start(self) -> None:
        """Start it and wait until it says that it is ready.

        Raises:
            ProofFailed: it does not become ready.
        """
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        doors = ["--dc09-address", "127.0.0.1", "--dc09-port", str(self.port)]
        doors += ["--receivers", str(self.receivers), "--console-port", "0"]
        words = [
            "run",
            "--data",
            str(self.data),
            "--ready-file",
            str(ready),
            "--metrics-port",
            "0",
            "--emergency-port",
            "0",
            *doors,
        ]
        with (self.folder / "station.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 (starting it does not wait; only its end would)
                [sys.executable, "-m", "sereno", *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment(), start_new_session=True,
            )  # fmt: skip
        process = self._process
        with trio.move_on_after(PATIENCE_S):
            await until(lambda: ready.exists() or process.poll() is not None)
        if not ready.exists():
            raise ProofFailed(f"the station did not start; see {self.folder / 'station.log'}")

    async def start_again(self) -> None:
        """Start it until it stands, as systemd would.

        Raises:
            ProofFailed: it never does.
        """
        with trio.move_on_after(PATIENCE_S):
            while True:
                try:
                    await self.start()
                except ProofFailed:
                    self.refused_starts += 1
                    await trio.sleep(0.5)
                else:
                    return
        raise ProofFailed(f"the station did not come back within {PATIENCE_S:.0f} s; see {self.folder / 'station.log'}")

    def kill(self) -> None:
        """SIGKILL to the supervisor. What it leaves behind is the next one's to clear away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def stop(self) -> None:
        """Ask it to end."""
        if self._process is not None and self._process.poll() is None:
            process = self._process
            process.send_signal(signal.SIGTERM)
            with trio.CancelScope(shield=True), trio.move_on_after(_ENDS_WITHIN_S):
                await until(lambda: process.poll() is not None)
        self.kill()
        for pid in _working_below(self.folder.resolve()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def pids_of(self, role: str) -> list[int]:
        """The processes of a role that run now: `receiver`, `dispatcher`, `postgres`."""
        return [pid for pid in self._children() if _plays(_command(pid), role)]

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that serve a receiver or a dispatcher."""
        servers = self.pids_of("postgres")
        served = (b"sereno_receiver", b"sereno_dispatcher")
        return [pid for pid in _children_of(servers) if any(role in _title(pid) for role in served)]

    def _children(self) -> list[int]:
        return [] if self._process is None else _children_of([self._process.pid])

    async def sereno(self, *words: str) -> str:
        """What a command of this station says.

        Raises:
            ProofFailed: it ended with an error.
        """
        command = [sys.executable, "-m", "sereno", *words, "--data", str(self.data)]
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False, env=_environment(), cwd=self.folder
        )
        if done.returncode != 0:
            raise ProofFailed(f"sereno {' '.join(words)}: {done.stdout.decode()}{done.stderr.decode()}")
        return done.stdout.decode()


@contextlib.asynccontextmanager
async def running(folder: pathlib.Path, accounts: str, receivers: int = 1) -> AsyncIterator[Station]:
    """A station with so many receiver processes and the accounts of this CSV, ended at the end.

    Raises:
        ProofFailed: it does not start, or does not take the accounts.
    """
    station = Station(folder, receivers)
    try:
        await station.start()
        file = folder / "accounts.csv"
        file.write_text(accounts, encoding="utf-8")
        await station.sereno("accounts", "import", str(file))
        # Receivers take changed accounts over within a second.
        await trio.sleep(2)
        yield station
    finally:
        await station.stop()


def _free_port() -> int:
    """A port that no outgoing connection takes, or panels that knock while nobody listens can keep the station out."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp, contextlib.suppress(OSError):
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SERENO_")}


def _children_of(parents: Sequence[int]) -> list[int]:
    pids = [int(folder.name) for folder in pathlib.Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if _parent(pid) in parents]


def _working_below(folder: pathlib.Path) -> list[int]:
    """Processes of a PostgreSQL that nobody stopped."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is another user's
            if pathlib.Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(int(process.name))
    return found


def _parent(pid: int) -> int:
    """0 if it is gone, or only waits to be buried."""
    try:
        state, parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if state == "Z" else int(parent)


def _title(pid: int) -> bytes:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _command(pid: int) -> list[str]:
    return _title(pid).decode(errors="replace").split("\0")


def _plays(words: Sequence[str], role: str) -> bool:
    return role in words[:4] or (role == "postgres" and words[0].endswith("/postgres"))
