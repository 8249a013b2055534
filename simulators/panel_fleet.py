"""A fleet of panels that lives a compressed day: calm link tests, comings and goings, and now and then an alarm.

In: the panels' settings and the receiver's address. Out: frames, for ever; a receiver that is away is tried again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import structlog
import trio

from simulators import stories
from simulators.frames import Identity
from simulators.links import Door
from simulators.panel_settings import PanelSettings
from simulators.panels import Panel
from simulators.reports import Happening, Report
from simulators.stories import Story, Teller
from simulators.tally import Tally
from simulators.timetable import HOURS, Timetable, timetable

#: Reports that a panel keeps while its receiver is away; a real one keeps a few hundred, then loses the newest.
_INBOX_REPORTS: Final = 100
_SUMMARY_EVERY_S: Final = 300.0
#: A panel that somebody forgot to tell the centre about.
_STRANGER: Final = "5E4E0"

log = structlog.get_logger()

#: How often each alarm is the one that happens.
_ALARMS: Final[Mapping[Teller, int]] = {
    stories.burglary: 66,
    stories.tamper: 10,
    stories.fire: 8,
    stories.panic: 8,
    stories.medical: 6,
    stories.unknown_code: 2,
}


@attrs.frozen(kw_only=True)
class Rates:
    """How lively the fleet is. A pair of seconds is the shortest and the longest time between two."""

    first_alarm_s: float = 2.0
    alarm_s: tuple[float, float] = (20.0, 40.0)
    power_s: tuple[float, float] = (60.0, 180.0)
    bypass_s: tuple[float, float] = (15.0, 60.0)
    stranger_s: tuple[float, float] = (240.0, 600.0)
    #: A day of the people who come and go.
    day_s: float = 2400.0
    #: The hour of that day at which the fleet starts: shops are about to open.
    start_hour: float = 7.5

    def at_pace(self, pace: float) -> Rates:
        """The same life, `pace` times as lively; the first alarm comes when it comes."""

        def sped_up(every_s: tuple[float, float]) -> tuple[float, float]:
            return every_s[0] / pace, every_s[1] / pace

        return attrs.evolve(
            self,
            alarm_s=sped_up(self.alarm_s),
            power_s=sped_up(self.power_s),
            bypass_s=sped_up(self.bypass_s),
            stranger_s=sped_up(self.stranger_s),
            day_s=self.day_s / pace,
        )


@attrs.frozen
class _Member:
    """A panel of the fleet, its hours, and where to put what it shall report."""

    settings: PanelSettings
    hours: Timetable
    inbox: trio.MemorySendChannel[Report]

    def report(self, report: Report) -> None:
        """Have it reported, after what is already waiting."""
        try:
            self.inbox.send_nowait(report)
        except trio.WouldBlock:
            log.warning("panel_memory_full", account=self.settings.identity.account)


class PanelFleet:
    """Many panels and what happens to them."""

    def __init__(
        self, panels: Sequence[PanelSettings], door: Door, *, rates: Rates | None = None, seed: int | None = None
    ) -> None:
        self.tally = Tally()
        self._panels = panels
        self._door = door
        self._rates = rates or Rates()
        self._chance = random.Random(seed)
        self._members: list[_Member] = []
        self._started_at = 0.0

    async def run(self) -> None:
        """Live until cancelled."""
        self._started_at = trio.current_time()
        async with trio.open_nursery() as nursery:
            self._members = [self._enlist(settings, nursery) for settings in self._panels]
            stranger = self._enlist(PanelSettings(identity=Identity(account=_STRANGER), link_test_s=math.inf), nursery)
            log.info("fleet_started", panels=len(self._members), host=self._door.host, port=self._door.port)
            nursery.start_soon(self._comings_and_goings)
            nursery.start_soon(self._alarms, nursery)
            nursery.start_soon(self._repeatedly, self._rates.power_s, stories.power, self._members, nursery)
            nursery.start_soon(self._repeatedly, self._rates.bypass_s, stories.bypass, self._members, nursery)
            nursery.start_soon(self._repeatedly, self._rates.stranger_s, stories.burglary, [stranger], nursery)
            nursery.start_soon(self._summaries)

    def _enlist(self, settings: PanelSettings, nursery: trio.Nursery) -> _Member:
        send, receive = trio.open_memory_channel[Report](_INBOX_REPORTS)
        panel = Panel(settings, self._door, tally=self.tally, first_sequence=self._chance.randrange(1, 10_000))
        # Spread over one interval from the start, or the fleet would knock in one instant for ever.
        first_link_test_s = self._chance.uniform(0, settings.link_test_s)

        async def live() -> None:
            await panel.run(receive, first_link_test_s=first_link_test_s)

        nursery.start_soon(live)
        return _Member(settings, timetable(settings), send)

    def _hour(self) -> float:
        passed = (trio.current_time() - self._started_at) / self._rates.day_s * HOURS
        return (self._rates.start_hour + passed) % HOURS

    async def _comings_and_goings(self) -> None:
        """Openings, closings and test reports by everybody's timetable, day after day."""
        start = self._rates.start_hour
        moments = [
            ((hour - start) % HOURS, member, happening)
            for member in self._members
            for hour, happening in member.hours.moments()
        ]
        moments.sort(key=lambda moment: moment[0])
        day_began_at = self._started_at
        while moments:
            for after_hours, member, happening in moments:
                await trio.sleep_until(day_began_at + after_hours / HOURS * self._rates.day_s)
                if happening is Happening.TEST:
                    member.report(Report(happening))
                else:
                    member.report(stories.by_user(happening, member.settings, self._chance))
            day_began_at += self._rates.day_s
            await trio.sleep_until(day_began_at)

    async def _alarms(self, nursery: trio.Nursery) -> None:
        await trio.sleep(self._rates.first_alarm_s)
        while self._members:
            (tell,) = self._chance.choices([*_ALARMS], [*_ALARMS.values()])
            armed = [member for member in self._members if member.hours.is_armed(self._hour())]
            member = self._chance.choice((armed if tell is stories.burglary else []) or self._members)
            nursery.start_soon(self._play, member, tell(member.settings, self._chance))
            await trio.sleep(self._chance.uniform(*self._rates.alarm_s))

    async def _repeatedly(
        self, every_s: tuple[float, float], tell: Teller, members: Sequence[_Member], nursery: trio.Nursery
    ) -> None:
        while members:
            await trio.sleep(self._chance.uniform(*every_s))
            member = self._chance.choice(members)
            nursery.start_soon(self._play, member, tell(member.settings, self._chance))

    async def _play(self, member: _Member, story: Story) -> None:
        for after_s, report in story:
            await trio.sleep(after_s)
            member.report(report)

    async def _summaries(self) -> None:
        while True:
            await trio.sleep(_SUMMARY_EVERY_S)
            counts = attrs.asdict(self.tally, filter=lambda field, _: field.name != "answered_s")
            log.info("fleet_reports", **counts, p99_s=self.tally.percentile_s(99))
            self.tally.answered_s.clear()
