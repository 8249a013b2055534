"""What the station reports of itself: one open incident for each matter, ended by its own restore."""

from __future__ import annotations

from station.own_signals import own_signal
from station.signals import Kind, Qualifier
from station.store.database import Database
from tests.dispatcher.writers import now, open_writer, work_off_all


async def tell(owner: Database, dispatching: Database, matter: str, qualifier: Qualifier) -> None:
    at = now()
    told = own_signal(at, Kind.STATION, qualifier, account=matter, account_id=None, text="", occasion=at.isoformat())
    async with open_writer(owner) as writer:
        await writer.write(told)
    await work_off_all(dispatching)


async def test_each_matter_has_one_incident_and_is_restored_by_itself(owner: Database, dispatching: Database) -> None:
    await tell(owner, dispatching, "clock", Qualifier.NEW)
    await tell(owner, dispatching, "unattended", Qualifier.NEW)
    await tell(owner, dispatching, "unattended", Qualifier.NEW)
    await tell(owner, dispatching, "unattended", Qualifier.RESTORE)

    rows = await owner.fetch(
        "select account, kind, signals, restored_at is not null as restored from incident order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("clock", "station", 1, False),
        ("unattended", "station", 3, True),
    ]


async def test_a_restore_of_what_nobody_knows_opens_nothing(owner: Database, dispatching: Database) -> None:
    await tell(owner, dispatching, "unattended", Qualifier.RESTORE)
    assert await owner.fetch("select id from incident") == []
