"""When the people of a house come and go. Pure.

In: a panel's settings. Out: the hours at which it is disarmed, armed and tests itself, the same every day. A day may
be compressed: the caller decides how many seconds an hour lasts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

import attrs

from simulators.panel_settings import PanelSettings
from simulators.reports import Happening

HOURS: Final = 24.0
#: By premises: the hours at which they are usually disarmed and armed; everything else keeps the hours of a shop.
_OPEN: Final = {
    "bank": (8.2, 15.5),
    "pharmacy": (8.8, 21.2),
    "shop": (9.5, 20.3),
    "home": (18.5, 8.1),  # armed while its people are out at work
}


@attrs.frozen
class Timetable:
    """Hours of the day, 0 to 24."""

    opens: float
    closes: float
    tests: float

    def is_armed(self, hour: float) -> bool:
        """Whether everybody is out at that hour."""
        if self.opens < self.closes:
            return not self.opens <= hour < self.closes
        return self.closes <= hour < self.opens

    def moments(self) -> Iterator[tuple[float, Happening]]:
        """What happens each day, in no order."""
        yield self.opens, Happening.OPENING
        yield self.closes, Happening.CLOSING
        yield self.tests, Happening.TEST


def timetable(settings: PanelSettings) -> Timetable:
    """The hours of one panel, drawn from its account number."""
    draw = random.Random(f"hours of {settings.identity.account}")
    opens, closes = _OPEN.get(settings.premises, _OPEN["shop"])
    return Timetable(
        opens=(opens + draw.gauss(0, 0.6)) % HOURS,
        closes=(closes + draw.gauss(0, 0.8)) % HOURS,
        tests=draw.uniform(0, HOURS),
    )
