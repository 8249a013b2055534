"""An alarm that is followed at once by a disarm with a user code: no call, a message that names the person, closed."""

from __future__ import annotations

import pytest

from station.incident_events import ClosedAs, Disposition
from station.signals import Authenticity
from station.store import customers
from tests.stories.promises.carrier import Mood
from tests.stories.promises.handling import take
from tests.stories.promises.town import Town


async def test_disarmed_at_once_no_call_one_message_closed(town: Town) -> None:
    await town.burglary()
    await town.pass_time(40)
    await town.disarm(user="1")
    await town.pass_time(29)
    assert (town.texts, await town.state()) == ([], "automatic")  # a duress signal may still come
    await town.pass_time(2)
    assert (town.texts, await town.state()) == (["Marta: alarm_cancelled"], "closed")
    assert town.carrier.sent[0].about == "1"  # whose code it was
    assert "attempted" not in await town.kinds()
    assert [name for name in await town.kinds() if name == "closed"] == ["closed"]


async def test_the_principal_is_told_not_only_who_disarmed(town: Town) -> None:
    await town.burglary()
    await town.pass_time(10)
    await town.disarm(user="2")
    await town.pass_time(40)
    assert sorted(town.texts) == ["Luis: alarm_cancelled", "Marta: alarm_cancelled"]
    assert {one.about for one in town.carrier.sent} == {"2"}
    assert await town.state() == "closed"


async def test_sixty_seconds_are_in_time_and_a_second_more_is_not(town: Town) -> None:
    other = await town.site("2002")
    await town.burglary()
    await town.burglary(site=other)
    await town.pass_time(50)
    await town.disarm()
    await town.pass_time(11)
    await town.disarm(site=other)
    await town.pass_time(40)
    assert [await town.state(0), await town.state(1)] == ["closed", "waiting"]
    assert town.texts == ["Marta: alarm_cancelled"]


async def _is_no_cancel(town: Town, step: str = "burglary: call") -> None:
    await town.pass_time(40)
    assert await town.state() == "waiting"
    assert await town.step() == step
    assert town.texts == []


async def test_a_disarm_of_another_area_cancels_nothing(town: Town) -> None:
    await town.burglary(area="1")
    await town.pass_time(20)
    await town.disarm(area="2")
    await _is_no_cancel(town)


@pytest.mark.parametrize("user", ["7", "8", "99", None])
async def test_the_code_of_installer_guard_or_nobody_known_cancels_nothing(town: Town, user: str | None) -> None:
    await town.burglary()
    await town.pass_time(20)
    await town.disarm(user=user)
    await _is_no_cancel(town)


async def test_a_duress_code_brings_the_police_in_silence(town: Town) -> None:
    await town.burglary()
    await town.pass_time(20)
    await town.disarm(user="9")
    await _is_no_cancel(town, "duress: police")


async def test_a_disarm_that_proves_less_than_the_alarm_cancels_nothing(town: Town) -> None:
    await town.burglary(proven=Authenticity.AUTHENTICATED)
    await town.pass_time(20)
    await town.disarm()
    await _is_no_cancel(town)


async def test_a_disarm_in_the_panels_name_cancels_nothing(town: Town) -> None:
    await town.burglary()
    await town.pass_time(20)
    await town.disarm(proven=Authenticity.WRONG_KEY)
    await town.pass_time(40)
    assert await town.state(0) == "waiting"
    assert town.texts == []


async def test_an_authenticated_disarm_cancels_an_authenticated_alarm(town: Town) -> None:
    await town.burglary(proven=Authenticity.AUTHENTICATED)
    await town.pass_time(20)
    await town.disarm(proven=Authenticity.AUTHENTICATED)
    await town.pass_time(40)
    assert await town.state() == "closed"


async def test_a_second_detector_before_the_disarm(town: Town) -> None:
    await town.burglary("001")
    await town.burglary("002")
    await town.pass_time(20)
    await town.disarm()
    await _is_no_cancel(town)


async def test_a_second_detector_after_the_disarm(town: Town) -> None:
    await town.burglary("001")
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(10)
    assert await town.state() == "automatic"
    await town.burglary("002")
    await _is_no_cancel(town)


async def test_a_second_detector_while_the_message_is_under_way(town: Town) -> None:
    town.carrier.mood = Mood.ACCEPTS
    await town.burglary("001")
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(35)
    assert town.texts == ["Marta: alarm_cancelled"]
    await town.burglary("002")
    await town.delivered()
    assert await town.state() == "waiting"


async def test_the_same_detector_again_after_the_disarm(town: Town) -> None:
    await town.burglary("001")
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(5)
    await town.burglary("001")
    await _is_no_cancel(town)


@pytest.mark.parametrize("code", ["TA", "YC"])
async def test_a_tamper_or_a_lost_path_breaks_it(town: Town, code: str) -> None:
    await town.burglary()
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(10)
    await town.report(code, zone="009")
    await _is_no_cancel(town)


async def test_a_late_duress_signal_breaks_it(town: Town) -> None:
    await town.burglary()
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(29)
    await town.report("HA", zone="001")
    await _is_no_cancel(town, "holdup: police")


@pytest.mark.parametrize(
    ("code", "step"), [("FA", "fire: fire_service"), ("HA", "holdup: police"), ("MA", "medical: service")]
)
async def test_life_safety_is_never_cancelled(town: Town, code: str, step: str) -> None:
    await town.report(code, zone="001")
    await town.pass_time(20)
    await town.disarm()
    await _is_no_cancel(town, step)


async def test_a_confirmed_alarm_is_never_cancelled(town: Town) -> None:
    for zone in ("001", "002", "003"):
        await town.burglary(zone)
    await town.disarm()
    await _is_no_cancel(town, "burglary_confirmed: police")


async def test_a_message_that_does_not_arrive_goes_to_an_operator(town: Town) -> None:
    town.carrier.mood = Mood.ACCEPTS
    await town.burglary()
    await town.pass_time(20)
    await town.disarm()
    await town.pass_time(35)
    assert await town.state() == "automatic"
    await town.pass_time(120)
    assert (await town.state(), await town.step()) == ("waiting", "burglary: call")
    hers = await take(town)
    assert await hers.to_call() == "Marta"


async def test_each_shift_reviews_what_closed_by_itself(town: Town) -> None:
    await town.burglary()
    await town.pass_time(10)
    await town.disarm()
    await town.pass_time(40)
    row = await town.incident()
    listed = await customers.listed(town.desk.database, "to_review")
    assert [one["id"] for one in listed] == [row.id]
    await town.desk.review(town.eva, row.id, "the cleaner again")
    assert await customers.listed(town.desk.database, "to_review") == []
    closed = [event.what for event in await town.events() if isinstance(event.what, ClosedAs)]
    assert [one.disposition for one in closed] == [Disposition.USER_ERROR]
