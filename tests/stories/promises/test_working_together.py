"""Several signals, several people: joining, taking over, holding, handing over, and who is told that nobody works."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.desk_rules import LONGEST_HOLD
from dispatcher.duties import Duty
from station.errors import IllegalTransition, Reason, Refused
from station.incident_events import Disposition
from station.incidents import Taken
from station.signals import Kind
from tests.stories.promises.handling import take
from tests.stories.promises.town import Town


async def test_a_life_safety_signal_takes_over_at_once(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    assert await hers.step() == "burglary: call"
    await town.report("FA", zone="009")
    assert (await hers.step(), await town.state()) == ("fire: fire_service", "taken")
    assert len(await town.incidents()) == 1
    assert (await town.incident()).incident.priority == 1


async def test_a_life_safety_signal_ends_a_hold(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await town.desk.hold_until(hers.lease, await town.now() + dt.timedelta(hours=2), "the keyholder is on his way")
    assert await town.state() == "on_hold"
    await town.report("HA", zone="009")
    assert (await town.state(), await town.step()) == ("waiting", "holdup: police")


async def test_what_is_only_more_urgent_waits_for_the_end_of_the_step(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await town.burglary("002")
    await town.burglary("003")
    assert (await town.progress()).confirmed
    assert await hers.step() == "burglary: call"  # she is on the telephone
    await hers.calls("Marta")
    assert await hers.step() == "burglary_confirmed: police"


async def test_nothing_closes_with_unseen_signals(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    seen = (await town.incident()).incident.last_n
    await town.burglary("002")
    with pytest.raises(Refused) as refused:
        await town.desk.close(hers.lease, Disposition.USER_ERROR, "a cat", seen)
    assert refused.value.reason is Reason.UNSEEN_SIGNALS
    await hers.closes(note="two cats")
    assert await town.state() == "closed"


async def test_a_required_step_left_out_asks_for_a_reason_and_a_supervisor_sees_it(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    with pytest.raises(Refused) as refused:
        await hers.closes()
    assert refused.value.reason is Reason.STEPS_LEFT
    await hers.closes(note="I was there myself")
    assert (await town.progress()).to_review


async def test_a_hold_ends_by_itself(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await town.desk.hold_until(hers.lease, await town.now() + dt.timedelta(minutes=30), "")
    await town.pass_time(29 * 60)
    assert await town.state() == "on_hold"
    await town.pass_time(2 * 60)
    assert (await town.state(), await town.step()) == ("waiting", "burglary: call")


async def test_no_hold_for_ever_and_none_for_nothing(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    for until, reason in (
        (await town.now(), Reason.HOLD_IN_THE_PAST),
        (await town.now() + LONGEST_HOLD + dt.timedelta(minutes=1), Reason.HOLD_TOO_LONG),
    ):
        with pytest.raises(Refused) as refused:
            await town.desk.hold_until(hers.lease, until, "")
        assert refused.value.reason is reason
    assert await town.state() == "taken"


async def test_handed_over_to_a_colleague_who_goes_on_where_she_was(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await hers.calls("Marta")
    await town.desk.hand_over(hers.lease, "Rui")
    row = await town.incident()
    assert isinstance(row.incident.state, Taken)
    assert (row.incident.state.operator, await town.step()) == (town.rui.id, "burglary: password")
    with pytest.raises(Refused) as refused:
        await town.desk.note(hers.lease, "one more thing")
    assert (refused.value.reason, refused.value.who) == (Reason.LEASE_LOST, "Rui")
    his = await town.desk.take(town.rui, row.id)
    await town.desk.note(his, "he said Marta is on her way")


async def test_a_supervisor_takes_over_with_a_reason(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    with pytest.raises(Refused) as refused:
        await town.desk.take_over(town.rui, hers.lease.incident, "she looks tired")
    assert refused.value.reason is Reason.NOT_A_SUPERVISOR
    with pytest.raises(Refused) as refused:
        await town.desk.take_over(town.eva, hers.lease.incident, " ")
    assert refused.value.reason is Reason.REASON_NEEDED
    lease = await town.desk.take_over(town.eva, hers.lease.incident, "she fainted")
    with pytest.raises(Refused):
        await town.desk.note(hers.lease, "no, I did not")
    await town.desk.note(lease, "I have it")
    assert "taken_over" in await town.kinds()


async def test_an_idle_holder_of_a_life_safety_incident_is_reported_after_ninety_seconds(town: Town) -> None:
    await town.report("FA", zone="009")
    await take(town)
    await town.pass_time(80)
    assert "holder_idle" not in await town.alerts()
    await town.pass_time(15)
    assert "holder_idle" in await town.alerts()


async def test_a_holder_who_works_is_not_reported(town: Town) -> None:
    await town.report("FA", zone="009")
    hers = await take(town)
    for _ in range(5):
        await town.pass_time(60)
        await town.desk.note(hers.lease, "waiting for the fire service to pick up")
    assert "holder_idle" not in await town.alerts()


async def test_who_handed_it_back_is_not_idle(town: Town) -> None:
    await town.report("AT")
    await town.pass_time(605)
    row = await town.incident()
    lease = await town.desk.take(town.ana, row.id)
    await town.desk.hand_over(lease, None)
    assert await town.state() == "automatic"
    await town.pass_time(1200)
    assert await town.alerts() == []


async def test_nobody_takes_it_all_consoles_at_half_the_limit_the_duty_telephone_at_the_limit(town: Town) -> None:
    await town.burglary("001")
    await town.pass_time(80)
    assert (await town.alerts(), town.rings) == ([], [])
    await town.pass_time(15)
    assert (await town.alerts(), town.rings) == (["untaken_half"], [])
    await town.pass_time(80)
    assert town.rings == []
    await town.pass_time(20)
    untaken = [alert for alert in await town.alerts() if alert.startswith("untaken")]
    assert (untaken, town.rings) == (["untaken_half", "untaken_limit"], ["duty: untaken"])


async def test_life_safety_has_a_shorter_limit(town: Town) -> None:
    await town.report("HA", zone="009")
    await town.pass_time(35)
    assert (await town.alerts(), town.rings) == (["untaken_half"], [])
    await town.pass_time(30)
    assert town.rings == ["duty: untaken"]


async def test_a_condition_rings_no_telephone_at_night(town: Town) -> None:
    await town.report("YX", kind=Kind.TROUBLE)
    await town.pass_time(3 * 3600)
    assert town.rings == []
    assert "untaken_limit" in await town.alerts()


async def test_a_forgotten_step_is_called_to_attention(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    for _ in range(4):
        await town.pass_time(60)
        await town.desk.note(hers.lease, "still ringing")
    assert "step_overdue" in await town.alerts()


async def test_fewer_than_two_operators_is_a_system_alarm(town: Town) -> None:
    town.rehearsal.duty = Duty(least=2)
    await town.burglary("001")
    await take(town)  # Ana is there, and nobody else
    await town.pass_time(1)
    assert len(await town.incidents()) == 1
    for _ in range(3):
        await town.pass_time(65)
    reports = [row for row in await town.incidents() if row.incident.kind is Kind.STATION]
    assert [(row.incident.account, row.incident.priority) for row in reports] == [("DUTY", 2)]
    lease = await town.desk.take(town.rui, reports[0].id)  # a second one is there
    await town.pass_time(5)
    assert (await town.incident()).incident.restored_at is not None
    await town.desk.close(lease, Disposition.HANDLED, "I was late", (await town.incident()).incident.last_n)


async def test_what_is_closed_is_closed(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await hers.closes(note="a cat")
    with pytest.raises(IllegalTransition):
        await town.desk.take(town.rui, hers.lease.incident)
