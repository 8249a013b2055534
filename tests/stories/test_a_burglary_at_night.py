"""A burglary at night, from the first frame to the disposition; and others, while the night goes on."""

from __future__ import annotations

import pytest
import trio

from station.errors import Reason, Refused
from station.incident_events import Disposition
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import history
from tests.stories.conftest import Station
from tests.stories.panels import calling

_WAITING = "select id from incident where account = $1 and state = 'waiting'"


async def test_a_burglary_at_night(station: Station) -> None:
    shop = await station.account("00A1B2", "Farmácia Central")
    ana = await station.operator("Ana")
    desk = station.desk_at_rest
    async with station.receiving() as port, station.dispatching(), calling(port, "00A1B2") as panel:
        answer = await panel.say(panel.clear("Nri1/BA003^Front door^"))
        assert answer[9:] == b'"ACK"0001L0#00A1B2[]\r'
        await station.until(_WAITING, "00A1B2")

        lease = await desk.take_next(ana)
        assert lease is not None
        (incident,) = await station.incidents()
        assert (incident["account_id"], incident["kind"], incident["priority"]) == (shop, "burglary", 2)
        assert (incident["operator"], incident["points"]) == (ana.id, ["003"])

        await panel.report("Nri1/BA004^Hall^")
        await station.until("select id from incident where points = '{003,004}' and state = 'taken'")
        await panel.report("Nri1/BR003/BR004")
        await station.until("select id from incident where points = '{}' and restored_at is not null")
        await desk.note(lease, "Sra. Figueiredo gave the password")
        with pytest.raises(Refused) as refused:
            await desk.close(lease, Disposition.USER_ERROR, "", 4)
        assert refused.value.reason is Reason.UNSEEN_SIGNALS
        await desk.close(lease, Disposition.USER_ERROR, "a cleaner", 99)

        await panel.report("Nri1/BA003")
        await station.until(_WAITING, "00A1B2")

    first, second = await station.incidents()
    assert await history(station.owner, first["id"]) == [
        *("opened", "taken", "joined", "joined", "joined", "noted", "closed")
    ]
    assert (first["state"], first["disposition"], second["state"]) == ("closed", "user_error", "waiting")
    signals = await station.owner.fetch("select signal from incident_event where signal is not null order by signal")
    stored = await station.owner.fetch("select id, text from signal order by id")
    assert [row["signal"] for row in signals] == [row["id"] for row in stored]
    assert [row["text"] for row in stored] == ["Front door", "Hall", "", "", ""]
    await assert_chains_hold(station.owner)
    await assert_rows_are_what_events_add_up_to(station.owner)


async def test_a_fire_overtakes_a_burglary_in_the_queue(station: Station) -> None:
    for number in ("1111", "2222", "3333"):
        await station.account(number)
    ana = await station.operator("Ana")
    async with station.receiving() as port, station.dispatching():
        for number, event in (("1111", "Nri1/BA001"), ("2222", "Nri1/BA001"), ("3333", "Nri1/FA001")):
            async with calling(port, number) as panel:
                await panel.report(event)
        await station.until("select 1 from incident having count(*) = 3")

        taken = []
        while (lease := await station.desk_at_rest.take_next(ana)) is not None:
            taken.append(lease.incident)

    rows = {row["id"]: row["account"] for row in await station.incidents()}
    assert [rows[id_] for id_ in taken] == ["3333", "1111", "2222"]


async def test_an_operators_console_dies(station: Station) -> None:
    await station.account("1111")
    ana, rui = await station.operator("Ana"), await station.operator("Rui")
    async with station.receiving() as port, station.dispatching(), calling(port, "1111") as panel:
        await panel.report("Nri1/HA001")
        await station.until(_WAITING, "1111")
        hers = await station.desk.take_next(ana)
        assert hers is not None
        for _ in range(3):
            await trio.sleep(0.3)
            assert await station.desk.renew(hers)
        with pytest.raises(Refused) as refused:
            await station.desk.take(rui, hers.incident)
        assert (refused.value.reason, refused.value.who) == (Reason.HELD_BY_ANOTHER, "Ana")

        # Her console says nothing any more: the dispatcher alone gives the incident back.
        await station.until(_WAITING, "1111")
        his = await station.desk_at_rest.take_next(rui)
        assert his is not None
        assert his.incident == hers.incident
        with pytest.raises(Refused) as refused:
            await station.desk.close(hers, Disposition.REAL, "I am back", 99)
        assert (refused.value.reason, refused.value.who) == (Reason.LEASE_LOST, "Rui")
        await station.desk_at_rest.close(his, Disposition.REAL, "police on site", 4)

    assert await history(station.owner, his.incident) == [
        *("opened", "taken", "lease_expired", "taken", "overridden", "closed")
    ]
    await assert_chains_hold(station.owner)
    await assert_rows_are_what_events_add_up_to(station.owner)
