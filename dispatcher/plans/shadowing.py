"""A new book of plans against the old, on what was recorded: what would have been done otherwise.

In: incidents as recorded, their own books, and the new one. Out: for each incident in what the two differ.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence

import attrs

from dispatcher.plans.book import Book
from dispatcher.replay import inputs_of, on_another_book
from station.incident_events import ClosedAs, IncidentEvent
from station.plan_events import EffectKind, EffectPlanned, Planned, Stepped


@attrs.frozen
class Done:
    """What a book made of an incident: plans, steps begun by name, messages, how it closed by itself."""

    plans: tuple[str, ...]
    steps: Mapping[str, int]
    messages: int
    closed_by_itself: str | None


@attrs.frozen
class Difference:
    """One incident on two books."""

    incident: int
    old: Done
    new: Done


def differences(
    recorded: Mapping[int, Sequence[IncidentEvent]], books: Mapping[str, Book], new: Book
) -> list[Difference]:
    """The incidents on which the new book would do something else."""
    found = []
    for incident, events in recorded.items():
        version = next((event.what.version for event in events if isinstance(event.what, Planned)), None)
        if version is None:
            continue
        inputs = inputs_of(events, books)
        was, would = done(on_another_book(inputs, books[version])), done(on_another_book(inputs, new))
        if was != would:
            found.append(Difference(incident, was, would))
    return found


def done(events: Sequence[IncidentEvent]) -> Done:
    """What the engine did in these events."""
    whats = [event.what for event in events]
    closed = [what.disposition.value for what, event in zip(whats, events, strict=True)
              if isinstance(what, ClosedAs) and event.actor == "dispatcher"]  # fmt: skip
    return Done(
        plans=tuple(what.plan for what in whats if isinstance(what, Planned)),
        steps=dict(collections.Counter(what.step for what in whats if isinstance(what, Stepped))),
        messages=sum(isinstance(what, EffectPlanned) and what.kind is EffectKind.SMS for what in whats),
        closed_by_itself=closed[0] if closed else None,
    )
