"""What panels report on a day of storm. Pure: the same seed gives the same day.

In: how many sites, and a seed. Out: signals with their moments. Figures of real storms: troubles six times those of an
ordinary day, alarms a fifth more, a quarter of all sites without mains, and a wave of restores when it comes back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

import attrs

from station.signals import Kind, Qualifier

DAY_S: Final = 86_400
#: When the mains fails, and how long for most.
_FAILS_S: Final = (8 * 3600, 12 * 3600)
_LASTS_S: Final = (600, 5 * 3600)
#: Of an ordinary day, for a thousand sites.
_ALARMS: Final = 60
_TROUBLES: Final = 40
_LIFE_SAFETY: Final = 12
ALARMS_MORE: Final = 1.2
TROUBLES_MORE: Final = 6.0
WITHOUT_MAINS: Final = 0.25


@attrs.frozen(order=True)
class Report:
    """One signal: so many seconds after midnight, from this site."""

    at_s: float
    site: int
    kind: Kind = attrs.field(order=False)
    qualifier: Qualifier = attrs.field(order=False)
    zone: str = ""
    code: str | None = attrs.field(default=None, order=False)


def storm(sites: int, seed: int) -> list[Report]:
    """The day, in order."""
    numbers = random.Random(seed)
    return sorted(
        [*_mains(sites, numbers), *_troubles(sites, numbers), *_alarms(sites, numbers), *_life(sites, numbers)]
    )


def _mains(sites: int, numbers: random.Random) -> Iterator[Report]:
    for site in numbers.sample(range(sites), int(sites * WITHOUT_MAINS)):
        fails = numbers.uniform(*_FAILS_S)
        back = fails + numbers.uniform(*_LASTS_S)
        yield Report(fails, site, Kind.POWER, Qualifier.NEW)
        if numbers.random() < 0.05:
            yield Report((fails + back) / 2, site, Kind.POWER, Qualifier.NEW, code="302")
        yield Report(back, site, Kind.POWER, Qualifier.RESTORE)


def _troubles(sites: int, numbers: random.Random) -> Iterator[Report]:
    for _ in range(int(_TROUBLES * TROUBLES_MORE * sites / 1000)):
        at_s = numbers.triangular(0, DAY_S, 12 * 3600)
        yield Report(at_s, numbers.randrange(sites), Kind.TROUBLE, Qualifier.NEW, str(numbers.randint(1, 9)))


def _alarms(sites: int, numbers: random.Random) -> Iterator[Report]:
    for _ in range(int(_ALARMS * ALARMS_MORE * sites / 1000)):
        at_s, site = numbers.uniform(0, DAY_S), numbers.randrange(sites)
        zone = str(numbers.randint(1, 9))
        yield Report(at_s, site, Kind.BURGLARY, Qualifier.NEW, zone)
        if numbers.random() < 0.4:
            yield Report(at_s + numbers.uniform(5, 50), site, Kind.OPEN_CLOSE, Qualifier.OPENING, "1")
        elif numbers.random() < 0.2:
            for more in range(2):
                yield Report(at_s + 40 * (more + 1), site, Kind.BURGLARY, Qualifier.NEW, f"{zone}{more}")


def _life(sites: int, numbers: random.Random) -> Iterator[Report]:
    kinds = (Kind.FIRE, Kind.FIRE, Kind.PANIC_HOLDUP, Kind.MEDICAL, Kind.GAS_CO)
    for _ in range(max(4, int(_LIFE_SAFETY * ALARMS_MORE * sites / 1000))):
        yield Report(numbers.uniform(0, DAY_S), numbers.randrange(sites), numbers.choice(kinds), Qualifier.NEW, "1")
