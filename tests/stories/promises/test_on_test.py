"""Premises on test: what was named is only logged, what was not is handled, and nothing is lost."""

from __future__ import annotations

import pytest

from dispatcher.desk_customers import TestAsked, approve, ask_approval, end_test, extend_test, start_test
from station.errors import Reason, Refused
from station.signals import Kind, Qualifier
from station.store import customers
from tests.stories.promises.handling import take
from tests.stories.promises.town import Town


async def _on_test(
    town: Town, *, zones: tuple[str, ...] = (), kinds: tuple[Kind, ...] = (), minutes: int = 60, number: str = "1001"
) -> int:
    asked = TestAsked(
        account=number,
        zones=zones,
        kinds=kinds,
        minutes=minutes,
        asked_by=town.home.contacts["Marta"] if number == "1001" else None,
        reason="the installer is here",
    )
    return await start_test(town.desk, town.ana, asked)


async def _over(town: Town) -> bool:
    return await customers.listed(town.desk.database, "tests") == []


async def test_what_comes_and_ends_during_the_test_is_only_logged(town: Town) -> None:
    await _on_test(town)
    await town.burglary("001")
    await town.report("BR", zone="001")
    await town.report("TA", zone="004")
    await town.report("TR", zone="004")
    await town.pass_time(40 * 60)
    assert await town.incidents() == []
    await town.pass_time(30 * 60)
    assert await _over(town)
    assert [await town.step(place) for place in range(len(await town.incidents()))] == ["test_ending: tell"]


async def test_only_the_named_zones(town: Town) -> None:
    await _on_test(town, zones=("001", "002"))
    await town.burglary("002")
    assert await town.incidents() == []
    await town.burglary("003")
    assert (await town.state(), await town.step()) == ("waiting", "burglary: call")


async def test_only_the_named_kinds(town: Town) -> None:
    await _on_test(town, kinds=(Kind.TAMPER,))
    await town.report("TA", zone="004")
    assert await town.incidents() == []
    await town.burglary("001")
    assert await town.state() == "waiting"


@pytest.mark.parametrize(
    ("code", "kind"), [("FA", Kind.FIRE), ("HA", Kind.PANIC_HOLDUP), ("MA", Kind.MEDICAL), ("GA", Kind.GAS_CO)]
)
async def test_life_safety_that_was_not_named_queues_and_says_so(town: Town, code: str, kind: Kind) -> None:
    await _on_test(town)
    await town.report(code, zone="001")
    row = await town.incident()
    assert (row.incident.kind, row.incident.priority, await town.state()) == (kind, 1, "waiting")
    assert "on_test_marked" in await town.kinds()
    assert row.incident.progress.facts.on_test


async def test_life_safety_that_was_named_aloud_is_part_of_the_test(town: Town) -> None:
    await _on_test(town, kinds=(Kind.FIRE,))
    await town.report("FA", zone="001")
    assert await town.incidents() == []


async def test_supervision_goes_on(town: Town) -> None:
    await _on_test(town)
    await town.report("", kind=Kind.PATH_LOST, zone="1")
    assert (await town.state(), await town.step()) == ("waiting", "path_lost: call")


async def test_what_is_still_in_alarm_at_the_end_queues(town: Town) -> None:
    test = await _on_test(town)
    await town.burglary("001")
    await town.burglary("002")
    await town.report("BR", zone="001")
    await end_test(town.desk, town.ana, test)
    await town.settle()
    (row,) = await town.incidents()
    assert (row.incident.kind, sorted(row.incident.points)) == (Kind.BURGLARY, ["002"])
    assert await town.state() == "waiting"


async def test_alarm_restored_and_in_alarm_again_queues_at_the_end(town: Town) -> None:
    test = await _on_test(town)
    await town.burglary("001")
    await town.report("BR", zone="001")
    await town.burglary("001")
    await end_test(town.desk, town.ana, test)
    await town.settle()
    (row,) = await town.incidents()
    assert row.incident.points == {"001"}


