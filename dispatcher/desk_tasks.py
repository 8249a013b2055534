"""The desk's verb for what an incident leaves to be done later: a technician, a change of data, a call back.

In: the desk, the holder's lease, and what it is. Out: a task, and a line of it in the incident's chain.
"""

from __future__ import annotations

import re
from typing import Final

from dispatcher.desk import Desk, Lease
from dispatcher.desk_rules import kept_text, reason_text
from station.errors import Reason, Refused
from station.incident_events import Happening
from station.response_events import TaskMade
from station.store import customers
from station.store.database import Session
from station.store.incidents import IncidentRow

#: The chain keeps `what` for ever, so it is a word of the trade and never a sentence about somebody.
_WORD: Final = re.compile(r"[a-z][a-z_]{0,39}")


async def make_task(desk: Desk, lease: Lease, what: str, text: str, call_back: str) -> int:
    """Something to do later, with a person to call back; its number.

    Raises:
        Refused: `what` is no word such as `technician`, `text` says nothing, or the lease is gone.
    """
    if not _WORD.fullmatch(what):
        raise Refused(Reason.NOT_UNDERSTOOD, "what: a word such as technician or change_contacts")
    said = reason_text(text)
    made: list[int] = []

    async def decide(session: Session, row: IncidentRow) -> Happening:
        task = await customers.make_task(
            session, row.incident.account_id, row.id, what, said, kept_text(call_back), lease.actor
        )
        made.append(task)
        return TaskMade(task, what)

    await desk.do(lease, "make_task", decide)
    return made[-1]
