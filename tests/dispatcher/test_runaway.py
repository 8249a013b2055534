"""What becomes of a panel that floods: one incident, which comes back to a person as long as it lasts."""

from __future__ import annotations

import datetime as dt

import attrs

from dispatcher.desk import Desk
from station.incident_events import Disposition
from station.operators import Operator
from station.own_signals import own_signal
from station.signals import Kind, Qualifier, Signal
from station.store.database import Database
from tests.dispatcher.writers import (
    a_signal,
    add_account,
    history,
    now,
    only_incident,
    open_writer,
    state,
    work_off_all,
)


def told(account_id: int, qualifier: Qualifier) -> Signal:
    at = now()
    return own_signal(
        at, Kind.RUNAWAY, qualifier, account="1234", account_id=account_id, text="", occasion=at.isoformat()
    )


async def tell(owner: Database, dispatching: Database, account_id: int, *qualifiers: Qualifier) -> None:
    """The receiver reports, one after the other."""
    async with open_writer(owner) as writer:
        for qualifier in qualifiers:
            await writer.write(told(account_id, qualifier))
            await work_off_all(dispatching)


async def test_it_is_one_incident_however_often_it_is_told(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    # A receiver that was started again begins anew, and a second one has seen the same.
    await tell(owner, dispatching, account_id, Qualifier.NEW, Qualifier.NEW, Qualifier.STATUS)

    (row,) = await owner.fetch("select * from incident")
    assert (row["kind"], row["priority"], row["state"], row["account_id"]) == ("runaway", 3, "waiting", account_id)
    assert (row["signals"], row["restored_at"]) == (3, None)


async def test_it_comes_back_from_hold(owner: Database, dispatching: Database, patient: Desk, ana: Operator) -> None:
    account_id = await add_account(owner, "1234")
    await tell(owner, dispatching, account_id, Qualifier.NEW)
    incident = await only_incident(owner)
    lease = await patient.take(ana, incident)
    await patient.hold_until(lease, now() + dt.timedelta(hours=8), "the installer comes tomorrow")

    await tell(owner, dispatching, account_id, Qualifier.STATUS)

    assert await state(owner, incident) == "waiting"
    assert await history(owner, incident) == ["opened", "taken", "held", "joined", "hold_ended"]


async def test_it_is_opened_again_after_it_was_closed(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator
) -> None:
    account_id = await add_account(owner, "1234")
    await tell(owner, dispatching, account_id, Qualifier.NEW)
    first = await only_incident(owner)
    lease = await patient.take(ana, first)
    await patient.close(lease, Disposition.EQUIPMENT_FAULT, "", 1)

    await tell(owner, dispatching, account_id, Qualifier.STATUS)

    (row,) = await owner.fetch("select kind, state from incident where id <> $1", first)
    assert (row["kind"], row["state"]) == ("runaway", "waiting")


async def test_it_is_shown_as_restored_when_the_panel_has_recovered(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    await tell(owner, dispatching, account_id, Qualifier.NEW, Qualifier.STATUS, Qualifier.RESTORE)

    (row,) = await owner.fetch("select state, restored_at from incident")
    assert row["state"] == "waiting"  # people close
    assert row["restored_at"] is not None

    await tell(owner, dispatching, account_id, Qualifier.NEW)
    (row,) = await owner.fetch("select restored_at from incident")
    assert row["restored_at"] is None


async def test_what_is_suppressed_is_stored_and_reaches_no_incident(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    repeated = [
        attrs.evolve(a_signal(kind, account_id=account_id), suppressed=True, repeat_key=None)
        for kind in (Kind.BURGLARY, Kind.POWER, Kind.OPEN_CLOSE)
        for _ in range(20)
    ]
    async with open_writer(owner) as writer:
        await writer.write(told(account_id, Qualifier.NEW), a_signal(account_id=account_id), *repeated)
        assert await work_off_all(dispatching) == 62

    rows = await owner.fetch("select kind, signals from incident order by id")
    assert [(row["kind"], row["signals"]) for row in rows] == [("runaway", 1), ("burglary", 1)]
    (row,) = await owner.fetch("select count(*) filter (where suppressed) as kept, count(*) as n from signal")
    assert (row["kept"], row["n"]) == (60, 62)
    assert await owner.fetch("select * from signal_repeat") == []