async def test_a_restore_during_the_test_ends_an_alarm_from_before_it(town: Town) -> None:
    await town.burglary("001")
    test = await _on_test(town)
    await town.report("BR", zone="001")
    row = await town.incident()
    assert (row.incident.points, row.incident.restored_at is not None) == (frozenset(), True)
    hers = await take(town)
    await hers.closes(note="an hour of tests")
    await end_test(town.desk, town.ana, test)
    await town.settle()
    # The next alarm of that zone is a new one, and no repeat of what was never seen to end.
    await town.burglary("001")
    assert [await town.state(0), await town.state(1)] == ["closed", "waiting"]


async def test_it_ends_by_itself_and_reminds_before(town: Town) -> None:
    await _on_test(town, minutes=60)
    await town.pass_time(44 * 60)
    assert await town.incidents() == []
    await town.pass_time(2 * 60)
    assert await town.step() == "test_ending: tell"
    assert not await _over(town)
    await town.pass_time(15 * 60)
    assert await _over(town)
    await town.burglary("001")
    assert (await town.incident()).incident.kind is Kind.BURGLARY


async def test_an_extension_reminds_anew_and_ends_later(town: Town) -> None:
    test = await _on_test(town, minutes=60)
    await town.pass_time(50 * 60)
    await extend_test(town.desk, town.ana, test, 60)
    await town.pass_time(50 * 60)
    assert not await _over(town)
    assert [row.incident.kind for row in await town.incidents()] == [Kind.OPEN_CLOSE]
    await town.pass_time(25 * 60)
    assert await _over(town)


async def test_no_test_lasts_longer_than_a_shift(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        await _on_test(town, minutes=481)
    assert refused.value.reason is Reason.TEST_TOO_LONG
    test = await _on_test(town, minutes=400)
    for _ in range(4):
        await extend_test(town.desk, town.ana, test, 60)
    await town.pass_time(8 * 3600 + 5)
    assert await _over(town)
    with pytest.raises(Refused) as refused:
        await extend_test(town.desk, town.ana, test, 60)
    assert refused.value.reason is Reason.NO_SUCH_THING


async def test_who_asks_is_a_contact_and_says_why(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        await start_test(town.desk, town.ana, TestAsked(account="1001", asked_by=10**9, reason="a test"))
    assert refused.value.reason is Reason.NO_SUCH_CONTACT
    with pytest.raises(Refused) as refused:
        await start_test(town.desk, town.ana, TestAsked(account="1001", asked_by=town.home.contacts["Marta"]))
    assert refused.value.reason is Reason.REASON_NEEDED


async def test_at_a_high_grade_it_takes_two_people(town: Town) -> None:
    await town.site("3003", grade=3)
    with pytest.raises(Refused) as refused:
        await _on_test(town, number="3003")
    assert refused.value.reason is Reason.SECOND_PERSON_NEEDED
    asked = await ask_approval(town.desk, town.ana, "on_test", {"account": "3003"})
    with pytest.raises(Refused) as refused:
        await approve(town.desk, town.ana, asked)
    assert refused.value.reason is Reason.SAME_PERSON
    await approve(town.desk, town.rui, asked)
    allowed = TestAsked(account="3003", reason="the installer is here", approval=asked)
    await start_test(town.desk, town.ana, allowed)
    with pytest.raises(Refused) as refused:  # once
        await start_test(town.desk, town.ana, allowed)
    assert refused.value.reason is Reason.SECOND_PERSON_NEEDED


async def test_an_opening_during_the_test_is_still_kept(town: Town) -> None:
    await _on_test(town)
    await town.report("OP", user="1", qualifier=Qualifier.OPENING)
    rows = await town.owner.fetch("select armed, user_number from area_state")
    assert [(row["armed"], row["user_number"]) for row in rows] == [("disarmed", "1")]
