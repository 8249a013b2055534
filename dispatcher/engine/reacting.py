"""What follows from what happened, event by event, until nothing more does.

In: an incident after an event, the book that is frozen into it, what is known of its account, and `now`. Out: the
events that the engine adds, and the incident after them. The same events on the same book give the same result, to the
byte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import attrs

from dispatcher.engine.cancelling import LATE_DURESS_S, broken_by, may_cancel
from dispatcher.engine.choosing import Choice, choose, most_urgent_kind, situation_of
from dispatcher.engine.guards import offer_next
from dispatcher.engine.judging import judge
from dispatcher.engine.messages import DUTY, of_cancel, of_step
from dispatcher.engine.outages import follow_outage
from dispatcher.engine.reminding import remind
from dispatcher.engine.stepping import after, arrive, message_of, no_longer_true, outcome_of
from dispatcher.plans.book import Book
from station.action_plans import Do, Outcome, Plan, Step
from station.facts import Facts
from station.incident_events import DISPATCHER, ClosedAs, Disposition, Happening, HoldEnd, HoldEnded, IncidentEvent
from station.incidents import Automatic, Incident, OnHold, Taken, Waiting, follow
from station.plan_events import (
    SETTLED,
    CancelBegan,
    CancelBroken,
    CancelStood,
    EffectMoved,
    EffectState,
    FactsChanged,
    Planned,
    Why,
)
from station.priorities import priority

#: More events than this follow from nothing: it would be a plan that runs in circles.
_LIMIT: Final = 200
#: Why a message is not sent any more.
OVER: Final = "over before it was sent"
TAKEN: Final = "taken before it was sent"


@attrs.frozen
class Reaction:
    """What the engine adds, and what the incident is then."""

    events: tuple[IncidentEvent, ...]
    after: Incident


def react(incident: Incident, book: Book, facts: Facts | None, now: dt.datetime) -> Reaction:
    """All that follows. `facts` None: nothing new is known of the account."""
    events: list[IncidentEvent] = []
    while (what := _next(incident, book, facts, now)) is not None:
        if len(events) >= _LIMIT:
            raise AssertionError(f"plan {incident.progress.plan} runs in circles")
        event = IncidentEvent(incident.last_n + 1, now, DISPATCHER, what)
        incident = follow(incident, event)
        events.append(event)
    return Reaction(tuple(events), incident)


def _next(incident: Incident, book: Book, facts: Facts | None, now: dt.datetime) -> Happening | None:
    """The one next thing that follows; None: nothing does."""
    if not incident.open:
        return None
    progress = incident.progress
    if not progress.plan:
        known = attrs.evolve(incident, progress=attrs.evolve(progress, facts=facts or progress.facts))
        return _planned(known, choose(book, situation_of(known)), book, Why.OPENED, facts)
    if facts is not None and (changed := _changed(progress.facts, facts)) is not None:
        return FactsChanged(changed)
    plan = book.plan(progress.plan)
    if progress.parent is not None:
        return follow_outage(incident, choose(book, situation_of(incident)).plan, plan, now)
    step = plan.step(progress.step) if progress.step else None
    rules: tuple[Callable[[], Happening | None], ...] = (
        lambda: judge(incident, now),
        lambda: _answered(incident),
        lambda: _takeover(incident, book, plan, step),
        lambda: _cancel(incident, plan, now),
        lambda: _go_on(incident, plan, step, now),
        lambda: remind(incident, step, now),
    )
    for rule in rules:
        if (what := rule()) is not None:
            return what
    return None


def _changed(known: Facts, facts: Facts) -> Facts | None:
    """What is known now, if that differs; what went before stays as it was."""
    now_known = attrs.evolve(facts, earlier=known.earlier, on_test=known.on_test)
    return None if now_known == known else now_known


def _planned(incident: Incident, choice: Choice, book: Book, why: Why, facts: Facts | None) -> Planned:
    kind = most_urgent_kind(incident.kind, incident.progress)
    urgency = incident.priority if choice.plan.priority is None else choice.plan.priority
    if why is not Why.OPENED:
        urgency = min(incident.priority, urgency, priority(kind))
    return Planned(plan=choice.plan.name, version=book.version, why=why, kind=kind, priority=urgency, facts=facts)


def _answered(incident: Incident) -> Happening | None:
    """Whoever has taken it needs no call that nobody has."""
    if not isinstance(incident.state, Taken):
        return None
    calls = (effect for effect in incident.progress.effects if effect.to == DUTY)
    waiting = next((effect.no for effect in calls if effect.state is EffectState.QUEUED), None)
    return None if waiting is None else EffectMoved(waiting, EffectState.STALE, TAKEN)


# Another plan ---------------------------------------------------------------------------------------------------


def _takeover(incident: Incident, book: Book, plan: Plan, step: Step | None) -> Happening | None:
    """A more urgent plan takes over: life-safety at once and from any hold, others at the end of the current step."""
    progress = incident.progress
    best = choose(book, situation_of(incident))
    why = _why_over(incident, best, plan)
    if why is None and step is not None and step.by_itself and best.plan.name != plan.name:
        # Nothing closes by itself on what another plan is for.
        why = Why.MORE_URGENT
    if why is None:
        return None
    at_once = best.plan.life_safety
    between = step is None or step.automatic or outcome_of(step, incident) is not None or not progress.visits
    unheld = isinstance(incident.state, Waiting | Automatic)
    if not (at_once or between or unheld):
        return None
    if isinstance(incident.state, OnHold):
        return HoldEnded(HoldEnd.NEW_ALARM)
    return _planned(incident, best, book, why, None)


def _why_over(incident: Incident, best: Choice, plan: Plan) -> Why | None:
    """Why `best` is better than the plan that the incident is worked by; None: it is not."""
    if best.plan.name == plan.name:
        return None
    progress = incident.progress
    if progress.duress and best.selector.duress:
        return Why.DURESS
    if progress.duress:
        return None
    if any(selector.knock for selector in plan.selectors) and not best.selector.knock:
        return Why.MORE_URGENT
    if best.selector.outage:
        return Why.MORE_URGENT
    if best.plan.life_safety and not plan.life_safety:
        return Why.MORE_URGENT
    kind = most_urgent_kind(incident.kind, progress)
    if priority(kind) < priority(incident.kind) or (best.plan.priority or 9) < incident.priority:
        return Why.MORE_URGENT
    if progress.confirmed and best.selector.confirmed:
        return Why.CONFIRMED
    return None


# The customer's own cancel --------------------------------------------------------------------------------------


def _cancel(incident: Incident, plan: Plan, now: dt.datetime) -> Happening | None:
    progress = incident.progress
    if progress.cancel is None:
        if plan.cancellable and progress.step and may_cancel(incident):
            disarm = progress.disarm
            assert disarm is not None  # noqa: S101 - `may_cancel` says so
            until = now + dt.timedelta(seconds=LATE_DURESS_S)
            return CancelBegan(disarm.user or "", disarm.contact, until)
        return None
    broken = broken_by(incident)
    if broken is not None:
        return CancelBroken(broken)
    if not progress.cancelled:
        return CancelStood() if "cancel" in progress.due else None
    return _after_cancel(incident, plan, now)


def _after_cancel(incident: Incident, plan: Plan, now: dt.datetime) -> Happening | None:
    """The principal is told, and whoever disarmed; then it closes, or a person sees that nobody could be told."""
    progress = incident.progress
    cancel = progress.cancel
    assert cancel is not None  # noqa: S101 - the caller knows
    told = {effect.to for effect in progress.effects if effect.template == "alarm_cancelled"}
    principal = next((contact.id for contact in progress.facts.contacts), None)
    known = {contact.id for contact in progress.facts.contacts}
    for contact in (principal, cancel.contact):
        if contact is not None and contact in known and f"contact:{contact}" not in told:
            return of_cancel(incident, contact, now)
    messages = [effect for effect in progress.effects if effect.template == "alarm_cancelled"]
    if any(effect.state not in SETTLED for effect in messages):
        return None
    first = messages[0] if messages else None
    if first is None or first.state is not EffectState.DELIVERED:
        return None
    if isinstance(incident.state, Automatic):
        return ClosedAs(Disposition.USER_ERROR, None)
    if isinstance(incident.state, Taken) and plan.step(progress.step).do is not Do.CLOSE:
        # Whoever holds it has nobody to call any more.
        end = next((step for step in plan.steps if step.do is Do.CLOSE), plan.steps[-1])
        return arrive(plan, end.id, None, incident, now)
    return None


# The plan itself ------------------------------------------------------------------------------------------------


def _go_on(incident: Incident, plan: Plan, step: Step | None, now: dt.datetime) -> Happening | None:
    progress = incident.progress
    if isinstance(incident.state, OnHold):
        return None
    if step is None:
        return arrive(plan, plan.steps[0].id, None, incident, now)
    if progress.cancel is not None and progress.automatic:
        return _cancelled_step(incident, plan, step, now)
    if step.do is Do.SMS and message_of(progress) is None and progress.contact is not None:
        return of_step(step, incident, progress.contact, now)
    if step.do is Do.SMS and (untrue := no_longer_true(step, incident)) is not None:
        return EffectMoved(untrue.no, EffectState.STALE, OVER)
    if step.do is Do.GUARD and (offered := offer_next(incident, now)) is not None:
        return offered
    if step.do is Do.CLOSE:
        return _close(incident, plan, step, now)
    outcome = outcome_of(step, incident)
    if outcome is None:
        return None
    return arrive(plan, after(plan, step, outcome), outcome, incident, now)


def _cancelled_step(incident: Incident, plan: Plan, step: Step, now: dt.datetime) -> Happening | None:
    """Once the cancel stood and its message did not arrive, an operator tells the customer."""
    progress = incident.progress
    messages = [effect for effect in progress.effects if effect.template == "alarm_cancelled"]
    untold = progress.cancelled and all(effect.state in SETTLED for effect in messages)
    delivered = bool(messages) and messages[0].state is EffectState.DELIVERED
    if untold and not delivered and isinstance(incident.state, Automatic | Taken):
        return arrive(plan, plan.steps[0].id, None, incident, now)
    return None


def _close(incident: Incident, plan: Plan, step: Step, now: dt.datetime) -> Happening | None:
    if not step.by_itself or step.close_as is None or not isinstance(incident.state, Automatic):
        return None
    waits = any(Outcome.RESTORED in one.on for one in plan.steps) and not incident.progress.members
    if waits and incident.restored_at is None:
        # It was over when the customer was told, and is not any more: from the beginning.
        return arrive(plan, plan.steps[0].id, None, incident, now)
    return ClosedAs(Disposition(step.close_as.value), None)
