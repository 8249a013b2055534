"""`sereno simulate receiver`: a hardware receiver that relays panels' calls to automation."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import trio
from cyclopts import Parameter, validators

from simulators.links import Door
from simulators.receivers import Habits, HardwareReceiver, Language
from simulators.reports import Happening, Report

_CONNECT_AGAIN_S = 1.0

Positive = Annotated[float, Parameter(validator=validators.Number(gt=0))]
Count = Annotated[int, Parameter(validator=validators.Number(gte=1))]
Event = Literal[
    "burglary", "fire", "panic", "holdup", "medical", "tamper", "opening", "closing", "power", "battery", "test"
]


def receiver(
    *,
    to: Annotated[str | None, Parameter(help="Where automation listens, HOST:PORT.")] = None,
    listen: Annotated[str | None, Parameter(help="Or where automation dials us, HOST:PORT.")] = None,
    protocol: Literal["surgard", "ademco685", "d6500", "dc07"] = "surgard",
    account: str = "1234",
    event: Event = "burglary",
    count: Count = 1,
    line_digits: Literal[1, 3] = 1,
    heartbeat: Positive = 30.0,
    patience: Positive = 60.0,
) -> int:
    """Relay reports to automation as a hardware receiver does.

    It says a heartbeat first. Each report then waits 4 s for its ACK, is repeated
    three times, and kept until a heartbeat is answered again. For example, to a
    link that listens:

      sereno simulate receiver --to 127.0.0.1:1025 --account 7037 --event fire --count 5

    Exit code 0: every report was acknowledged; 1: not every one; 2: the command
    was wrong.

    Args:
        protocol: What it speaks.
        account: The panel's number, the same for all.
        event: What the panel reports, from zone or user 1, 2, 3 ...
        count: How many reports.
        line_digits: Sur-Gard: length of the line field.
        heartbeat: Seconds between two heartbeats.
        patience: Seconds after which it ends, whatever is left.
    """
    try:
        if (to is None) == (listen is None):
            raise ValueError("give either --to or --listen")
        door = Door.parse(to or listen or "")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    played = HardwareReceiver(Habits(language=Language(protocol), line_digits=line_digits, heartbeat_s=heartbeat))
    for number in range(1, count + 1):
        played.call(account, Report(Happening[event.upper()], number=f"{number:03}"))
    try:
        trio.run(_play, played, door, to is None, patience)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    tally = played.tally
    print(
        f"{tally.sent} reports, {tally.acknowledged} acknowledged, {tally.repeated} repeated; "
        f"{played.heartbeats} heartbeats answered"
    )
    return 0 if tally.acknowledged == tally.sent else 1


async def _play(played: HardwareReceiver, door: Door, listening: bool, patience_s: float) -> None:
    with trio.move_on_after(patience_s):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_listen if listening else _dial, played, door)
            await played.wait_until_relayed()
            nursery.cancel_scope.cancel()


async def _listen(played: HardwareReceiver, door: Door) -> None:
    await trio.serve_listeners(played.talk, await trio.open_tcp_listeners(door.port, host=door.host))


async def _dial(played: HardwareReceiver, door: Door) -> None:
    while True:
        try:
            stream = await trio.open_tcp_stream(door.host, door.port)
        except OSError as error:
            print(error, file=sys.stderr)
        else:
            await played.talk(stream)
        await trio.sleep(_CONNECT_AGAIN_S)
