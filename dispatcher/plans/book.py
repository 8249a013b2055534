"""A book of plans: all that are in force together, frozen into every incident that begins under it.

In: plans and the texts they were read from. Out: `Book`, known by one version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import attrs

from station.action_plans import Plan

#: The plan for whatever no other fits.
LAST_RESORT = "unreadable"


@attrs.frozen
class Book:
    """Plans by name, in the order of their names. `version` is the SHA-256 of all texts, in hex."""

    version: str
    plans: tuple[Plan, ...]
    _by_name: Mapping[str, Plan] = attrs.field(init=False, repr=False, eq=False)
    #: What was chosen for a situation before: a station meets the same ones all day.
    chosen: dict[object, object] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    @_by_name.default
    def _index(self) -> Mapping[str, Plan]:
        return {plan.name: plan for plan in self.plans}

    def plan(self, name: str) -> Plan:
        """The plan of this name; an incident only names plans of its own book."""
        return self._by_name[name]

    @property
    def last_resort(self) -> Plan:
        """What fits everything."""
        return self._by_name[LAST_RESORT]


def version_of(texts: Mapping[str, str]) -> str:
    """One version for all texts, by name."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        text = texts[name].encode()
        digest.update(f"{name} {len(text)}\n".encode() + text)
    return digest.hexdigest()
