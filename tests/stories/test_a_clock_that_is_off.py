"""A panel whose clock is off is told the time, corrects itself and sends again: nothing is lost, nothing is doubled."""

from __future__ import annotations

import datetime as dt

from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import history
from tests.stories.conftest import Station
from tests.stories.panels import calling

KEY = bytes(range(16))


async def test_a_clock_that_is_off(station: Station) -> None:
    await station.account("1234", "Banco", KEY)
    async with station.receiving() as port, station.dispatching(), calling(port, "1234", KEY) as panel:
        now = dt.datetime.now(dt.UTC)
        for minutes in (61, 60):
            answer = await panel.say(panel.encrypted(KEY, "Nri1/BA001", now - dt.timedelta(minutes=minutes)))
            assert b'"NAK"0000R0L0A0[]_' in answer
            told = dt.datetime.strptime(answer.decode()[-21:-1], "_%H:%M:%S,%m-%d-%Y").replace(tzinfo=dt.UTC)
            assert abs(told - now) < dt.timedelta(minutes=1)
            panel.sequence -= 1  # it sends the same again
        # Raised all the same, in case the panel never gets its clock right.
        await station.until("select id from incident where kind = 'burglary' and priority = 2 and not authenticated")

        assert b'"*ACK"0001' in await panel.say(panel.encrypted(KEY, "Nri1/BA001", dt.datetime.now(dt.UTC)))
        await station.until("select id from incident where kind = 'burglary' and authenticated")

    (incident,) = await station.incidents()
    stored = await station.owner.fetch("select id, authenticity, reply from signal order by received_at, id")
    first, second, _ = (row["id"] for row in stored)
    assert [(row["authenticity"], row["reply"]) for row in stored] == [
        ("outside_window", "nak"),
        ("outside_window", "nak"),
        ("authenticated", "ack"),
    ]
    repeats = await station.owner.fetch("select signal, repeat_of from signal_repeat")
    assert [tuple(row.values()) for row in repeats] == [(second, first)]
    assert (incident["signals"], incident["points"]) == (2, ["001"])
    assert await history(station.owner, incident["id"]) == ["opened", "joined"]
    await assert_chains_hold(station.owner)
    await assert_rows_are_what_events_add_up_to(station.owner)
