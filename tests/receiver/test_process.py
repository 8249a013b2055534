"""A receiver as a whole: no ACK before the commit, through every loss of the database, and to the end."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pytest
import trio
from siadc09.account import Account
from siadc09.message import EventMessage
from siadc09.message import parse_frame as read_by_a_panel
from siadc09.siadcs import parse_siadcs

from station.signals import LANE_SPAN
from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import Station, add_account, running_station
from tests.receiver.peers import DatagramPanel, Panel, calling, captured_frames, encrypted, written
from tests.receiver.test_doors import ack, null

KEY = bytes(range(16))


def report(sequence: int, account: bytes = b"1234", zone: int = 3) -> bytes:
    return written(b'"ADM-CID"%04dL0#%b[#%b|1131 01 %03d]' % (sequence % 10_000, account, account, zone))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_no_answer_before_the_commit(station: Station, transport: str) -> None:
    async with calling(station.port) as caller:
        with DatagramPanel(station.port) as sender:
            async with station.owner.transaction() as session:
                await session.execute("lock table signal in exclusive mode")
                await (caller if transport == "tcp" else sender).send(report(1))
                with trio.move_on_after(1) as waited:
                    await (caller.reply() if transport == "tcp" else sender.receive())
                assert waited.cancelled_caught
                (count,) = await session.fetch("select count(*) as n from signal")
                assert count["n"] == 0
            if transport == "tcp":
                assert await caller.reply() == ack(1)
            else:
                assert await sender.receive() == written(ack(1))
    (row,) = await station.signals()
    assert (row["account"], row["event_code"], row["zone"], row["raw"]) == ("1234", "131", "003", report(1))
    assert row["transport"] == transport


async def test_captured_frames_are_stored_as_they_should_be(station: Station) -> None:
    clear = [captured for captured in captured_frames() if captured.reply and not captured.key]
    async with calling(station.port) as panel:
        for captured in clear:
            assert captured.reply is not None
            await panel.send(captured.raw)
            heard = b""
            with trio.fail_after(30):
                while len(heard) < len(captured.reply):
                    heard += await panel.stream.receive_some()
            assert heard == captured.reply
    stored = await station.signals()
    assert [_as_expected(row) for row in stored] == [signal for captured in clear for signal in captured.signals]
    raws = [captured.raw.rstrip(b"\x00") for captured in clear for _ in captured.signals]
    assert [row["raw"] for row in stored] == raws
    assert {row["account_id"] for row in stored} == {None}


def _as_expected(row: Mapping[str, str]) -> dict[str, object]:
    return {
        "kind": row["kind"],
        "code": row["event_code"],
        "area": row["area"],
        "zone": row["zone"],
        "user": row["user_number"],
        "text": row["text"],
        "qualifier": row["qualifier"],
        "extended": json.loads(row["extended"] or "[]"),
    }


@pytest.mark.parametrize("size", [16, 24, 32])
async def test_an_independent_panel_with_a_key(
    database_url: str, owner: Database, station_key: StationKey, size: int
) -> None:
    key = bytes(range(size))
    account = await add_account(owner, station_key, "ABCD", key=key)
    message = EventMessage(
        Account(acct=0xABCD, pref=1, rcvr=2, key=key),
        {"idtoken": "SIA-DCS", "seqno": 7, "data": parse_siadcs(b"#ABCD|Nri1/BA003/FA004")},
    )
    async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
        reply = read_by_a_panel(written(await panel.ask(message.encode())), key)
        stored = await station.signals()
    assert (reply.idtoken, reply.seq, reply.encrypted, reply.account.get_id()) == ("ACK", 7, True, "ABCD:1:2")
    assert [(row["event_code"], row["zone"], row["area"]) for row in stored] == [("BA", "003", "1"), ("FA", "004", "1")]
    assert {(row["account_id"], row["authenticity"], row["prefix"], row["receiver"]) for row in stored} == {
        (account, "authenticated", "1", "2")
    }


async def test_an_independent_panel_without_a_key(database_url: str, owner: Database, station_key: StationKey) -> None:
    account = await add_account(owner, station_key, "ABCD")
    message = EventMessage(
        Account(acct=0xABCD), {"idtoken": "SIA-DCS", "seqno": 7, "data": parse_siadcs(b"#ABCD|Nri1/BA003")}
    )
    async with running_station(database_url, owner, station_key) as station:
        with DatagramPanel(station.port) as panel:
            reply = read_by_a_panel(await panel.ask(message.encode()))
        (row,) = await station.signals()
    assert (reply.idtoken, reply.seq, reply.encrypted) == ("ACK", 7, False)
    assert (row["account_id"], row["event_code"], row["authenticity"]) == (account, "BA", "unproven")


async def test_the_rule_of_replies_is_stored_each_time(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    account = await add_account(owner, station_key, "1234", key=KEY)
    now = dt.datetime.now(dt.UTC)
    head = b'"*ADM-CID"0001L0#1234'
    async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
        sealed_ack = await panel.ask(encrypted(KEY, head, b"#1234|1131 01 003", now))
        nak = await panel.ask(encrypted(KEY, head, b"#1234|1131 01 003", now - dt.timedelta(hours=1)))
        wrong_key = await panel.ask(encrypted(bytes(16), head, b"#1234|1131 01 003", now))
        clear = await panel.ask(report(1))
        no_key = await panel.ask(encrypted(KEY, b'"*ADM-CID"0001L0#9999', b"#9999|1131 01 003", now))
        stored = await station.signals()
    assert sealed_ack.startswith(b'"*ACK"0001L0#1234[')
    told_at = dt.datetime.strptime(nak.decode() + "+0000", '"NAK"0000R0L0A0[]_%H:%M:%S,%m-%d-%Y%z')
    assert abs((told_at - dt.datetime.now(dt.UTC)).total_seconds()) < 3
    assert (wrong_key, clear, no_key) == (b'"DUH"0001L0#1234[]', b'"DUH"0001L0#1234[]', b'"DUH"0001L0#9999[]')
    assert [(row["authenticity"], row["reply"], row["account_id"], row["kind"]) for row in stored] == [
        ("authenticated", "ack", account, "burglary"),
        ("outside_window", "nak", account, "burglary"),
        ("wrong_key", "duh", account, "unreadable"),
        ("clear_text", "duh", account, "burglary"),
        ("no_key", "duh", None, "unreadable"),
    ]


async def test_what_nobody_can_read_is_acknowledged_and_stored_for_a_person(
    station: Station, station_key: StationKey
) -> None:
    await add_account(station.owner, station_key, "1234")
    await trio.sleep(1)
    async with calling(station.port) as panel:
        assert await panel.ask(written(b'"SIA-DCS"0001L0#1234[#1234|Nri1/QQ5]')) == b'"ACK"0001L0#1234[]'
        assert await panel.ask(written(b'"SIA-DCS"0002L0#1234[\xff\x00]')) == b'"ACK"0002L0#1234[]'
        assert await panel.ask(written(b'"FUTURE"0003L0#1234[x]')) == b'"ACK"0003L0#1234[]'
        assert await panel.ask(report(4, b"9999")) == b'"ACK"0004L0#9999[]'
        assert await panel.ask(written(b'"NULL"[]')) == b'"ACK"[]'
    assert [(row["kind"], row["account"], row["account_id"] is None) for row in await station.signals()] == [
        ("unknown_code", "1234", False),
        ("unreadable", "1234", False),
        ("unreadable", "1234", False),
        ("burglary", "9999", True),
        ("link_test", "", True),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'"A\x00B"0001L0#1234[]',
        # An account of 3,700 bytes in which no two parts are alike.
        b'"NULL"0001L0#' + b"".join(b"%06x" % (number * 7_919_777 % 16_777_213) for number in range(617)) + b"[]",
    ],
    ids=["NUL in the token", "account of 3,700 bytes"],
)
async def test_no_frame_stops_the_receiver_for_the_others(station: Station, body: bytes) -> None:
    async with calling(station.port) as attacker, calling(station.port) as panel, calling(station.port) as other:
        await attacker.send(written(body))
        await trio.sleep(0.3)
        await panel.send(null(1))
        await other.send(null(2))
        assert await panel.reply(4) == ack(1)
        assert await other.reply(4) == ack(2)
        # It is a sound frame too.
        assert (await attacker.reply(4)).startswith(b'"ACK"0001L0#')


async def test_account_changes_are_applied_within_a_second(station: Station, station_key: StationKey) -> None:
    async with calling(station.port) as panel:
        assert await panel.ask(report(1)) == ack(1)
        account = await add_account(station.owner, station_key, "1234", key=KEY)
        await trio.sleep(1)
        assert await panel.ask(report(2)) == b'"DUH"0002L0#1234[]'
        await station.owner.execute("update account set key_sealed = null, key_format = null where id = $1", account)
        # No NOTIFY: an import in another hand may be silent.
        await trio.sleep(1.3)
        assert await panel.ask(report(3)) == ack(3)
        await station.owner.execute("delete from account where id = $1", account)
        await station.owner.execute("notify account")
        await trio.sleep(1)
        assert await panel.ask(report(4)) == ack(4)
    assert [row["account_id"] for row in await station.signals()] == [None, account, account, None]


async def test_the_same_number_behind_two_prefixes(database_url: str, owner: Database, station_key: StationKey) -> None:
    first = await add_account(owner, station_key, "7037", prefix="1")
    second = await add_account(owner, station_key, "7037", prefix="2A", key=KEY)
    async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
        assert await panel.ask(written(b'"SIA-DCS"0001L1#7037[#7037|Nri1/OP1]')) == b'"ACK"0001L1#7037[]'
        assert await panel.ask(written(b'"NULL"0002L02a#7037[]')) == b'"DUH"0002L02a#7037[]'
        reply = await panel.ask(encrypted(KEY, b'"*SIA-DCS"0003L2A#7037', b"#7037|Nri1/OP1", dt.datetime.now(dt.UTC)))
        assert reply.startswith(b'"*ACK"0003L2A#7037[')
        assert await panel.ask(written(b'"NULL"0004L3#7037[]')) == b'"ACK"0004L3#7037[]'
        stored = await station.signals()
    assert [row["account_id"] for row in stored] == [first, second, second, None]


async def test_one_connections_signals_lie_in_one_lane_in_order(station: Station) -> None:
    async def talk(number: int) -> None:
        account = b"%04d" % number
        async with calling(station.port) as panel:
            for burst in range(5):
                await panel.send(b"".join(report(burst * 10 + turn, account) for turn in range(10)))
                await panel.replies(10)

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(talk, number)
    stored = await station.signals()
    assert len(stored) == 1000
    for number in range(20):
        mine = [row for row in stored if row["account"] == f"{number:04}"]
        assert [row["sequence"] for row in mine] == [f"{turn:04}" for turn in range(50)]
        assert len({row["id"] // LANE_SPAN for row in mine}) == 1
    for lane in {row["id"] // LANE_SPAN for row in stored}:
        places = [row["id"] % LANE_SPAN for row in stored if row["id"] // LANE_SPAN == lane]
        assert places == list(range(1, len(places) + 1))


class Load:
    """Panels that go on sending, and what each was acknowledged."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.sent: set[tuple[str, str]] = set()
        self.acknowledged: set[tuple[str, str]] = set()

    async def talk(self, number: int, turns: int, pause_s: float = 0.005) -> None:
        account = b"%04d" % number
        try:
            async with calling(self._port) as panel:
                for turn in range(turns):
                    self.sent.add((account.decode(), f"{turn:04}"))
                    await panel.send(report(turn, account))
                    reply = await panel.reply(12)
                    assert reply == ack(turn, account)
                    self.acknowledged.add((account.decode(), f"{turn:04}"))
                    await trio.sleep(pause_s)
        except (trio.BrokenResourceError, trio.ClosedResourceError, AssertionError) as gone:
            if isinstance(gone, AssertionError) and "hung up" not in str(gone):
                raise


