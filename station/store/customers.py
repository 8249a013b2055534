"""What is agreed with customers, in the store: passwords, contacts, agencies, tests, keys, tasks, approvals.

In: an account's id. Out: frozen values, and changes that count from the second in which they are committed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from station.facts import ContactRole
from station.languages import Language
from station.operators import Operator, Role
from station.responders import Service
from station.response_events import Heard
from station.signals import Kind
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
#: Lists on screens are not longer.
_SHOWN = 200


@attrs.frozen
class KeptPasswords:
    """What is kept of an account's passwords; none of it is a word."""

    password: str | None = attrs.field(default=None, repr=False)
    duress: str | None = attrs.field(default=None, repr=False)
    counter_sealed: bytes | None = attrs.field(default=None, repr=False)
    counter_first: bool = False


async def passwords_of(session: Session, account: int | None) -> KeptPasswords:
    """What is kept of an account's passwords."""
    row = None if account is None else await fetch_one(session, _SQL["passwords"], account)
    return KeptPasswords() if row is None else KeptPasswords(*row.values())


async def set_passwords(session: Session, account: int, kept: KeptPasswords) -> None:
    """What is None stays as it was."""
    await session.execute(_SQL["set_passwords"], account, kept.password, kept.duress, kept.counter_sealed)


async def last_check(session: Session, incident: int, contact: int | None) -> Heard | None:
    """What this contact last said as the password in this incident."""
    row = await fetch_one(session, _SQL["last_check"], incident, contact)
    return None if row is None else Heard(row["heard"])


async def account_id(session: Session, number: str) -> int | None:
    """The account of this number."""
    row = await fetch_one(session, _SQL["account_id"], number)
    return None if row is None else row["id"]


async def agency_of(session: Session, account: int | None, service: Service) -> int | None:
    """The service of the place."""
    row = None if account is None else await fetch_one(session, _SQL["service"], account, service.value)
    return None if row is None else row["agency"]


@attrs.frozen(kw_only=True)
class Agency:
    """A service of the place."""

    id: int
    service: Service
    name: str
    phone: str
    email: str
    webhook: str


async def agencies_of(session: Session, account: int | None) -> Sequence[Agency]:
    """The services of the place, with their numbers."""
    rows = [] if account is None else await session.fetch(_SQL["agencies"], account)
    return [Agency(**{**row, "service": Service(row["service"])}) for row in rows]


async def guard_exists(session: Session, guard: int) -> bool:
    """Whether this guard works here."""
    return await fetch_one(session, _SQL["guard_exists"], guard) is not None


async def guard_names(session: Session) -> dict[int, str]:
    """Who can be sent, in the order in which they are asked."""
    return {row["id"]: row["name"] for row in await session.fetch(_SQL["guard_names"])}


async def make_task(
    session: Session, account: int | None, incident: int | None, what: str, text: str, call_back: str, by: str
) -> int:
    """Something to do later; its number."""
    (row,) = await session.fetch(_SQL["make_task"], account, incident, what, text, call_back, by)
    task: int = row["id"]
    return task


async def finish_task(session: Session, task: int, operator: int) -> bool:
    """It is done; False if it was, or never was there."""
    return bool(await session.fetch(_SQL["finish_task"], task, operator))


async def ask_approval(session: Session, what: str, body: Mapping[str, object], operator: int) -> int:
    """One of two people asks; the number of what is asked."""
    (row,) = await session.fetch(_SQL["ask_approval"], what, json.dumps(body, sort_keys=True), operator)
    approval: int = row["id"]
    return approval


async def approve(session: Session, approval: int, operator: int) -> bool:
    """The other agrees; False if he is the same, or it was approved before."""
    return bool(await session.fetch(_SQL["approve"], approval, operator))


async def use_approval(session: Session, approval: int, what: str, of: Mapping[str, object], operator: int) -> bool:
    """Use it, once; False if it is not approved, or for something else."""
    return bool(await session.fetch(_SQL["use_approval"], approval, what, operator, json.dumps(of)))


async def open_incident(session: Session, account: int) -> int | None:
    """The most urgent open incident of an account."""
    row = await fetch_one(session, _SQL["open_incident"], account)
    return None if row is None else row["id"]


@attrs.frozen(kw_only=True)
class ContactEntry:
    """A contact as it is kept. `id` None: a new one. `hours` is JSON; None: at any time."""

    id: int | None
    name: str
    phone: str
    language: Language
    role: ContactRole = ContactRole.CONTACT
    hours: str | None = None


