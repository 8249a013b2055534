"""The feed of account changes: a receiver that asks from the last number it saw misses nothing."""

from __future__ import annotations

import trio

from station.store.database import Database, Session, open_database
from station.store.panel_accounts import AccountChanges, all_accounts, changes_since
from tests.dispatcher.writers import add_account


async def everything(session: Session, slice_rows: int = 2) -> AccountChanges:
    """All slices put together."""
    slices = [part async for part in all_accounts(session, slice_rows)]
    return AccountChanges(slices[-1].last if slices else 0, [], [row for part in slices for row in part.rows])


async def test_all_accounts_with_what_a_receiver_needs(database_url: str, owner: Database) -> None:
    await owner.execute(
        "insert into account (number, prefix, receiver, key_sealed, key_format, window_past_s)"
        " values ('00A1', '1A', '2', '\\x0102', 'hex', 90)"
    )
    async with open_database(database_url, "sereno_receiver") as database:
        changes = await everything(database)
    (row,) = changes.rows
    assert (row.number, row.prefix, row.receiver, row.key_sealed) == ("00A1", "1A", "2", b"\x01\x02")
    assert (row.window_past_s, row.window_future_s) == (90, 20)
    assert changes.last > 0
    assert b"\x01\x02".hex() not in repr(row)


async def test_a_station_without_accounts(owner: Database) -> None:
    changes = await everything(owner)
    assert (changes.last, changes.rows) == (0, [])
    assert (await changes_since(owner, 0)).last == 0


async def test_what_was_added_changed_and_removed_since(owner: Database) -> None:
    kept, changed, removed = [await add_account(owner, number) for number in ("1111", "2222", "3333")]
    seen = (await everything(owner)).last

    added = await add_account(owner, "4444")
    await owner.execute("update account set window_past_s = 99 where id = $1", changed)
    await owner.execute("delete from account where id = $1", removed)
    changes = await changes_since(owner, seen)

    assert sorted(changes.gone) == sorted([added, changed, removed])
    assert {row.id: (row.number, row.window_past_s) for row in changes.rows} == {
        added: ("4444", 40),
        changed: ("2222", 99),
    }
    assert kept not in changes.gone
    assert changes.last > seen


async def test_nothing_new_leaves_the_number_where_it_was(owner: Database) -> None:
    await add_account(owner, "1111")
    seen = (await everything(owner)).last
    changes = await changes_since(owner, seen)
    assert (changes.last, changes.gone, changes.rows) == (seen, [], [])


async def test_many_changes_of_one_account_are_told_once(owner: Database) -> None:
    id_ = await add_account(owner, "1111")
    for seconds in (50, 60, 70):
        await owner.execute("update account set window_past_s = $2 where id = $1", id_, seconds)
    changes = await changes_since(owner, 0)
    assert changes.gone == [id_]
    assert [row.window_past_s for row in changes.rows] == [70]


async def test_an_import_of_thousands_is_told_whole(owner: Database) -> None:
    await owner.execute("insert into account (number) select n::text from generate_series(1, 3000) n")
    told, last = set(), 0
    while (changes := await changes_since(owner, last)).gone:
        told |= {row.number for row in changes.rows}
        last = changes.last
    assert told == {str(n) for n in range(1, 3001)}


async def test_accounts_beyond_the_first_slice(owner: Database) -> None:
    await owner.execute("insert into account (number) select n::text from generate_series(1, 7) n")
    assert [row.number for row in (await everything(owner, slice_rows=3)).rows] == [str(n) for n in range(1, 8)]


async def test_a_change_that_commits_late_has_a_later_number(owner: Database) -> None:
    """Who changes accounts waits for whoever began before, so that a reader never passes over him."""
    async with trio.open_nursery() as nursery:
        async with owner.transaction() as first:
            await first.execute("insert into account (number) values ('1111')")
            nursery.start_soon(owner.execute, "insert into account (number) values ('2222')")
            await trio.sleep(0.2)
            seen = await changes_since(owner, 0)
            assert seen.rows == []
        with trio.fail_after(30):
            numbers: list[str] = []
            last = seen.last
            while len(numbers) < 2:
                changes = await changes_since(owner, last)
                numbers += [row.number for row in changes.rows]
                last = changes.last
    assert numbers == ["1111", "2222"]
