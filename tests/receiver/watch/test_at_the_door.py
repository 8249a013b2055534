"""A whole receiver without a dispatcher: a flood at its door, and panels that are turned away when nobody looks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import trio

from dispatcher.process import run_dispatcher
from receiver.process import ReceiverSettings, run_receiver
from receiver.runaway_rules import RunawayRules
from receiver.watch.settings import WatchSettings
from station.station_key import StationKey
from station.store.database import Database, open_database
from tests.dispatcher.writers import add_operator, work_off_all
from tests.receiver.conftest import add_account, doors
from tests.receiver.peers import calling, written

PATIENCE_S = 60.0
SOON = WatchSettings(unattended_after_s=0.5, unattended_look_s=0.1, unattended_stop_ack_after_s=0.5)


@contextlib.asynccontextmanager
async def receiving(database_url: str, watch: WatchSettings, runaway: RunawayRules | None = None) -> AsyncIterator[int]:
    """The port of a receiver that serves while the block runs."""
    tcp, udp = doors()
    with tcp, udp:
        settings = ReceiverSettings(
            database_url=database_url,
            station_key=StationKey.generate(),
            tcp=tcp,
            udp=udp,
            watch=watch,
            runaway=runaway or RunawayRules(),
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(run_receiver, settings)
            yield tcp.getsockname()[1]
            nursery.cancel_scope.cancel()


def burglary(number: int, zone: int = 1) -> bytes:
    return written(b'"SIA-DCS"%04dL0#1234[#1234|Nri1/BA%03d]' % (number % 10_000, zone))


def fire(number: int) -> bytes:
    return written(b'"SIA-DCS"%04dL0#1234[#1234|Nri1/FA001]' % (number % 10_000))


async def test_a_flood_is_acknowledged_and_stored_and_only_what_is_new_queues(
    database_url: str, owner: Database
) -> None:
    await add_account(owner, StationKey.generate(), "1234")
    # However slow the machine, the bucket gains nothing meanwhile.
    rules = RunawayRules(runaway_per_s=0.0001)
    async with receiving(database_url, WatchSettings(), rules) as port, calling(port) as panel:
        for first in range(1, 301, 50):
            await panel.send(b"".join(burglary(number) for number in range(first, first + 50)))
            assert all(b'"ACK"' in reply for reply in await panel.replies(50, PATIENCE_S))
        await panel.send(burglary(301, zone=2) + fire(302) + fire(303))
        assert all(b'"ACK"' in reply for reply in await panel.replies(3, PATIENCE_S))

    rows = await owner.fetch(
        "select kind, zone, count(*) as n, count(*) filter (where suppressed) as kept, "
        "count(*) filter (where suppressed and repeat_key is not null) as keyed from signal group by 1, 2 order by 1, 2"
    )
    # A hundred are borne; the next begins the flood and is the first of its kind in it.
    assert [tuple(row.values()) for row in rows] == [
        ("fire", "001", 2, 0, 0),
        ("burglary", "001", 300, 199, 199),
        ("burglary", "002", 1, 0, 0),
        ("runaway", None, 1, 0, 0),
    ]
    async with open_database(database_url, "sereno_dispatcher") as dispatching:
        await work_off_all(dispatching)
    incidents = await owner.fetch("select kind, signals from incident order by kind")
    assert [tuple(row.values()) for row in incidents] == [("fire", 104), ("runaway", 1)]


async def test_panels_are_turned_away_when_nobody_looks_and_what_they_say_is_stored(
    database_url: str, owner: Database
) -> None:
    async with receiving(database_url, SOON) as port, calling(port) as panel:
        await panel.send(burglary(1))
        assert b'"ACK"' in await panel.reply(PATIENCE_S)

        number = 1
        with trio.fail_after(PATIENCE_S):
            while True:
                number += 1
                await panel.send(burglary(number))
                with trio.move_on_after(3):
                    await panel.reply()
                    await trio.sleep(0.05)
                    continue
                break
        with trio.fail_after(PATIENCE_S):
            while True:
                if len(await owner.fetch("select id from signal where kind = 'burglary'")) == number:
                    break
                await trio.sleep(0.05)

        async with trio.open_nursery() as nursery:
            await _sign_on(owner)
            await nursery.start(run_dispatcher, database_url)
            with trio.fail_after(PATIENCE_S):
                while True:
                    number += 1
                    await panel.send(burglary(number))
                    with trio.move_on_after(3):
                        assert b'"ACK"' in await panel.reply()
                        break
            nursery.cancel_scope.cancel()


async def _sign_on(owner: Database) -> None:
    ana = await add_operator(owner, "Ana")
    await owner.execute(
        "insert into session (token_hash, operator, created_at, seen_at, expires_at) "
        "select 't', $1, now, now, now + interval '1 h' from clock_timestamp() as now",
        ana.id,
    )
