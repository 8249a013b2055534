"""Traps into which other systems of this kind fell, one by one.

The others have their place among the stories: the power that is back before the call (test_power.py), somebody who
disarmed (test_cancelled_by_the_customer.py), two servers that send twice (test_messages.py).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
import trio

import dispatcher.process
from dispatcher.desk_customers import TestAsked, end_test, start_test
from receiver.supervision.late_tests import due_at
from station.errors import Reason, Refused
from station.evidence import EvidenceKind
from station.responders import AgencyState, GuardState, Service
from station.response_events import CallOutcome, Line
from station.store import notices
from tests.dispatcher.writers import a_signal, open_writer
from tests.stories.conftest import Station
from tests.stories.panels import calling, framed
from tests.stories.promises.carrier import Mood
from tests.stories.promises.handling import take
from tests.stories.promises.town import MADRID, Town

_ZONE = zoneinfo.ZoneInfo(MADRID)
_DAY_S = 86400


async def test_a_restore_on_test_is_not_swallowed_and_what_comes_later_is_new(town: Town) -> None:
    await town.burglary("001")
    test = await start_test(town.desk, town.ana, TestAsked(account="1001", reason="the installer is here"))
    await town.report("BR", zone="001")
    assert (await town.incident()).incident.points == frozenset()
    await end_test(town.desk, town.ana, test)
    await town.settle()
    before = (await town.incident()).incident
    await town.burglary("001")
    after = (await town.incident()).incident
    assert (sorted(after.points), after.restored_at) == (["001"], None)
    assert after.last_signal_n > before.last_signal_n  # whoever closes must have seen it


async def test_what_was_dealt_with_does_not_wake_up_months_later(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await town.desk.hold_until(hers.lease, await town.now() + dt.timedelta(hours=3), "until the shop opens")
    back = await town.desk.take(town.ana, hers.lease.incident)
    hers.lease = back
    await hers.closes(note="a cat")
    events = len(await town.events())
    assert await town.owner.fetch("select from timer") == []
    await town.pass_time(200 * _DAY_S)
    assert (len(await town.events()), town.texts, town.rings) == (events, [], [])
    assert await town.state() == "closed"


async def test_no_more_calls_for_what_somebody_has_taken(town: Town) -> None:
    town.carrier.mood = Mood.AWAY
    await town.burglary("001")
    await town.pass_time(185)
    (waiting,) = await town.owner.fetch("select state from effect")
    assert waiting["state"] == "queued"  # the duty telephone is to ring, and can't
    await take(town)
    town.carrier.mood = Mood.DELIVERS
    await town.pass_time(600)
    assert town.rings == []


async def test_one_call_to_attention_is_one_event_however_many_people_are_there(town: Town) -> None:
    for name in ("Iris", "Olga", "Paco"):
        await town.operator(name)
    await town.burglary("001")
    await town.pass_time(100)
    assert [alert for alert in await town.alerts() if alert == "untaken_half"] == ["untaken_half"]


async def test_whatever_way_a_sign_of_work_comes_the_clock_starts_anew(town: Town) -> None:
    rocha = await town.guard("Rocha")
    await town.report("FA", zone="001")
    hers = await take(town)

    async def note() -> None:
        await town.desk.note(hers.lease, "still ringing")

    for sign in (
        note,
        lambda: hers.calls("Luis", line=Line.INBOUND),
        lambda: hers.service(Service.FIRE, AgencyState.REQUESTED),
        lambda: hers.service(Service.FIRE, AgencyState.ACCEPTED),
        lambda: hers.guard(rocha, GuardState.OFFERED),
        lambda: hers.notes(EvidenceKind.WITNESS),
        lambda: hers.calls("Marta", CallOutcome.NO_ANSWER),
    ):
        await town.pass_time(70)
        await sign()
    assert "holder_idle" not in await town.alerts()
    await town.pass_time(100)
    assert "holder_idle" in await town.alerts()


async def test_a_hold_of_no_minutes_is_not_for_ever(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    with pytest.raises(Refused) as refused:
        await town.desk.hold_until(hers.lease, await town.now(), "")
    assert refused.value.reason is Reason.HOLD_IN_THE_PAST
    assert await town.state() == "taken"


def test_no_clock_change_makes_a_daily_test_late() -> None:
    first, tolerance_s = dt.date(2026, 1, 1), 300.0
    for n in range(365):
        day = first + dt.timedelta(days=n)
        tested, again = (
            dt.datetime.combine(one, dt.time(12, 0), _ZONE).astimezone(dt.UTC)
            for one in (day, day + dt.timedelta(days=1))
        )
        due = due_at(tested, _DAY_S, MADRID, tolerance_s)
        # In time is whoever calls at noon by the clock on the wall; late is whoever calls an hour after.
        assert again <= due < again + dt.timedelta(minutes=30), day


async def test_heartbeats_second_messages_and_old_alphabets_on_one_connection(station: Station) -> None:
    await station.account("1234", "Panadería")
    async with station.receiving() as port, station.dispatching(), calling(port, "1234") as panel:
        assert b'"ACK"0000' in await panel.say(framed(b'"NULL"0000R0L0#1234[]'))
        await panel.report("Nri1/BA001")
        text = "Nri1/BA002^Panadería de la Señora Muñoz^".encode("cp1252")
        panel.sequence += 1
        answer = await panel.say(framed(b'"SIA-DCS"%04dL0#1234[#1234|%b]' % (panel.sequence, text)))
        assert b'"ACK"%04d' % panel.sequence in answer
        assert b'"ACK"0000' in await panel.say(framed(b'"NULL"0000R0L0#1234[]'))
        await station.until("select id from incident where points = '{001,002}'")


async def test_an_alarm_does_not_wait_for_the_next_poll(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher.process, "_POLL_S", 600.0)
    await station.account("1234")
    async with station.dispatching(), open_writer(station.owner) as writer:
        await trio.sleep(0.5)  # it has looked, and listens now
        await writer.write(a_signal())
        await notices.ring_once(station.owner, notices.SIGNAL)
        await station.until("select id from incident")
