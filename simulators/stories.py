"""What goes wrong at the premises, as short stories. Pure.

In: a panel's settings and a source of chance. Out: reports, each with the seconds that pass before it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

from simulators.panel_settings import PanelSettings, Zone
from simulators.reports import Happening, Report

#: Reports, each after so many seconds.
Story = Iterator[tuple[float, Report]]
Teller = Callable[[PanelSettings, random.Random], Story]

#: Words for points that no zone of the account file names.
_WORDS: Final = {
    "fire": {"es": "Detector de humo", "pt": "Detetor de fumo", "en": "Smoke detector"},
    "panic": {"es": "Pulsador de pánico", "pt": "Botão de pânico", "en": "Panic button"},
    "medical": {"es": "Pulsador de ayuda", "pt": "Botão de ajuda", "en": "Help button"},
    "case": {"es": "Central", "pt": "Central", "en": "Control panel"},
}
_NUMBERS: Final = {"fire": "090", "panic": "091", "medical": "092", "case": "000"}
#: What a burglar does not set off.
_NO_INTRUSION: Final = tuple(word for words in _WORDS.values() for word in words.values())


def burglary(settings: PanelSettings, chance: random.Random) -> Story:
    """One zone, often a second; now and then somebody of the house comes and disarms."""
    zones = [zone for zone in settings.zones if not zone.name.startswith(_NO_INTRUSION)] or settings.zones
    first, *others = chance.sample(zones, k=min(len(zones), chance.choice([1, 1, 2, 3])))
    yield 0, _at(Happening.BURGLARY, first)
    for zone in others:
        yield chance.uniform(2, 12), _at(Happening.BURGLARY, zone)
    if chance.random() < 0.4:
        yield chance.uniform(6, 25), by_user(Happening.OPENING, settings, chance)
        yield chance.uniform(1, 3), by_user(Happening.CANCEL, settings, chance)
    yield chance.uniform(10, 40), _at(Happening.BURGLARY_RESTORE, first)
    for zone in others:
        yield chance.uniform(0.5, 5), _at(Happening.BURGLARY_RESTORE, zone)


def fire(settings: PanelSettings, chance: random.Random) -> Story:
    """Smoke, which clears."""
    zone = _special(settings, "fire")
    yield 0, _at(Happening.FIRE, zone)
    yield chance.uniform(60, 240), _at(Happening.FIRE_RESTORE, zone)


def panic(settings: PanelSettings, _: random.Random) -> Story:
    """A button; behind a counter it is silent."""
    staffed = settings.premises in ("bank", "shop", "pharmacy")
    yield 0, _at(Happening.HOLDUP if staffed else Happening.PANIC, _special(settings, "panic"))


def medical(settings: PanelSettings, _: random.Random) -> Story:
    """A pendant."""
    yield 0, _at(Happening.MEDICAL, _special(settings, "medical"))


def tamper(settings: PanelSettings, chance: random.Random) -> Story:
    """A case opened and closed again."""
    zone = chance.choice([*settings.zones, _special(settings, "case")])
    yield 0, _at(Happening.TAMPER, zone)
    yield chance.uniform(20, 120), _at(Happening.TAMPER_RESTORE, zone)


def power(_: PanelSettings, chance: random.Random) -> Story:
    """The mains fail and come back; sometimes the battery gets low meanwhile."""
    yield 0, Report(Happening.POWER)
    battery = chance.random() < 0.2
    if battery:
        yield chance.uniform(20, 60), Report(Happening.BATTERY)
    yield chance.uniform(15, 120), Report(Happening.POWER_RESTORE)
    if battery:
        yield chance.uniform(20, 60), Report(Happening.BATTERY_RESTORE)


def bypass(settings: PanelSettings, chance: random.Random) -> Story:
    """A zone left out, and taken in again."""
    zone = chance.choice(settings.zones)
    yield 0, _at(Happening.BYPASS, zone)
    yield chance.uniform(60, 300), _at(Happening.BYPASS_RESTORE, zone)


def unknown_code(settings: PanelSettings, chance: random.Random) -> Story:
    """Something that only its maker understands."""
    yield 0, _at(Happening.UNKNOWN_CODE, chance.choice(settings.zones))


def test(_: PanelSettings, __: random.Random) -> Story:
    """The daily test report."""
    yield 0, Report(Happening.TEST)


def by_user(happening: Happening, settings: PanelSettings, chance: random.Random) -> Report:
    """Somebody of the house did it."""
    number = chance.randrange(1, len(settings.users) + 1) if settings.users else 1
    name = settings.users[number - 1] if settings.users else ""
    return Report(happening, chance.choice(settings.areas), f"{number:03}", name)


def _at(happening: Happening, zone: Zone) -> Report:
    return Report(happening, zone.area, zone.number, zone.name)


def _special(settings: PanelSettings, what: str) -> Zone:
    name = _WORDS[what].get(settings.language, _WORDS[what]["en"])
    for zone in settings.zones:
        if zone.name.startswith(name):
            return zone
    return Zone(_NUMBERS[what], name, settings.areas[0])
