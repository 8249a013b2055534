"""A mass outage: one parent, one message to each customer, open until each is back; whatever else happens counts."""

from __future__ import annotations

import pytest

from dispatcher.desk_outages import confirm_outage
from station.errors import Reason, Refused
from station.incident_events import Disposition
from station.signals import Kind
from tests.stories.promises.handling import take
from tests.stories.promises.town import Site, Town


async def _street(town: Town, *, grade: int = 2) -> list[Site]:
    return [await town.site(f"70{n:02}", city="Soria", people=("Luis",), grade=grade) for n in range(1, 5)]


async def _of(town: Town, site: Site, kind: Kind = Kind.POWER) -> int:
    (place,) = [
        place
        for place, row in enumerate(await town.incidents())
        if (row.incident.account_id, row.incident.kind) == (site.id, kind)
    ]
    return place


async def _parent(town: Town) -> int:
    (place,) = [n for n, row in enumerate(await town.incidents()) if row.incident.account.startswith("OUTAGE ")]
    return place


async def test_one_parent_one_message_each_open_until_each_is_back(town: Town) -> None:
    street = await _street(town)
    for site in street:
        await town.report("AT", site=site)
    parent = await _parent(town)
    assert (await town.incidents())[parent].incident.account == "OUTAGE power Soria"
    members = [await town.progress(await _of(town, site)) for site in street]
    assert {one.parent for one in members} == {(await town.incidents())[parent].id}
    await town.pass_time(1200)
    assert town.texts == []  # nobody is told before an operator confirms it

    hers = await take(town)
    await confirm_outage(town.desk, hers.lease)
    await town.settle()
    assert town.texts == ["Luis: mass_outage"] * 4
    for site in street[:-1]:
        await town.report("AR", site=site)
        assert await town.state(await _of(town, site)) == "closed"
    assert await town.state(parent) != "closed"
    with pytest.raises(Refused) as refused:
        await hers.closes(Disposition.HANDLED, "it is only one more")
    assert refused.value.reason is Reason.MEMBERS_OPEN
    await town.report("AR", site=street[-1])
    await town.pass_time(5)
    assert (await town.progress(parent)).open_members == 0
    assert len(town.texts) == 4


async def test_by_itself_once_nobody_holds_it_and_all_are_back(town: Town) -> None:
    street = await _street(town)
    for site in street:
        await town.report("AT", site=site)
    hers = await take(town)
    await confirm_outage(town.desk, hers.lease)
    await town.desk.hand_over(hers.lease, None)
    for site in street:
        await town.report("AR", site=site)
    await town.pass_time(5)
    assert {await town.state(place) for place in range(5)} == {"closed"}


async def test_another_alarm_of_a_member_is_handled_as_always(town: Town) -> None:
    street = await _street(town)
    for site in street:
        await town.report("AT", site=site)
    await town.burglary("001", site=street[0])
    burglary = await _of(town, street[0], Kind.BURGLARY)
    assert (await town.state(burglary), await town.step(burglary)) == ("waiting", "burglary: call")


async def test_a_low_battery_makes_a_member_stand_for_itself(town: Town) -> None:
    street = await _street(town)
    for site in street:
        await town.report("AT", site=site)
    await town.report("YT", site=street[1])
    member = await _of(town, street[1])
    assert (await town.state(member), await town.step(member)) == ("waiting", "low_battery: call")
    assert (await town.progress(member)).parent is None


async def test_high_grades_are_never_part_of_it(town: Town) -> None:
    for site in await _street(town, grade=3):
        await town.report("AT", site=site)
    assert [row.incident.kind for row in await town.incidents()] == [Kind.POWER] * 4
    assert {row.incident.progress.parent for row in await town.incidents()} == {None}


async def test_few_are_no_outage(town: Town) -> None:
    for site in (await _street(town))[:2]:
        await town.report("AT", site=site)
    await town.pass_time(700)
    assert town.texts == ["Luis: power_failed"] * 2


async def test_who_loses_the_mains_later_belongs_to_it_as_well(town: Town) -> None:
    street = await _street(town)
    for site in street[:3]:
        await town.report("AT", site=site)
    hers = await take(town)
    await confirm_outage(town.desk, hers.lease)
    await town.settle()
    await town.report("AT", site=street[3])
    await town.pass_time(5)
    assert town.texts == ["Luis: mass_outage"] * 4
