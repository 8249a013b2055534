"""`python -m benchmarks.attacks`: how long honest panels wait for their ACK while others attack. About two minutes.

In: nothing. Out: a table: honest panels alone, then beside each attack in turn; 100 connections that offer 200 signals
a second, each of an account of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import trio

from benchmarks import native
from benchmarks.attackers import Attack
from benchmarks.database import Place, new_place, running_postgres
from benchmarks.load import FIRST_ACCOUNT, Load, LoadFailed, Measured, measured
from benchmarks.native import NoCompiler
from benchmarks.servers import Server, receiver
from sereno.embedded_postgres import SUPERUSER
from sereno.problems import CannotRun, first_of
from sereno.whereabouts import load_or_make_key
from station.store.database import open_database
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
_ACCOUNTS: Final = 1000
_HONEST: Final = Load(connections=100, rate=200, accounts=100)
#: Known to the attackers: behind those of the honest panels.
_KNOWN: Final = f"{FIRST_ACCOUNT + 200:X}"
_KEYED: Final = f"{FIRST_ACCOUNT + 201:X}"
_AT_WORK_WITHIN_S: Final = 60.0
#: The attack has its full strength, and what it left behind is gone.
_SETTLES_S: Final = 1.0


@attrs.frozen
class Trial:
    """Honest panels beside one attack."""

    what: str
    #: A text if their load could not be measured: what went wrong.
    honest: Measured | str


def main() -> None:
    """Measure and print."""
    told = _told()
    problem = ""
    try:
        with tempfile.TemporaryDirectory(prefix="sereno-attacks-") as folder:
            for trial in _trials(pathlib.Path(folder), told.only or [attack.name for attack in Attack], told.seconds):
                print(_line(trial), flush=True)
    except* NoCompiler as errors:
        problem = str(first_of(errors))
    except* CannotRun as errors:
        problem = str(first_of(errors))
    if problem:
        sys.exit(f"Nothing was measured. {problem}")


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description="Honest panels beside attackers.")
    parser.add_argument("--only", action="append", choices=[attack.name for attack in Attack], help="may be repeated")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run")
    return parser.parse_args()


def _trials(folder: pathlib.Path, names: Sequence[str], seconds: float) -> Iterator[Trial]:
    generator = native.built("generator", folder)
    with running_postgres(folder) as cluster:
        place = new_place(cluster, folder, "attacked", _ACCOUNTS)
        _give_key(place)

        def run(server: Server) -> Measured | str:
            try:
                return measured(generator, server.port, _HONEST, seconds=seconds, pids=server.pids)
            except LoadFailed as error:
                return " ".join(str(error).split())

        with receiver(place, folder) as server:
            run(server)
            yield Trial("nobody", run(server))
        for name in names:
            # A new one each time: what one attack left behind is not the next one's.
            with receiver(place, folder) as server, _attacking(Attack[name], server.port):
                time.sleep(_SETTLES_S)
                yield Trial(Attack[name].value, run(server))


def _give_key(place: Place) -> None:
    key = load_or_make_key(place.data, installed=True)

    async def give() -> None:
        async with open_database(place.database_url, SUPERUSER) as owner:
            await owner.execute(_SQL["give_key"], _KEYED, key.seal(bytes(range(16))))

    trio.run(give)


@contextlib.contextmanager
def _attacking(attack: Attack, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.attackers", attack.name, str(port), _KNOWN, _KEYED],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if process.stdout is None or not process.stdout.readline():
            print(f"{attack.name}: the attackers did not start", file=sys.stderr)
        yield
    finally:
        process.terminate()
        process.communicate()


def _line(trial: Trial) -> str:
    honest = trial.honest
    if isinstance(honest, str):
        return f"{trial.what:<76}  failed: {honest}"
    receivers = sum(one.cpu_s for one in honest.watched) / honest.seconds
    return (
        f"{trial.what:<76}  p50 {1000 * honest.p50_s:6.1f} ms  p99 {1000 * honest.p99_s:6.1f} ms"
        f"  worst {1000 * honest.worst_s:6.0f} ms  {honest.acknowledged:5} ACKs  receiver {100 * receivers:3.0f} %"
    )


if __name__ == "__main__":
    main()
