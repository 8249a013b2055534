"""What the screens show of a customer: contacts, users, what is agreed, tests, tasks, keys, and who else must agree.

In: an account's number, its id and who looks. Out: one value for `account.html` and the sheets of an incident's page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from station.operators import Operator
from station.store import care, customers
from station.store.care import UserEntry
from station.store.customers import ContactEntry
from station.store.database import Row, Session

#: At these grades some verbs take two people (EN 50131-1).
_HIGH_GRADE = 3


@attrs.frozen
class Asked:
    """What was asked of a second person, and whether one has agreed."""

    id: int
    what: str
    of: Mapping[str, Any]
    agreed: bool


@attrs.frozen(kw_only=True)
class CustomerView:
    """One customer, as the screens show it."""

    number: str
    contacts: Sequence[ContactEntry]
    users: Sequence[UserEntry]
    settings: Row
    agencies: Sequence[Row]
    guards: Mapping[int, str]
    keys: Sequence[Row]
    tests: Sequence[Row]
    tasks: Sequence[Row]
    armed: Sequence[Row]
    #: Some verbs take a second person here.
    two_people: bool
    asked: Sequence[Asked]

    def approval(self, what: str, **of: object) -> Asked | None:
        """The latest that this reader asked for exactly this; None: nobody was asked."""
        return next((one for one in reversed(self.asked) if one.what == what and one.of == of), None)


async def customer_view(session: Session, number: str, account: int, reader: Operator) -> CustomerView:
    """What the screens show of an account."""
    return CustomerView(
        number=number,
        contacts=await customers.contacts_of(session, account),
        users=await care.users_of(session, account),
        settings=await care.settings_of(session, account),
        agencies=await care.listed(session, "agencies"),
        guards=await customers.guard_names(session),
        keys=await customers.listed(session, "keys", account),
        tests=await customers.listed(session, "tests_of", account),
        tasks=await customers.listed(session, "tasks_of", account),
        armed=await customers.listed(session, "areas_armed", account),
        two_people=(await customers.grade_of(session, account) or 0) >= _HIGH_GRADE,
        asked=[
            Asked(row["id"], row["what"], json.loads(row["body"]), row["approved"])
            for row in await customers.listed(session, "approvals")
            if row["asked_by"] == reader.name
        ],
    )
