"""What the auditor sees in a real database."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from dispatcher.auditor.rules import Check, faults, late_s
from dispatcher.auditor.settings import Tolerances
from station.errors import StoreUnavailable
from station.signals import Kind
from station.store.auditor import Look, look
from station.store.database import Database
from tests.dispatcher.writers import a_signal, alarms, now, open_writer

MATTERS = ("auditor", "heads")
LATE = "update incident set next_due_at = station_now() - interval '16 s' where id = 1"


async def looked(auditing: Database) -> Look:
    return await look(auditing, 15.0, MATTERS)


async def at_work(owner: Database, dispatching: Database, *kinds: Kind) -> None:
    """An incident of each kind, each with a next action in an hour."""
    await alarms(owner, dispatching, *kinds)
    await owner.execute("update incident set next_due_at = station_now() + interval '1 h'")
    await owner.execute("delete from effect; delete from timer")


async def message(
    owner: Database,
    state: str,
    *,
    queued: str,
    claimed: str | None = None,
    not_before: str | None = None,
    next_at: str | None = None,
) -> None:
    """A message of incident 1; its times are so long ago."""
    await owner.execute(
        "insert into effect (id, incident, no, kind, template, recipient, about, urgent, priority, due_at, state,"
        " queued_at, claimed_until, not_before, next_at) "
        "select gen_random_uuid(), 1, 1000 + count(*), 'sms', '', 'duty', '', false, 1, now(), $1,"
        " now() - $2::text::interval, now() - $3::text::interval,"
        " now() - $4::text::interval, now() - $5::text::interval from effect",
        state,
        queued,
        claimed,
        not_before,
        next_at,
    )


async def test_a_station_at_work_is_well(owner: Database, dispatching: Database, auditing: Database) -> None:
    assert await looked(auditing) == Look()
    await at_work(owner, dispatching, Kind.FIRE, Kind.BURGLARY)
    await owner.execute("insert into timer values (1, 'audited', station_now() + interval '1 h')")
    await message(owner, "sending", queued="0 s", claimed="-1 min")
    await message(owner, "delivered", queued="1 day", claimed="1 day")
    await message(owner, "queued", queued="1 day", not_before="-1 h")
    await message(owner, "queued", queued="1 day", next_at="-1 min")
    found = await looked(auditing)
    assert found == Look()
    assert faults(found, Tolerances()) == []


async def test_a_closed_incident_needs_no_next_action(
    owner: Database, dispatching: Database, auditing: Database
) -> None:
    await alarms(owner, dispatching, Kind.FIRE)
    await owner.execute(
        "update incident set state = 'closed', next_due_at = null, closed_at = now(), disposition = 'test'"
    )
    assert (await looked(auditing)).without_due == 0


async def test_forgotten_incidents_are_counted_and_one_is_named(
    owner: Database, dispatching: Database, auditing: Database
) -> None:
    await at_work(owner, dispatching, Kind.FIRE, Kind.BURGLARY, Kind.GAS_CO)
    await owner.execute("update incident set next_due_at = null where id in (2, 3)")
    found = await looked(auditing)
    assert (found.without_due, found.a_without_due, found.due_late) == (2, 2, 0)


async def test_an_action_is_late_only_beyond_the_tolerance(
    owner: Database, dispatching: Database, auditing: Database
) -> None:
    await at_work(owner, dispatching, Kind.FIRE, Kind.BURGLARY)
    await owner.execute("update incident set next_due_at = station_now() - interval '5 s' where id = 2")
    found = await looked(auditing)
    assert (found.due_late, found.a_due_late) == (0, None)
    assert found.due_late_s is not None
    assert 5 <= found.due_late_s < 15
    await owner.execute(LATE)
    found = await looked(auditing)
    assert (found.due_late, found.a_due_late) == (1, 1)
    assert [fault.check for fault in faults(found, Tolerances())] == [Check.DUE]


async def found_late(auditing: Database) -> list[Check]:
    return [fault.check for fault in faults(await looked(auditing), Tolerances())]


async def test_a_late_timer_is_seen(owner: Database, dispatching: Database, auditing: Database) -> None:
    await at_work(owner, dispatching, Kind.FIRE)
    await owner.execute("insert into timer values (1, 'audited', station_now() - interval '16 s')")
    assert await found_late(auditing) == [Check.TIMERS]


@pytest.mark.parametrize("delay", ["queued", "not_before", "next_at"])
async def test_a_message_that_may_leave_and_does_not_is_seen(
    owner: Database, dispatching: Database, auditing: Database, delay: str
) -> None:
    await at_work(owner, dispatching, Kind.FIRE)
    await message(owner, "queued", **{"queued": "1 day", delay: "50 s"})
    assert await found_late(auditing) == []
    await message(owner, "queued", **{"queued": "1 day", delay: "61 s"})
    assert await found_late(auditing) == [Check.QUEUED]


async def test_a_message_whose_sender_is_gone_is_seen(
    owner: Database, dispatching: Database, auditing: Database
) -> None:
    await at_work(owner, dispatching, Kind.FIRE)
    await message(owner, "sending", queued="0 s", claimed="10 s")
    assert await found_late(auditing) == []
    await message(owner, "sending", queued="0 s", claimed="31 s")
    assert await found_late(auditing) == [Check.SENDING]


async def test_a_signal_that_nobody_works_off_is_seen_in_any_lane(owner: Database, auditing: Database) -> None:
    before = now() - dt.timedelta(seconds=8)
    async with open_writer(owner) as quick, open_writer(owner, opened_at=before) as slow:
        await quick.write(a_signal())
        await slow.write(a_signal(Kind.LINK_TEST, received_at=before), a_signal())
        found = await looked(auditing)
    assert found.unread_s is not None
    assert 8 <= found.unread_s < 60
    assert [fault.check for fault in faults(found, Tolerances())] == [Check.SIGNALS]


async def test_a_restored_station_is_not_late_and_after_its_release_lateness_begins_anew(
    owner: Database, dispatching: Database, auditing: Database
) -> None:
    await at_work(owner, dispatching, Kind.FIRE)
    await owner.execute("update incident set next_due_at = station_now() - interval '1 h'")
    await owner.execute("insert into timer values (1, 'audited', station_now() - interval '1 h')")
    await message(owner, "queued", queued="1 h")
    await message(owner, "sending", queued="1 h", claimed="1 h")
    assert len(faults(await looked(auditing), Tolerances())) == 4
    await owner.execute("update station set restored_to = now() - interval '2 h', restored_at = now()")
    found = await looked(auditing)
    assert (found.released, faults(found, Tolerances())) == (False, [])
    await owner.execute("select effects_release('command')")
    found = await looked(auditing)
    assert (found.released, faults(found, Tolerances())) == (True, [])
    assert late_s(found) < 15
    await owner.execute("update station set released_at = now() - interval '20 s'")
    found = await looked(auditing)
    assert [fault.check for fault in faults(found, Tolerances())] == [Check.DUE, Check.TIMERS]
    assert found.timer_late_s is not None
    assert math.isclose(found.timer_late_s, 20, abs_tol=15)


async def test_the_auditor_may_not_look_further(auditing: Database) -> None:
    for secret in ("select * from timer", "select * from effect", "select account from incident"):
        with pytest.raises(StoreUnavailable, match="permission denied"):
            await auditing.fetch(secret)
