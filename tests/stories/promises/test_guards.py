"""Guards and agencies: who is asked next, two inside, what the contract holds, keys, one state machine for services."""

from __future__ import annotations

import pytest

from dispatcher.desk_customers import add_key, approve, ask_approval, look_at, move_key
from station.action_plans import Outcome
from station.errors import IllegalTransition, Reason, Refused
from station.incident_events import Disposition
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import AgencyMoved, CallOutcome, GuardMoved
from tests.stories.promises.handling import Handling, take
from tests.stories.promises.town import Site, Town


async def _guard_needed(town: Town, site: Site | None = None) -> Handling:
    """Nobody answers and nothing is seen: the plan sends a guard."""
    where = site or town.home
    await town.burglary("001", site=where)
    hers = await take(town, site=where)
    for name in ("Marta", "Luis", "Sara") * 2:
        await hers.calls(name, CallOutcome.NO_ANSWER)
    await hers.answers(Outcome.UNAVAILABLE)
    return hers


async def _visit(hers: Handling, patrol: int) -> None:
    await hers.guard(patrol, GuardState.ACCEPTED)
    await hers.guard(patrol, GuardState.ON_THE_WAY)
    await hers.guard(patrol, GuardState.ON_SITE)
    await hers.guard(patrol, GuardState.REPORTED, report=Report.FALSE)


async def _billable(town: Town) -> list[bool]:
    return [event.what.billable for event in await town.events() if isinstance(event.what, GuardMoved)]


async def test_the_first_patrol_is_asked_and_after_its_silence_the_next(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=5)
    await town.guard("Rocha")
    await town.guard("Vidal")
    await _guard_needed(town)
    assert town.texts == ["Rocha: guard_offer"]
    await town.pass_time(125)
    assert town.texts == ["Rocha: guard_offer", "Vidal: guard_offer"]
    assert "guard_silent" in await town.alerts()


async def test_who_accepts_is_not_passed_over(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=5)
    rocha, _ = await town.guard("Rocha"), await town.guard("Vidal")
    hers = await _guard_needed(town)
    await hers.guard(rocha, GuardState.ACCEPTED)
    await town.pass_time(600)
    assert town.texts == ["Rocha: guard_offer"]
    await hers.guard(rocha, GuardState.ON_SITE)
    await hers.guard(rocha, GuardState.REPORTED, report=Report.REAL)
    assert await hers.step() == "burglary_confirmed: police"  # INT/316/2011 art. 10
    await hers.police()
    assert not (await town.progress()).to_review


async def test_who_declines_makes_way_for_the_next(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=5)
    rocha, vidal = await town.guard("Rocha"), await town.guard("Vidal")
    hers = await _guard_needed(town)
    await hers.guard(rocha, GuardState.DECLINED)
    assert town.texts == ["Rocha: guard_offer", "Vidal: guard_offer"]
    assert [one.guard for one in (await town.progress()).guards] == [rocha, vidal]


async def test_a_patrol_of_another_city_is_not_asked(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=5)
    await town.guard("Vidal", place="Soria")
    await town.guard("Rocha", place="Ávila")
    await _guard_needed(town)
    assert town.texts == ["Rocha: guard_offer"]


async def test_without_a_contract_for_guards_none_is_sent(town: Town) -> None:
    await town.guard("Rocha")
    await _guard_needed(town)
    assert town.texts == ["Marta: intrusion"]


async def test_inside_it_takes_two(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=5)
    rocha = await town.guard("Rocha")
    hers = await _guard_needed(town)
    await hers.guard(rocha, GuardState.ACCEPTED)
    with pytest.raises(Refused) as refused:
        await hers.guard(rocha, GuardState.ON_SITE, position=Position.INSIDE, guards=1)
    assert refused.value.reason is Reason.TWO_GUARDS_INSIDE
    await hers.guard(rocha, GuardState.ON_SITE, position=Position.INSIDE, guards=2)


async def test_visits_beyond_the_contract_are_billed(town: Town) -> None:
    await town.care(town.home, guard=True, guard_visits=1)
    rocha = await town.guard("Rocha")
    hers = await _guard_needed(town)
    await _visit(hers, rocha)
    assert set(await _billable(town)) == {False}
    await hers.closes(note="a loose window")
    hers = await _guard_needed(town)
    await _visit(hers, rocha)
    assert set(await _billable(town)) == {True}


