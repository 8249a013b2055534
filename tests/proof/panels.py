"""Panels that report without pause while the station is being killed, and repeat until they are acknowledged.

In: a seed. Out: load, and what was acknowledged. They are the simulators' panels: TCP kept open, TCP for each message
and UDP; clear and under three lengths of key; Contact ID, and SIA with up to four events in a frame.
"""

from __future__ import annotations

import collections
import random
from collections.abc import Iterator
from typing import Final

import attrs
import trio

from simulators.frames import Identity
from simulators.links import Door
from simulators.panel_settings import PanelSettings, Transport
from simulators.panels import Answer, Panel, Patience
from simulators.reports import Format, Happening, Report
from tests.proof.station import until
from tests.proof.verdict import Acknowledged, Told

#: Shorter than a real panel's 20 s, or a round would only wait.
_PATIENCE: Final = Patience(answer_s=1.0, repeats=2, retry_s=(0.2, 1.0))
_LAST_SEQUENCE: Final = 9999
_EVENTS_A_FRAME: Final = 4
_KEY_BYTES: Final = (None, 16, None, 24, None, 32)
#: Mostly what a station never suppresses, however often it comes.
_HAPPENINGS: Final = {
    Happening.FIRE: 30,
    Happening.PANIC: 20,
    Happening.HOLDUP: 15,
    Happening.MEDICAL: 15,
    Happening.BURGLARY: 4,
    Happening.TAMPER: 2,
    Happening.FIRE_RESTORE: 10,
    Happening.OPENING: 2,
    Happening.TEST: 2,
}
_NO_ALARMS: Final = {Happening.FIRE_RESTORE, Happening.OPENING, Happening.TEST}


@attrs.define
class _Member:
    """One panel, and how far it has counted."""

    panel: Panel
    chance: random.Random
    sequence: int = 1

    async def report(self) -> Acknowledged | None:
        """Report something; None if it was refused for good."""
        numbers = self.chance.sample(range(1, 100), self._events())
        happenings = self.chance.choices([*_HAPPENINGS], [*_HAPPENINGS.values()], k=len(numbers))
        first, *others = [
            Report(happening, number=f"{number:03}") for happening, number in zip(happenings, numbers, strict=True)
        ]
        sequence, self.sequence = self.sequence, self.sequence % _LAST_SEQUENCE + 1
        answer = await self.panel.deliver(attrs.evolve(first, others=tuple(others)))
        if answer is not Answer.ACKNOWLEDGED:
            return None
        settings = self.panel.settings
        events = tuple(_told(report, settings.form) for report in (first, *others))
        return Acknowledged(settings.identity.account, f"{sequence:04}", events)

    def _events(self) -> int:
        return self.chance.randint(1, _EVENTS_A_FRAME) if self.panel.settings.form is Format.SIA_DCS else 1


def _told(report: Report, form: Format) -> Told:
    happening = report.happening
    code = happening.sia if form is Format.SIA_DCS else happening.contact_id[1:]
    return Told(code, report.number, happening not in _NO_ALARMS)


class Fleet:
    """Panels that report while told to."""

    def __init__(self, count: int, chance: random.Random) -> None:
        self._settings = [_settings(n, chance) for n in range(count)]
        self._chance = chance
        self._members: list[_Member] = []
        self._open = False
        self._busy: collections.Counter[str] = collections.Counter()
        self.acknowledged: list[Acknowledged] = []
        self.refused = 0

    def accounts(self) -> str:
        """Their accounts, as CSV."""
        return "account,name,key,key_format\n" + "".join(self._rows())

    def _rows(self) -> Iterator[str]:
        for settings in self._settings:
            key = settings.identity.key
            typed = ("", "") if key is None else (key.hex(), "hex")
            yield f"{settings.identity.account},Proof {settings.identity.account},{typed[0]},{typed[1]}\n"

    def connect(self, port: int) -> None:
        """Where the station answers."""
        door = Door("127.0.0.1", port)
        self._members = [
            _Member(Panel(settings, door, patience=_PATIENCE), random.Random(self._chance.random()))
            for settings in self._settings
        ]

    @property
    def repeated(self) -> int:
        """Frames sent again, since the panels were made."""
        return sum(member.panel.tally.repeated for member in self._members)

    @property
    def unanswered(self) -> list[str]:
        """Accounts of panels whose frame is still under way."""
        return sorted(self._busy)

    def begin(self, nursery: trio.Nursery, every_s: float) -> None:
        """Everybody reports about every so many seconds, until `finish`."""
        self.acknowledged, self.refused, self._open = [], 0, True
        for member in self._members:
            nursery.start_soon(self._live, member, every_s)

    async def finish(self, within_s: float) -> bool:
        """Begin no new frame; True once each that was begun is acknowledged."""
        self._open = False
        with trio.move_on_after(within_s):
            await until(lambda: not self._busy)
        return not self._busy

    def close(self) -> None:
        """Hang up."""
        for member in self._members:
            member.panel.close()

    async def _live(self, member: _Member, every_s: float) -> None:
        account = member.panel.settings.identity.account
        await trio.sleep(member.chance.uniform(0, every_s))
        while self._open:
            self._busy[account] += 1
            try:
                frame = await member.report()
            finally:
                del self._busy[account]
            if frame is None:
                self.refused += 1
            else:
                self.acknowledged.append(frame)
            await trio.sleep(member.chance.uniform(0.5, 1.5) * every_s)


def _settings(n: int, chance: random.Random) -> PanelSettings:
    size = _KEY_BYTES[n % len(_KEY_BYTES)]
    return PanelSettings(
        identity=Identity(account=f"{0xA000 + n:04X}", key=None if size is None else chance.randbytes(size)),
        form=chance.choices([Format.SIA_DCS, Format.ADM_CID], [70, 30])[0],
        transport=[*Transport][n // len(_KEY_BYTES) % len(Transport)],
        stamps_clear=chance.random() < 0.5,
    )
