"""The demo accounts: homes, shops, banks and pharmacies in six cities, the same for the same seed.

Out: a CSV as `sereno accounts import` reads it.
"""

from __future__ import annotations

import csv
import itertools
import pathlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from simulators.demo_people import City, People, Wording, world

COLUMNS: Final = (
    "account", "prefix", "receiver", "name", "premises", "address", "city", "country", "language", "time_zone", "key",
    "key_format", "supervision_s", "grade", "window_past_s", "window_future_s", "notes", "areas", "zones", "contacts",
)  # fmt: skip
_PREMISES: Final = {"home": 60, "shop": 24, "pharmacy": 9, "bank": 7}
#: The fewest and the most zones.
_ZONES: Final = {"home": (3, 8), "shop": (3, 9), "pharmacy": (4, 10), "bank": (7, 12)}
#: Of the residents, those who speak English whatever the city.
_ENGLISH_SHARE: Final = 0.07
_ASCII_KEY_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"

#: By pattern, the telephone numbers still to be given.
Phones = Mapping[str, Iterator[str]]


def write_csv(path: pathlib.Path, *, count: int = 1000, seed: int = 1) -> None:
    """Write `count` accounts, at most 200,000, to `path`.

    Raises:
        OSError: it can't be written.
    """
    chance = random.Random(seed)
    phones = _phones(chance)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_account(number, phones, chance) for number in _numbers(count, chance))


def _numbers(count: int, chance: random.Random) -> Sequence[str]:
    """Four to six hexadecimal digits, some with leading zeros, no two of one value."""
    values = chance.sample(range(0x100, 0x3FFFF), count)
    return [f"{value:0{chance.choice([4, 4, 4, 6])}X}" for value in values]


def _account(number: str, phones: Phones, chance: random.Random) -> Mapping[str, object]:
    city = chance.choice(world().cities)
    (premises,) = chance.choices([*_PREMISES], [*_PREMISES.values()])
    people = world().people["english" if chance.random() < _ENGLISH_SHARE else city.people]
    wording = world().wording[people.language]
    grade = 3 if premises == "bank" or (premises != "home" and chance.random() < 0.5) else 2
    street = chance.choice(city.streets)
    family = chance.choice(people.family)
    key_format, key = _key(chance)
    areas, zones = _areas_and_zones(premises, wording, chance)
    return {
        "account": number,
        "prefix": chance.choices(["", "1", "1A"], [90, 5, 5])[0],
        "receiver": chance.choices(["", "1", "2"], [90, 5, 5])[0],
        "name": chance.choice(wording.names(premises)).format(
            family=family, street=street, word=chance.choice(wording.words)
        ),
        "premises": premises,
        "address": city.address.format(street=street, number=chance.randrange(1, 240), floor=chance.randrange(1, 7)),
        "city": city.name,
        "country": city.country,
        "language": people.language,
        "time_zone": city.time_zone,
        "key": key,
        "key_format": key_format,
        "supervision_s": 180 if grade == 3 else 300,
        "grade": grade,
        "notes": chance.choice(wording.notes) if chance.random() < 0.15 else "",
        "areas": areas,
        "zones": zones,
        "contacts": _contacts(city, people, family, phones, chance),
    }


def _key(chance: random.Random) -> tuple[str, str]:
    """Format and text of a panel key; two of three panels have none."""
    match chance.choices(["none", "hex128", "hex256", "ascii"], [66, 16, 8, 10])[0]:
        case "hex128":
            return "hex", chance.randbytes(16).hex().upper()
        case "hex256":
            return "hex", chance.randbytes(32).hex().upper()
        case "ascii":
            return "ascii", "".join(chance.choices(_ASCII_KEY_LETTERS, k=16))
        case _:
            return "", ""


def _areas_and_zones(premises: str, wording: Wording, chance: random.Random) -> tuple[str, str]:
    """The first three zones that every site of the kind has, and some of the others."""
    home = premises == "home"
    first, others = (names := wording.home_zones if home else wording.business_zones)[:3], names[3:]
    drawn = set(chance.sample(others, chance.randint(*_ZONES[premises]) - len(first)))
    zones = [name.partition("|") for name in (*first, *(name for name in others if name in drawn))]
    two = any(area for _, _, area in zones) and chance.random() < 0.6
    areas = (wording.home_areas if home else wording.business_areas)[: 2 if two else 1]
    return (
        _listed((str(n), name) for n, name in enumerate(areas, start=1)),
        _listed((f"{n:03}", name, area if two and area else "1") for n, (name, _, area) in enumerate(zones, start=1)),
    )


def _contacts(city: City, people: People, family: str, phones: Phones, chance: random.Random) -> str:
    """Two to four people in the order of the customer; the first bears the family's name, the last is local."""
    several = [people] * chance.randint(1, 3) + [world().people[city.people]]
    families = [family, *("" for _ in several[1:])]
    return _listed(
        (_person(of, named, chance), next(phones[of.phone]), of.language)
        for of, named in zip(several, families, strict=True)
    )


def _person(people: People, family: str, chance: random.Random) -> str:
    names = chance.sample(people.family, people.family_names)
    if family:
        names[-1 if people.language == "pt" else 0] = family
    return " ".join([chance.choice(people.first), *names])


def _phones(chance: random.Random) -> Phones:
    """For each country's pattern its numbers in disorder, none twice before all are used."""
    return {people.phone: itertools.cycle(_drawn(people.phone, chance)) for people in world().people.values()}


def _drawn(pattern: str, chance: random.Random) -> Iterator[str]:
    hole = "#" * pattern.count("#")
    numbers = list(range(10 ** len(hole)))
    chance.shuffle(numbers)
    return (pattern.replace(hole, f"{number:0{len(hole)}}") for number in numbers)


def _listed(items: Iterable[Sequence[str]]) -> str:
    """`1|House; 2|Garage`"""
    return "; ".join("|".join(fields) for fields in items)
