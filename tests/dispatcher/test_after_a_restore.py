"""In a restored station nothing comes due by itself until a person says so; new alarms are worked."""

from __future__ import annotations

import datetime as dt

import trio

from dispatcher.desk import Desk
from dispatcher.timers import return_due
from station.operators import Operator
from station.signals import Kind
from station.store.database import Database, open_database
from station.store.restored import mark, release
from tests.dispatcher.writers import a_signal, now, open_writer, state, work_off_all


async def test_a_lease_that_ran_out_waits_until_it_is_released(
    database_url: str, owner: Database, dispatching: Database, desk: Desk, ana: Operator, incident: int
) -> None:
    await desk.take(ana, incident)
    await mark(owner, now() - dt.timedelta(hours=1))
    await trio.sleep(0.6)  # the desk's leases last half a second

    assert await return_due(dispatching) == 0
    assert await state(owner, incident) == "taken"

    async with open_database(database_url, "sereno_command") as command:
        assert await release(command, "command")
    assert await return_due(dispatching) == 1
    assert await state(owner, incident) == "waiting"


async def test_a_new_alarm_does_not_wait(owner: Database, dispatching: Database) -> None:
    await mark(owner, now() - dt.timedelta(hours=1))
    async with open_writer(owner) as writer:
        await writer.write(a_signal(Kind.FIRE, account="9"))

    await work_off_all(dispatching)

    assert [row["kind"] for row in await owner.fetch("select kind from incident")] == ["fire"]
