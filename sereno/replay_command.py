"""`sereno replay`: an incident played again, on the plans that are frozen into it or on others.

In: an incident's number, or none for the latest ones. Out: that all is the same, or the first difference and exit code
1; with other plans, what they would have done.
"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from dispatcher.plans.library import book_of, books_for, texts_in
from dispatcher.replay import Replayed, inputs_of, on_another_book, replay
from sereno.asking import ask
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.incident_events import IncidentEvent, body_of, name_of
from station.plan_events import Planned
from station.store import incidents
from station.store.database import Database


def replay_command(
    incident: int | None = None, *, plan: pathlib.Path | None = None, last: int = 100, where: Where = Where()
) -> None:
    """Play an incident again: the same events and messages must come of it, byte for byte.

    Parameters
    ----------
    incident
        Its number; without one, the last incidents are played.
    plan
        A folder of other plans: print what they would have done instead.
    last
        How many, if no incident is named.

    For example:

      sereno replay 4711
      sereno replay 4711 --plan plans/
    """
    if plan is not None and incident is not None:
        other = plan
        for event in ask(database_url(where), lambda database: _otherwise(database, incident, other)):
            said = f"{name_of(event.what)} {body_of(event.what)}"
            print(f"{event.n:4}  {event.at:%Y-%m-%d %H:%M:%S}  {event.actor:12}  {said}")
        return
    played = ask(database_url(where), lambda database: _played(database, incident, last))
    for one in played:
        for difference in one.differences:
            print(f"Incident {one.incident}, {difference}")
    different = sum(not one.same for one in played)
    events, messages = sum(one.events for one in played), sum(one.messages for one in played)
    print(f"{len(played)} incidents, {events} events, {messages} messages: {different or 'none'} differ")
    if different:
        raise SystemExit(1)


async def _played(database: Database, incident: int | None, last: int) -> Sequence[Replayed]:
    ids = [incident] if incident is not None else await incidents.latest(database, last)
    return [await replay(database, id_) for id_ in ids]


async def _otherwise(database: Database, incident: int, folder: pathlib.Path) -> Sequence[IncidentEvent]:
    events = await incidents.events_of(database, incident)
    versions = {event.what.version for event in events if isinstance(event.what, Planned)}
    return on_another_book(inputs_of(events, await books_for(database, versions)), book_of(texts_in(folder)))
