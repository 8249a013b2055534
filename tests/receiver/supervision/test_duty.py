"""Supervision as a receiver runs it, by the real clock."""

from __future__ import annotations

import time

import trio

from receiver.journal import Journal
from receiver.supervision.arrays import ARMED, PathArrays, new_memory
from receiver.supervision.duty import flush, load, supervise
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from station.signals import Authenticity, Kind, Qualifier, Transport
from station.store import notices
from station.store.database import Database, Row, open_database
from tests.dispatcher.writers import add_account
from tests.receiver.supervision.sites import ROOM

SETTINGS = SupervisionSettings(supervision_sweep_s=0.05, supervision_flush_s=0.05, supervision_lead_s=0.0)


async def wait_for_signal(owner: Database, kind: str, qualifier: str) -> Row:
    """The first such signal, once it is committed."""
    with trio.fail_after(60):
        while True:
            rows = await owner.fetch("select * from signal where kind = $1::text::kind", kind)
            found = [row for row in rows if row["qualifier"] == qualifier]
            if found:
                return found[0]
            await trio.sleep(0.05)


async def test_a_path_imported_while_we_run_is_lost_and_comes_back(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "test", notices.Bell(database, notices.SIGNAL))
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        signs = Signs(paths, SETTINGS, [].append)  # type: ignore[arg-type]  # nothing is reported here
        nursery.start_soon(journal.run)
        nursery.start_soon(supervise, database, journal, paths, signs, SETTINGS)
        account = await add_account(owner, "1234")
        await owner.execute(
            "insert into path (account, number, category, interval_s, reporting_s) values ($1, 1, 'custom', 1, 2)",
            account,
        )
        lost = await wait_for_signal(owner, "path_lost", "new")
        assert (lost["account"], lost["account_id"], lost["zone"]) == ("1234", account, "1")

        signs.frame(
            account, "1234", Authenticity.UNPROVEN, None, "192.0.2.1", Transport.TCP, None, None, None, time.time()
        )
        await wait_for_signal(owner, "path_lost", "restore")
        nursery.cancel_scope.cancel()


async def test_a_test_report_that_does_not_come_and_then_does(database_url: str, owner: Database) -> None:
    settings = SupervisionSettings(supervision_sweep_s=0.05, supervision_flush_s=0.05, late_test_tolerance_s=0.0)
    account = await add_account(owner, "1234")
    await owner.execute("update account set test_every_s = 1 where id = $1", account)
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "test", notices.Bell(database, notices.SIGNAL))
        paths = Paths(PathArrays(new_memory(ROOM)), settings)
        signs = Signs(paths, settings, [].append)  # type: ignore[arg-type]  # nothing is reported here
        nursery.start_soon(journal.run)
        nursery.start_soon(supervise, database, journal, paths, signs, settings)
        late = await wait_for_signal(owner, "late_to_test", "new")
        assert (late["account"], late["account_id"]) == ("1234", account)
        signs.tests[account] = time.time()
        await wait_for_signal(owner, "late_to_test", "restore")
        # The account tests no more: nothing is awaited.
        await owner.execute("update account set test_every_s = null where id = $1", account)
        with trio.fail_after(60):
            while await owner.fetch("select from test_due"):  # noqa: ASYNC110 (rows ring no bell)
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()


async def test_what_is_known_of_a_path_survives_a_restart(database_url: str, owner: Database) -> None:
    account = await add_account(owner, "1234")
    await owner.execute("insert into path (account, number, category) values ($1, 1, 'SP4')", account)
    now_s = float(int(time.time()))
    async with open_database(database_url, "sereno_receiver") as database:
        before = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, before)
        slot = before.primary(account)
        before.arrays.heard_from(slot, now_s + 60)
        before.arrays.sent[slot] = now_s + 59
        before.arrays.signal[slot] = now_s + 30
        before.arrays.armed[slot] = ARMED
        before.arrays.source[slot] = 4_000_000_000
        await flush(database, before.arrays)

        after = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, after)
        arrays = after.arrays
        known = (arrays.heard[slot], arrays.sent[slot], arrays.signal[slot], arrays.armed[slot], arrays.source[slot])
        assert known == (now_s + 60, now_s + 59, now_s + 30, ARMED, 4_000_000_000)
        # An older host has nothing to add.
        before.arrays.heard_from(slot, now_s + 10)
        before.arrays.told[slot] = 0
        await flush(database, before.arrays)
        (row,) = await owner.fetch("select extract(epoch from heard_at)::float8 as heard_s from path_state")
        assert row["heard_s"] == now_s + 60


