"""What the schema itself refuses, whatever a program does."""

from __future__ import annotations

import pytest

from station.errors import StoreUnavailable
from station.store.database import Database, open_database


@pytest.mark.parametrize("role", ["sereno_receiver", "sereno_dispatcher", "sereno_console", "sereno_command"])
@pytest.mark.parametrize(
    "statement",
    [
        "update signal set text = 'x'",
        "delete from signal",
        "update incident_event set body = '{}'",
        "delete from incident_event",
        "update incident set state = 'closed'",
        "delete from audit",
        "update audit set body = '{}'",
        "insert into incident_event values (1, 1, now(), 'x', 'opened', 1, '{}', '', '')",
    ],
)
async def test_no_role_may_rewrite_what_happened(database_url: str, role: str, statement: str) -> None:
    async with open_database(database_url, role) as database:
        with pytest.raises(StoreUnavailable, match="permission denied"):
            await database.execute(statement)


async def test_only_a_rehearsal_may_shift_its_clock(owner: Database) -> None:
    with pytest.raises(Exception, match="station_check"):
        await owner.execute("update station set time_shift = '1 hour'")


@pytest.mark.parametrize("role", ["sereno_receiver", "sereno_dispatcher", "sereno_console"])
async def test_an_abandoned_transaction_holds_nothing_up_for_long(database_url: str, role: str) -> None:
    async with open_database(database_url, role) as database:
        for setting in ("idle_in_transaction_session_timeout", "transaction_timeout"):
            (row,) = await database.fetch("select current_setting($1) as value", setting)
            assert row["value"] in ("10s", "30s")
