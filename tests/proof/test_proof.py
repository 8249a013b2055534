"""The short form of `make proof`: every kind of kill, in one station, in half a minute."""

from __future__ import annotations

import pathlib
import random

import pytest
import trio

from tests.proof.disk import small_disk
from tests.proof.kills import KILLS, Scene, chosen
from tests.proof.panels import Fleet
from tests.proof.rounds import Result, play
from tests.proof.station import running
from tests.proof.wire import Wire

_PANELS = 36
_EVERY_S = 0.25


@pytest.mark.timeout(900)
async def test_what_was_acknowledged_is_never_lost_and_acted_upon_once(tmp_path: pathlib.Path) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    fleet = Fleet(_PANELS, chance)
    total = Result()
    with small_disk(tmp_path):
        async with running(tmp_path, fleet.accounts()) as station, trio.open_nursery() as nursery:
            fleet.connect(station.port)
            scene = Scene(station, Wire(nursery), chance, gentle=True)
            for last in (False, True):
                kinds = chance.sample([*KILLS], len(KILLS))
                total.add(await play(scene, fleet, kinds, every_s=_EVERY_S, with_commands=last))
            fleet.close()
            nursery.cancel_scope.cancel()

    assert total.verdict.faults == [], f"seed {seed}"
    assert total.verdict.sound
    assert total.kills.total() == 2 * len(KILLS)
    # Every panel came through, several times, and repeats were needed.
    assert len({frame.account for frame in fleet.acknowledged}) == _PANELS
    assert total.verdict.copies > 0


def test_kinds_are_named_whole_or_by_their_first_word() -> None:
    assert chosen("receiver") == ["receiver"]
    assert chosen("postgres-kill,link-cut") == ["postgres-kill", "link-cut"]
    assert [kind.partition("-")[0] for kind in chosen("link")] == ["link"] * 5
    with pytest.raises(ValueError, match="no such kind: databse"):
        chosen("databse")
