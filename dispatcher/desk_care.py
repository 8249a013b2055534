"""What is agreed for an account: settings and panel users, changed under the same rules as contacts.

In: the desk, who asks, and the account. Out: a change that counts from this second, or a refusal in plain words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dispatcher.desk import Desk
from dispatcher.desk_customers import became_a_task
from dispatcher.timetables import expect
from station.contact_hours import hours_of_json
from station.errors import Reason, Refused
from station.operators import Operator
from station.responders import Service
from station.schedules import schedule_from_json
from station.store import care, customers
from station.store.audit import append as audit
from station.store.care import UserEntry
from station.store.database import Conflict, Session, Unstorable
from station.store.facts import known_of
from station.store.install import station_now


async def set_care(desk: Desk, operator: Operator, number: str, settings: Mapping[str, Any]) -> None:
    """Change the settings that are named; the others stay.

    Raises:
        Refused: a setting does not exist or means nothing; or an incident is open there, and it became a task.
    """
    values = {name: _checked(name, value) for name, value in settings.items()}
    if await became_a_task(desk, operator, number, "settings"):
        raise Refused(Reason.BECAME_A_TASK)
    try:
        async with desk.database.transaction() as session:
            account = await customers.account_id(session, number)
            if account is None:
                raise Refused(Reason.NO_SUCH_ACCOUNT, number)
            await _check_agencies(session, values)
            await care.set_care(session, account, values)
            now = await station_now(session)
            known = await known_of(session, [account], now)
            await expect(session, account, known[account], now)
            await audit(session, operator.actor, "care_changed", {"account": number, "settings": sorted(values)})
    except (Conflict, Unstorable) as error:
        raise Refused(Reason.NOT_UNDERSTOOD, ", ".join(sorted(values))) from error


def _checked(name: str, value: Any) -> Any:  # noqa: ANN401 - each setting has a type of its own
    if name not in care.SETTINGS:
        raise Refused(Reason.NOT_UNDERSTOOD, f"{name}; there are {', '.join(sorted(care.SETTINGS))}")
    if value is None:
        return None
    try:
        match name:
            case "schedule":
                schedule_from_json(value)
                return json.dumps(value)
            case "quiet_hours":
                hours_of_json(json.dumps(value))
                return json.dumps(value)
            case _:
                return care.SETTINGS[name](value)
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(Reason.NOT_UNDERSTOOD, f"{name}: {error}") from error


async def _check_agencies(session: Session, values: Mapping[str, Any]) -> None:
    # Police that are a fire brigade would be found out during an alarm.
    for service in Service:
        agency = values.get(service.value)
        if agency is not None and await care.service_of(session, agency) is not service:
            raise Refused(Reason.NOT_UNDERSTOOD, f"{service.value}: there is no such agency of this service")


async def set_users(desk: Desk, operator: Operator, number: str, users: Sequence[UserEntry]) -> None:
    """All panel users of an account, from this second.

    Raises:
        Refused: an incident is open there, and it became a task; or a contact is not the account's.
    """
    if await became_a_task(desk, operator, number, "users"):
        raise Refused(Reason.BECAME_A_TASK)
    async with desk.database.transaction() as session:
        account = await customers.account_id(session, number)
        if account is None:
            raise Refused(Reason.NO_SUCH_ACCOUNT, number)
        known = {contact.id for contact in await customers.contacts_of(session, account)}
        if any(user.contact is not None and user.contact not in known for user in users):
            raise Refused(Reason.NO_SUCH_CONTACT)
        await care.set_users(session, account, users)
        await audit(session, operator.actor, "users_changed", {"account": number, "users": len(users)})
