"""An incident played again on the plans that are frozen into it, or on others.

In: its events as stored. Out: whether the engine gives the same events and messages again, to the byte; or what another
book of plans would have done. What people, panels and providers did is taken from the record; what the engine made of
it is computed anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from dispatcher.engine.reacting import react
from dispatcher.plans.book import Book
from dispatcher.plans.library import books_for
from station.errors import IllegalTransition
from station.facts import Facts
from station.incident_events import IncidentEvent, body_of, name_of
from station.incidents import Incident, follow, opened
from station.plan_events import EffectMoved, EffectPlanned, FactsChanged, Planned, TimerDue
from station.store.database import Session
from station.store.effects import Message, of_incident
from station.store.incidents import effect_id, events_of

#: What is played on another book has no end of its own: its timers run so long after the last that is recorded.
_AFTER: Final = dt.timedelta(0)


@attrs.frozen
class Replayed:
    """What came of it. `differences` are in plain words; empty: all is the same."""

    incident: int
    events: int
    messages: int
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the engine gave the same again."""
        return not self.differences


async def replay(session: Session, incident: int) -> Replayed:
    """Play it again on its own plans, and compare each event and each message."""
    events = await events_of(session, incident)
    versions = {event.what.version for event in events if isinstance(event.what, Planned)}
    books = await books_for(session, versions)
    differences = compare(events, books)
    messages = await of_incident(session, incident)
    differences += _messages(incident, events, messages)
    return Replayed(incident, len(events), len(messages), tuple(differences))


def compare(events: Sequence[IncidentEvent], books: Mapping[str, Book]) -> list[str]:
    """Where the engine says something else than the record."""
    known: Incident | None = None
    place, differences = 0, list[str]()
    while place < len(events):
        event = events[place]
        known = opened(event) if known is None else follow(known, event)
        recorded = events[place + 1 :]
        reaction = react(known, _book(known, recorded, books), _facts(recorded), _moment(event, recorded))
        for step, computed in enumerate(reaction.events):
            stored = recorded[step] if step < len(recorded) else None
            if stored is None or _text(stored) != _text(computed):
                differences.append(
                    f"event {computed.n}: the record says {_text(stored) if stored else 'nothing'}, "
                    f"the plan gives {_text(computed)}"
                )
                return differences
        known = reaction.after
        place += 1 + len(reaction.events)
    return differences


def inputs_of(events: Sequence[IncidentEvent], books: Mapping[str, Book]) -> list[tuple[IncidentEvent, Facts | None]]:
    """What happened from outside, each with what became known of the account then."""
    known: Incident | None = None
    place, found = 0, list[tuple[IncidentEvent, Facts | None]]()
    while place < len(events):
        event = events[place]
        known = opened(event) if known is None else follow(known, event)
        recorded = events[place + 1 :]
        facts = _facts(recorded)
        found.append((event, facts))
        reaction = react(known, _book(known, recorded, books), facts, _moment(event, recorded))
        known = reaction.after
        place += 1 + len(reaction.events)
    return found


def on_another_book(inputs: Sequence[tuple[IncidentEvent, Facts | None]], book: Book) -> list[IncidentEvent]:
    """What the engine would have made of the same on other plans; timers are those of the other plans."""
    events: list[IncidentEvent] = []
    known: Incident | None = None
    for event, facts in inputs:
        if isinstance(event.what, TimerDue):
            continue
        known = _let_pass(known, book, event.at, events)
        if known is not None and not known.open:
            break
        n = 1 if known is None else known.last_n + 1
        given = attrs.evolve(event, n=n)
        try:
            known = opened(given) if known is None else follow(known, given)
        except IllegalTransition:
            continue  # on these plans it could not have happened
        events.append(given)
        reaction = react(known, book, facts, given.at)
        events += reaction.events
        known = reaction.after
    return events


def _let_pass(known: Incident | None, book: Book, until: dt.datetime, events: list[IncidentEvent]) -> Incident | None:
    while known is not None and known.open:
        timers = known.progress.timers
        name = min(timers, key=lambda one: (timers[one], one), default=None)
        if name is None or timers[name] > until + _AFTER:
            break
        event = IncidentEvent(known.last_n + 1, timers[name], "dispatcher", TimerDue(name))
        reaction = react(follow(known, event), book, None, timers[name])
        events += [event, *reaction.events]
        known = reaction.after
    return known


def _facts(recorded: Sequence[IncidentEvent]) -> Facts | None:
    """What was known of the account when the event before `recorded` happened, if that was new."""
    match recorded[0].what if recorded else None:
        case Planned(facts=facts) | FactsChanged(facts=facts):
            return facts
        case _:
            return None


def _moment(event: IncidentEvent, recorded: Sequence[IncidentEvent]) -> dt.datetime:
    """An incident is as old as its first signal; what follows from that happens when it is read."""
    return recorded[0].at if event.n == 1 and recorded else event.at


def _book(known: Incident, recorded: Sequence[IncidentEvent], books: Mapping[str, Book]) -> Book:
    version = known.progress.version
    if not version and recorded and isinstance(recorded[0].what, Planned):
        version = recorded[0].what.version
    return books[version]


def _text(event: IncidentEvent) -> str:
    return f"{event.at.isoformat()} {event.actor} {name_of(event.what)} {body_of(event.what)}"


def _messages(incident: int, events: Sequence[IncidentEvent], messages: Sequence[Message]) -> list[str]:
    planned = {event.what.no: event.what for event in events if isinstance(event.what, EffectPlanned)}
    moved = {event.what.no for event in events if isinstance(event.what, EffectMoved)}
    stored = {message.no: message for message in messages}
    found = [f"message {no}: it was sent, and no event says so" for no in stored.keys() - planned.keys()]
    found += [f"message {no}: an event plans it, and it is not in the outbox" for no in planned.keys() - stored.keys()]
    found += [f"message {no}: it moved and was never planned" for no in moved - planned.keys()]
    for no in stored.keys() & planned.keys():
        row, plan = stored[no], planned[no]
        same = (row.id, row.kind, row.template, row.recipient, row.about, row.due_at) == (
            effect_id(incident, no),
            plan.kind,
            plan.template,
            plan.to,
            plan.about,
            plan.due_at,
        )
        if not same:
            found.append(f"message {no}: the outbox holds another than was planned")
    return found