async def stored_pairs(owner: Database) -> set[tuple[str, str]]:
    return {(row["account"], row["sequence"]) for row in await owner.fetch("select account, sequence from signal")}


async def cut_all_of_the_receivers_connections(owner: Database) -> int:
    rows = await owner.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename = 'sereno_receiver' and datname = current_database()"
    )
    return len(rows)


async def test_connections_to_the_database_lost_under_load(station: Station, station_key: StationKey) -> None:
    load = Load(station.port)
    async with trio.open_nursery() as nursery:
        for number in range(30):
            nursery.start_soon(load.talk, number, 60)
        for _ in range(4):
            await trio.sleep(0.4)
            with trio.fail_after(30):
                while await cut_all_of_the_receivers_connections(station.owner) < 2:  # noqa: ASYNC110  # rows tell nobody
                    await trio.sleep(0.05)
    # Every frame was answered in the end, on the connection that it came by; and every one answered is stored.
    assert len(load.acknowledged) == 30 * 60
    assert load.acknowledged <= await stored_pairs(station.owner)
    # Accounts are still followed.
    account = await add_account(station.owner, station_key, "7777", key=KEY)
    await trio.sleep(1.6)
    async with calling(station.port) as panel:
        assert await panel.ask(report(1, b"7777")) == b'"DUH"0001L0#7777[]'
    assert account in {row["account_id"] for row in await station.signals()}


