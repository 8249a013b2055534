"""What a signal says, for eyes: its code's meaning and the name of the zone it speaks of.

In: a signal as read from the store. Out: values for the templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from station.accounts import Zone
from station.event_codes import Argument, meaning
from station.store.screens import RecentSignal, SignalOfIncident


def speaks_of_user(signal: RecentSignal | SignalOfIncident) -> bool:
    """Whether the number after the code is a user's, not a zone's."""
    known = meaning(signal.token, signal.event_code)
    return known is not None and known.argument is Argument.USER


def turned(signal: RecentSignal | SignalOfIncident) -> bool:
    """Whether the direction must be said because the code's name does not say it."""
    known = meaning(signal.token, signal.event_code)
    return known is not None and known.qualifier is not signal.qualifier


def zone_key(number: str) -> str:
    """Zone and area numbers that differ only by leading zeros are one: panels pad, installers do not. "0" is none."""
    return number.lstrip("0") or "0"


def zone_names(zones: Sequence[Zone]) -> Mapping[str, str]:
    """Names by `zone_key`."""
    return {zone_key(zone.number): zone.name for zone in zones}
