"""Duress: for whoever forces the caller nothing differs from a match; only the operator sees, and nothing closes it."""

from __future__ import annotations

import pytest

from station.errors import Reason, Refused
from station.incident_events import Disposition
from station.responders import AgencyState
from station.response_events import Heard, Line
from tests.stories.promises.handling import Handling, take
from tests.stories.promises.town import DURESS, PASSWORD, Town


async def _forced(town: Town) -> Handling:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta")
    assert await hers.hears("mar AZÚL") is Heard.DURESS
    return hers


async def test_the_police_at_once_and_in_silence(town: Town) -> None:
    hers = await _forced(town)
    assert await hers.step() == "duress: police"
    progress = await town.progress()
    assert (progress.duress, progress.confirmed, progress.facts.contacts != ()) == (True, True, True)
    assert (await town.incident()).incident.priority == 1
    await hers.police()  # nobody asks for ground
    await town.pass_time(3600)
    assert "duty" not in {name.partition(":")[0] for name in town.texts}
    assert town.texts == []


async def test_no_later_word_disarm_or_cancel_closes_it(town: Town) -> None:
    hers = await _forced(town)
    await hers.calls("Luis", line=Line.INBOUND)
    assert await hers.hears(PASSWORD, "Luis", Line.INBOUND) is Heard.MATCH
    await town.disarm(user="1")
    await town.report("BC", user="1")
    await town.report("BR", zone="001")
    await town.pass_time(300)
    assert (await town.state(), await hers.step()) == ("taken", "duress: police")
    assert town.texts == []
    with pytest.raises(Refused) as refused:
        await hers.closes(note="he says that all is well")
    assert refused.value.reason is Reason.DURESS_OPEN


async def test_the_outcome_of_the_police_and_a_second_person_close_it(town: Town) -> None:
    hers = await _forced(town)
    incident = hers.lease.incident
    await hers.police()
    await hers.police(AgencyState.ON_SCENE)
    await town.desk.second(town.rui, incident, "I have listened in")
    with pytest.raises(Refused) as refused:
        await hers.closes(Disposition.REAL, "police are there")
    assert refused.value.reason is Reason.DURESS_OPEN  # the police have not closed it
    await hers.police(AgencyState.CLOSED)
    await hers.closes(Disposition.REAL, "two arrests")
    assert await town.state() == "closed"


async def test_nobody_is_his_own_second_person(town: Town) -> None:
    hers = await _forced(town)
    await hers.police()
    await hers.police(AgencyState.CLOSED)
    with pytest.raises(Refused) as refused:
        await town.desk.second(town.ana, hers.lease.incident, "it is fine")
    assert refused.value.reason is Reason.SAME_PERSON
    with pytest.raises(Refused) as refused:
        await hers.closes(Disposition.REAL, "two arrests")
    assert refused.value.reason is Reason.DURESS_OPEN


async def test_who_agreed_before_he_took_it_over_is_no_second_person(town: Town) -> None:
    hers = await _forced(town)
    await hers.police()
    await hers.police(AgencyState.CLOSED)
    await town.desk.second(town.rui, hers.lease.incident, "it is fine")
    await town.desk.hand_over(hers.lease, None)
    his = await take(town, town.rui)
    with pytest.raises(Refused) as refused:
        await his.closes(Disposition.REAL, "two arrests")
    assert refused.value.reason is Reason.DURESS_OPEN


async def test_the_duress_word_on_any_line_and_by_anybody(town: Town) -> None:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Luis", line=Line.INBOUND)
    assert await hers.hears(DURESS, "Luis", Line.INBOUND) is Heard.DURESS
    assert await hers.step() == "duress: police"


async def test_a_hold_up_button_brings_police_first_and_nobody_calls_the_premises(town: Town) -> None:
    await town.contact(town.home, "the shop", role="premises")
    await town.report("HA", zone="001")
    hers = await take(town)
    assert await hers.step() == "holdup: police"
    await hers.police()
    assert await hers.step() == "holdup: look"  # by video or audio alone
    plan = [name for name in await town.kinds() if name == "attempted"]
    assert plan == []
