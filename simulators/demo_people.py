"""The people, cities and words of which the demo accounts are made; `demo_people.toml` holds them."""

from __future__ import annotations

import functools
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Final

import attrs
import cattrs

_FILE: Final = pathlib.Path(__file__).with_suffix(".toml")


@attrs.frozen
class People:
    """How people are called in one country, and the shape of their telephone numbers: E.164, `#` for a drawn digit."""

    language: str
    first: tuple[str, ...]
    family: tuple[str, ...]
    family_names: int
    phone: str


@attrs.frozen
class City:
    """A city; `people` names its own, `address` has places for `{street}`, `{number}` and `{floor}`."""

    name: str
    country: str
    time_zone: str
    people: str
    address: str
    streets: tuple[str, ...]


@attrs.frozen
class Wording:
    """What sites, areas and zones are called in one language.

    Names of sites have places for `{family}`, `{word}` and `{street}`. A zone that ends in `|2` lies in the second
    area, where there is one.
    """

    words: tuple[str, ...]
    notes: tuple[str, ...]
    home_names: tuple[str, ...]
    shop_names: tuple[str, ...]
    pharmacy_names: tuple[str, ...]
    bank_names: tuple[str, ...]
    home_areas: tuple[str, ...]
    home_zones: tuple[str, ...]
    business_areas: tuple[str, ...]
    business_zones: tuple[str, ...]

    def names(self, premises: str) -> tuple[str, ...]:
        """Names for sites of that kind."""
        return {
            "home": self.home_names,
            "shop": self.shop_names,
            "pharmacy": self.pharmacy_names,
            "bank": self.bank_names,
        }[premises]


@attrs.frozen
class World:
    """All of it; `wording` is by language."""

    people: Mapping[str, People]
    cities: tuple[City, ...]
    wording: Mapping[str, Wording]


@functools.cache
def world() -> World:
    """What `demo_people.toml` says."""
    return cattrs.structure(tomllib.loads(_FILE.read_text(encoding="utf-8")), World)
