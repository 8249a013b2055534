"""Whatever comes, whatever is done, whenever a process dies: an open incident will be looked at again.

A machine of signals, operators' verbs, timers and providers' answers, against the pure engine that the dispatcher and
the desk write with. Every state it comes to is one that the database could hold, and is replayed from its events.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dispatcher.engine.reacting import react
from dispatcher.plans.library import shipped
from dispatcher.replay import compare
from station.action_plans import OUTCOMES, Do, Outcome
from station.errors import IllegalTransition
from station.facts import ContactFact, ContactRole, Facts, UserKind
from station.incident_events import (
    DISPATCHER,
    ClosedAs,
    Disposition,
    Effect,
    HandedOver,
    Happening,
    Held,
    HoldEnd,
    HoldEnded,
    IncidentEvent,
    Joined,
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
)
from station.incidents import Automatic, Closed, Incident, OnHold, Taken, Waiting, follow, opened
from station.plan_events import SETTLED, EffectMoved, EffectState, TimerDue
from station.priorities import ALARMING, priority
from station.progress_text import progress_of, progress_text
from station.response_events import Answered, Attempted, CallOutcome, Content, Heard, Line, PasswordChecked
from station.signals import Kind, Qualifier

BEGIN: Final = dt.datetime(2026, 3, 28, 22, 0, tzinfo=dt.UTC)
HOLDER: Final = "operator:1"
KINDS: Final = sorted(ALARMING, key=lambda kind: kind.value)
FACTS: Final = st.builds(
    Facts,
    country=st.sampled_from(["ES", "PT", "GB", "US", ""]),
    grade=st.sampled_from([None, 2, 3]),
    contacts=st.sampled_from([(), (ContactFact(1, ContactRole.CONTACT), ContactFact(2, ContactRole.PREMISES))]),
    guard=st.booleans(),
    patrols=st.sampled_from([(), (1, 2)]),
    call_instead=st.booleans(),
    areas=st.integers(0, 2),
    multi_knock_s=st.sampled_from([None, 300]),
    dual_path=st.booleans(),
)


class Station(RuleBasedStateMachine):
    """One incident, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.incident: Incident | None = None
        self.events: list[IncidentEvent] = []
        self.facts = Facts()
        self.signals = 0

    def happen(self, what: Happening, actor: str = DISPATCHER, facts: Facts | None = None) -> None:
        """As the desk and the dispatcher write it: the event, and what the engine makes of it."""
        before = self.incident
        event = IncidentEvent(1 if before is None else before.last_n + 1, self.now, actor, what)
        try:
            after = opened(event) if before is None else follow(before, event)
        except IllegalTransition:
            return
        reaction = react(after, shipped(), facts, self.now)
        self.events += [event, *reaction.events]
        self.incident = reaction.after

    @property
    def open(self) -> Incident:
        assert self.incident is not None
        return self.incident

    def is_open(self) -> bool:
        return self.incident is not None and self.incident.open

    def is_taken(self) -> bool:
        return self.is_open() and isinstance(self.open.state, Taken)

    @precondition(lambda self: self.incident is None)
    @rule(kind=st.sampled_from(KINDS), facts=FACTS, code=st.sampled_from([None, "302", "BA"]))
    def first_signal(self, kind: Kind, facts: Facts, code: str | None) -> None:
        self.facts = facts
        self.signals += 1
        what = Opened(
            signal=self.signals,
            digest="",
            account_id=1,
            account="1",
            kind=kind,
            priority=priority(kind),
            authenticated=None,
            point="1",
            code=code,
            area="1",
        )
        self.happen(what, facts=facts)

    @precondition(lambda self: self.is_open())
    @rule(
        kind=st.sampled_from(KINDS),
        effect=st.sampled_from(Effect),
        zone=st.sampled_from(["1", "2", "3"]),
        authenticated=st.sampled_from([None, True, False]),
    )
    def another_signal(self, kind: Kind, effect: Effect, zone: str, authenticated: bool | None) -> None:
        self.signals += 1
        joined = Joined(
            signal=self.signals,
            digest="",
            point=zone,
            effect=effect,
            priority=priority(kind),
            authenticated=authenticated,
            kind=kind,
            qualifier=Qualifier.NEW,
            area="1",
            received_at=self.now,
        )
        self.happen(joined, facts=self.facts)
        if self.is_open() and effect is Effect.ALARM and isinstance(self.open.state, OnHold):
            self.happen(HoldEnded(HoldEnd.NEW_ALARM))

    @precondition(lambda self: self.is_open())
    @rule(user=st.sampled_from([None, *UserKind]))
    def disarm(self, user: UserKind | None) -> None:
        self.signals += 1
        joined = Joined(
            signal=self.signals,
            digest="",
            point="",
            effect=Effect.CONTEXT,
            priority=5,
            authenticated=None,
            kind=Kind.OPEN_CLOSE,
            qualifier=Qualifier.OPENING,
            area="1",
            received_at=self.now,
            user="1",
            user_kind=user,
        )
        self.happen(joined, facts=attrs.evolve(self.facts, armed="disarmed"))

    @precondition(lambda self: self.incident is not None)
    @rule(seconds=st.sampled_from([1, 29, 61, 200, 700, 4000, 90_000]))
    def time_passes(self, seconds: int) -> None:
        until = self.now + dt.timedelta(seconds=seconds)
        for _ in range(200):
            due = self.open.next_due_at if self.is_open() else None
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.something_due()
        self.now = max(self.now, until)

    def something_due(self) -> None:
        state = self.open.state
        if isinstance(state, OnHold) and state.until <= self.now:
            self.happen(HoldEnded(HoldEnd.DUE))
            return
        timers = self.open.progress.timers
        name = min(timers, key=lambda one: (timers[one], one))
        self.happen(TimerDue(name), facts=self.facts)

    @precondition(lambda self: self.is_open() and any(e.state not in SETTLED for e in self.open.progress.effects))
    @rule(state=st.sampled_from([EffectState.ACCEPTED, *sorted(SETTLED, key=lambda one: one.value)]))
    def provider_answers(self, state: EffectState) -> None:
        effect = next(e for e in self.open.progress.effects if e.state not in SETTLED)
        self.happen(EffectMoved(effect.no, state, "x"))

    @precondition(lambda self: self.is_open() and not isinstance(self.open.state, Taken))
    @rule()
    def taken(self) -> None:
        self.happen(TakenBy(1), HOLDER)

    @precondition(lambda self: self.is_taken())
    @rule()
    def console_dies(self) -> None:
        self.happen(LeaseExpired(1))

    @precondition(lambda self: self.is_taken())
    @rule(verb=st.sampled_from(["note", "hold", "back", "call", "nobody", "match", "wrong", "duress", "close"]))
    def holder_acts(self, verb: str) -> None:
        contact = self.open.progress.contact
        verbs: dict[str, Happening] = {
            "note": Noted(Content(_ID, "")),
            "hold": Held(self.now + dt.timedelta(hours=1), None),
            "back": HandedOver(None),
            "call": Attempted(contact, Line.PLACED, CallOutcome.ANSWERED, None),
            "nobody": Attempted(contact, Line.PLACED, CallOutcome.NO_ANSWER, None),
            "match": PasswordChecked(contact, Line.PLACED, Heard.MATCH),
            "wrong": PasswordChecked(contact, Line.PREMISES, Heard.NO_MATCH),
            "duress": PasswordChecked(contact, Line.PLACED, Heard.DURESS),
            "close": ClosedAs(Disposition.UNEXPLAINED, None),
        }
        self.happen(verbs[verb], HOLDER, self.facts)

    @precondition(lambda self: self.is_taken() and bool(self.open.progress.step))
    @rule(choice=st.integers(0, 5))
    def step_ends(self, choice: int) -> None:
        step = shipped().plan(self.open.progress.plan).step(self.open.progress.step)
        if step.do in {Do.ASK, Do.LOOK, Do.TASK}:
            possible: list[Outcome] = sorted(OUTCOMES[step.do], key=lambda one: one.value)
            self.happen(Answered(step.id, possible[choice % len(possible)], None), HOLDER, self.facts)

    @invariant()
    def it_will_be_looked_at_again(self) -> None:
        if self.is_open():
            due = self.open.next_due_at
            assert due is not None, (self.open.state, self.open.progress)
            assert due <= self.now + dt.timedelta(days=31)

    @invariant()
    def it_is_somewhere(self) -> None:
        if self.incident is None or not self.incident.open:
            return
        progress = self.incident.progress
        match self.incident.state:
            case Waiting():
                assert "untaken" in progress.timers
            case Taken():
                assert "idle" in progress.timers
            case Automatic():
                assert progress.timers
            case OnHold() | Closed():
                pass

    @invariant()
    def a_duress_is_not_closed_by_the_plan(self) -> None:
        if self.incident is not None and isinstance(self.incident.state, Closed) and self.incident.progress.duress:
            assert self.events[-1].actor == HOLDER

    @invariant()
    def what_is_stored_is_what_is_known(self) -> None:
        if self.incident is not None:
            assert progress_of(progress_text(self.incident.progress)) == self.incident.progress

    def teardown(self) -> None:
        """Played again it is the same, to the byte."""
        if self.events:
            assert compare(self.events, {shipped().version: shipped()}) == []


_ID: Final = uuid.UUID(int=1)

Station.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestNobodyIsForgotten = Station.TestCase
