"""What the law says must be told when an alarm is passed on: a list that the operator ticks off.

In: country and service. Out: what is on the list. INT/316/2011 art. 13.3-13.6 names the place, the zones and where they
lie, the owner and contacts, and the guards who are on their way; elsewhere the same list serves.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

from station.responders import Service


class Item(enum.Enum):
    """One thing to tell."""

    STATION = "station"
    PLACE = "place"
    WHAT = "what"
    ZONES = "zones"
    CONFIRMATION = "confirmation"
    OWNER = "owner"
    CONTACTS = "contacts"
    GUARD = "guard"
    LEVEL = "level"
    PERMIT = "permit"
    PEOPLE = "people"


_POLICE: Final = (
    Item.STATION,
    Item.PLACE,
    Item.WHAT,
    Item.ZONES,
    Item.CONFIRMATION,
    Item.OWNER,
    Item.CONTACTS,
    Item.GUARD,
)
_OTHERS: Final = (Item.STATION, Item.PLACE, Item.WHAT, Item.ZONES, Item.PEOPLE, Item.CONTACTS)


def to_tell(country: str, service: Service) -> Sequence[Item]:
    """What must be told."""
    if service is not Service.POLICE:
        return _OTHERS
    return (*_POLICE, Item.LEVEL, Item.PERMIT) if country == "US" else _POLICE


def missing(country: str, service: Service, told: Sequence[str]) -> Sequence[Item]:
    """What was not."""
    return [item for item in to_tell(country, service) if item.value not in told]
