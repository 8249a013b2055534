"""A power failure is always told, in one message where one is enough, and never when it is no longer true."""

from __future__ import annotations

from station.plan_events import EffectState
from station.signals import Kind
from tests.stories.promises.carrier import Mood
from tests.stories.promises.handling import take
from tests.stories.promises.town import Town

_NIGHT = '{"daily": [["22:00", "07:00"]]}'


async def test_back_within_minutes_one_message_for_both(town: Town) -> None:
    await town.report("AT")
    await town.pass_time(240)
    assert town.texts == []
    await town.report("AR")
    assert (town.texts, await town.state()) == (["Marta: power_failed_and_back"], "closed")
    await town.pass_time(3 * 86400)
    assert (len(town.texts), town.rings) == (1, [])


async def test_a_long_one_is_told_when_it_lasts_and_when_it_is_over(town: Town) -> None:
    await town.report("AT")
    await town.pass_time(660)
    assert (town.texts, await town.state()) == (["Marta: power_failed"], "automatic")
    await town.pass_time(5 * 3600)
    await town.report("AR")
    assert (town.texts, await town.state()) == (["Marta: power_failed", "Marta: power_back"], "closed")
    assert "taken" not in await town.kinds()


async def test_a_day_without_mains_comes_before_an_operator(town: Town) -> None:
    await town.report("AT")
    await town.pass_time(25 * 3600)
    assert (await town.state(), await town.step()) == ("waiting", "power: call")


async def test_in_quiet_hours_the_message_waits_until_morning(town: Town) -> None:
    await town.care(town.home, quiet_hours=_NIGHT)
    await town.wait_until(2)
    await town.report("AT")
    await town.wait_until(6, 55)
    assert (town.texts, await town.state()) == ([], "automatic")
    await town.wait_until(7, 1)
    assert town.texts == ["Marta: power_failed"]


async def test_no_message_says_that_the_power_is_off_once_it_is_back(town: Town) -> None:
    await town.care(town.home, quiet_hours=_NIGHT)
    await town.wait_until(2)
    await town.report("AT")
    await town.pass_time(2 * 3600)
    await town.report("AR")
    await town.wait_until(7, 1)
    assert (town.texts, await town.state()) == (["Marta: power_failed_and_back"], "closed")


async def test_a_message_that_could_not_leave_is_not_sent_once_the_power_is_back(town: Town) -> None:
    town.carrier.mood = Mood.AWAY
    await town.report("AT")
    await town.pass_time(605)
    await town.report("AR")
    town.carrier.mood = Mood.DELIVERS
    await town.pass_time(60)
    assert town.texts == ["Marta: power_failed_and_back"]
    assert [effect.state for effect in (await town.progress()).effects] == [EffectState.STALE, EffectState.DELIVERED]


async def test_it_fails_again_while_the_good_news_waits_for_the_morning(town: Town) -> None:
    await town.care(town.home, quiet_hours=_NIGHT)
    await town.wait_until(21)
    await town.report("AT")
    await town.pass_time(660)
    assert town.texts == ["Marta: power_failed"]
    await town.wait_until(3)
    await town.report("AR")
    await town.wait_until(4)
    await town.report("AT")
    await town.wait_until(7, 20)
    assert await town.state() == "automatic"  # it is off, and nobody has forgotten it
    assert town.texts[-1] == "Marta: power_failed"


async def test_a_cold_room_is_telephoned(town: Town) -> None:
    await town.care(town.home, call_instead=True)
    await town.report("AT")
    await town.pass_time(660)
    assert (town.texts, await town.state(), await town.step()) == ([], "waiting", "power: call")


async def test_what_the_provider_refuses_goes_to_an_operator(town: Town) -> None:
    town.carrier.mood = Mood.REFUSES
    await town.report("AT")
    await town.pass_time(660)
    assert (await town.state(), await town.step()) == ("waiting", "power: call")
    hers = await take(town)
    assert await hers.to_call() == "Marta"


async def test_what_is_not_delivered_in_time_goes_to_an_operator(town: Town) -> None:
    town.carrier.mood = Mood.ACCEPTS
    await town.report("AT")
    await town.pass_time(660)
    assert (town.texts, await town.state()) == (["Marta: power_failed"], "automatic")
    await town.pass_time(1900)
    assert (await town.state(), await town.step()) == ("waiting", "power: call")


async def test_a_low_battery_comes_back_to_the_queue(town: Town) -> None:
    await town.report("AT")
    await town.pass_time(3600)
    assert await town.state() == "automatic"
    await town.report("YT")
    assert (await town.state(), await town.step()) == ("waiting", "low_battery: call")
    assert (await town.incident()).incident.priority == 3


async def test_a_site_without_contacts_comes_before_an_operator(town: Town) -> None:
    empty = await town.site("2002", people=())
    await town.report("AT", site=empty)
    await town.pass_time(660)
    assert await town.state() == "waiting"


async def test_a_late_test_is_somebodys_work_at_once(town: Town) -> None:
    await town.report("", kind=Kind.LATE_TO_TEST)
    assert (await town.state(), await town.step()) == ("waiting", "late_to_test: call")
    assert town.texts == []
