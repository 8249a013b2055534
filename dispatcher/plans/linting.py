"""What can't be right in a plan, found before anybody works by it.

In: plans, and what is known of accounts. Out: `Finding`s in plain words; none means that nothing was found.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from dispatcher.engine.stepping import after
from dispatcher.plans.book import LAST_RESORT, Book
from station.action_plans import AGENCIES, OUTCOMES, Do, Outcome, Plan, Step, Who
from station.contact_hours import hours_of_json, reachable
from station.facts import Facts
from station.signals import Kind

#: When nobody wants to be called, and somebody must be.
DEAD_OF_NIGHT: Final = dt.time(3, 0)


@attrs.frozen
class Finding:
    """One thing that can't be right, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def lint(book: Book) -> list[Finding]:
    """What can't be right in the plans of a book."""
    found = [finding for plan in book.plans for finding in _of_plan(plan)]
    if LAST_RESORT not in {plan.name for plan in book.plans}:
        found.append(Finding("the book", f"there is no plan {LAST_RESORT!r} for what fits no other"))
    return found


def _of_plan(plan: Plan) -> Iterator[Finding]:
    ways = ways_of(plan)
    reached = _reached_from(plan.steps[0].id, ways)
    for step in plan.steps:
        where = f"{plan.name}, step {step.id!r}"
        if step.id not in reached:
            yield Finding(where, "no outcome of any step leads here")
        elif not any(plan.step(id_).do is Do.CLOSE for id_ in _reached_from(step.id, ways)):
            yield Finding(where, "from here the plan never comes to an end: no way leads to a step that closes")
        elif step.automatic and _waits_for_ever(plan, step, ways):
            yield Finding(where, "it holds for ever: the steps that follow lead back here and no person is ever asked")
    if not plan.selectors and plan.name != LAST_RESORT:
        yield Finding(plan.name, "no [[for]] says when it is chosen")
    if any(Kind.PANIC_HOLDUP in selector.kinds or selector.duress for selector in plan.selectors):
        yield from _of_holdup(plan)


def _of_holdup(plan: Plan) -> Iterator[Finding]:
    """Hold-up and duress: police first, and nobody telephones."""
    for step in plan.steps:
        if step.do is Do.CALL and step.who is not Who.KEYHOLDERS:
            yield Finding(f"{plan.name}, step {step.id!r}", "at a hold-up nobody telephones the premises")
        if step.do is Do.SMS:
            yield Finding(f"{plan.name}, step {step.id!r}", "at a hold-up no message leaves")
    if plan.steps[0].do is not Do.POLICE:
        yield Finding(plan.name, "at a hold-up the police are told first")


def ways_of(plan: Plan) -> Mapping[str, frozenset[str]]:
    """Where each step can lead."""
    return {
        step.id: frozenset(after(plan, step, outcome) for outcome in _outcomes(step)) - ({step.id} & _ends(step))
        for step in plan.steps
    }


def _outcomes(step: Step) -> frozenset[Outcome]:
    possible = OUTCOMES[step.do]
    unlikely = {Outcome.TOO_OFTEN} if step.times is None else set()
    if Outcome.RESTORED not in step.on:
        unlikely.add(Outcome.RESTORED)
    if Outcome.CALL_INSTEAD not in step.on:
        unlikely.add(Outcome.CALL_INSTEAD)
    return possible - unlikely


def _ends(step: Step) -> set[str]:
    return {step.id} if step.do is Do.CLOSE else set()


def _reached_from(first: str, ways: Mapping[str, frozenset[str]]) -> set[str]:
    reached, coming = set(), [first]
    while coming:
        step = coming.pop()
        if step not in reached:
            reached.add(step)
            coming += ways[step]
    return reached


def _waits_for_ever(plan: Plan, step: Step, ways: Mapping[str, frozenset[str]]) -> bool:
    """Whether a circle of steps without a person or a limit leads back to this one."""
    silent = {one.id for one in plan.steps if one.automatic and one.times is None and one.do is not Do.CLOSE}
    among = {id_: to & silent for id_, to in ways.items() if id_ in silent}
    return any(step.id in _reached_from(to, among) for to in among.get(step.id, frozenset()))


def lint_account(name: str, facts: Facts, book: Book, day: dt.date) -> list[Finding]:
    """What can't work for one account: nobody to call at three in the morning, no service with a number."""
    found = []
    night = dt.datetime.combine(day, DEAD_OF_NIGHT, zoneinfo.ZoneInfo(facts.time_zone)).astimezone(dt.UTC)
    if not any(reachable(hours_of_json(contact.hours), facts.time_zone, night) for contact in facts.contacts):
        found.append(Finding(f"account {name}", "no contact may be called at 03:00"))
    needed: Sequence[str] = sorted({step.do.value for plan in book.plans for step in plan.steps if step.do in AGENCIES})
    return found + [
        Finding(f"account {name}", f"no {service} service with a number is named")
        for service in needed
        if service not in facts.services
    ]
