"""What panels report on a day of storm. Pure: the same seed gives the same day.

In: how many sites, and a seed. Out: signals with their moments. Figures of real storms: troubles six times those of an
ordinary day, alarms a fifth more, a quarter of all sites without mains: half of them one by one, half in blackouts of a
part of a city, whose sites fail and come back within minutes, a wave of signals each time.
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
#: A blackout strikes its sites within so many seconds, and they are back as fast.
_BLACKOUT_SPREADS_S: Final = 240
_BLACKOUTS: Final = 3
#: As many as a blackout strikes at least; fewer are single failures.
_STRUCK: Final = 25
CITIES: Final = 5
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
    dark = numbers.sample(range(sites), int(sites * WITHOUT_MAINS))
    blackouts = min(_BLACKOUTS, len(dark) // 2 // _STRUCK)
    struck: set[int] = set()
    for city in range(blackouts):
        here = [site for site in range(city, sites, CITIES) if site not in struck][: len(dark) // 2 // blackouts]
        struck.update(here)
        fails, lasts = numbers.uniform(*_FAILS_S), numbers.uniform(*_LASTS_S)
        for site in here:
            at_s = fails + numbers.uniform(0, _BLACKOUT_SPREADS_S)
            yield from _failure(site, at_s, fails + lasts + numbers.uniform(300, 300 + _BLACKOUT_SPREADS_S), numbers)
    for site in [site for site in dark if site not in struck][: len(dark) - len(struck)]:
        at_s = numbers.uniform(*_FAILS_S)
        yield from _failure(site, at_s, at_s + numbers.uniform(*_LASTS_S), numbers)


def _failure(site: int, fails: float, back: float, numbers: random.Random) -> Iterator[Report]:
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
