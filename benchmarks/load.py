"""One run of the load generator.

In: what panels do, and the port of whoever answers them. Out: what the generator counted. A run with a wrong or a
missing answer is no measurement.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

import attrs

#: The account numbers of all loads begin here: six hexadecimal digits, room for millions.
FIRST_ACCOUNT: Final = 0x100000
#: Accounts that a load of ordinary size speaks for: many a connection, as behind a gateway, so that none floods; and no
#: more than report in the first run, which is not counted: what a receiver does at a panel's first word is done once.
ACCOUNTS: Final = 20_000


@attrs.frozen(kw_only=True)
class Load:
    """What panels do; the words are those of `native/generator.c`."""

    connections: int
    mode: str = "tcp"
    kind: str = "opening"
    accounts: int = ACCOUNTS
    #: Messages a second offered; None: as many as are answered.
    rate: float | None = None
    #: Further connections that are silent.
    idle: int = 0


@attrs.frozen(kw_only=True)
class Watched:
    """A process beside the run: its processor seconds in it, and the memory it held at the end."""

    pid: int
    cpu_s: float
    resident_bytes: float


@attrs.frozen(kw_only=True)
class Measured:
    """What a run gave. Seconds; `cpu_share` is the generator's, of one core."""

    connections: int
    acknowledged: int
    wrong: int
    lost: int
    #: Messages that were due and never got a free connection.
    unsent: int
    repeated: int
    idle: int
    seconds: float
    rate: float
    p50_s: float
    p99_s: float
    worst_s: float
    cpu_share: float
    watched: Sequence[Watched]


class LoadFailed(Exception):
    """The generator could not run, or an answer was wrong or missing; the text says which."""


def measured(
    generator: pathlib.Path,
    port: int,
    load: Load,
    *,
    seconds: float,
    pids: tuple[int, ...] = (),
    when_idle: Callable[[], None] | None = None,
) -> Measured:
    """One run of `seconds`. `when_idle` is called once all silent connections are open, before the load begins.

    Raises:
        LoadFailed: see there.
    """
    with subprocess.Popen(
        [str(generator), "127.0.0.1", str(port), *_words(load, seconds, pids)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        said = ""
        if load.idle and running.stderr is not None:
            said = running.stderr.readline()
            if when_idle is not None:
                when_idle()
        output, more = running.communicate()
    if running.returncode != 0:
        raise LoadFailed(f"the generator ended with: {(said + more).strip()}")
    told = json.loads(output)
    result = Measured(**{**told, "watched": [Watched(**one) for one in told["watched"]]})
    if result.wrong or result.lost or not result.acknowledged:
        raise LoadFailed(
            f"{result.wrong} answers were wrong and {result.lost} missing, {result.acknowledged} right. {more.strip()}"
        )
    return result


def _words(load: Load, seconds: float, pids: tuple[int, ...]) -> list[str]:
    words = ["--mode", load.mode, "--kind", load.kind]
    words += ["--connections", str(load.connections), "--seconds", str(seconds)]
    words += ["--first-account", f"{FIRST_ACCOUNT:X}", "--accounts", str(load.accounts)]
    if load.rate is not None:
        words += ["--rate", str(load.rate)]
    if load.idle:
        words += ["--idle", str(load.idle)]
    if pids:
        words += ["--pid", ",".join(map(str, pids))]
    return words


def percentile(ascending: list[float], percent: int) -> float:
    """The smallest of the values that `percent` of them do not exceed."""
    return ascending[max(0, -(-len(ascending) * percent // 100) - 1)]
