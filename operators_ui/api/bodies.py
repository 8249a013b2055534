"""What requests carry: frozen values, each field with its meaning and unit.

In: JSON. Out: attrs values; what is not among the fields is refused. Enums are the words of `station`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from dispatcher.legal.to_tell import Item
from station.action_plans import Outcome
from station.evidence import EvidenceKind
from station.facts import ContactRole, UserKind
from station.incident_events import Disposition
from station.languages import Language
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import CallOutcome, Line
from station.signals import Kind


@attrs.frozen(kw_only=True)
class Fenced:
    """A verb of the holder. `fence` is that of the lease that `take` answered."""

    fence: int


@attrs.frozen(kw_only=True)
class Note(Fenced):
    """A note."""

    text: str


@attrs.frozen(kw_only=True)
class Hold(Fenced):
    """Aside for so many minutes, or until an instant (ISO 8601 with zone); a day at most."""

    reason: str
    minutes: int | None = None
    until: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class HandOver(Fenced):
    """To an operator by name; null: back to the queue."""

    to: str | None = None


@attrs.frozen(kw_only=True)
class Close(Fenced):
    """The end. `seen_n` is the last event that the caller has seen (`last_n` of the incident)."""

    disposition: Disposition
    seen_n: int
    note: str = ""


@attrs.frozen(kw_only=True)
class TakeOver:
    """Why a supervisor takes it from its holder."""

    reason: str


@attrs.frozen(kw_only=True)
class Second:
    """Why a second person agrees."""

    why: str = ""


@attrs.frozen(kw_only=True)
class Review:
    """What a supervisor says of it."""

    note: str = ""


@attrs.frozen(kw_only=True)
class Attempt(Fenced):
    """A call to a contact by its id, or from one; null: somebody else."""

    line: Line
    outcome: CallOutcome
    contact: int | None = None
    note: str = ""


@attrs.frozen(kw_only=True)
class Speaker(Fenced):
    """With whom, and on which line; `contact` null: somebody who is not listed."""

    line: Line
    contact: int | None = None


@attrs.frozen(kw_only=True)
class Password(Speaker):
    """What was heard as the password."""

    heard: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class StepOutcome(Fenced):
    """How the current step ended."""

    outcome: Outcome
    note: str = ""


@attrs.frozen(kw_only=True)
class PassOver(Fenced):
    """Why the current step is passed over."""

    reason: str


@attrs.frozen(kw_only=True)
class EvidenceSeen(Fenced):
    """What was seen, heard or said."""

    kind: EvidenceKind
    note: str = ""


@attrs.frozen(kw_only=True)
class Agency(Fenced):
    """A request to an agency, or how far one is. `told`: of the list that the law asks for."""

    service: Service
    state: AgencyState
    no: int | None = None
    told: list[Item] = attrs.field(factory=list)
    reason: str = ""
    reference: str = ""
    note: str = ""
    result: str = ""
    approval: int | None = None


@attrs.frozen(kw_only=True)
class Guard(Fenced):
    """A guard is asked, or is one step further."""

    guard: int
    state: GuardState
    position: Position = Position.OUTSIDE
    guards: int = 1
    report: Report | None = None
    reason: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class Contact:
    """A contact, in the customer's order. `hours`: by weekday or `daily`, local time; null: at any time."""

    name: str
    phone: str
    language: Language
    id: int | None = None
    role: ContactRole = ContactRole.CONTACT
    hours: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Contacts:
    """The whole list."""

    contacts: list[Contact]


@attrs.frozen(kw_only=True)
class Passwords:
    """New words; what is empty stays as it was."""

    password: str = attrs.field(default="", repr=False)
    duress: str = attrs.field(default="", repr=False)
    counter: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class PanelUser:
    """Whose code the panel reports under a number."""

    number: str
    name: str
    kind: UserKind = UserKind.ORDINARY
    contact: int | None = None


@attrs.frozen(kw_only=True)
class PanelUsers:
    """All of an account."""

    users: list[PanelUser]


@attrs.frozen(kw_only=True)
class Care:
    """What is agreed for an account; what is not given stays as it was. Seconds and JSON as `schema.sql` has them."""

    settings: dict[str, Any]


@attrs.frozen(kw_only=True)
class OnTest:
    """Premises to be put on test. No zones: all. No kinds: all but life-safety, which are named aloud."""

    account: str
    reason: str
    minutes: int = 60
    zones: list[str] = attrs.field(factory=list)
    kinds: list[Kind] = attrs.field(factory=list)
    asked_by: int | None = None
    approval: int | None = None


@attrs.frozen(kw_only=True)
class Longer:
    """So many minutes more, 1 to 480."""

    minutes: int


@attrs.frozen(kw_only=True)
class Task:
    """Something to do later, with a person to call back."""

    account: str
    what: str
    text: str
    call_back: str = ""


@attrs.frozen(kw_only=True)
class IncidentTask(Fenced):
    """What an incident leaves to be done. `what`: a word such as `technician`; `text`: the rest."""

    what: str
    text: str
    call_back: str = ""


@attrs.frozen(kw_only=True)
class Approval:
    """What takes two people, and of what it is: it serves for nothing else.

    `on_test` of `{"account": number}`, `police_cancel` of `{"incident": id}`, `key_release` of `{"key": id}`.
    """

    what: str
    of: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Key:
    """A key that comes into our keeping, under a code that says nothing of the place."""

    code: str


@attrs.frozen(kw_only=True)
class KeyMove:
    """To a guard by id; null: back."""

    to_guard: int | None = None
    approval: int | None = None


@attrs.frozen(kw_only=True)
class NewGuard:
    """A patrol. `place`: the city that it serves; empty: any."""

    name: str
    phone: str
    place: str = ""
    position: int = 1


@attrs.frozen(kw_only=True)
class NewAgency:
    """A service. `phone` in full (E.164), so that it works from the station's own city."""

    service: Service
    name: str
    country: str
    phone: str
    email: str = ""
    webhook: str = ""
