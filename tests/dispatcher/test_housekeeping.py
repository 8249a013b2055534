"""What the dispatcher keeps in order, and that a duty it can't do keeps it from no other."""

from __future__ import annotations

import datetime as dt

import trio

from dispatcher.process import run_dispatcher
from dispatcher.repeats import REPEAT_WINDOW
from station.store import repeats
from station.store.database import Database
from station.store.install import make_partitions, strays
from tests.dispatcher.writers import a_signal, add_account, open_writer


async def test_signals_beyond_the_partitions_are_kept_shown_and_stop_nobody(database_url: str, owner: Database) -> None:
    """A receiver's clock was a month ahead once; the day comes for which a partition can't be made any more."""
    await add_account(owner, "1234")
    async with open_writer(owner) as writer:
        await writer.write(a_signal(received_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=20)))
    assert await strays(owner) == 1

    await owner.fetch("select signal_partitions_ahead(30)")
    await make_partitions(owner)

    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=20)).strftime("signal_%Y%m%d")
    after = (dt.datetime.now(dt.UTC) + dt.timedelta(days=21)).strftime("signal_%Y%m%d")
    (made,) = await owner.fetch("select to_regclass($1) as day, to_regclass($2) as after", day, after)
    assert made["day"] is None
    assert made["after"] is not None
    async with trio.open_nursery() as nursery:
        await nursery.start(run_dispatcher, database_url)
        for _ in range(100):
            if await owner.fetch("select from incident"):
                break
            await trio.sleep(0.1)
        else:
            raise AssertionError("the signal never became an incident")
        nursery.cancel_scope.cancel()


async def test_keys_are_kept_while_a_copy_may_still_be_unread(owner: Database) -> None:
    async with open_writer(owner) as writer:
        await writer.write(a_signal(repeat_key=b"k" * 16))
        await owner.execute(
            "insert into signal_key values ($1, 1, now() - interval '1 hour', now() - interval '1 hour')", b"k" * 16
        )

        await repeats.forget_keys(owner, 2 * REPEAT_WINDOW)
        assert len(await owner.fetch("select from signal_key")) == 1

        await owner.execute("update lane set read_to = 1")
        await repeats.forget_keys(owner, 2 * REPEAT_WINDOW)
        assert await owner.fetch("select from signal_key") == []
