"""What an opening or closing says: how the area is armed now, and by what means.

In: an event code as sent and its qualifier. Out: the state of the area and the means, as DC-03 and DC-05 name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.action_plans import Armed
from station.signals import Qualifier

#: By what means, by the codes that say so; all others were a code at a keypad.
_MEANS: Final[Mapping[str, str]] = {
    # SIA DC-03
    "CA": "automatic", "OA": "automatic", "CF": "forced", "CG": "part", "CK": "key", "OK": "key",
    "CQ": "remote", "OQ": "remote", "CS": "key", "OS": "key", "CW": "forced", "NL": "part", "CR": "recent",
    # SIA DC-05
    "403": "automatic", "407": "remote", "408": "quick", "409": "key", "404": "late", "405": "deferred", "441": "part",
    "442": "key", "456": "part", "451": "early", "452": "late", "464": "automatic",
}  # fmt: skip
_PART: Final = frozenset({"CG", "NL", "441", "442", "456"})
KEYPAD: Final = "keypad"


def armed_by(code: str | None, qualifier: Qualifier) -> Armed | None:
    """How the area is armed after it; None: the code says nothing of that."""
    match qualifier:
        case Qualifier.OPENING:
            return Armed.DISARMED
        case Qualifier.CLOSING:
            return Armed.PART if code in _PART else Armed.ARMED
        case _:
            return None


def means_of(code: str | None) -> str:
    """By what means."""
    return _MEANS.get(code or "", KEYPAD)
