"""Simulated receivers, which repeat and give up as real ones do, against links: nothing is lost."""

from __future__ import annotations

import pytest
import trio

from receiver.automation.settings import Endpoint
from simulators.receivers import Habits, HardwareReceiver, Language
from simulators.reports import Happening, Report
from station.signals import Protocol
from station.store.database import Database
from tests.receiver.automation.conftest import PATIENCE_S, Station, link

ZONES = [f"{zone:03}" for zone in range(1, 41)]


def panels_call(receiver: HardwareReceiver) -> None:
    for zone in ZONES:
        receiver.call("7037", Report(Happening.BURGLARY, number=zone))


async def all_relayed(receiver: HardwareReceiver) -> None:
    with trio.fail_after(PATIENCE_S):
        await receiver.wait_until_relayed()


@pytest.mark.parametrize("language", Language)
async def test_every_report_arrives_once_and_in_order(station: Station, language: Language) -> None:
    receiver = HardwareReceiver(Habits(language=language))
    panels_call(receiver)
    async with station.serving(link(protocol=Protocol(language.value))) as served, trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, await trio.open_tcp_stream("127.0.0.1", served.ports["north"]))
        await all_relayed(receiver)
        stored = await served.signals()
        nursery.cancel_scope.cancel()
    assert [(row["kind"], row["account"], row["area"], row["zone"]) for row in stored] == [
        ("burglary", "7037", "01", zone) for zone in ZONES
    ]
    assert (receiver.tally.repeated, receiver.failures) == (0, 0)


async def test_a_receiver_that_is_dialled(station: Station) -> None:
    receiver = HardwareReceiver(Habits())
    panels_call(receiver)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    dialled = link(dial=Endpoint("127.0.0.1", listener.socket.getsockname()[1]))
    async with station.serving(dialled) as served, trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, receiver.talk, [listener])
        await all_relayed(receiver)
        assert [row["zone"] for row in await served.signals()] == ZONES
        nursery.cancel_scope.cancel()


async def test_a_receiver_that_leaves_the_end_out(station: Station) -> None:
    receiver = HardwareReceiver(Habits(leaves_end_out=True))
    receiver.call("7037", Report(Happening.FIRE, number="009"))
    async with station.serving(link()) as served, trio.open_nursery() as nursery:
        nursery.start_soon(receiver.talk, await trio.open_tcp_stream("127.0.0.1", served.ports["north"]))
        await all_relayed(receiver)
        assert {(row["kind"], row["zone"]) for row in await served.signals()} == {("fire", "009")}
        nursery.cancel_scope.cancel()


async def test_while_nothing_can_be_stored_it_repeats_gives_up_and_goes_on(station: Station, owner: Database) -> None:
    receiver = HardwareReceiver(Habits(answer_s=0.3, heartbeat_s=0.3))
    panels_call(receiver)
    async with station.serving(link()) as served, trio.open_nursery() as nursery:
        async with owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            nursery.start_soon(receiver.talk, await trio.open_tcp_stream("127.0.0.1", served.ports["north"]))
            await given_up(receiver)
            assert receiver.tally.repeated >= 3
            assert receiver.tally.acknowledged == 0
        await all_relayed(receiver)
        # It is told by one ACK for each; the commit of a last copy may still be under way.
        await served.journal.wait_until_settled()
        stored = await served.signals()
        nursery.cancel_scope.cancel()
    # In order, and whatever stands there twice is known as a copy.
    assert list(dict.fromkeys(row["zone"] for row in stored)) == ZONES
    assert len({row["repeat_key"] for row in stored}) == len(ZONES)


async def given_up(receiver: HardwareReceiver) -> None:
    with trio.fail_after(PATIENCE_S):
        while True:
            if receiver.failures:
                return
            await trio.sleep(0.02)
