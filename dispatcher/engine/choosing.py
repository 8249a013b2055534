"""Which plan an incident is worked by: the most specific one whose conditions hold.

In: a book of plans and what is known of the incident. Out: a plan, and the selector by which it was chosen.
"""

from __future__ import annotations

from typing import Final

import attrs

from dispatcher.plans.book import Book
from station.action_plans import Armed, Plan, Selector
from station.evidence import EvidenceKind
from station.incidents import Incident
from station.priorities import priority
from station.progress import Progress
from station.signals import Kind

#: What a condition adds: a named zone outweighs everything that is said of areas, and so on.
_ACCOUNT: Final = 1000
_ZONE: Final = 400
_AREA: Final = 200
_DURESS: Final = 100
_CODES: Final = 50
_CONFIRMED: Final = 20
_CONDITION: Final = 4
_KINDS: Final = 1
_REMEMBERED: Final = 50_000


@attrs.frozen
class Choice:
    """A plan, and why it fits."""

    plan: Plan
    selector: Selector


@attrs.frozen(kw_only=True)
class Situation:
    """What selectors ask about."""

    kind: Kind
    account: str = ""
    code: str | None = None
    area: str | None = None
    zone: str = ""
    armed: Armed | None = None
    open_hours: bool | None = None
    confirmed: bool = False
    duress: bool = False
    country: str = ""
    grade: int | None = None
    outage: bool = False
    knock: bool = False


def situation_of(incident: Incident) -> Situation:
    """What selectors ask about, of this incident."""
    progress, facts = incident.progress, incident.progress.facts
    return Situation(
        kind=most_urgent_kind(incident.kind, progress),
        account=incident.account,
        code=progress.code,
        area=progress.area,
        zone=progress.zone,
        armed=None if facts.armed is None else Armed(facts.armed),
        open_hours=facts.open_hours,
        confirmed=progress.confirmed,
        duress=progress.duress,
        country=facts.country,
        grade=facts.grade,
        outage=progress.members > 0,
        knock=_alone(incident),
    )


def _alone(incident: Incident) -> bool:
    """One detector alone, at premises where such waits for a second."""
    progress = incident.progress
    detectors = {piece.detector for piece in progress.evidence if piece.kind is EvidenceKind.DETECTOR}
    others = any(piece.kind is not EvidenceKind.DETECTOR for piece in progress.evidence)
    return progress.facts.multi_knock_s is not None and len(detectors) == 1 and not others


def most_urgent_kind(kind: Kind, progress: Progress) -> Kind:
    """What the incident is about, of all that its alarms are."""
    if progress.duress:
        return Kind.PANIC_HOLDUP
    return min((kind, *progress.kinds), key=priority)


def choose(book: Book, situation: Situation) -> Choice:
    """The most specific plan; the book's last resort where none fits."""
    known = book.chosen.get(situation)
    if not isinstance(known, Choice):
        known = _chosen(book, situation)
        if len(book.chosen) < _REMEMBERED:
            book.chosen[situation] = known
    return known


def _chosen(book: Book, situation: Situation) -> Choice:
    best, weight = Choice(book.last_resort, Selector()), -1
    for plan in book.plans:
        for selector in plan.selectors:
            if fits(selector, situation) and (found := _weight(selector)) > weight:
                best, weight = Choice(plan, selector), found
    return best


def fits(selector: Selector, situation: Situation) -> bool:
    """Whether all of its conditions hold."""
    return (
        (not selector.kinds or situation.kind in selector.kinds)
        and (not selector.codes or situation.code in selector.codes)
        and _is(selector.account, situation.account)
        and _is(selector.area, situation.area)
        and _is(selector.zone, situation.zone)
        and (not selector.armed or situation.armed in selector.armed)
        and _is(selector.open_hours, situation.open_hours)
        and _is(selector.confirmed, situation.confirmed)
        and _is(selector.duress, situation.duress)
        and _is(selector.country, situation.country)
        and (not selector.grades or situation.grade in selector.grades)
        and _is(selector.outage, situation.outage)
        and _is(selector.knock, situation.knock)
    )


def _is(asked: object, found: object) -> bool:
    return asked is None or asked == found


def _weight(selector: Selector) -> int:
    conditions = (selector.armed, selector.grades)
    questions = (selector.open_hours, selector.country, selector.outage, selector.knock)
    return (
        _ACCOUNT * (selector.account is not None)
        + _ZONE * (selector.zone is not None)
        + _AREA * (selector.area is not None)
        + _DURESS * (selector.duress is not None)
        + _CODES * bool(selector.codes)
        + _CONFIRMED * (selector.confirmed is not None)
        + _CONDITION * (sum(map(bool, conditions)) + sum(asked is not None for asked in questions))
        + _KINDS * bool(selector.kinds)
    )
