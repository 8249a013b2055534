"""Armed state, promised times, reminders, opening hours through both clock changes, second detectors, restores."""

from __future__ import annotations

import datetime as dt
import json
import time
import zoneinfo

from station.incident_events import Disposition
from station.signals import Kind
from tests.stories.promises.carrier import Mood
from tests.stories.promises.handling import take
from tests.stories.promises.town import MADRID, Town

_ZONE = zoneinfo.ZoneInfo(MADRID)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _hours(opens: str, closes: str, **more: object) -> str:
    return json.dumps({"zone": MADRID, "week": {day: [[opens, closes]] for day in _DAYS}, **more})


async def test_each_area_with_its_user_and_the_means(town: Town) -> None:
    await town.arm(user="1", area="1")
    await town.report("CG", user="2", area="2")
    await town.report("CA", area="3")
    await town.disarm(user="5", area="1")
    rows = await town.owner.fetch("select area, armed, user_number, means from area_state order by area")
    assert [tuple(row.values()) for row in rows] == [
        ("1", "disarmed", "5", "keypad"),
        ("2", "part", "2", "part"),
        ("3", "armed", None, "automatic"),
    ]


async def test_who_is_not_armed_is_reminded_and_whoever_is_armed_is_not(town: Town) -> None:
    other = await town.site("2002", people=("Luis",), arm_reminder=dt.time(23))
    await town.care(town.home, arm_reminder=dt.time(23))
    await town.wait_until(20)
    await town.disarm()
    await town.disarm(site=other)
    await town.arm(site=other)
    await town.wait_until(22, 55)
    assert town.texts == []
    await town.wait_until(23, 5)
    assert (town.texts, await town.state()) == (["Marta: arm_reminder"], "closed")


async def test_a_reminder_that_does_not_arrive_becomes_a_call(town: Town) -> None:
    town.carrier.mood = Mood.REFUSES
    await town.care(town.home, arm_reminder=dt.time(23))
    await town.wait_until(20)
    await town.disarm()
    await town.wait_until(23, 5)
    assert (await town.state(), await town.step()) == ("waiting", "arm_reminder: call")


async def test_late_to_close(town: Town) -> None:
    await town.care(town.home, schedule=_hours("09:00", "20:00"))
    await town.wait_until(9)
    await town.disarm()
    await town.wait_until(20, 14)
    assert await town.incidents() == []
    await town.wait_until(20, 16)
    assert (await town.state(), await town.step()) == ("waiting", "timetable: call")


async def test_fail_to_open(town: Town) -> None:
    await town.care(town.home, schedule=_hours("09:00", "20:00"))
    await town.wait_until(19, 50)
    await town.arm()
    await town.wait_until(9, 14)
    assert await town.incidents() == []
    await town.wait_until(9, 16)
    assert (await town.state(), await town.step()) == ("waiting", "timetable: call")


async def test_early_to_open(town: Town) -> None:
    await town.care(town.home, schedule=_hours("09:00", "20:00"))
    await town.wait_until(19, 55)
    await town.arm()
    await town.wait_until(4)
    await town.disarm()
    assert (await town.state(), await town.step()) == ("waiting", "timetable: call")
    (report,) = await town.owner.fetch("select event_code from signal where protocol = 'own'")
    assert report["event_code"] == "OK"


async def test_a_little_early_is_in_time(town: Town) -> None:
    await town.care(town.home, schedule=_hours("09:00", "20:00"))
    await town.wait_until(19, 55)
    await town.arm()
    await town.wait_until(8, 50)
    await town.disarm()
    assert await town.incidents() == []


async def test_a_promised_time_of_automatic_arming_is_kept_to_the_minute(town: Town) -> None:
    await town.care(town.home, schedule=_hours("09:00", "20:00", promised=True, late_s=60))
    await town.wait_until(9)
    await town.report("OA")
    await town.wait_until(20, 2)
    assert (await town.incident()).incident.kind is Kind.OPEN_CLOSE


