"""One round: panels report, parts of the station are killed at random moments, all comes back; then the verdict."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs
import trio

from tests.proof.kills import KILLS, Scene
from tests.proof.panels import Fleet
from tests.proof.records import compare_lists, settled_records
from tests.proof.station import PATIENCE_S, ProofFailed
from tests.proof.verdict import Verdict, judge

#: So many killers at once: one thing may be killed while another comes back.
_HANDS: Final = 2


@attrs.define
class Result:
    """What some rounds came to."""

    verdict: Verdict = attrs.field(factory=Verdict)
    kills: collections.Counter[str] = attrs.field(factory=collections.Counter)
    frames: int = 0

    def add(self, other: Result) -> None:
        """Sum up."""
        self.verdict.add(other.verdict)
        self.kills += other.kills
        self.frames += other.frames


async def play(scene: Scene, fleet: Fleet, kinds: Sequence[str], *, every_s: float, with_commands: bool) -> Result:
    """Kill each of `kinds`, two at a time, while each panel reports about every `every_s` seconds.

    Raises:
        ProofFailed: the station does not come back.
    """
    result = Result()
    since = dt.datetime.now(dt.UTC)
    async with trio.open_nursery() as nursery:
        fleet.begin(nursery, every_s)
        async with trio.open_nursery() as hands:
            for hand in range(_HANDS):
                hands.start_soon(_kill_all, scene, kinds[hand::_HANDS], result.kills)
        await trio.sleep(scene.chance.uniform(0.1, 1.0))
        if not await fleet.finish(PATIENCE_S):
            for account in fleet.unanswered:
                result.verdict.fault("lost", f"account {account}: not acknowledged within {PATIENCE_S:.0f} s")
            nursery.cancel_scope.cancel()
    records = await settled_records(scene.station, since)
    verdict = judge(fleet.acknowledged, records.stored, records.acted)
    if with_commands:
        await compare_lists(scene.station, since, records, verdict)
    for _ in range(fleet.refused):
        verdict.fault("lost", "a frame was answered DUH")
    result.verdict.add(verdict)
    result.frames = len(fleet.acknowledged)
    return result


async def _kill_all(scene: Scene, kinds: Sequence[str], kills: collections.Counter[str]) -> None:
    for kind in kinds:
        await trio.sleep(scene.chance.uniform(0.1, 0.5 if scene.gentle else 1.0))
        with trio.move_on_after(PATIENCE_S) as patience:
            await _kill(scene, kind)
        if patience.cancelled_caught:
            raise ProofFailed(f"{kind}: for {PATIENCE_S:.0f} s there was nothing to kill")
        kills[kind] += 1


async def _kill(scene: Scene, kind: str) -> None:
    """Kill it as soon as it is there."""
    while True:
        with contextlib.suppress(OSError):  # the whole station is being started again
            if await KILLS[kind](scene):
                return
        await trio.sleep(0.05)