async def contacts_of(session: Session, account: int) -> Sequence[ContactEntry]:
    """Whom to call, in the customer's order."""
    return [
        ContactEntry(
            id=row["id"],
            name=row["name"],
            phone=row["phone"],
            language=Language(row["language"]),
            role=ContactRole(row["role"]),
            hours=row["hours"],
        )
        for row in await session.fetch(_SQL["contacts"], account)
    ]


async def set_contacts(session: Session, account: int, contacts: Sequence[ContactEntry]) -> None:
    """The customer's list as it is from now on."""
    await session.execute(_SQL["forget_contacts"], account, [one.id for one in contacts if one.id is not None])
    for position, one in enumerate(contacts, start=1):
        values = (one.name, one.phone, one.language.value, one.role.value, one.hours)
        if one.id is None:
            await session.fetch(_SQL["add_contact"], account, position, *values)
        else:
            await session.execute(_SQL["change_contact"], account, one.id, position, *values)


@attrs.frozen(kw_only=True)
class NewTest:
    """Premises on test. No zones: all; no kinds: all but life-safety."""

    account: int
    zones: Sequence[str]
    kinds: Sequence[Kind]
    duration_s: int
    longest_s: int
    remind_s: int
    started_by: int
    approved_by: int | None
    asked_by: int | None


async def start_test(session: Session, test: NewTest) -> int:
    """On test from now; its number."""
    (row,) = await session.fetch(
        _SQL["start_test"],
        test.account,
        list(test.zones),
        [kind.value for kind in test.kinds],
        dt.timedelta(seconds=test.duration_s),
        dt.timedelta(seconds=test.longest_s),
        dt.timedelta(seconds=test.remind_s),
        test.started_by,
        test.approved_by,
        test.asked_by,
    )
    number: int = row["id"]
    return number


async def extend_test(session: Session, test: int, by_s: int, remind_s: int) -> dt.datetime | None:
    """It goes on, to its latest end at most; when it ends now. None: it is over."""
    by, remind = dt.timedelta(seconds=by_s), dt.timedelta(seconds=remind_s)
    row = await fetch_one(session, _SQL["extend_test"], test, by, remind)
    return None if row is None else row["ends_at"]


async def finish_test(session: Session, test: int) -> bool:
    """It ends now; False if it is over."""
    return bool(await session.fetch(_SQL["finish_test"], test))


async def grade_of(session: Session, account: int) -> int | None:
    """The grade of an account."""
    row = await fetch_one(session, _SQL["grade"], account)
    return None if row is None else row["grade"]


async def add_key(session: Session, account: int, code: str) -> int:
    """A key comes into our keeping; its number."""
    (row,) = await session.fetch(_SQL["add_key"], account, code)
    key: int = row["id"]
    return key


async def move_key(
    session: Session, key: int, actor: str, to_guard: int | None, incident: int | None, approval: int | None
) -> bool:
    """To a guard, or back (None), and into the register; False if it is there already."""
    if not await session.fetch(_SQL["move_key"], key, to_guard):
        return False
    await session.execute(_SQL["note_key_move"], key, actor, to_guard, incident, approval)
    return True


async def operator_of_token(session: Session, token_hash: bytes) -> Operator | None:
    """Who comes with this token."""
    row = await fetch_one(session, _SQL["token"], token_hash)
    return None if row is None else Operator(row["id"], row["name"], Role(row["role"]), Language(row["language"]))


async def add_token(session: Session, token_hash: bytes, operator: str, name: str, days: float | None) -> bool:
    """A new token; False if nobody of that name works here."""
    ends = None if days is None else dt.timedelta(days=days)
    return bool(await session.fetch(_SQL["add_token"], token_hash, operator, name, ends))


async def forget_token(session: Session, name: str) -> bool:
    """It opens nothing any more."""
    return bool(await session.fetch(_SQL["forget_token"], name))


#: Lists that screens and the API show as they are read.
LISTS = ("tasks", "approvals", "tests", "to_review")


async def listed(session: Session, what: str, *values: Any) -> Sequence[Row]:  # noqa: ANN401 - values of a query
    """The rows of one of the lists.

    `tasks`, `approvals`, `tests`, `to_review`; of one account `tasks_of`, `tests_of`, `keys`, `areas_armed` and
    `false_alarms`.
    """
    limited = (_SHOWN,) if what in {"tasks", "to_review"} else ()
    return await session.fetch(_SQL[what], *values, *limited)


async def permit_of(session: Session, account: int) -> Row | None:
    """What authorities have said about an account."""
    return await fetch_one(session, _SQL["permit"], account)