async def test_told_to_stop_under_load(station: Station) -> None:
    load = Load(station.port)
    async with trio.open_nursery() as nursery:
        for number in range(30):
            nursery.start_soon(load.talk, number, 10_000, 0)
        await trio.sleep(1)
        station.stop.cancel()
        with trio.fail_after(30):
            await station.ended.wait()
    stored = await stored_pairs(station.owner)
    assert len(load.acknowledged) > 100
    assert load.acknowledged <= stored
    assert stored <= load.sent


async def test_told_to_stop_it_answers_what_it_has_read(station: Station) -> None:
    async with calling(station.port) as panel:
        async with station.owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            await panel.send(report(1) + report(2))
            await trio.sleep(0.3)
            station.stop.cancel()
            await trio.sleep(0.5)
            assert not station.ended.is_set()
        assert await panel.replies(2) == [ack(1), ack(2)]
        with trio.fail_after(30):
            await station.ended.wait()


async def test_told_to_stop_while_the_database_hangs_it_ends_and_answers_nothing(station: Station) -> None:
    async with calling(station.port) as panel:
        async with station.owner.transaction() as session:
            await session.execute("lock table signal in exclusive mode")
            await panel.send(report(1))
            await trio.sleep(0.3)
            station.stop.cancel()
            with trio.fail_after(30):
                await station.ended.wait()
        assert panel.all_replies() == []


