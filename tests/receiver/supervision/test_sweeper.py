"""The sweeper over a real database: what is told, what the dispatcher makes of it, and what survives a restart."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs
import numpy as np
import pytest
import trio

from receiver.journal import Journal
from receiver.supervision.arrays import PathArrays, new_memory
from receiver.supervision.duty import flush, load
from receiver.supervision.hearing import Hearing
from receiver.supervision.networks import network
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.sweeper import Sweeper
from station.store import notices
from station.store.database import Database, open_database
from station.store.paths import take_turn
from tests.dispatcher.writers import add_account, work_off_all
from tests.receiver.supervision.sites import ROOM

SETTINGS = SupervisionSettings(storm_accounts=10, supervision_flush_s=0.05)
#: A moment of the tests' own; the receiver's clock is whatever it is told.
NOW_S = 1_800_000_000.0


@attrs.define
class Receiver:
    """One receiver host: its arrays, and its sweeper."""

    database: Database
    paths: Paths
    hearing: Hearing
    sweeper: Sweeper
    awake_s: float

    @property
    def arrays(self) -> PathArrays:
        return self.paths.arrays

    async def look(self, now_s: float) -> None:
        """What a running receiver does at `now_s`, awake until then."""
        for beat_s in np.arange(self.awake_s, now_s, SETTINGS.supervision_deaf_s / 2).tolist():
            self.hearing.beat(beat_s)
        self.hearing.beat(now_s)
        self.awake_s = now_s
        await self.sweeper.look(now_s)


@contextlib.asynccontextmanager
async def receiver(database_url: str, now_s: float) -> AsyncIterator[Receiver]:
    """A receiver that starts at `now_s`, loads what the database knows, and takes its turn to sweep."""
    async with open_database(database_url, "sereno_receiver") as database, trio.open_nursery() as nursery:
        journal = Journal(database, "test", notices.Bell(database, notices.SIGNAL))
        nursery.start_soon(journal.run)
        paths = Paths(PathArrays(new_memory(ROOM)), SETTINGS)
        await load(database, paths)
        hearing = Hearing(SETTINGS, now_s)
        sweeper = Sweeper(database, journal, paths.arrays, hearing, SETTINGS)
        await sweeper.begin(now_s)
        yield Receiver(database, paths, hearing, sweeper, now_s)
        nursery.cancel_scope.cancel()


async def add_paths(owner: Database, number: str, *categories: str, grade: int | None = None) -> list[int]:
    """An account with these paths, heard at NOW_S; their slots."""
    account = await add_account(owner, number)
    await owner.execute("update account set grade = $2 where id = $1", account, grade)
    slots = []
    for place, category in enumerate(categories, start=1):
        (row,) = await owner.fetch(
            "insert into path (account, number, category, network_path)"
            " values ($1, $2, $3::text::path_category, $4) returning slot",
            account,
            place,
            category,
            None if place == 1 else place,
        )
        slots.append(row["slot"])
    await owner.execute(
        "update path_state set watched_since = to_timestamp($1::float8), heard_at = to_timestamp($1::float8)"
        " where slot = any($2::int[])",
        NOW_S,
        slots,
    )
    return slots


async def told(owner: Database) -> list[tuple[Any, ...]]:
    """Kind, qualifier, account and point of every signal, in order."""
    rows = await owner.fetch("select kind, qualifier, account, zone from signal order by id")
    return [(row["kind"], row["qualifier"], row["account"], row["zone"]) for row in rows]


async def incidents(owner: Database) -> Sequence[Any]:
    return await owner.fetch("select kind, account, points, restored_at from incident order by id")


@pytest.fixture
async def dispatching(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, "sereno_dispatcher") as database:
        yield database


@pytest.fixture
async def swept(owner: Database) -> None:
    """Somebody swept until NOW_S."""
    await owner.execute(
        "update supervision set swept_at = to_timestamp($1::float8), listening_since = 'epoch', anew_since = 'epoch'",
        NOW_S,
    )


@pytest.mark.usefixtures("swept")
async def test_a_lost_path_opens_an_incident_and_its_return_restores_it(
    database_url: str, owner: Database, dispatching: Database
) -> None:
    (slot,) = await add_paths(owner, "1234", "SP4")
    async with receiver(database_url, NOW_S) as host:
        await host.look(NOW_S + 177)
        assert await told(owner) == []
        await host.look(NOW_S + 178)
        await host.look(NOW_S + 179)
        assert await told(owner) == [("path_lost", "new", "1234", "1")]
        await work_off_all(dispatching)
        (incident,) = await incidents(owner)
        assert (incident["kind"], incident["points"], incident["restored_at"]) == ("path_lost", ["1"], None)

        host.arrays.heard_from(slot, NOW_S + 180)
        await host.look(NOW_S + 181)
        assert (await told(owner))[1:] == [("path_lost", "restore", "1234", "1")]
        await work_off_all(dispatching)
        (incident,) = await incidents(owner)
        assert incident["restored_at"] is not None


@pytest.mark.usefixtures("swept")
async def test_both_paths_lost_is_an_alarm_of_its_own_until_one_is_back(
    database_url: str, owner: Database, dispatching: Database
) -> None:
    primary, alternative = await add_paths(owner, "1234", "DP3", "DP3")
    async with receiver(database_url, NOW_S) as host:
        await host.look(NOW_S + 178)
        await host.look(NOW_S + 178 + 178)
        assert await told(owner) == [
            ("path_lost", "new", "1234", "1"),
            ("path_lost", "new", "1234", "2"),
            ("all_paths_lost", "new", "1234", None),
        ]
        host.arrays.heard_from(alternative, NOW_S + 360)
        await host.look(NOW_S + 361)
        host.arrays.heard_from(primary, NOW_S + 361.5)
        await host.look(NOW_S + 362)
    await work_off_all(dispatching)
    both, everything = await incidents(owner)
    assert (both["kind"], both["points"]) == ("path_lost", [])
    assert (everything["kind"], everything["points"]) == ("all_paths_lost", [])
    assert both["restored_at"] >= everything["restored_at"]


@pytest.mark.usefixtures("swept")
async def test_what_is_lost_stays_lost_over_a_restart_and_is_told_once(database_url: str, owner: Database) -> None:
    lost, alive = [(await add_paths(owner, number, "SP4"))[0] for number in ("1111", "2222")]
    async with receiver(database_url, NOW_S) as host:
        host.arrays.heard_from(alive, NOW_S + 170)
        await host.look(NOW_S + 178)
        await flush(host.database, host.arrays)
    before = await told(owner)
    assert before == [("path_lost", "new", "1111", "1")]
    # Five seconds later no grace is needed; an hour later all of it, though we are restarted in the midst of it.
    restarts = [(NOW_S + 183, NOW_S + 347), (NOW_S + 4000, NOW_S + 4010), (NOW_S + 4012, NOW_S + 4176)]
    for up_s, silent_s in restarts:
        async with receiver(database_url, up_s) as host:
            assert host.arrays.heard[alive] == NOW_S + 170
            await host.look(silent_s)
            assert await told(owner) == before
    async with receiver(database_url, NOW_S + 4178) as host:
        host.arrays.heard_from(lost, NOW_S + 4178)
        await host.look(NOW_S + 4179)
    assert sorted((await told(owner))[1:]) == [("path_lost", "new", "2222", "1"), ("path_lost", "restore", "1111", "1")]


@pytest.mark.usefixtures("swept")
async def test_what_another_host_hears_counts(database_url: str, owner: Database) -> None:
    (slot,) = await add_paths(owner, "1234", "SP4")
    async with receiver(database_url, NOW_S) as sweeping, receiver(database_url, NOW_S) as other:
        other.arrays.heard_from(slot, NOW_S + 100)
        await flush(other.database, other.arrays)
        await sweeping.look(NOW_S + 200)
        assert await told(owner) == []
        await sweeping.look(NOW_S + 278)
        assert await told(owner) == [("path_lost", "new", "1234", "1")]
        other.arrays.heard_from(slot, NOW_S + 279)
        await flush(other.database, other.arrays)
        await sweeping.look(NOW_S + 280)
        assert (await told(owner))[1:] == [("path_lost", "restore", "1234", "1")]


@pytest.mark.usefixtures("swept")
async def test_a_carrier_that_fails_is_one_incident_with_a_list(
    database_url: str, owner: Database, dispatching: Database
) -> None:
    slots = [(await add_paths(owner, f"{1000 + n}", "SP4"))[0] for n in range(40)]
    (bank,) = await add_paths(owner, "9999", "SP4", grade=3)
    async with receiver(database_url, NOW_S) as host:
        host.arrays.network[[*slots, bank]] = network("198.51.100.1")
        await host.look(NOW_S + 178)
    async with receiver(database_url, NOW_S + 180) as host:
        host.arrays.heard_from_many(slots[:31], NOW_S + 181)
        await host.look(NOW_S + 182)
        await work_off_all(dispatching)
        assert {(row["kind"], row["account"]) for row in await incidents(owner)} == {
            ("path_lost", "9999"),
            ("station", "panels of 198.51.100.0/24"),
        }
        (text,) = await owner.fetch("select text from signal where kind = 'station'")
        assert text["text"].startswith("40 paths are lost together: 1000, 1001, 1002")
        # Most are back: the storm is over, and what is not is told path by path.
        host.arrays.heard_from_many(slots[:32], NOW_S + 183)
        await host.look(NOW_S + 184)
    await work_off_all(dispatching)
    rows = await incidents(owner)
    assert [row["restored_at"] is not None for row in rows if row["kind"] == "station"] == [True]
    assert {row["account"] for row in rows if row["kind"] == "path_lost"} == {"9999", *map(str, range(1032, 1040))}


@pytest.mark.usefixtures("swept")
async def test_a_path_that_is_deleted_while_it_is_overdue_concerns_nobody(database_url: str, owner: Database) -> None:
    await add_paths(owner, "1234", "SP4")
    async with receiver(database_url, NOW_S) as host:
        await owner.execute("delete from path")
        await host.look(NOW_S + 178)
    assert await told(owner) == []


async def test_only_one_receiver_sweeps(database_url: str) -> None:
    async with (
        open_database(database_url, "sereno_receiver") as database,
        database.dedicated() as one,
        database.dedicated() as other,
    ):
        assert await take_turn(one)
        assert not await take_turn(other)
        one.terminate()
        with trio.fail_after(20):
            while not await take_turn(other):  # noqa: ASYNC110 (the server tells nobody that a session is gone)
                await trio.sleep(0.05)
