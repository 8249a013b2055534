"""Panels that prove nothing, that nobody knows, or whose ACK was lost."""

from __future__ import annotations

import datetime as dt

import trio

from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import history
from tests.stories.conftest import Station
from tests.stories.panels import calling, framed

KEY = bytes(range(16))


async def test_a_clear_frame_on_a_keyed_account(station: Station) -> None:
    await station.account("1234", "Banco", KEY)
    async with (
        station.receiving() as port,
        station.dispatching(),
        calling(port, "1234", KEY) as panel,
        calling(port, "1234") as stranger,
    ):
        await panel.report("Nri1/BA001")
        await station.until("select id from incident where kind = 'burglary' and authenticated")
        for lie in ("Nri1/BR001", "Nri1/id007/BC001", "Nri1/OP007"):
            assert b'"DUH"' in await stranger.say(stranger.clear(lie))
        await station.until("select id from incident where kind = 'not_authenticated' and signals = 3")
        (burglary, _) = await station.incidents()
        assert (burglary["points"], burglary["signals"], burglary["restored_at"]) == (["001"], 1, None)

        # But an alarm is an alarm, whoever says so.
        assert b'"DUH"' in await stranger.say(stranger.clear("Nri1/FA009"))
        await station.until("select id from incident where kind = 'fire' and priority = 1 and not authenticated")

        await panel.report("Nri1/BR001")
        await station.until("select id from incident where kind = 'burglary' and points = '{}'")
    stored = await station.owner.fetch("select authenticity, reply from signal order by received_at, id")
    assert [tuple(row.values()) for row in stored] == [
        ("authenticated", "ack"),
        *[("clear_text", "duh")] * 4,
        ("authenticated", "ack"),
    ]


async def test_a_stranger_who_says_it_first_does_not_silence_the_panel(station: Station) -> None:
    """He sends what the panel is about to send, number and time included, in clear text."""
    await station.account("1234", "Banco", KEY)
    async with (
        station.receiving() as port,
        station.dispatching(),
        calling(port, "1234", KEY) as panel,
        calling(port, "1234") as stranger,
    ):
        await panel.report("Nri1/BA001")
        await station.until("select id from incident where kind = 'burglary'")
        at = dt.datetime.now(dt.UTC)
        stranger.sequence = panel.sequence
        assert b'"DUH"' in await stranger.say(stranger.clear("Nri1/BR001", at))
        await station.until("select id from incident where kind = 'not_authenticated'")
        assert b'"*ACK"' in await panel.say(panel.encrypted(KEY, "Nri1/BR001", at))
        await station.until("select id from incident where kind = 'burglary' and points = '{}'")


async def test_an_unknown_panel(station: Station) -> None:
    ana = await station.operator("Ana")
    async with station.receiving() as port, station.dispatching(), calling(port, "DEAD") as panel:
        link_test = framed(b'"NULL"0000L0#DEAD[]')
        for _ in range(3):
            assert b'"ACK"0000L0#DEAD[]' in await panel.say(link_test)
        await station.until("select id from incident where kind = 'unknown_account' and state = 'waiting'")
        await panel.report("Nri1/FA001")
        await station.until("select id from incident where kind = 'fire' and state = 'waiting'")
        first = await station.desk_at_rest.take_next(ana)
        await trio.sleep(0.2)

    unknown, fire = await station.incidents()
    assert (unknown["account_id"], unknown["account"], unknown["signals"], unknown["priority"]) == (None, "DEAD", 1, 5)
    assert (fire["account_id"], fire["account"], fire["kind"]) == (None, "DEAD", "fire")
    assert first is not None
    assert first.incident == fire["id"]


async def test_a_panel_repeats_because_its_ack_was_lost(station: Station) -> None:
    await station.account("1234")
    async with station.receiving() as port, station.dispatching():
        async with calling(port, "1234") as panel:
            frame = panel.clear("Nri1/BA001")
            await panel.stream.send_all(frame)
            await station.until("select id from signal")
        async with calling(port, "1234") as panel:
            assert b'"ACK"0001' in await panel.say(frame)
            assert b'"ACK"0001' in await panel.say(frame)
            await panel.report("Nri1/BA002")  # numbered 0001 too, but another event
            await station.until("select id from incident where points = '{001,002}'")

    (incident,) = await station.incidents()
    first, *others = await station.owner.fetch("select id, zone from signal order by received_at, id")
    assert (first["zone"], [row["zone"] for row in others]) == ("001", ["001", "001", "002"])
    repeats = await station.owner.fetch("select signal, repeat_of from signal_repeat order by signal")
    assert {row["signal"]: row["repeat_of"] for row in repeats} == {row["id"]: first["id"] for row in others[:2]}
    assert incident["signals"] == 2
    assert await history(station.owner, incident["id"]) == ["opened", "joined"]
    await assert_chains_hold(station.owner)
    await assert_rows_are_what_events_add_up_to(station.owner)