async def test_a_second_receiver_goes_on_in_lanes_of_its_own(
    database_url: str, owner: Database, station_key: StationKey
) -> None:
    for sequence in (1, 2):
        async with running_station(database_url, owner, station_key) as station, calling(station.port) as panel:
            assert await panel.ask(report(sequence)) == ack(sequence)
    stored = await owner.fetch("select id, sequence from signal order by id")
    assert [row["sequence"] for row in stored] == ["0001", "0002"]
    assert stored[0]["id"] // LANE_SPAN < stored[1]["id"] // LANE_SPAN
    assert [row["id"] % LANE_SPAN for row in stored] == [1, 1]


async def test_a_bell_rings_when_signals_are_committed(station: Station) -> None:
    rung = trio.Event()
    async with station.owner.dedicated() as listener:
        await listener.listen("signal", rung.set)
        async with calling(station.port) as panel:
            await panel.ask(report(1))
        with trio.fail_after(30):
            await rung.wait()


async def test_panels_wait_for_a_database_that_is_away(station: Station) -> None:
    async with calling(station.port) as panel:
        await panel.ask(report(1))
        await station.owner.execute("alter role sereno_receiver nologin")
        try:
            await cut_all_of_the_receivers_connections(station.owner)
            await panel.send(report(2))
            assert await panel.hears_nothing(1)
        finally:
            await station.owner.execute("alter role sereno_receiver login")
        assert await panel.reply() == ack(2)
    assert [row["sequence"] for row in await station.signals()] == ["0001", "0002"]


async def test_all_panels_keep_their_own_answers(station: Station) -> None:
    panels = [Panel(await trio.open_tcp_stream("127.0.0.1", station.port)) for _ in range(50)]
    for turn in range(5):
        for number, panel in enumerate(panels):
            await panel.send(null(turn, b"%04d" % number))
        for number, panel in enumerate(panels):
            assert await panel.reply() == ack(turn, b"%04d" % number)
    for panel in panels:
        await panel.stream.aclose()
