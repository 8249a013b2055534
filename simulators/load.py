"""Panels that send as much as they are told to, and a tally of what came back.

In: panels, what they report, how much and how long. Out: a `Tally`.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import trio

from simulators import stories
from simulators.links import Door
from simulators.panel_settings import PanelSettings
from simulators.panels import Panel, Patience
from simulators.reports import Happening, Report
from simulators.stories import Teller
from simulators.tally import Tally

#: What `--event` may name besides "mixed" and "link-test", each told by the first report of its story.
EVENTS: Final[dict[str, Teller]] = {
    "burglary": stories.burglary,
    "fire": stories.fire,
    "panic": stories.panic,
    "medical": stories.medical,
    "tamper": stories.tamper,
    "power": stories.power,
    "bypass": stories.bypass,
    "test": stories.test,
    "unknown": stories.unknown_code,
}
#: Everyday traffic: mostly link tests.
_MIXED: Final = {"link-test": 60, "opening": 10, "closing": 10, "test": 8, "power": 4, "bypass": 4, "burglary": 4}


@attrs.frozen(kw_only=True)
class Load:
    """What the panels do, together."""

    event: str = "mixed"
    #: Messages a second of all panels together; None: as fast as answers come.
    rate: float | None = None
    #: Seconds, or None: until each panel has sent one message.
    seconds: float | None = 10.0


def report(event: str, settings: PanelSettings, chance: random.Random) -> Report | None:
    """One report of a panel; None is a link test."""
    if event == "mixed":
        (event,) = chance.choices([*_MIXED], [*_MIXED.values()])
    match event:
        case "link-test":
            return None
        case "opening":
            return stories.by_user(Happening.OPENING, settings, chance)
        case "closing":
            return stories.by_user(Happening.CLOSING, settings, chance)
        case _:
            return next(EVENTS[event](settings, chance))[1]


async def drive(
    panels: Sequence[PanelSettings],
    door: Door,
    load: Load,
    *,
    patience: Patience,
    seed: int | None = None,
    show: Callable[[Tally, float], None] | None = None,
) -> tuple[Tally, float]:
    """Send, and count until all messages begun have ended.

    Args:
        show: called once a second with the tally and the seconds passed.

    Returns:
        The tally, and how many seconds it took.
    """
    tally = Tally()
    started_at = trio.current_time()
    chance = random.Random(seed)
    go, turns = trio.open_memory_channel[None](0)

    async def work(settings: PanelSettings, turns: trio.MemoryReceiveChannel[None]) -> None:
        panel = Panel(settings, door, patience=patience, tally=tally, first_sequence=chance.randrange(1, 10_000))
        with turns:
            async for _ in turns:
                await panel.send(report(load.event, settings, chance))
                if load.seconds is None:
                    break
        panel.close()

    async def watch() -> None:
        while show is not None:
            await trio.sleep(1)
            show(tally, trio.current_time() - started_at)

    async with trio.open_nursery() as watching:
        watching.start_soon(watch)
        async with trio.open_nursery() as working:
            for settings in panels:
                working.start_soon(work, settings, turns.clone())
            turns.close()
            await _give_turns(go, load, len(panels))
        watching.cancel_scope.cancel()
    return tally, trio.current_time() - started_at


async def _give_turns(go: trio.MemorySendChannel[None], load: Load, panels: int) -> None:
    """Let one panel after the other send, at the rate that is asked for."""
    started_at = trio.current_time()
    turns = itertools.count() if load.seconds is not None else range(panels)
    with go, trio.move_on_after(float("inf") if load.seconds is None else load.seconds):
        for turn in turns:
            if load.rate is not None:
                await trio.sleep_until(started_at + turn / load.rate)
            await go.send(None)
