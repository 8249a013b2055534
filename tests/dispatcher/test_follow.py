"""Committed signals are followed in order, none skipped, each acted upon once: on a real database."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
import trio

from dispatcher.follow import BATCH, work_off
from dispatcher.repeats import REPEAT_WINDOW
from station.errors import StoreUnavailable
from station.signals import Authenticity, Kind, Qualifier
from station.store.database import Conflict, Database, MovedOn, Session, open_database
from tests.dispatcher.crashing import Interrupted
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import a_signal, add_account, history, now, only_incident, open_writer, work_off_all


async def signals_of_incidents(owner: Database) -> list[int]:
    """Every signal that an incident tells of, as often as it is told."""
    rows = await owner.fetch("select signal from incident_event where signal is not null order by signal")
    return [row["signal"] for row in rows]


async def repeats(owner: Database) -> dict[int, int]:
    return {row["signal"]: row["repeat_of"] for row in await owner.fetch("select signal, repeat_of from signal_repeat")}


async def test_a_signal_becomes_an_incident_in_the_queue(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    came = a_signal(Kind.BURGLARY, account_id=account_id, zone="003")
    async with open_writer(owner) as writer:
        (signal,) = await writer.write(came)
        assert await work_off(dispatching) == 1

    (row,) = await owner.fetch("select * from incident")
    assert (row["account_id"], row["account"], row["kind"], row["priority"]) == (account_id, "1234", "burglary", 2)
    assert (row["state"], row["points"], row["opened_at"]) == ("waiting", ["003"], came.received_at)
    assert await signals_of_incidents(owner) == [signal]
    assert await work_off(dispatching) == 0


async def test_one_matter_is_one_incident_with_its_signals_in_order(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    async with open_writer(owner) as writer:
        ids = await writer.write(
            a_signal(account_id=account_id, zone="001"),
            a_signal(account_id=account_id, zone="002"),
            a_signal(Kind.BURGLARY, Qualifier.RESTORE, account_id=account_id, zone="001"),
            a_signal(Kind.OPEN_CLOSE, Qualifier.OPENING, account_id=account_id, zone="7"),
            a_signal(Kind.BURGLARY, Qualifier.RESTORE, account_id=account_id, zone="002"),
        )
        await work_off_all(dispatching)

    rows = await owner.fetch("select n, signal, body from incident_event where signal is not null order by n")
    assert [row["signal"] for row in rows] == ids
    assert [row["body"].partition('"effect":"')[2].partition('"')[0] for row in rows[1:]] == [
        "alarm",
        "restore",
        "context",
        "restore",
    ]
    (incident,) = await owner.fetch("select * from incident")
    assert (incident["points"], incident["signals"], incident["state"]) == ([], 5, "waiting")
    assert incident["restored_at"] is not None
    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)


async def test_a_commit_that_comes_late_is_never_skipped(owner: Database, dispatching: Database) -> None:
    """Lane A writes first and commits last; lane B commits meanwhile."""
    async with open_writer(owner) as lane_a, open_writer(owner) as lane_b:
        async with lane_a.connection.transaction():
            (late,) = await lane_a.write(a_signal(account="AAAA"))
            (early,) = await lane_b.write(a_signal(account="BBBB"))
            await work_off_all(dispatching)
            assert await signals_of_incidents(owner) == [early]
        assert await work_off_all(dispatching) == 1
        assert await signals_of_incidents(owner) == sorted([early, late])
        await lane_b.write(a_signal(account="CCCC"))
        await lane_a.write(a_signal(account="DDDD"))
        assert await work_off_all(dispatching) == 2


async def test_an_idle_transaction_elsewhere_delays_nothing(owner: Database, dispatching: Database) -> None:
    async with open_writer(owner) as writer, owner.transaction() as idle:
        await idle.execute("insert into account (number) values ('9999')")
        await writer.write(a_signal())
        with trio.fail_after(30):
            assert await work_off(dispatching) == 1
    assert await owner.fetch("select id from incident") != []


async def test_a_long_backlog_is_worked_off_in_the_order_of_receipt(owner: Database, dispatching: Database) -> None:
    count = BATCH + 20
    async with open_writer(owner) as writer:
        await writer.write(*[a_signal(account=f"{n:04}") for n in range(count)])
        assert await work_off_all(dispatching) == count
    rows = await owner.fetch("select account from incident order by id")
    assert [row["account"] for row in rows] == [f"{n:04}" for n in range(count)]


async def test_lanes_are_woven_together_by_the_time_of_receipt(owner: Database, dispatching: Database) -> None:
    start = now()
    async with open_writer(owner) as one, open_writer(owner) as other:
        await other.write(a_signal(Kind.BURGLARY, received_at=start, account="1111"))
        await one.write(a_signal(Kind.BURGLARY, received_at=start + dt.timedelta(seconds=1), account="2222"))
        await other.write(a_signal(Kind.BURGLARY, received_at=start + dt.timedelta(seconds=2), account="3333"))
        await work_off_all(dispatching)
    rows = await owner.fetch("select account from incident order by id")
    assert [row["account"] for row in rows] == ["1111", "2222", "3333"]


async def test_a_lane_keeps_its_order_when_the_clock_steps_back(owner: Database, dispatching: Database) -> None:
    """A panel's restore, after its alarm in the same lane, is stamped earlier: the host's clock was corrected."""
    account_id = await add_account(owner, "1234")
    alarm_at = now()
    restored_at = alarm_at - dt.timedelta(seconds=2)
    async with open_writer(owner) as writer:
        await writer.write(
            a_signal(account_id=account_id, received_at=alarm_at),
            a_signal(Kind.BURGLARY, Qualifier.RESTORE, account_id=account_id, received_at=restored_at),
        )
        await work_off_all(dispatching)

    (incident,) = await owner.fetch("select points, signals from incident")
    assert (incident["points"], incident["signals"]) == ([], 2)


async def test_two_dispatchers_act_upon_each_signal_once(owner: Database, dispatching: Database) -> None:
    alarms = 120
    written: list[int] = []
    async with open_writer(owner) as one, open_writer(owner) as other:

        async def write() -> None:
            for n in range(alarms // 2):
                written.extend(await one.write(a_signal(account=f"A{n:03}")))
                written.extend(await other.write(a_signal(account=f"B{n:03}")))

        async def dispatch() -> None:
            while len(written) < alarms:
                await work_off(dispatching)
            await work_off_all(dispatching)

        with trio.fail_after(30):
            async with trio.open_nursery() as working:
                working.start_soon(write)
                working.start_soon(dispatch)
                working.start_soon(dispatch)

    assert await signals_of_incidents(owner) == sorted(written)
    assert await repeats(owner) == {}


# Repeats -------------------------------------------------------------------------------------------------------------


async def test_a_signal_written_twice_is_acted_upon_once(owner: Database, dispatching: Database) -> None:
    key = b"k" * 16
    async with open_writer(owner) as lane_a, open_writer(owner) as lane_b:
        (first,) = await lane_a.write(a_signal(repeat_key=key))
        await work_off_all(dispatching)
        (again,) = await lane_b.write(a_signal(repeat_key=key))
        await work_off_all(dispatching)

    assert await repeats(owner) == {again: first}
    assert await signals_of_incidents(owner) == [first]


async def test_two_copies_read_together_are_one_event(owner: Database, dispatching: Database) -> None:
    key = b"k" * 16
    async with open_writer(owner) as lane_a, open_writer(owner) as lane_b:
        (first,) = await lane_a.write(a_signal(repeat_key=key))
        again = await lane_b.write(a_signal(repeat_key=key), a_signal(repeat_key=key))
        await work_off_all(dispatching)

    assert await repeats(owner) == dict.fromkeys(again, first)
    assert await signals_of_incidents(owner) == [first]


async def test_copies_of_a_copy_are_repeats_of_the_first(owner: Database, dispatching: Database) -> None:
    key = b"k" * 16
    async with open_writer(owner) as writer:
        (first,) = await writer.write(a_signal(repeat_key=key))
        await work_off_all(dispatching)
        again = await writer.write(a_signal(repeat_key=key), a_signal(repeat_key=key))
        await work_off_all(dispatching)

    assert await repeats(owner) == dict.fromkeys(again, first)


async def test_a_write_that_was_given_up_and_commits_after_its_copy_is_a_repeat(
    owner: Database, dispatching: Database
) -> None:
    """The journal lost sight of a commit and wrote the batch again in a new lane; then the first came through."""
    batch = [a_signal(account="1111"), a_signal(account="2222")]
    async with open_writer(owner) as old_lane, open_writer(owner) as new_lane:
        async with old_lane.connection.transaction():
            late = await old_lane.write(*batch)
            written = await new_lane.write(*batch)
            await work_off_all(dispatching)
        await work_off_all(dispatching)

    assert await repeats(owner) == dict(zip(late, written, strict=True))
    assert await signals_of_incidents(owner) == written


@pytest.mark.parametrize(("beyond_s", "is_a_repeat"), [(-1, True), (1, False)])
@pytest.mark.parametrize("read_together", [False, True])
async def test_after_the_window_the_same_content_is_a_new_event(
    owner: Database, dispatching: Database, *, beyond_s: float, is_a_repeat: bool, read_together: bool
) -> None:
    key = b"k" * 16
    second_at = now()
    first_at = second_at - REPEAT_WINDOW - dt.timedelta(seconds=beyond_s)
    async with open_writer(owner, first_at) as writer:
        (first,) = await writer.write(a_signal(repeat_key=key, received_at=first_at))
        if not read_together:
            await work_off_all(dispatching)
        (second,) = await writer.write(a_signal(repeat_key=key, received_at=second_at))
        await work_off_all(dispatching)

    assert await repeats(owner) == ({second: first} if is_a_repeat else {})
    assert await signals_of_incidents(owner) == ([first] if is_a_repeat else [first, second])


# Who reaches a person ------------------------------------------------------------------------------------------------


async def test_link_tests_of_an_unknown_panel_raise_one_incident_even_after_it_was_closed(
    owner: Database, dispatching: Database
) -> None:
    async with open_writer(owner) as writer:
        await writer.write(*[a_signal(Kind.LINK_TEST, account="BEEF", zone=None) for _ in range(3)])
        await work_off_all(dispatching)
        assert await history(owner, await only_incident(owner)) == ["opened"]
        await owner.execute("update incident set state = 'closed', closed_at = now(), disposition = 'handled'")
        await writer.write(a_signal(Kind.LINK_TEST, account="BEEF", zone=None))
        await work_off_all(dispatching)
        assert await history(owner, await only_incident(owner)) == ["opened"]
        await writer.write(a_signal(Kind.LINK_TEST, account="F00D", zone=None))
        await work_off_all(dispatching)
    assert [row["account"] for row in await owner.fetch("select account from incident order by id")] == ["BEEF", "F00D"]


async def test_what_is_not_authenticated_restores_cancels_and_disarms_nothing(
    owner: Database, dispatching: Database
) -> None:
    account_id = await add_account(owner, "1234")
    forged = Authenticity.CLEAR_TEXT
    async with open_writer(owner) as writer:
        await writer.write(
            a_signal(account_id=account_id, authenticity=Authenticity.AUTHENTICATED),
            a_signal(Kind.BURGLARY, Qualifier.RESTORE, account_id=account_id, authenticity=forged),
            a_signal(Kind.CANCEL, account_id=account_id, authenticity=forged),
            a_signal(Kind.OPEN_CLOSE, Qualifier.OPENING, account_id=account_id, authenticity=forged),
        )
        await work_off_all(dispatching)

    burglary, doubtful = await owner.fetch("select * from incident order by id")
    assert (burglary["kind"], burglary["signals"], burglary["points"]) == ("burglary", 1, ["001"])
    assert (burglary["authenticated"], burglary["restored_at"]) == (True, None)
    assert (doubtful["kind"], doubtful["signals"], doubtful["state"]) == ("not_authenticated", 3, "waiting")
    assert doubtful["authenticated"] is False


async def test_an_account_that_was_deleted_meanwhile_stops_nobody_else(
    database_url: str, owner: Database, dispatching: Database
) -> None:
    """No foreign key protects a signal's account. Either it can't be deleted, or the signal reaches a person."""
    account_id = await add_account(owner, "1234")
    async with open_writer(owner) as writer:
        gone, other = await writer.write(a_signal(account_id=account_id), a_signal(account="5678"))
        async with open_database(database_url, "sereno_command") as command:
            with contextlib.suppress(Conflict, StoreUnavailable):
                await command.execute("delete from account")
        await work_off_all(dispatching)

    assert await signals_of_incidents(owner) == [gone, other]


async def test_an_alarm_after_the_close_opens_a_new_incident(owner: Database, dispatching: Database) -> None:
    account_id = await add_account(owner, "1234")
    async with open_writer(owner) as writer:
        await writer.write(a_signal(account_id=account_id))
        await work_off_all(dispatching)
        await owner.execute("update incident set state = 'closed', closed_at = now(), disposition = 'test'")
        await writer.write(a_signal(account_id=account_id))
        await work_off_all(dispatching)
    rows = await owner.fetch("select state from incident order by id")
    assert [row["state"] for row in rows] == ["closed", "waiting"]


async def test_a_lane_that_appears_between_locking_and_reading_is_acted_upon_once(
    owner: Database, dispatching: Database
) -> None:
    """Two dispatchers, and the station's first lane: one of them has locked the lanes when there were none."""
    async with contextlib.AsyncExitStack() as stack:

        async def another_is_faster(made: int, _: Session) -> None:
            if made == 1:  # no lane was there to be locked
                writer = await stack.enter_async_context(open_writer(owner))
                await writer.write(a_signal())
            if made == 2:  # it was read
                assert await work_off_all(dispatching) == 1

        with contextlib.suppress(MovedOn, StoreUnavailable):  # it would try again
            await work_off(Interrupted(dispatching, another_is_faster))
        await work_off_all(dispatching)

    assert await history(owner, await only_incident(owner)) == ["opened"]
    assert await repeats(owner) == {}
