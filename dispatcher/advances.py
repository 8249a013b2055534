"""What one transaction adds to incidents: each event followed by what the engine makes of it, gathered per incident.

In: incidents as they stand, and inputs one by one. Out: `Advance`s for the store. Each incident is worked by the book
that is frozen into it; one that has none begins under the book in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from dispatcher.engine.reacting import react
from dispatcher.plans.book import Book
from station.facts import Facts
from station.incident_events import DISPATCHER, Happening, IncidentEvent
from station.incidents import Incident, follow, opened
from station.plan_events import EffectMoved, EffectState
from station.store import effects, incidents
from station.store.database import Session
from station.store.incidents import Advance, IncidentRow


@attrs.define
class Advances:
    """What is to be written, in the order in which incidents were touched."""

    #: By version; the one under `""` is in force.
    _books: Mapping[str, Book]
    _begun: dict[int, Advance] = attrs.field(factory=dict, init=False)
    _hashes: dict[int, tuple[Incident, bytes]] = attrs.field(factory=dict, init=False)

    def know(self, row: IncidentRow) -> None:
        """The incident as it is stored."""
        self._hashes[row.id] = (row.incident, row.last_hash)

    def incident(self, id_: int) -> Incident:
        """The incident with what was added so far."""
        begun = self._begun.get(id_)
        return self._hashes[id_][0] if begun is None else begun.after

    def open(self, id_: int, what: Happening, at: dt.datetime, facts: Facts | None, now: dt.datetime) -> Incident:
        """A new incident, and what follows."""
        event = IncidentEvent(1, at, DISPATCHER, what)
        return self._add(id_, None, event, opened(event), facts, now)

    def add(
        self, id_: int, what: Happening, now: dt.datetime, facts: Facts | None = None, actor: str = DISPATCHER
    ) -> Incident:
        """One more event, and what follows.

        Raises:
            IllegalTransition: it can't happen in the state that the incident is in.
        """
        incident = self.incident(id_)
        event = IncidentEvent(incident.last_n + 1, now, actor, what)
        return self._add(id_, incident, event, follow(incident, event), facts, now)

    def _add(
        self,
        id_: int,
        before: Incident | None,
        event: IncidentEvent,
        after: Incident,
        facts: Facts | None,
        now: dt.datetime,
    ) -> Incident:
        reaction = react(after, self._book_of(after), facts, now)
        events = (event, *reaction.events)
        begun = self._begun.get(id_)
        if begun is None:
            stored, last_hash = self._hashes.get(id_, (None, b""))
            self._begun[id_] = Advance(
                incident=id_, events=events, before=stored, after=reaction.after, last_hash=last_hash
            )
        else:
            self._begun[id_] = attrs.evolve(begun, events=(*begun.events, *events), after=reaction.after)
        return reaction.after

    def _book_of(self, incident: Incident) -> Book:
        return self._books[incident.progress.version]

    def versions_missing(self, rows: list[IncidentRow]) -> set[str]:
        """Books that incidents name and that are not here yet."""
        return {row.incident.progress.version for row in rows} - {*self._books}

    def holding(self, id_: int, fence: int | None, lease_until: dt.datetime | None) -> None:
        """What is added to this incident is the doing of its holder."""
        self._begun[id_] = attrs.evolve(self._begun[id_], fence=fence, lease_until=lease_until)

    def name(self, numbers: Mapping[int, int]) -> None:
        """Give new incidents the numbers that were reserved for them."""
        self._begun = {
            numbers.get(id_, id_): attrs.evolve(begun, incident=numbers.get(id_, id_))
            for id_, begun in self._begun.items()
        }

    def touched(self) -> list[int]:
        """The incidents to which something was added."""
        return list(self._begun)

    async def write(self, session: Session) -> None:
        """Store all of it, or nothing.

        Raises:
            LeaseGone, MovedOn: somebody else wrote to one of the incidents meanwhile.
        """
        advances = list(self._begun.values())
        await incidents.append_all(session, advances)
        given_up = [
            effects.News(advance.incident, event.what.no, event.what.state, event.what.why)
            for advance in advances
            for event in advance.events
            if isinstance(event.what, EffectMoved) and event.what.state is EffectState.STALE
        ]
        await effects.give_up(session, given_up)
