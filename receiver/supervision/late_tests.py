"""When the next test report of a panel is due.

In: the last report, how often one comes, and where the panel stands. Out: the instant after which it is late. Whole
days count by local time: a panel that tests at three in the morning does so on the days on which clocks change too.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Final

_DAY_S: Final = 86_400


def due_at(tested_at: dt.datetime, every_s: int, time_zone: str, tolerance_s: float) -> dt.datetime:
    """The latest instant for the report after `tested_at`, aware UTC. `time_zone`: an IANA name."""
    days, rest_s = divmod(every_s, _DAY_S)
    expected = tested_at + dt.timedelta(seconds=every_s)
    if days and not rest_s:
        zone = zoneinfo.ZoneInfo(time_zone)
        wall = tested_at.astimezone(zone).replace(tzinfo=None) + dt.timedelta(days=days)
        # An hour that comes twice is waited for to its second end; one that is left out, until it would have passed.
        expected = max(wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    return (expected + dt.timedelta(seconds=tolerance_s)).astimezone(dt.UTC)
