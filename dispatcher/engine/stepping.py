"""Which step comes next, and whom it calls.

In: the plan, the incident, how the step ended, and `now`. Out: the next step begun, or the incident closed by its plan.
What an outcome is not said to lead to leads to the next step in the file.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from dispatcher.legal.confirmation import guard_may_be_sent
from dispatcher.legal.verdicts import Premises, Verdict
from station.action_plans import OUTCOMES, Do, Outcome, Plan, Step, Who
from station.contact_hours import hours_of_json, reachable
from station.facts import ContactFact, ContactRole, Facts
from station.incidents import Incident
from station.plan_events import EffectState, Stepped
from station.progress import EffectProgress, Progress

#: No plan passes over more steps at once than it has.
_STRIDE: Final = 100
_UNDELIVERED: Final = frozenset({EffectState.FAILED, EffectState.UNKNOWN, EffectState.STALE})


def arrive(plan: Plan, target: str, outcome: Outcome | None, incident: Incident, now: dt.datetime) -> Stepped:
    """Begin the step `target`, or the first after it that can be begun. `outcome`: how the step before ended."""
    progress = incident.progress
    for _ in range(_STRIDE):
        step = plan.step(target)
        blocked, contact = _blocked(step, progress, now)
        if blocked is None:
            return Stepped(
                step=step.id,
                outcome=outcome,
                contact=contact,
                due_at=now + dt.timedelta(seconds=_duration_s(step, progress.facts)),
                automatic=step.automatic,
            )
        target = after(plan, step, blocked)
    raise AssertionError(f"plan {plan.name} never comes to a step that can be begun")


def after(plan: Plan, step: Step, outcome: Outcome) -> str:
    """Where `outcome` leads."""
    named = step.on.get(outcome)
    if named is not None:
        return named
    place = plan.steps.index(step)
    return plan.steps[min(place + 1, len(plan.steps) - 1)].id


def outcome_of(step: Step, incident: Incident) -> Outcome | None:
    """How the current step has ended; None: it has not."""
    progress = incident.progress
    match step.do:
        case Do.SMS:
            return _of_message(step, incident)
        case Do.WAIT:
            restored = incident.restored_at is not None or (progress.members > 0 and progress.open_members == 0)
            if Outcome.RESTORED in step.on and restored:
                return Outcome.RESTORED
            return Outcome.ELAPSED if "step" in progress.due else None
        case _:
            return progress.reported if progress.reported in OUTCOMES[step.do] else None


def _blocked(step: Step, progress: Progress, now: dt.datetime) -> tuple[Outcome | None, int | None]:
    """Why the step can't be begun, if so, and whom it would call."""
    if step.times is not None and progress.visits.get(step.id, 0) >= step.times:
        return Outcome.TOO_OFTEN, None
    match step.do:
        case Do.CALL:
            contact = next_contact(step, progress, now)
            return (Outcome.EXHAUSTED, None) if contact is None else (None, contact.id)
        case Do.SMS if progress.facts.call_instead and Outcome.CALL_INSTEAD in step.on:
            return Outcome.CALL_INSTEAD, None
        case Do.SMS:
            contact = next(iter(listed(step.who, progress.facts)), None)
            return (Outcome.UNDELIVERED, None) if contact is None else (None, contact.id)
        case Do.GUARD if not progress.facts.guard or not _guard_may_go(progress):
            return Outcome.NOT_AGREED, None
        case _:
            return None, None


def _guard_may_go(progress: Progress) -> bool:
    judged = Verdict(confirmed=progress.confirmed)
    return guard_may_be_sent(Premises(country=progress.facts.country), judged)


def next_contact(step: Step, progress: Progress, now: dt.datetime) -> ContactFact | None:
    """Whom to call: in the customer's order, whoever was tried least, as long as his hours allow it."""
    candidates = [
        contact
        for contact in listed(step.who, progress.facts)
        if progress.tried.get(contact.id, 0) < step.tries
        and reachable(hours_of_json(contact.hours), progress.facts.time_zone, now)
    ]
    return min(candidates, key=lambda contact: progress.tried.get(contact.id, 0), default=None)


def listed(who: Who | None, facts: Facts) -> tuple[ContactFact, ...]:
    """The contacts that a step means, in the customer's order."""
    people = tuple(contact for contact in facts.contacts if contact.role is not ContactRole.PREMISES)
    match who:
        case Who.PRINCIPAL:
            return people[:1]
        case Who.PREMISES:
            return tuple(contact for contact in facts.contacts if contact.role is ContactRole.PREMISES)
        case Who.KEYHOLDERS:
            return tuple(contact for contact in people if contact.role is ContactRole.KEYHOLDER)
        case Who.CONTACTS | None:
            return people


def _duration_s(step: Step, facts: Facts) -> int:
    if step.do is Do.WAIT and step.knock and facts.multi_knock_s is not None:
        return facts.multi_knock_s
    return step.wait_s if step.wait_s is not None else step.within_s


def no_longer_true(step: Step, incident: Incident) -> EffectProgress | None:
    """The step's message, if it has not left and what it says is over."""
    message = message_of(incident.progress)
    waits = message is not None and message.state is EffectState.QUEUED
    return message if waits and _is_over(step, incident) else None


def _is_over(step: Step, incident: Incident) -> bool:
    return Outcome.RESTORED in step.on and incident.restored_at is not None


def message_of(progress: Progress) -> EffectProgress | None:
    """The message that belongs to the current step."""
    return next((effect for effect in progress.effects if effect.step_n == progress.step_n), None)


def _of_message(step: Step, incident: Incident) -> Outcome | None:
    message = message_of(incident.progress)
    if message is None:
        return None
    if message.state is EffectState.DELIVERED:
        return Outcome.DELIVERED
    if message.state is EffectState.STALE and _is_over(step, incident):
        return Outcome.RESTORED
    return Outcome.UNDELIVERED if message.state in _UNDELIVERED else None