async def test_the_database_is_told_only_what_is_worth_it(database_url: str, owner: Database) -> None:
    account = await add_account(owner, "1234")
    await owner.execute("insert into path (account, number, category) values ($1, 1, 'SP3')", account)
    async with open_database(database_url, "sereno_receiver") as database:
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, paths)
        slot = paths.primary(account)
        begun_s = float(paths.arrays.heard[slot])
        for seconds, told in ((60, None), (449, None), (451, 451.0), (500, 451.0)):
            paths.arrays.heard_from(slot, begun_s + seconds)
            await flush(database, paths.arrays)
            (row,) = await owner.fetch("select extract(epoch from heard_at)::float8 as heard_s from path_state")
            assert row["heard_s"] == (None if told is None else begun_s + told)


async def test_a_sites_last_signal_is_told_by_the_minute_and_its_arming_at_once(
    database_url: str, owner: Database
) -> None:
    account = await add_account(owner, "1234")
    await owner.execute("insert into path (account, number, category) values ($1, 1, 'SP3')", account)
    async with open_database(database_url, "sereno_receiver") as database:
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, paths)
        signs = Signs(paths, SETTINGS, [].append)  # type: ignore[arg-type]  # nothing is reported here
        begun_s = float(paths.arrays.heard[paths.primary(account)])
        closing, opening = (Kind.OPEN_CLOSE, Qualifier.CLOSING), (Kind.OPEN_CLOSE, Qualifier.OPENING)
        for seconds, said, known in (
            (1, (Kind.BURGLARY, Qualifier.NEW), (1.0, None)),
            (50, (Kind.BURGLARY, Qualifier.NEW), (1.0, None)),
            (55, closing, (55.0, True)),
            (56, closing, (55.0, True)),
            (57, opening, (57.0, False)),
            (118, opening, (118.0, False)),
        ):
            signs.told(account, *said, begun_s + seconds)
            await flush(database, paths.arrays)
            assert await last_signal(owner) == (begun_s + known[0], known[1])


async def test_a_site_that_is_armed_while_the_database_is_told_is_told_next(database_url: str, owner: Database) -> None:
    account = await add_account(owner, "1234")
    await owner.execute("insert into path (account, number, category) values ($1, 1, 'SP3')", account)
    async with open_database(database_url, "sereno_receiver") as database:
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, paths)
        signs = Signs(paths, SETTINGS, [].append)  # type: ignore[arg-type]  # nothing is reported here
        begun_s = float(paths.arrays.heard[paths.primary(account)])

        class Meanwhile:
            async def execute(self, sql: str, *values: object) -> None:
                signs.told(account, Kind.OPEN_CLOSE, Qualifier.CLOSING, begun_s + 3)
                await database.execute(sql, *values)

        signs.told(account, Kind.OPEN_CLOSE, Qualifier.OPENING, begun_s + 2)
        await flush(Meanwhile(), paths.arrays)  # type: ignore[arg-type]  # all that is asked of it here
        assert await last_signal(owner) == (begun_s + 2, False)
        await flush(database, paths.arrays)
        assert await last_signal(owner) == (begun_s + 3, True)


async def last_signal(owner: Database) -> tuple[float, bool | None]:
    """What the database knows of the only site there is: when it last said something, and whether it is armed."""
    (row,) = await owner.fetch("select extract(epoch from signal_at)::float8 as signal_s, armed from path_state")
    return row["signal_s"], row["armed"]


async def test_a_category_s_times_are_changed_while_we_run(database_url: str, owner: Database) -> None:
    account = await add_account(owner, "1234")
    await owner.execute("insert into path (account, number, category) values ($1, 1, 'SP4')", account)
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "test", notices.Bell(database, notices.SIGNAL))
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        signs = Signs(paths, SETTINGS, [].append)  # type: ignore[arg-type]  # nothing is reported here
        nursery.start_soon(supervise, database, journal, paths, signs, SETTINGS)
        async with open_database(database_url, "sereno_command") as command:
            await command.execute("update path_category_time set reporting_s = 240 where category = 'SP4'")
        with trio.fail_after(60):
            while paths.arrays.limit[paths.primary(account)] != 240:  # noqa: ASYNC110 (arrays ring no bell)
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()
