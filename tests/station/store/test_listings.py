"""Lists of what is stored, from a real database."""

from __future__ import annotations

import datetime as dt

import pytest

from station.store.database import Database, open_database
from station.store.listings import ListedSignal, WhichSignals, incidents_in_pages, signals_in_pages

LANE = 1 << 32
T0 = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
SIGNALS = """
insert into signal (id, received_at, protocol, transport, peer, account, sequence, token, kind, qualifier, text, old,
                    payload, raw, authenticity, reply)
select (1::bigint << 32) + i, $1::timestamptz + make_interval(secs => i / 10), 'dc09', 'tcp', 'here', $2, '0001',
       'SIA-DCS', 'burglary', 'new', '', false, '', '', 'unproven', 'ack'
from generate_series($3::int, $4::int) i
"""

INCIDENTS = """
insert into incident (account, matter, kind, priority, state, opened_at, closed_at, disposition, last_n, last_signal_n,
                      last_hash, signals, points)
select i::text, 'emergency', 'fire', 1, state::incident_state, $1::timestamptz, case state when 'closed' then
$1::timestamptz end, case state when 'closed' then 'test'::disposition end, 1, 1, '', 1, '{}' from (select i, case i % 2
when 0 then 'closed' else 'waiting' end as state from generate_series(1, 2100) i) given order by given.i
"""


async def listed(url: str, which: WhichSignals) -> list[ListedSignal]:
    """The list, as the command's own role reads it."""
    async with open_database(url, "sereno_command") as database:
        return [signal async for page in signals_in_pages(database, which) for signal in page]


async def places(url: str, **which: object) -> list[int]:
    """The places of the listed signals in their lane."""
    return [signal.id - LANE for signal in await listed(url, WhichSignals(**which))]  # type: ignore[arg-type]  # short


async def test_an_empty_station_has_an_empty_list(database_url: str) -> None:
    assert await places(database_url) == []
    assert await places(database_url, last=3) == []


async def test_signals_come_oldest_first_over_many_pages_and_equal_times(database_url: str, owner: Database) -> None:
    await owner.execute(SIGNALS, T0, "1234", 1, 2345)
    assert await places(database_url) == list(range(1, 2346))


@pytest.mark.parametrize("account", ["12ab", "12AB", "12aB"])
async def test_an_account_is_found_whatever_its_capitals(database_url: str, owner: Database, account: str) -> None:
    await owner.execute(SIGNALS, T0, "12aB", 1, 2)
    await owner.execute(SIGNALS, T0, "012AB", 3, 4)
    assert await places(database_url, account=account) == [1, 2]
    assert [signal.account for signal in await listed(database_url, WhichSignals(account=account))] == ["12aB", "12aB"]


async def test_the_newest_are_kept_still_oldest_first(database_url: str, owner: Database) -> None:
    await owner.execute(SIGNALS, T0, "1234", 1, 50)
    await owner.execute(SIGNALS, T0, "9999", 51, 55)
    assert await places(database_url, last=3) == [53, 54, 55]
    assert await places(database_url, last=3, account="1234") == [48, 49, 50]
    assert await places(database_url, last=1000, account="9999") == [51, 52, 53, 54, 55]


async def test_since_includes_its_own_instant(database_url: str, owner: Database) -> None:
    await owner.execute(SIGNALS, T0, "1234", 1, 50)
    assert await places(database_url, since=T0 + dt.timedelta(seconds=4)) == list(range(40, 51))
    assert await places(database_url, since=T0 + dt.timedelta(seconds=4), last=2) == [49, 50]
    assert await places(database_url, since=T0 + dt.timedelta(days=1)) == []


async def test_copies_can_be_left_out_and_do_not_count(database_url: str, owner: Database) -> None:
    await owner.execute(SIGNALS, T0, "1234", 1, 4)
    await owner.execute("insert into signal_repeat values ($1, $2)", LANE + 3, LANE + 1)
    assert await places(database_url, repeats=False) == [1, 2, 4]
    assert await places(database_url, repeats=False, last=2) == [2, 4]
    assert [signal.repeat_of for signal in await listed(database_url, WhichSignals())] == [None, None, LANE + 1, None]


async def test_a_list_ends_although_signals_go_on_coming(database_url: str, owner: Database) -> None:
    await owner.execute(SIGNALS, T0, "1234", 1, 1500)
    async with open_database(database_url, "sereno_command") as database:
        pages = signals_in_pages(database, WhichSignals())
        seen = len(await anext(pages))
        await owner.execute(SIGNALS, T0, "1234", 2001, 9000)
        seen += sum([len(page) async for page in pages])
    assert seen == 1500


async def test_incidents_over_many_pages(database_url: str, owner: Database) -> None:
    await owner.execute(INCIDENTS, T0)
    async with open_database(database_url, "sereno_command") as database:
        every = [one.account async for page in incidents_in_pages(database, only_open=False) for one in page]
        still_open = [one.account async for page in incidents_in_pages(database, only_open=True) for one in page]
    assert every == [str(i) for i in range(1, 2101)]
    assert still_open == [str(i) for i in range(1, 2101, 2)]
