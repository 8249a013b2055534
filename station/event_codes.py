"""What an event code means: the code tables of SIA DC-03 (SIA-DCS) and SIA DC-05 (Contact ID).

In: a code as sent. Out: its kind, its direction, what the number after it names, and its name in three languages.
The tables lie in `codes/`: codes and pairings from the standards, kinds and wording our own.
"""

from __future__ import annotations

import csv
import enum
import functools
import pathlib
from collections.abc import Mapping
from typing import Final

import attrs

from station.languages import Language
from station.signals import Kind, Qualifier

_FOLDER: Final = pathlib.Path(__file__).parent / "codes"

#: Contact ID codes of the open/close group that tell of an exception, not of an area being disarmed or armed.
_EXCEPTIONS: Final = frozenset({"453", "454", "455", "457", "458", "459", "463", "464", "910", "911", "920"})

#: An unlisted Contact ID code is taken for what its decade means only where missing it could cost most.
_DECADES_TRUSTED: Final = frozenset(
    {Kind.FIRE, Kind.MEDICAL, Kind.PANIC_HOLDUP, Kind.GAS_CO, Kind.BURGLARY, Kind.TAMPER}
)


class Argument(enum.Enum):
    """What the number after a code names."""

    ZONE = "zone"
    USER = "user"
    AREA = "area"
    NONE = "none"
    OTHER = "other"


@attrs.frozen
class EventCode:
    """One row of a code table."""

    code: str
    kind: Kind
    qualifier: Qualifier
    argument: Argument
    names: Mapping[Language, str]

    def name(self, language: Language) -> str:
        """What an operator reads."""
        return self.names[language]


def sia_dcs(code: str) -> EventCode | None:
    """The meaning of a two-letter code of SIA DC-03, or None."""
    return _table("sia_dcs").get(code)


def contact_id(code: str) -> EventCode | None:
    """The meaning of a three-digit code of SIA DC-05, or None; an unlisted alarm code means what its decade means."""
    table = _table("contact_id")
    found = table.get(code)
    if found is None and (decade := table.get(code[:2] + "0")) is not None and decade.kind in _DECADES_TRUSTED:
        return decade
    return found


def contact_id_qualifier(code: str, digit: str) -> Qualifier:
    """The direction that a qualifier digit gives a code (DC-05: 1 new or opening, 3 restore or closing, 6 status)."""
    known = contact_id(code)
    armed_state = known is not None and known.kind is Kind.OPEN_CLOSE and code not in _EXCEPTIONS
    match digit:
        case "3" | "R":
            return Qualifier.CLOSING if armed_state else Qualifier.RESTORE
        case "6" | "P":
            return Qualifier.STATUS
        case _:
            return Qualifier.OPENING if armed_state else Qualifier.NEW


def meaning(token: str, event_code: str | None) -> EventCode | None:
    """The meaning of a stored signal's event code; `token` says which table it is of."""
    if event_code is None:
        return None
    match token:
        case "ADM-CID":
            return contact_id(event_code)
        case "SIA-DCS":
            return sia_dcs(event_code)
        case _:
            return None


@functools.cache
def _table(name: str) -> Mapping[str, EventCode]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _event_code(row) for row in csv.DictReader(file)}


def _event_code(row: Mapping[str, str]) -> EventCode:
    return EventCode(
        code=row["code"],
        kind=Kind(row["kind"]),
        qualifier=Qualifier(row.get("qualifier", "new")),
        argument=Argument(row["argument"]),
        names={language: row[language.value] for language in Language},
    )
