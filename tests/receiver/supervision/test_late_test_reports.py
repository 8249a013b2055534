"""Test reports in a real database: awaited, late, excused, given up."""

from __future__ import annotations

import datetime as dt

import pytest

from receiver.supervision.late_test_reports import LateTestReports, ends_of_lateness, note_tests, plans_of
from receiver.supervision.settings import SupervisionSettings
from station.store.database import Database, open_database
from tests.dispatcher.writers import add_account

SETTINGS = SupervisionSettings(late_test_tolerance_s=3600.0)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
#: Three in the morning in Lisbon, on the last day of winter time.
NIGHT = dt.datetime(2026, 3, 28, 3, tzinfo=dt.UTC)


async def a_site(owner: Database, every_s: int | None = 86_400) -> int:
    """An account in Lisbon that tests."""
    account = await add_account(owner, "1234")
    await owner.execute(
        "update account set test_every_s = $2, time_zone = 'Europe/Lisbon' where id = $1", account, every_s
    )
    return account


async def look(reports: LateTestReports, now: dt.datetime) -> list[tuple[str, str, str]]:
    """What is told at `now`: kind, qualifier and account."""
    signals = await reports.look(now)
    await reports.note()
    return [(signal.kind.value, signal.qualifier.value, signal.account) for signal in signals]


async def test_late_and_back_over_the_change_of_clocks(database_url: str, owner: Database) -> None:
    account = await a_site(owner)
    async with open_database(database_url, "sereno_receiver") as database:
        reports = LateTestReports(database, SETTINGS)
        assert await look(reports, NIGHT) == []
        # The next night is an hour shorter: 02:00 UTC, and an hour of patience.
        due = NIGHT + DAY
        assert await look(reports, due) == []
        late = due + dt.timedelta(seconds=1)
        assert await look(reports, late) == [("late_to_test", "new", "1234")]
        assert await look(reports, late + HOUR) == []

        came = {account: (late + HOUR).timestamp()}
        plans = await plans_of(database, came)
        (signal,) = ends_of_lateness(plans, late + HOUR)
        assert (signal.kind.value, signal.qualifier.value) == ("late_to_test", "restore")
        await note_tests(database, plans, came, SETTINGS)
        assert ends_of_lateness(await plans_of(database, came), late) == []
        assert await look(reports, late + HOUR + DAY) == []
        assert await look(reports, late + HOUR + DAY + HOUR + HOUR) == [("late_to_test", "new", "1234")]


@pytest.mark.parametrize(
    ("began", "ended", "excused"),
    [
        # The report was awaited at 02:00 UTC, or an hour later: nobody listened then.
        (NIGHT + 22 * HOUR, NIGHT + 26 * HOUR, True),
        (NIGHT + 23.5 * HOUR, NIGHT + 25 * HOUR, True),
        # It was not yet awaited.
        (NIGHT + 2 * HOUR, NIGHT + 22 * HOUR, False),
    ],
)
async def test_a_report_that_came_while_we_were_deaf(
    database_url: str, owner: Database, began: dt.datetime, ended: dt.datetime, excused: bool
) -> None:
    await a_site(owner)
    async with open_database(database_url, "sereno_receiver") as database:
        reports = LateTestReports(database, SETTINGS)
        await look(reports, NIGHT)
        await reports.excuse(began, ended)
        assert await look(reports, NIGHT + 30 * HOUR) == ([] if excused else [("late_to_test", "new", "1234")])
        if excused:
            # The night after it must come.
            assert await look(reports, NIGHT + 47 * HOUR) == []
            assert await look(reports, NIGHT + 49 * HOUR) == [("late_to_test", "new", "1234")]


async def test_a_plan_that_is_changed_or_given_up(database_url: str, owner: Database) -> None:
    account = await a_site(owner)
    async with open_database(database_url, "sereno_receiver") as database:
        reports = LateTestReports(database, SETTINGS)
        await look(reports, NIGHT)
        await owner.execute("update account set test_every_s = 604800 where id = $1", account)
        assert await look(reports, NIGHT + 30 * HOUR) == []
        assert await look(reports, NIGHT + 9 * DAY + 3 * HOUR) == [("late_to_test", "new", "1234")]
        await owner.execute("update account set test_every_s = null where id = $1", account)
        assert await look(reports, NIGHT + 10 * DAY) == [("late_to_test", "restore", "1234")]
        assert await owner.fetch("select from test_due") == []


async def test_whoever_never_said_that_he_tests_is_never_late(database_url: str, owner: Database) -> None:
    account = await a_site(owner, None)
    async with open_database(database_url, "sereno_receiver") as database:
        assert await look(LateTestReports(database, SETTINGS), NIGHT) == []
        assert await plans_of(database, {account: NIGHT.timestamp()}) == []
        assert await look(LateTestReports(database, SETTINGS), NIGHT + 400 * DAY) == []
