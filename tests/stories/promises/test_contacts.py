"""Whom the station calls: in the customer's order, the principal first, within hours, no more people than needed."""

from __future__ import annotations

import pytest

from dispatcher.desk_customers import NewPasswords, set_contacts, set_passwords
from station.action_plans import Outcome
from station.errors import Reason, Refused
from station.facts import ContactRole
from station.incident_events import Disposition
from station.languages import Language
from station.response_events import Attempted, CallOutcome, Heard, Line
from station.spoken_passwords import keep
from station.store import customers
from station.store.customers import ContactEntry
from tests.stories.promises.handling import take
from tests.stories.promises.town import PASSWORD, Town

_DAYTIME = '{"daily": [["08:00", "20:00"]]}'


async def test_each_in_the_customers_order_as_often_as_the_plan_says(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    called = []
    for outcome in (CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.MACHINE) * 2:
        called.append(await hers.to_call())
        await hers.calls(called[-1], outcome)
    assert called == ["Marta", "Luis", "Sara", "Marta", "Luis", "Sara"]
    assert await hers.step() == "burglary: look"
    attempts = [event.what for event in await town.events() if isinstance(event.what, Attempted)]
    names = {id_: name for name, id_ in town.home.contacts.items()}
    assert [(names[one.contact or 0], one.outcome.value) for one in attempts[:3]] == [
        *(("Marta", "no_answer"), ("Luis", "busy"), ("Sara", "machine"))
    ]


async def test_one_answer_is_enough(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta", CallOutcome.NO_ANSWER)
    await hers.calls("Luis")
    assert await hers.step() == "burglary: password"  # always asked
    assert await hers.hears(PASSWORD, "Luis") is Heard.MATCH
    await hers.answers(Outcome.FALSE_ALARM)
    await hers.closes()
    await town.pass_time(3600)
    attempts = [event.what for event in await town.events() if isinstance(event.what, Attempted)]
    assert [one.contact for one in attempts] == [town.home.contacts["Marta"], town.home.contacts["Luis"]]
    assert (town.texts, await town.state()) == ([], "closed")


async def test_nobody_is_called_outside_his_hours(town: Town) -> None:
    sql = "update contact set hours = $2 where id = $1"
    await town.owner.execute(sql, town.home.contacts["Marta"], _DAYTIME)
    await town.wait_until(7, 50)
    await town.burglary()
    hers = await take(town)
    assert await hers.to_call() == "Luis"
    await hers.calls("Luis", CallOutcome.NO_ANSWER)
    assert await hers.to_call() == "Sara"
    await town.wait_until(8, 1)
    await hers.calls("Sara", CallOutcome.NO_ANSWER)
    assert await hers.to_call() == "Marta"


async def test_messages_are_in_the_contacts_own_language(town: Town) -> None:
    await town.owner.execute("update contact set language = 'pt' where id = $1", town.home.contacts["Marta"])
    await town.report("AT")
    await town.pass_time(605)
    assert [(one.template, one.language) for one in town.carrier.sent] == [("power_failed", "pt")]


async def test_a_wrong_number_becomes_a_task(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta", CallOutcome.WRONG_NUMBER)
    assert await hers.to_call() == "Luis"
    tasks = await customers.listed(town.desk.database, "tasks")
    assert [task["what"] for task in tasks] == ["wrong_number"]


async def test_a_contact_taken_off_the_list_is_not_called_any_more(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await town.owner.execute("delete from contact where id = $1", town.home.contacts["Luis"])
    await hers.calls("Marta", CallOutcome.NO_ANSWER)
    assert await hers.to_call() == "Sara"


async def test_a_contact_added_meanwhile_is_called_in_the_same_incident(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await town.contact(town.home, "Teo")
    for name in ("Marta", "Luis", "Sara"):
        await hers.calls(name, CallOutcome.NO_ANSWER)
    assert await hers.to_call() == "Teo"


async def test_a_new_password_counts_from_that_second(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta")
    await town.care(town.home, password_kept=keep(town.key, "Luna nueva"))
    assert await hers.hears(PASSWORD) is Heard.NO_MATCH
    assert await hers.hears("luna NUEVA") is Heard.MATCH


async def test_a_password_changed_at_the_desk_counts_in_the_next_call(town: Town) -> None:
    await set_passwords(town.desk, town.ana, "1001", NewPasswords(password="Luna nueva"))
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta")
    assert await hers.hears("Luna nueva") is Heard.MATCH


async def test_who_calls_in_an_open_incident_changes_nothing(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    stranger = ContactEntry(id=None, name="Ivo", phone="+34600000009", language=Language.ES, role=ContactRole.CONTACT)
    with pytest.raises(Refused) as refused:
        await set_contacts(town.desk, town.ana, "1001", [stranger])
    assert refused.value.reason is Reason.BECAME_A_TASK
    with pytest.raises(Refused) as refused:
        await set_passwords(town.desk, town.ana, "1001", NewPasswords(password="Otra palabra"))
    assert refused.value.reason is Reason.BECAME_A_TASK
    tasks = await customers.listed(town.desk.database, "tasks")
    assert sorted(task["what"] for task in tasks) == ["change_contacts", "change_passwords"]
    await hers.calls("Marta")
    assert await hers.hears(PASSWORD) is Heard.MATCH


async def test_the_protected_place_is_not_on_the_list_of_people(town: Town) -> None:
    await town.contact(town.home, "the shop", role="premises")
    await town.burglary()
    hers = await take(town)
    called = []
    for _ in range(6):
        called.append(await hers.to_call())
        await hers.calls(called[-1], CallOutcome.NO_ANSWER)
    assert "the shop" not in called
    assert await hers.step() == "burglary: look"


async def test_who_telephones_us_has_not_been_reached_by_the_plan(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Luis", line=Line.INBOUND)
    assert (await hers.step(), await hers.to_call()) == ("burglary: call", "Marta")
    await hers.closes(Disposition.UNEXPLAINED, "the supervisor said so")