async def test_a_visit_without_any_contract_is_billed(town: Town) -> None:
    rocha = await town.guard("Rocha")
    await town.burglary("001")
    hers = await take(town)
    await hers.guard(rocha, GuardState.OFFERED)
    assert await _billable(town) == [True]


async def test_the_service_of_the_place_is_named(town: Town) -> None:
    soria = await town.site("7001", city="Soria")
    await town.report("FA", zone="001", site=soria)
    hers = await take(town, site=soria)
    await hers.service(Service.FIRE, AgencyState.ACCEPTED)
    moves = [event.what for event in await town.events() if isinstance(event.what, AgencyMoved)]
    assert [(one.agency, one.state) for one in moves] == [
        (soria.services["fire"], AgencyState.REQUESTED),
        (soria.services["fire"], AgencyState.ACCEPTED),
    ]


async def test_services_follow_one_state_machine(town: Town) -> None:
    await town.report("FA", zone="001")
    hers = await take(town)
    await hers.service(Service.FIRE, AgencyState.REQUESTED)
    assert await hers.step() == "fire: fire_service"  # asked for is not told
    await hers.service(Service.FIRE, AgencyState.REJECTED)
    assert await hers.step() == "fire: fire_service"  # so they are asked again
    await hers.service(Service.FIRE, AgencyState.REQUESTED)
    await hers.service(Service.FIRE, AgencyState.ON_THE_WAY)
    assert await hers.step() == "fire: tell"
    await hers.service(Service.FIRE, AgencyState.ON_SCENE)
    with pytest.raises(IllegalTransition):
        await hers.service(Service.FIRE, AgencyState.ACCEPTED)
    await hers.service(Service.FIRE, AgencyState.CLOSED)


async def test_keys_are_held_and_every_move_is_in_the_register(town: Town) -> None:
    bank, rocha = await town.site("3003", grade=4), await town.guard("Rocha")
    key = await add_key(town.desk, town.ana, "3003", "K-17")
    with pytest.raises(Refused) as refused:
        await move_key(town.desk, town.ana, "3003", key, rocha, None)
    assert refused.value.reason is Reason.SECOND_PERSON_NEEDED
    asked = await ask_approval(town.desk, town.ana, "key_release", {"key": key})
    await approve(town.desk, town.eva, asked)
    await town.burglary("001", site=bank)
    await move_key(town.desk, town.ana, "3003", key, rocha, asked)
    await move_key(town.desk, town.ana, "3003", key, None, None)
    rows = await town.owner.fetch("select actor, to_guard, incident, approval from key_move order by n")
    assert [tuple(row.values()) for row in rows] == [
        (town.ana.actor, rocha, (await town.incident()).id, asked),
        (town.ana.actor, None, (await town.incident()).id, None),
    ]


async def test_opening_an_account_without_an_incident_asks_why(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        await look_at(town.desk, town.ana, "1001", "")
    assert refused.value.reason is Reason.REASON_NEEDED
    await look_at(town.desk, town.ana, "1001", "she asked for a copy of her list")
    await town.burglary("001")
    await look_at(town.desk, town.rui, "1001", "")
    rows = await town.owner.fetch("select actor from audit where action = 'account_looked_at' order by n")
    assert [row["actor"] for row in rows] == [town.ana.actor, town.rui.actor]


async def test_a_medical_alarm_that_nobody_answers_brings_help(town: Town) -> None:
    await town.contact(town.home, "the flat", role="premises")
    await town.report("MA", zone="001")
    hers = await take(town)
    assert (await hers.step(), await hers.to_call()) == ("medical: person", "the flat")
    await hers.calls("the flat", CallOutcome.NO_ANSWER)
    assert await hers.step() == "medical: service"
    await hers.service(Service.MEDICAL, AgencyState.ACCEPTED)
    await hers.calls("Marta")
    await hers.answers(Outcome.DONE)
    await hers.closes(Disposition.REAL)
    assert await town.state() == "closed"
