"""The ways in which a part of the station is killed, one function each.

In: the station and the wire to its database. Out: True if there was something to kill; a process that is just being
started again counts, if it is there already. OSError if the station itself is just being started.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import attrs
import trio

from station.errors import StoreUnavailable
from station.store.database import open_database
from tests.proof.disk import fill_for
from tests.proof.station import Station
from tests.proof.wire import Wire

_OWNER: Final = "sereno_owner"


@attrs.frozen
class Scene:
    """Where it happens. `gentle` keeps what takes long short."""

    station: Station
    wire: Wire
    chance: random.Random
    gentle: bool


Kill = Callable[[Scene], Awaitable[bool]]


def _send(pids: list[int], sign: signal.Signals) -> bool:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
    return bool(pids)


async def kill_receiver(scene: Scene) -> bool:
    """SIGKILL to one receiver process."""
    receivers = scene.station.pids_of("receiver")
    return bool(receivers) and _send([scene.chance.choice(receivers)], signal.SIGKILL)


async def kill_dispatcher(scene: Scene) -> bool:
    """SIGKILL to the dispatcher."""
    return _send(scene.station.pids_of("dispatcher"), signal.SIGKILL)


async def shut_postgres(scene: Scene) -> bool:
    """An immediate shutdown: no checkpoint, it recovers from its WAL."""
    return _send(scene.station.pids_of("postgres"), signal.SIGQUIT)


async def kill_postgres(scene: Scene) -> bool:
    """SIGKILL to the server; its backends find out by themselves."""
    return _send(scene.station.pids_of("postgres"), signal.SIGKILL)


async def kill_backend(scene: Scene) -> bool:
    """SIGKILL to one backend: the server ends all others and recovers, in the same process."""
    backends = scene.station.backends()
    return bool(backends) and _send([scene.chance.choice(backends)], signal.SIGKILL)


async def stop_backends(scene: Scene) -> bool:
    """Backends that stand still for a while in the middle of their work, then go on."""
    backends = scene.station.backends()
    try:
        _send(backends, signal.SIGSTOP)
        await trio.sleep(_now_and_then_long(scene, 10.0))
    finally:
        _send(backends, signal.SIGCONT)
    return bool(backends)


async def terminate_backends(scene: Scene) -> bool:
    """The server ends the connections of receivers and dispatcher, politely."""
    try:
        async with open_database(scene.station.database_url, _OWNER) as owner:
            ended = await owner.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename in ('sereno_receiver', 'sereno_dispatcher')"
            )
    except StoreUnavailable:
        return False
    return bool(ended)


async def cut_link(scene: Scene) -> bool:
    """All connections to the database end, in the middle of a word."""
    if reached := await _have_lines(scene):
        scene.wire.cut()
    return reached


async def lose_replies(scene: Scene) -> bool:
    """What is committed is not confirmed."""
    if reached := await _have_lines(scene):
        await scene.wire.lose_answers(scene.chance.uniform(0.01, 0.5))
    return reached


async def freeze_link(scene: Scene) -> bool:
    """Nothing moves, longer than a writer waits or shorter; then everything does."""
    if reached := await _have_lines(scene):
        await scene.wire.freeze(_now_and_then_long(scene, 12.0))
    return reached


async def deliver_late(scene: Scene) -> bool:
    """A commit that arrives at the server after its writer has given the connection up."""
    if reached := await _have_lines(scene):
        await scene.wire.deliver_late(scene.chance.uniform(0.01, 0.2), scene.chance.uniform(0.1, 1.5))
    return reached


async def kill_station(scene: Scene) -> bool:
    """SIGKILL to the supervisor: all ends with it, and somebody starts the station anew."""
    async with scene.station.restarting:
        scene.station.kill()
        await trio.sleep(scene.chance.uniform(0, 1))
        await scene.station.start_again()
    return True


async def fill_disk(scene: Scene) -> bool:
    """No byte is left on the disk for a while."""
    await fill_for(scene.station, 1.0 + _now_and_then_long(scene, 8.0))
    return True


def _now_and_then_long(scene: Scene, longest_s: float) -> float:
    """Mostly short; `longest_s` is beyond what a writer waits for."""
    return scene.chance.triangular(0.1, 1.0 if scene.gentle else longest_s, 0.1)


async def _have_lines(scene: Scene) -> bool:
    """The database is reached through the wire. Connections from before are ended, so that they come back over it."""
    if scene.wire.take_place(scene.station.database_socket):
        if scene.wire.lines < len(scene.station.backends()):
            await terminate_backends(scene)
        await trio.sleep(scene.chance.uniform(0.6, 1.6))
    return scene.wire.lines > 0


KILLS: Final[Mapping[str, Kill]] = {
    "receiver": kill_receiver,
    "dispatcher": kill_dispatcher,
    "postgres-shutdown": shut_postgres,
    "postgres-kill": kill_postgres,
    "postgres-backend": kill_backend,
    "postgres-stop": stop_backends,
    "link-terminate": terminate_backends,
    "link-cut": cut_link,
    "link-lost-reply": lose_replies,
    "link-freeze": freeze_link,
    "link-late": deliver_late,
    "station": kill_station,
    "disk": fill_disk,
}
#: Needs a disk of its own, so it is done in a station of its own.
DISK: Final = "disk"


def chosen(words: str) -> list[str]:
    """The kinds that `receiver,postgres` names: whole, or by their first word.

    Raises:
        ValueError: there is no such kind.
    """
    names: list[str] = []
    for word in words.split(","):
        found = [name for name in KILLS if name == word or name.startswith(f"{word}-")]
        if not found:
            raise ValueError(f"no such kind: {word}. There are: {', '.join(KILLS)}")
        names += found
    return names
