"""What the trade calls things on the screens: kinds, states, dispositions, roles, directions, doubts.

In: values of `station`. Out: English words, which are the keys of the other languages' texts (`texts/*.po`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from station.incident_events import Disposition
from station.operators import Role
from station.signals import Authenticity, Kind, Qualifier


def msgid(text: str) -> str:
    """Mark a text that exists in all languages; it is translated where it is shown."""
    return text


KINDS: Final[Mapping[Kind, str]] = {
    Kind.FIRE: msgid("Fire"),
    Kind.MEDICAL: msgid("Medical"),
    Kind.PANIC_HOLDUP: msgid("Panic or hold-up"),
    Kind.GAS_CO: msgid("Gas or CO"),
    Kind.BURGLARY: msgid("Intrusion"),
    Kind.TAMPER: msgid("Tamper"),
    Kind.VERIFICATION: msgid("Verification"),
    Kind.TECHNICAL: msgid("Technical"),
    Kind.SUPERVISORY: msgid("Supervisory"),
    Kind.TROUBLE: msgid("Trouble"),
    Kind.POWER: msgid("Power"),
    Kind.COMMS: msgid("Communication"),
    Kind.OPEN_CLOSE: msgid("Arming and disarming"),
    Kind.CANCEL: msgid("Cancel"),
    Kind.BYPASS: msgid("Bypass"),
    Kind.ACCESS: msgid("Access"),
    Kind.TEST: msgid("Test"),
    Kind.LINK_TEST: msgid("Link test"),
    Kind.SYSTEM: msgid("System"),
    Kind.MISC: msgid("Report"),
    Kind.UNTYPED: msgid("Zone alarm"),
    Kind.UNKNOWN_CODE: msgid("Unknown code"),
    Kind.UNREADABLE: msgid("Unreadable signal"),
    Kind.PATH_LOST: msgid("Path lost"),
    Kind.ALL_PATHS_LOST: msgid("All paths lost"),
    Kind.LATE_TO_TEST: msgid("Late to test"),
    Kind.RUNAWAY: msgid("Runaway panel"),
    Kind.STATION: msgid("Station fault"),
    Kind.UNKNOWN_ACCOUNT: msgid("Unknown account"),
    Kind.NOT_AUTHENTICATED: msgid("Not authenticated"),
}

#: What the station itself reports: its points are paths or sources, never zones, and its account may be a matter.
OWN: Final = frozenset({Kind.PATH_LOST, Kind.ALL_PATHS_LOST, Kind.LATE_TO_TEST, Kind.RUNAWAY, Kind.STATION})

DISPOSITIONS: Final[Mapping[Disposition, str]] = {
    Disposition.REAL: msgid("Real alarm"),
    Disposition.USER_ERROR: msgid("User error"),
    Disposition.EQUIPMENT_FAULT: msgid("Equipment fault"),
    Disposition.TEST: msgid("Test by arrangement"),
    Disposition.HANDLED: msgid("Condition told and noted"),
    Disposition.UNEXPLAINED: msgid("No cause found"),
}

STATES: Final[Mapping[str, str]] = {
    "waiting": msgid("waiting"),
    "taken": msgid("taken"),
    "on_hold": msgid("on hold"),
    "closed": msgid("closed"),
    "automatic": msgid("goes on by itself"),
}

#: What stands there; any other word is shown as it was written.
PREMISES: Final[Mapping[str, str]] = {
    "home": msgid("home"),
    "shop": msgid("shop"),
    "bank": msgid("bank"),
    "pharmacy": msgid("pharmacy"),
}

ROLES: Final[Mapping[Role, str]] = {
    Role.OPERATOR: msgid("operator"),
    Role.SUPERVISOR: msgid("supervisor"),
    Role.ADMINISTRATOR: msgid("administrator"),
}

#: Contact ID codes have one name for both directions; this says which one came.
DIRECTIONS: Final[Mapping[Qualifier, str]] = {
    Qualifier.NEW: msgid("new"),
    Qualifier.RESTORE: msgid("restored"),
    Qualifier.STATUS: msgid("still so"),
    Qualifier.OPENING: msgid("disarmed"),
    Qualifier.CLOSING: msgid("armed"),
}

#: Why a signal must not be believed; the others have nothing to explain.
DOUBTS: Final[Mapping[Authenticity, str]] = {
    Authenticity.OUTSIDE_WINDOW: msgid("late, or a recording: its time is outside the window"),
    Authenticity.CLEAR_TEXT: msgid("sent in clear, though this account has a key"),
    Authenticity.NO_KEY: msgid("encrypted, and we have no key to open it"),
    Authenticity.WRONG_KEY: msgid("encrypted with a key that is not this account's"),
}


#: Less urgent incidents are conditions: mains, lines, batteries, reports.
_LAST_TIMED_PRIORITY: Final = 3


class Sound(enum.Enum):
    """Which of the alarm sounds an incident makes; the first is the most urgent."""

    LIFE = "life"
    INTRUSION = "intrusion"
    TECHNICAL = "technical"


def sound(kind: Kind) -> Sound:
    """The sound of an incident that waits."""
    match kind:
        case Kind.FIRE | Kind.MEDICAL | Kind.PANIC_HOLDUP | Kind.GAS_CO:
            return Sound.LIFE
        case (
            Kind.BURGLARY
            | Kind.TAMPER
            | Kind.VERIFICATION
            | Kind.UNTYPED
            | Kind.UNREADABLE
            | Kind.NOT_AUTHENTICATED
            | Kind.ALL_PATHS_LOST
            | Kind.STATION
        ):
            return Sound.INTRUSION
        case _:
            return Sound.TECHNICAL


def limits_s(kind: Kind, priority: int) -> tuple[int, int] | None:
    """After how many seconds in the queue an incident is late for four of five, and for nearly all (EN 50518).

    None for conditions, which nobody need answer within seconds.
    """
    if priority > _LAST_TIMED_PRIORITY:
        return None
    return (30, 60) if sound(kind) is Sound.LIFE else (90, 180)
