"""Words for customers on the screens: what is agreed, contacts, users of a panel, what takes two people, tasks.

In: values of `station`, and names of settings. Out: English words, which are the keys of the other languages' texts.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from dispatcher.desk_customers import KEY_RELEASE, ON_TEST, POLICE_CANCEL
from operators_ui.words import msgid
from station.facts import ContactRole, UserKind
from station.priorities import LIFE_SAFETY
from station.signals import Kind

ROLES: Final[Mapping[ContactRole, str]] = {
    ContactRole.CONTACT: msgid("contact"),
    ContactRole.KEYHOLDER: msgid("holds keys"),
    ContactRole.PREMISES: msgid("line of the premises"),
}

USERS: Final[Mapping[UserKind, str]] = {
    UserKind.ORDINARY: msgid("ordinary user"),
    UserKind.DURESS: msgid("duress code"),
    UserKind.INSTALLER: msgid("installer"),
    UserKind.GUARD: msgid("guard"),
}

APPROVALS: Final[Mapping[str, str]] = {
    ON_TEST: msgid("put on test"),
    POLICE_CANCEL: msgid("turn the police back"),
    KEY_RELEASE: msgid("give out a key"),
}

TASKS: Final[Mapping[str, str]] = {
    "technician": msgid("Technician"),
    "call_back": msgid("Call back"),
    "change_contacts": msgid("Change of contacts"),
    "change_passwords": msgid("Change of passwords"),
    "change_settings": msgid("Change of what is agreed"),
    "change_users": msgid("Change of users"),
}

#: Those that an operator starts; the others the station makes itself.
TASKS_TO_ASK: Final = ("technician", "call_back", "change_contacts", "change_passwords", "change_settings")

#: On test only if they are named aloud.
NAMED_ALOUD: Final = tuple(kind for kind in Kind if kind in LIFE_SAFETY)


class Entry(enum.Enum):
    """How a setting is typed."""

    FLAG = enum.auto()
    NUMBER = enum.auto()
    TEXT = enum.auto()
    MOMENT = enum.auto()
    DATE = enum.auto()
    TIME = enum.auto()
    HOURS = enum.auto()
    AGENCY = enum.auto()


@attrs.frozen
class Setting:
    """One line of the form: what it is called, how it is typed, and an example where that is not plain."""

    label: str
    entry: Entry
    example: str = ""


SETTINGS: Final[Mapping[str, Setting]] = {
    "counter_first": Setting(msgid("On our calls we say the counter-password first"), Entry.FLAG),
    "call_instead": Setting(msgid("Power failures are telephoned"), Entry.FLAG),
    "guard": Setting(msgid("Guard visits are in the contract"), Entry.FLAG),
    "guard_visits": Setting(msgid("So many guard visits a year"), Entry.NUMBER),
    "technician": Setting(msgid("Technicians' visits are in the contract"), Entry.FLAG),
    "media_consent": Setting(msgid("Agrees that pictures are kept"), Entry.FLAG),
    "domestic": Setting(msgid("A home"), Entry.FLAG),
    "detectors": Setting(msgid("So many detectors"), Entry.NUMBER),
    "window_s": Setting(msgid("Signals confirm each other within so many seconds"), Entry.NUMBER),
    "multi_knock_s": Setting(msgid("One detector alone waits so many seconds for a second"), Entry.NUMBER),
    "restore_within_s": Setting(msgid("Must be restored within so many seconds"), Entry.NUMBER),
    "arm_reminder": Setting(msgid("Reminded to arm at"), Entry.TIME),
    "quiet_hours": Setting(msgid("Quiet hours"), Entry.HOURS, '{"daily": [["22:00", "07:00"]]}'),
    "schedule": Setting(
        msgid("Opening hours"),
        Entry.HOURS,
        '{"zone": "Europe/Madrid", "week": {"mon": [["09:00", "18:00"]]}}',
    ),
    "carrier": Setting(msgid("Its line or network is of"), Entry.TEXT),
    "permit": Setting(msgid("Alarm permit"), Entry.TEXT),
    "permit_until": Setting(msgid("valid until"), Entry.DATE),
    "suspended_until": Setting(msgid("Police come no more until"), Entry.MOMENT, "2027-01-31T12:00:00+01:00"),
    "suspended_by": Setting(msgid("by order of"), Entry.TEXT),
    "police": Setting(msgid("Police"), Entry.AGENCY),
    "fire": Setting(msgid("Fire service"), Entry.AGENCY),
    "medical": Setting(msgid("Medical service"), Entry.AGENCY),
}
