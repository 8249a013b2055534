"""A dispatcher that dies between any two steps: what it did not commit happens again, whole, and only once."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Awaitable, Callable

import pytest
import trio

from dispatcher.desk import Desk
from dispatcher.follow import work_off
from station.errors import StoreUnavailable
from station.incident_events import Disposition
from station.operators import Operator
from station.signals import Kind, Qualifier, Signal
from station.store.database import Database, Session
from tests.dispatcher.crashing import Interrupted
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import Writer, a_signal, add_account, history, open_writer, work_off_all

#: How the dispatcher dies.
Death = Callable[[Database, Session], Awaitable[None]]
_MORE_STATEMENTS_THAN_EVER = 60


class Killed(BaseException):
    """The process is gone: nothing answers this."""


async def by_a_signal(_owner: Database, _session: Session) -> None:
    raise Killed


async def by_cancellation(_owner: Database, _session: Session) -> None:
    await trio.sleep_forever()  # the scope around it is cancelled


async def by_loss_of_its_connection(owner: Database, session: Session) -> None:
    (row,) = await session.fetch("select pg_backend_pid() as pid")
    await owner.execute("select pg_terminate_backend($1, 5000)", row["pid"])
    await session.fetch("select 1")


def a_night(account_id: int, number: str) -> list[Signal]:
    """Two alarms, a repeat, a restore, a fire, and a panel that nobody knows."""
    key = os.urandom(16)
    return [
        a_signal(account_id=account_id, zone="001", repeat_key=key),
        a_signal(account_id=account_id, zone="002"),
        a_signal(account_id=account_id, zone="001", repeat_key=key),
        a_signal(Kind.BURGLARY, Qualifier.RESTORE, account_id=account_id, zone="001"),
        a_signal(Kind.FIRE, account_id=account_id, zone="009"),
        a_signal(Kind.LINK_TEST, account=f"F{number}", zone=None),
        a_signal(Kind.LINK_TEST, account=f"F{number}", zone=None),
    ]


async def crash(owner: Database, dispatching: Database, death: Death, after: int) -> bool:
    """Let a dispatcher die after so many statements; False if it was done before."""
    died = trio.Event()
    with trio.CancelScope() as scope, contextlib.suppress(Killed, StoreUnavailable):

        async def between(made: int, session: Session) -> None:
            if made == after:
                died.set()
                if death is by_cancellation:
                    scope.cancel()
                await death(owner, session)

        await work_off(Interrupted(dispatching, between))
    return died.is_set()


async def assert_acted_upon_once(owner: Database, account_id: int, number: str, ids: list[int]) -> None:
    burglary, again, copy, restore, fire, link, _ = ids
    rows = await owner.fetch(
        "select i.kind, array_agg(e.signal order by e.n) as signals, i.points from incident i"
        " join incident_event e on e.incident = i.id and e.signal is not null where i.account_id = $1 or i.account = $2"
        " group by i.id order by i.id",
        account_id,
        f"F{number}",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("fire", [burglary, again, restore, fire], ["002", "009"]),
        ("unknown_account", [link], [""]),
    ]
    repeats = await owner.fetch("select signal, repeat_of from signal_repeat where signal = any($1::bigint[])", ids)
    assert [tuple(row.values()) for row in repeats] == [(copy, burglary)]


@pytest.mark.parametrize("death", [by_a_signal, by_cancellation, by_loss_of_its_connection], ids=lambda d: d.__name__)
async def test_whenever_it_dies_nothing_is_lost_and_nothing_happens_twice(
    owner: Database, dispatching: Database, death: Death
) -> None:
    async with open_writer(owner) as writer:
        for after in range(1, _MORE_STATEMENTS_THAN_EVER):
            number = f"{after:03}"
            account_id = await add_account(owner, number)
            ids = await writer.write(*a_night(account_id, number))
            died = await crash(owner, dispatching, death, after)
            await work_off_all(dispatching)
            await assert_acted_upon_once(owner, account_id, number, ids)
            if not died:
                break
        else:
            pytest.fail("it never ran to its end")

    assert after > 10
    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)


async def test_a_dispatcher_cut_off_again_and_again_still_gets_through(owner: Database, dispatching: Database) -> None:
    """Its connections are cut from outside at any time, also while it commits."""
    async with open_writer(owner) as writer, trio.open_nursery() as nursery:

        async def cut() -> None:
            for attempt in itertools.count(1):
                await trio.sleep(0.02 * attempt)  # sooner or later a transaction is faster
                await owner.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and usename = 'sereno_dispatcher'"
                )

        async def dispatch() -> None:
            while True:
                with contextlib.suppress(StoreUnavailable):
                    await work_off(dispatching)

        nursery.start_soon(cut)
        nursery.start_soon(dispatch)
        nights = await _write_nights(owner, writer, 12)
        with trio.fail_after(20):
            while await _unread(owner):  # noqa: ASYNC110 - the database is asked
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()

    for account_id, number, ids in nights:
        await assert_acted_upon_once(owner, account_id, number, ids)


async def test_a_console_that_dies_while_it_writes_leaves_nothing_half_done(
    owner: Database, console: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)

    for after in (1, 2, 3):

        async def between(made: int, _: Session, after: int = after) -> None:
            if made == after:
                raise Killed

        dying = Desk(Interrupted(console, between), lease_s=60)
        with pytest.raises(Killed):
            await dying.note(lease, "nobody answers")
        with pytest.raises(Killed):
            await dying.close(lease, Disposition.REAL, "nobody answers", 1)
    assert await history(owner, incident) == ["opened", "taken"]
    assert await owner.fetch("select id from incident_content") == []
    await patient.close(lease, Disposition.REAL, "nobody answers", 1)
    await assert_chains_hold(owner)


async def _write_nights(owner: Database, writer: Writer, count: int) -> list[tuple[int, str, list[int]]]:
    nights = []
    for n in range(count):
        account_id = await add_account(owner, f"{n:03}")
        nights.append((account_id, f"{n:03}", await writer.write(*a_night(account_id, f"{n:03}"))))
        await trio.sleep(0.02)
    return nights


async def _unread(owner: Database) -> bool:
    (row,) = await owner.fetch("select count(*) as n from signal s join lane l on l.id = s.id >> 32"
                               " where s.id & 4294967295 > l.read_to")  # fmt: skip
    return bool(row["n"])