async def test_holidays_and_exceptions(town: Town) -> None:
    today = (await town.now()).astimezone(_ZONE).date()
    holiday, short = today + dt.timedelta(days=2), today + dt.timedelta(days=3)
    exceptions = {short.isoformat(): [["10:00", "14:00"]]}
    await town.care(town.home, schedule=_hours("09:00", "20:00", holidays=[holiday.isoformat()], exceptions=exceptions))
    await town.wait_until(20, day=today + dt.timedelta(days=1))
    await town.arm()
    await town.wait_until(9, 40, day=short)  # nobody opened on the holiday, and it is not ten yet
    assert await town.incidents() == []
    await town.wait_until(10)
    await town.disarm()
    await town.wait_until(14, 20)
    assert (await town.incident()).incident.kind is Kind.OPEN_CLOSE  # on that day it closes at two


async def test_a_year_of_sundays_with_both_clock_changes(town: Town) -> None:
    # A market that opens while the clocks change: from half past one, by the clock on the wall, until five.
    table = {"zone": MADRID, "week": {"sun": [["01:30", "05:00"]]}}
    await town.care(town.home, schedule=json.dumps(table))
    today = (await town.now()).astimezone(_ZONE).date()
    sundays = [day for n in range(1, 371) if (day := today + dt.timedelta(days=n)).weekday() == 6]
    changes = [day for day in sundays if day.month in {3, 10} and day.day > 24]
    assert len(changes) == 2
    await town.wait_until(12, day=sundays[0] - dt.timedelta(days=1))
    await town.arm()
    began = time.perf_counter()
    wrong = []
    for day in sundays:
        forgets = day in changes or day.day < 4
        await town.wait_until(1, 40, day=day)
        await town.disarm()
        await town.wait_until(6 if forgets else 5, day=day)
        await town.arm()
        if forgets:
            await (await take(town)).closes(Disposition.HANDLED, "they had forgotten")
            wrong.append(dt.datetime.combine(day, dt.time(5, 15), _ZONE).astimezone(dt.UTC))
    rows = await town.owner.fetch("select event_code, received_at from signal where event_code in ('CI', 'OI')")
    assert {row["event_code"] for row in rows} == {"CI"}
    late = sorted(row["received_at"] for row in rows)
    assert [round((at - due).total_seconds()) for at, due in zip(late, wrong, strict=True)] == [0] * len(wrong)
    # Five o'clock is four hours after midnight in UTC in winter, three in summer: that is what the clocks changed.
    assert {(at.hour, day in changes) for at, day in zip(wrong, (at.date() for at in wrong), strict=True)} == {
        *((3, False), (4, False), (3, True), (4, True))
    }
    assert time.perf_counter() - began < 90


async def test_one_detector_alone_waits_for_a_second(town: Town) -> None:
    await town.care(town.home, multi_knock_s=330)
    await town.burglary("001")
    assert await town.state() == "automatic"
    await town.pass_time(331)
    assert await town.state() == "closed"
    await town.burglary("001")
    await town.pass_time(120)
    await town.burglary("002")
    assert (await town.state(), await town.step()) == ("waiting", "burglary: call")


async def test_one_detector_alone_and_then_a_fire(town: Town) -> None:
    await town.care(town.home, multi_knock_s=330)
    await town.burglary("001")
    await town.report("FA", zone="009")
    assert (await town.state(), await town.step()) == ("waiting", "fire: fire_service")


async def test_a_restore_that_does_not_come_is_reported(town: Town) -> None:
    await town.care(town.home, restore_within_s=1800)
    await town.burglary("001")
    hers = await take(town)
    await hers.closes(note="a spider")
    await town.pass_time(1790)
    assert len(await town.incidents()) == 1
    await town.pass_time(20)
    row = await town.incident()
    assert (row.incident.kind, sorted(row.incident.points)) == (Kind.TROUBLE, ["001"])
    assert await town.state() == "waiting"


async def test_a_restore_and_a_new_alarm_in_one_breath(town: Town) -> None:
    await town.care(town.home, restore_within_s=1800)
    await town.burglary("001")
    await town.report_only("BR", zone="001")
    await town.report_only("BA", zone="001")
    await town.settle()
    hers = await take(town)
    await hers.closes(note="a spider")
    await town.pass_time(1830)
    assert (await town.incident()).incident.kind is Kind.TROUBLE


async def test_a_restore_in_time_is_the_end_of_it(town: Town) -> None:
    await town.care(town.home, restore_within_s=1800)
    await town.burglary("001")
    await town.pass_time(600)
    await town.report("BR", zone="001")
    await town.pass_time(7200)
    assert len(await town.incidents()) == 1
