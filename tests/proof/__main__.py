"""`python -m tests.proof`: kill parts of a loaded station, hundreds of times, and see whether anything is lost.

Prints kills, signals, lost, doubled and the seed; exit status 1 if anything was lost, doubled or out of order.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import attrs
import trio

from sereno.backup.backup_key import backup_key_file
from sereno.problems import first_of
from station.store.database import open_database
from station.store.install import OWNER
from tests.proof.disk import small_disk
from tests.proof.kills import DISK, KILLS, Scene, chosen
from tests.proof.panels import Fleet
from tests.proof.restored import restore_and_verify
from tests.proof.rounds import Result, play
from tests.proof.station import ProofFailed, Station, running
from tests.proof.wire import Wire

_ROUNDS: Final = 60
_KILLS_A_ROUND: Final = 6
_PANELS: Final = 160
_EVERY_S: Final = 0.3
_RECEIVERS: Final = 2
#: Rounds between two looks through the `sereno` command, which takes seconds.
_COMMANDS_EVERY: Final = 10


@attrs.frozen(kw_only=True)
class Plan:
    """What is asked for."""

    rounds: int = _ROUNDS
    seed: int
    kinds: Sequence[str] = tuple(KILLS)
    panels: int = _PANELS
    every_s: float = _EVERY_S
    #: What takes long is kept short.
    gentle: bool = False

    @property
    def drawn(self) -> list[list[str]]:
        """The kinds of each round. All come equally often; those with a disk of their own come last."""
        chance = random.Random(self.seed)
        deck: list[str] = []
        rounds = []
        for _ in range(self.rounds):
            while len(deck) < _KILLS_A_ROUND:
                deck += chance.sample(self.kinds, len(self.kinds))
            rounds.append(deck[:_KILLS_A_ROUND])
            del deck[:_KILLS_A_ROUND]
        usual = [[kind for kind in kinds if kind != DISK] for kinds in rounds]
        return [kinds for kinds in usual if kinds]

    @property
    def disk_rounds(self) -> int:
        """How often the disk is filled."""
        return -(-self.rounds * _KILLS_A_ROUND // len(self.kinds)) if DISK in self.kinds else 0


def say(line: str) -> None:
    """A line of progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def prove(plan: Plan, folder: pathlib.Path) -> Result:
    """Play all rounds, in stations below `folder`, an empty folder. SIGTERM ends it early.

    Raises:
        ProofFailed: a station did not come back.
    """
    total = Result()
    with trio.open_signal_receiver(signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_on_first, signals, nursery.cancel_scope)
            await _play_all(plan, folder, total)
            nursery.cancel_scope.cancel()
    return total


async def _cancel_on_first(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    await anext(signals)
    say("STOPPED before the end")
    scope.cancel()


async def _play_all(plan: Plan, folder: pathlib.Path, total: Result) -> None:
    if plan.drawn:
        usual = folder / "station"
        usual.mkdir()
        await _play_in(usual, plan, plan.drawn, total)
    if plan.disk_rounds:
        small = folder / "small-disk"
        small.mkdir()
        with small_disk(small) as mounted:
            if not mounted:
                say("NO SMALL DISK can be mounted here (not root?): PostgreSQL gets a limit of file size instead.")
            await _play_in(small, plan, [[DISK]] * plan.disk_rounds, total)


async def _play_in(folder: pathlib.Path, plan: Plan, rounds: Sequence[Sequence[str]], total: Result) -> None:
    chance = random.Random(f"{plan.seed} {folder.name}")
    fleet = Fleet(plan.panels, chance)
    async with running(folder, fleet.accounts(), _RECEIVERS) as station, trio.open_nursery() as nursery:
        fleet.connect(station.port)
        scene = Scene(station, Wire(nursery), chance, plan.gentle)
        for n, kinds in enumerate(rounds, start=1):
            started = time.monotonic()
            last = n == len(rounds)
            result = await play(
                scene, fleet, kinds, every_s=plan.every_s, with_commands=last or n % _COMMANDS_EVERY == 0
            )
            total.add(result)
            took_s = time.monotonic() - started
            say(f"{folder.name} {n}/{len(rounds)}  {', '.join(kinds)}: {_counts(result)}")
            say(f"  {took_s:.1f} s; in all {total.kills.total()} kills, {total.verdict.signals} signals")
            for fault in result.verdict.faults:
                say(f"  {fault}")
        say(f"  starts that something of the predecessor stood in the way of: {station.refused_starts}")
        await _audit(station)
        if any(kind != DISK for kinds in rounds for kind in kinds):
            await _back_up_and_restore(station)
        fleet.close()
        nursery.cancel_scope.cancel()


def _counts(result: Result) -> str:
    found = result.verdict
    return (
        f"frames {result.frames}  signals {found.signals}  copies {found.copies}  suppressed {found.suppressed}"
        f"  lost {found.lost}  doubled {found.doubled}  disordered {found.disordered}  invented {found.invented}"
    )


async def _audit(station: Station) -> None:
    say("  sereno audit verify: " + (await station.sereno("audit", "verify")).strip().replace("\n", "; "))


async def _back_up_and_restore(station: Station) -> None:
    """What the station holds comes back from its backup, whole.

    Raises:
        ProofFailed: a signal is missing there.
    """
    async with open_database(station.database_url, OWNER) as owner:
        stored = {row["id"] for row in await owner.fetch("select id from signal")}
    target = station.folder / "backup"
    target.mkdir()
    await station.sereno("backup", "--to", str(target))
    found = await restore_and_verify(target, backup_key_file(station.data), None, station.folder / "restored")
    missing = stored - found.signals
    say(f"  restored from a backup: {len(found.signals)} signals, missing {len(missing)}, {found.verified}")
    if missing:
        raise ProofFailed(f"the restored station lacks {len(missing)} signals, such as {min(missing)}")


def main() -> None:
    """Prove it, print it."""
    words = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    words.add_argument("--rounds", type=int, default=_ROUNDS, help="default: %(default)s, about 15 minutes")
    words.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="default: another each time")
    words.add_argument("--kinds", default=",".join(KILLS), help="default: %(default)s")
    words.add_argument("--panels", type=int, default=_PANELS)
    words.add_argument("--every", type=float, default=_EVERY_S, help="seconds between two frames of one panel")
    asked = words.parse_args()
    try:
        kinds = chosen(asked.kinds)
    except ValueError as error:
        words.error(str(error))
    plan = Plan(rounds=asked.rounds, seed=asked.seed, kinds=kinds, panels=asked.panels, every_s=asked.every)
    say(f"seed {plan.seed}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sereno-proof-"))
    total, failed = Result(), ""
    try:
        total = trio.run(prove, plan, folder)
    except* ProofFailed as errors:
        failed = str(first_of(errors))
    if failed:
        sys.exit(f"FAILED: {failed}. The stations' folders: {folder}. Seed {plan.seed}")
    for kind, count in sorted(total.kills.items()):
        say(f"  {kind:20} {count}")
    say(f"kills {total.kills.total()}  {_counts(total)}  seed {plan.seed}")
    if not total.verdict.sound:
        sys.exit(f"The stations' folders are kept: {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
