"""The tests of plan files, played through the engine in virtual time.

In: a book and a rehearsal. Out: what was not as `then` says; nothing if all was. Signals become the same events that
the dispatcher makes of them, and an operator's answers the same that the desk writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import attrs

from dispatcher.engine.reacting import react
from dispatcher.plans.book import Book
from dispatcher.plans.rehearsals import Cue, Given, Rehearsal
from station.action_plans import AGENCIES, Do, Outcome
from station.facts import ContactFact, ContactRole, Facts
from station.incident_events import (
    DISPATCHER,
    Effect,
    Happening,
    IncidentEvent,
    Joined,
    Opened,
    TakenBy,
)
from station.incidents import Closed, Incident, follow, opened, state_name
from station.plan_events import SETTLED, EffectKind, EffectMoved, EffectPlanned, EffectState, TimerDue
from station.priorities import priority
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import (
    AgencyMoved,
    Answered,
    Attempted,
    CallOutcome,
    GuardMoved,
    Line,
    PasswordChecked,
)
from station.signals import Kind, Qualifier

BEGIN: Final = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
_OPERATOR: Final = "operator:1"
_HOME: Final = Facts(
    country="ES",
    grade=2,
    detectors=5,
    areas=1,
    time_zone="Europe/Madrid",
    contacts=tuple(ContactFact(number, ContactRole.CONTACT) for number in (1, 2, 3)),
    services=("police", "fire", "medical"),
    patrols=(1, 2),
)
_REPORTS: Final = {Outcome.REAL: Report.REAL, Outcome.FALSE_ALARM: Report.FALSE, Outcome.DAMAGE: Report.DAMAGE}


@attrs.define
class _Play:
    """One rehearsal as far as it has come."""

    book: Book
    facts: Facts
    incident: Incident | None = None
    events: list[IncidentEvent] = attrs.field(factory=list)
    signals: int = 0

    def happen(self, what: Happening, at: dt.datetime, actor: str = DISPATCHER) -> None:
        n = 1 if self.incident is None else self.incident.last_n + 1
        event = IncidentEvent(n, at, actor, what)
        self.events.append(event)
        self.incident = opened(event) if self.incident is None else follow(self.incident, event)
        reaction = react(self.incident, self.book, self.facts, at)
        self.events += reaction.events
        self.incident = reaction.after

    def let_time_pass(self, until: dt.datetime) -> None:
        while self.incident is not None and not isinstance(self.incident.state, Closed):
            timers = self.incident.progress.timers
            name = min(timers, key=lambda one: (timers[one], one), default=None)
            if name is None or timers[name] > until:
                return
            self.happen(TimerDue(name), timers[name])


def failures(book: Book, rehearsal: Rehearsal) -> list[str]:
    """What was not as the test says."""
    play = _Play(book, attrs.evolve(_HOME, **rehearsal.account))
    for given in rehearsal.given:
        at = BEGIN + dt.timedelta(seconds=given.at)
        play.let_time_pass(at)
        for what, actor in _happenings(play, given, at):
            play.happen(what, at, actor)
    if play.incident is None:
        return ["nothing came"]
    found = _found(play, play.incident)
    return [
        f"{key} is {found.get(key)!r}, and the test says {wanted!r}"
        for key, wanted in rehearsal.then.items()
        if found.get(key) != wanted
    ]


def _happenings(play: _Play, given: Given, at: dt.datetime) -> Iterator[tuple[Happening, str]]:
    play.signals += 1
    match given.cue:
        case Cue.SIGNAL | Cue.RESTORE if given.kind is not None:
            yield _signal(play, given, given.kind, at), DISPATCHER
        case Cue.DISARM:
            yield _disarm(play, given, at), DISPATCHER
        case Cue.TAKE:
            yield TakenBy(1), _OPERATOR
        case Cue.PASSWORD if given.heard is not None:
            yield PasswordChecked(_contact(play), Line.PLACED, given.heard), _OPERATOR
        case Cue.OUTCOME if given.outcome is not None:
            yield _outcome(play, given.outcome), _OPERATOR
        case Cue.DELIVERED | Cue.FAILED:
            state = EffectState.DELIVERED if given.cue is Cue.DELIVERED else EffectState.FAILED
            under_way = [] if play.incident is None else play.incident.progress.effects
            for effect in under_way:
                if effect.state not in SETTLED:
                    yield EffectMoved(effect.no, state, ""), DISPATCHER
        case _:
            raise AssertionError(f"{given} is no cue")


def _signal(play: _Play, given: Given, kind: Kind, at: dt.datetime) -> Happening:
    if play.incident is None:
        return Opened(
            signal=play.signals,
            digest="",
            account_id=1,
            account="1000",
            kind=kind,
            priority=priority(kind),
            authenticated=given.authenticated,
            point=given.zone,
            code=given.code,
            area=given.area,
        )
    return Joined(
        signal=play.signals,
        digest="",
        point=given.zone,
        effect=Effect.ALARM if given.cue is Cue.SIGNAL else Effect.RESTORE,
        priority=priority(kind),
        authenticated=given.authenticated,
        kind=kind,
        qualifier=Qualifier.NEW if given.cue is Cue.SIGNAL else Qualifier.RESTORE,
        code=given.code,
        area=given.area,
        received_at=at,
    )


def _disarm(play: _Play, given: Given, at: dt.datetime) -> Joined:
    return Joined(
        signal=play.signals,
        digest="",
        point="",
        effect=Effect.CONTEXT,
        priority=5,
        authenticated=given.authenticated,
        kind=Kind.OPEN_CLOSE,
        qualifier=Qualifier.OPENING,
        area=given.area,
        received_at=at,
        user="2",
        user_kind=given.user,
        contact=None,
    )


def _contact(play: _Play) -> int | None:
    return None if play.incident is None else play.incident.progress.contact


def _outcome(play: _Play, outcome: Outcome) -> Happening:
    assert play.incident is not None  # noqa: S101 - a rehearsal begins with a signal
    progress = play.incident.progress
    step = play.book.plan(progress.plan).step(progress.step)
    match step.do:
        case Do.CALL:
            answered = outcome is Outcome.ANSWERED
            call = CallOutcome.ANSWERED if answered else CallOutcome.NO_ANSWER
            return Attempted(progress.contact, Line.PLACED, call, None)
        case Do.GUARD:
            last = progress.guards[-1]
            return GuardMoved(
                no=last.no,
                guard=last.guard,
                state=GuardState.REPORTED,
                position=Position.OUTSIDE,
                guards=1,
                report=_REPORTS[outcome],
                billable=False,
                due_at=None,
                note=None,
            )
        case do if do in AGENCIES:
            return AgencyMoved(
                no=len(progress.agencies) + 1,
                service=Service(do.value),
                agency=None,
                state=AgencyState.ACCEPTED if outcome is Outcome.TOLD else AgencyState.REJECTED,
                told=(),
                reason=None,
                reference=None,
                note=None,
                result="",
            )
        case _:
            return Answered(step.id, outcome, None)


def _found(play: _Play, incident: Incident) -> dict[str, Any]:
    whats = [event.what for event in play.events]
    told = [what.service for what in whats if isinstance(what, AgencyMoved) and what.state is AgencyState.ACCEPTED]
    messages = [what for what in whats if isinstance(what, EffectPlanned) and what.kind is EffectKind.SMS]
    return {
        "calls": sum(isinstance(what, Attempted) for what in whats),
        "premises_calls": sum(isinstance(what, Attempted) and what.line is Line.PREMISES for what in whats),
        "sms": sum(message.to.startswith("contact") for message in messages),
        "guards": sum(isinstance(what, GuardMoved) and what.state is GuardState.OFFERED for what in whats),
        **{service.value: told.count(service) for service in Service},
        "closed": incident.state.disposition.value if isinstance(incident.state, Closed) else None,
        "state": state_name(incident.state),
        "step": incident.progress.step,
        "plan": incident.progress.plan,
        "confirmed": incident.progress.confirmed,
    }
