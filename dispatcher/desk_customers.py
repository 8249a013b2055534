"""The desk's verbs for accounts: on test, contacts and passwords, tasks, keys, and what takes two people.

In: the desk, who asks, and the account. Out: a change that counts from this second and a line in the audit trail, or a
refusal that says why. A caller in an open incident changes nothing: whoever he is, he may be forced to; it becomes a
task with a call back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import trio

from dispatcher.desk import Desk
from dispatcher.desk_rules import kept_text, reason_text
from station.contact_hours import hours_of_json
from station.errors import Reason, Refused
from station.operators import Operator
from station.signals import Kind
from station.spoken_passwords import WeakPassword, keep, refuse_confusable
from station.store import customers
from station.store.audit import append as audit
from station.store.customers import ContactEntry, KeptPasswords, NewTest
from station.store.database import Conflict, Session

LONGEST_TEST_S: Final = 8 * 3600
REMIND_S: Final = 15 * 60
_HIGH_GRADE: Final = 3

#: What takes two people at grade 3 and 4.
ON_TEST: Final = "on_test"
POLICE_CANCEL: Final = "police_cancel"
KEY_RELEASE: Final = "key_release"
#: What each is of: the name in `of`, and how it is given there.
_APPROVED: Final[Mapping[str, tuple[str, type]]] = {
    ON_TEST: ("account", str),
    POLICE_CANCEL: ("incident", int),
    KEY_RELEASE: ("key", int),
}


@attrs.frozen(kw_only=True)
class TestAsked:
    """Premises to be put on test. No zones: all of them. No kinds: all but life-safety, which are named aloud."""

    __test__ = False  # no test of ours

    account: str
    zones: Sequence[str] = ()
    kinds: Sequence[Kind] = ()
    minutes: int = 60
    #: Who asked: a contact of the account, identified by the password.
    asked_by: int | None = None
    reason: str = ""
    approval: int | None = None


async def start_test(desk: Desk, operator: Operator, asked: TestAsked) -> int:
    """On test from now; the number of the test.

    Raises:
        Refused: no such account, no reason, too long, or a second person is needed.
    """
    if not 1 <= asked.minutes * 60 <= LONGEST_TEST_S:
        raise Refused(Reason.TEST_TOO_LONG, str(LONGEST_TEST_S // 3600))
    reason = reason_text(asked.reason)
    async with desk.database.transaction() as session:
        account = await _account(session, asked.account)
        await _check_two(session, account, asked.approval, ON_TEST, {"account": asked.account.upper()}, operator)
        known = {contact.id for contact in await customers.contacts_of(session, account)}
        if asked.asked_by is not None and asked.asked_by not in known:
            raise Refused(Reason.NO_SUCH_CONTACT)
        test = await customers.start_test(
            session,
            NewTest(
                account=account,
                zones=asked.zones,
                kinds=asked.kinds,
                duration_s=asked.minutes * 60,
                longest_s=LONGEST_TEST_S,
                remind_s=min(REMIND_S, asked.minutes * 30),
                started_by=operator.id,
                approved_by=None,
                asked_by=asked.asked_by,
            ),
        )
        said = {"test": test, "account": asked.account, "zones": list(asked.zones), "minutes": asked.minutes}
        named = [kind.value for kind in asked.kinds]
        await audit(session, operator.actor, "test_started", {**said, "kinds": named, "reason": reason})
    return test


async def extend_test(desk: Desk, operator: Operator, test: int, minutes: int) -> None:
    """It goes on, to its latest end at most.

    Raises:
        Refused: it is over, or that is too long.
    """
    if not 1 <= minutes * 60 <= LONGEST_TEST_S:
        raise Refused(Reason.TEST_TOO_LONG, str(LONGEST_TEST_S // 3600))
    async with desk.database.transaction() as session:
        if await customers.extend_test(session, test, minutes * 60, REMIND_S) is None:
            raise Refused(Reason.NO_SUCH_THING)
        await audit(session, operator.actor, "test_extended", {"test": test, "minutes": minutes})


async def end_test(desk: Desk, operator: Operator, test: int) -> None:
    """It ends now; what is still in alarm queues.

    Raises:
        Refused: it is over already.
    """
    async with desk.database.transaction() as session:
        if not await customers.finish_test(session, test):
            raise Refused(Reason.NO_SUCH_THING)
        await audit(session, operator.actor, "test_ended", {"test": test})


async def set_contacts(desk: Desk, operator: Operator, number: str, contacts: Sequence[ContactEntry]) -> None:
    """The customer's list as it is from this second.

    Raises:
        Refused: an incident is open there: it became a task with a call back. Or hours say nothing, or one who is to
            stay is no contact of the account.
    """
    for contact in contacts:
        try:
            hours_of_json(contact.hours)
        except ValueError as error:
            raise Refused(Reason.NOT_UNDERSTOOD, str(error)) from error
    if await became_a_task(desk, operator, number, "contacts"):
        raise Refused(Reason.BECAME_A_TASK)
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        known = {contact.id for contact in await customers.contacts_of(session, account)}
        if any(contact.id is not None and contact.id not in known for contact in contacts):
            raise Refused(Reason.NO_SUCH_CONTACT)
        await customers.set_contacts(session, account, contacts)
        await audit(session, operator.actor, "contacts_changed", {"account": number, "contacts": len(contacts)})


@attrs.frozen(kw_only=True)
class NewPasswords:
    """Words as the customer wants them; what is empty stays as it was."""

    password: str = attrs.field(default="", repr=False)
    duress: str = attrs.field(default="", repr=False)
    counter: str = attrs.field(default="", repr=False)


async def set_passwords(desk: Desk, operator: Operator, number: str, new: NewPasswords) -> None:
    """New words count from this second.

    Raises:
        Refused: an incident is open there: it became a task with a call back. Or a word is too weak.
    """
    if desk.key is None:
        raise Refused(Reason.NO_STATION_KEY)
    key = desk.key
    try:
        if new.password and new.duress:
            refuse_confusable(new.password, new.duress)
        password = await trio.to_thread.run_sync(keep, key, new.password) if new.password else None
        duress = await trio.to_thread.run_sync(keep, key, new.duress) if new.duress else None
    except WeakPassword as error:
        raise Refused(Reason.WEAK_PASSWORD, str(error)) from error
    if await became_a_task(desk, operator, number, "passwords"):
        raise Refused(Reason.BECAME_A_TASK)
    counter = key.seal(new.counter.encode()) if new.counter else None
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        await customers.set_passwords(session, account, KeptPasswords(password, duress, counter))
        which = [name for name, word in attrs.asdict(new).items() if word]
        await audit(session, operator.actor, "passwords_changed", {"account": number, "which": which})


async def make_task(desk: Desk, operator: Operator, number: str, what: str, text: str, call_back: str) -> int:
    """Something to do later, with a person to call back; its number."""
    said = reason_text(text)
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        incident = await customers.open_incident(session, account)
        return await customers.make_task(session, account, incident, what, said, kept_text(call_back), operator.actor)


async def finish_task(desk: Desk, operator: Operator, task: int) -> None:
    """It is done.

    Raises:
        Refused: it was done before.
    """
    async with desk.database.transaction() as session:
        if not await customers.finish_task(session, task, operator.id):
            raise Refused(Reason.NO_SUCH_THING)
        await audit(session, operator.actor, "task_done", {"task": task})


async def ask_approval(desk: Desk, operator: Operator, what: str, body: Mapping[str, object]) -> int:
    """One of two people asks; the number that the other approves. `body`: of what, as `_APPROVED` has it.

    Raises:
        Refused: there is no such `what`, or `body` names no such thing.
    """
    if what not in _APPROVED:
        raise Refused(Reason.NOT_UNDERSTOOD, f"what: there are {', '.join(_APPROVED)}")
    name, kind = _APPROVED[what]
    named = body.get(name)
    if {*body} != {name} or type(named) is not kind or not named:
        number = "its number as a text" if kind is str else "its number"
        raise Refused(Reason.NOT_UNDERSTOOD, f"of: an approval of {what} is of one {name}; give {name}: {number}")
    of = {name: named.upper() if isinstance(named, str) else named}
    async with desk.database.transaction() as session:
        approval = await customers.ask_approval(session, what, of, operator.id)
        await audit(session, operator.actor, "approval_asked", {"approval": approval, "what": what})
    return approval


async def approve(desk: Desk, operator: Operator, approval: int) -> None:
    """The other of two people agrees.

    Raises:
        Refused: it is the same person, or it was approved before.
    """
    async with desk.database.transaction() as session:
        if not await customers.approve(session, approval, operator.id):
            raise Refused(Reason.SAME_PERSON)
        await audit(session, operator.actor, "approved", {"approval": approval})


async def add_key(desk: Desk, operator: Operator, number: str, code: str) -> int:
    """A key comes into our keeping, under a code that says nothing of the place.

    Raises:
        Refused: the code is in use.
    """
    try:
        async with desk.database.transaction() as session:
            key = await customers.add_key(session, await _account(session, number), reason_text(code))
            await audit(session, operator.actor, "key_added", {"key": key, "account": number})
    except Conflict as conflict:
        raise Refused(Reason.NOT_UNDERSTOOD, code) from conflict
    return key


async def move_key(
    desk: Desk, operator: Operator, number: str, key: int, to_guard: int | None, approval: int | None
) -> None:
    """To a guard, or back; at grade 3 and 4 a release takes two people.

    Raises:
        Refused: it is there already, it is no key of this account, or a second person is needed.
    """
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        if all(one["id"] != key for one in await customers.listed(session, "keys", account)):
            raise Refused(Reason.NO_SUCH_THING)
        if to_guard is not None:
            await _check_two(session, account, approval, KEY_RELEASE, {"key": key}, operator)
        incident = await customers.open_incident(session, account)
        if not await customers.move_key(session, key, operator.actor, to_guard, incident, approval):
            raise Refused(Reason.NO_SUCH_THING)
        await audit(session, operator.actor, "key_moved", {"key": key, "to_guard": to_guard, "account": number})


async def look_at(desk: Desk, operator: Operator, number: str, reason: str) -> int:
    """Open an account; without an open incident a reason is asked for. The account's id.

    Raises:
        Refused: there is no such account, or nothing is open there and no reason is given.
    """
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        incident = await customers.open_incident(session, account)
        said = kept_text(reason)
        if incident is None and not said:
            raise Refused(Reason.REASON_NEEDED)
        looked = {"account": number, "incident": incident, "reason": said}
        await audit(session, operator.actor, "account_looked_at", looked)
    return account


async def became_a_task(desk: Desk, operator: Operator, number: str, what: str) -> bool:
    """While anything is open at the account, a change waits for a call back."""
    async with desk.database.transaction() as session:
        account = await _account(session, number)
        incident = await customers.open_incident(session, account)
        if incident is None:
            return False
        text = f"The customer asked to change {what} while incident {incident} was open"
        await customers.make_task(session, account, incident, f"change_{what}", text, "", operator.actor)
    return True


async def _account(session: Session, number: str) -> int:
    account = await customers.account_id(session, number)
    if account is None:
        raise Refused(Reason.NO_SUCH_ACCOUNT, number)
    return account


async def _check_two(
    session: Session, account: int, approval: int | None, what: str, of: Mapping[str, object], operator: Operator
) -> None:
    if (await customers.grade_of(session, account) or 0) < _HIGH_GRADE:
        return
    if approval is None or not await customers.use_approval(session, approval, what, of, operator.id):
        raise Refused(Reason.SECOND_PERSON_NEEDED)
