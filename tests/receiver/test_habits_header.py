"""Habits of real panels 11 to 17 and 28: what stands in the header, how the answer must echo it, and their clocks."""

from __future__ import annotations

import datetime as dt

import pytest

from receiver.accounts import PanelAccounts
from station.signals import Authenticity, Kind
from station.station_key import StationKey
from station.store.panel_accounts import AccountChanges
from tests.receiver.peers import Captured, encrypted, padded, sealed, stamp, written
from tests.receiver.readings import (
    KEY,
    NOW,
    account,
    captured_from,
    frame,
    number_of,
    only_signal,
    reading,
    token_of,
)
from tests.receiver.test_accounts import row


def by_name(captured: Captured) -> str:
    return captured.name


@pytest.mark.parametrize(
    ("header", "receiver", "prefix"),
    [
        pytest.param(b"0001L#7303658550", None, "", id="G90: L without digits"),
        pytest.param(b"0001#1997", None, None, id="Tellmon: no L"),
        pytest.param(b"0000L0#1409", None, "0", id="no R"),
        pytest.param(b"0001R#1409", "", None, id="R without digits"),
        pytest.param(b"0001R15L1#0001", "15", "1", id="R15L1"),
        pytest.param(b"0001R01L01#0001", "01", "01", id="R01L01"),
        pytest.param(b"0000L000#0809", None, "000", id="L000"),
        pytest.param(b"0001R000001L010000#000110", "000001", "010000", id="six digits"),
        pytest.param(b"0227R4F39L4F39#4F39", "4F39", "4F39", id="ELDES: the account in R and L"),
        pytest.param(b"0001L9999#9999", None, "9999", id="ELDES: the account in L"),
        pytest.param(b"0000Rc0ffdL1234#080027E62A64", "c0ffd", "1234", id="small letters"),
    ],
)
def test_habit_11_r_and_l_in_every_manner_are_echoed_as_they_came(
    header: bytes, receiver: str | None, prefix: str | None
) -> None:
    raw = written(b'"SIA-DCS"' + header + b"[|NBA4]_11:52:09,05-07-2019")

    assert (frame(raw).receiver, frame(raw).prefix) == (receiver, prefix)
    assert reading(raw, account()).reply == written(b'"ACK"' + header + b"[]")


@pytest.mark.parametrize("number", ["000110", "008312", "0001", "1", "080027E62A64", "7303658550", "foc7688", "000"])
def test_habit_12_account_numbers_of_all_kinds_are_kept_and_echoed(number: str) -> None:
    raw = written(b'"NULL"0001L0#%b[]_15:39:38,06-07-2019' % number.encode())

    assert number_of(raw) == number
    assert only_signal(raw).account == number
    assert reading(raw).reply == written(b'"ACK"0001L0#%b[]' % number.encode())


@pytest.mark.parametrize(
    ("body", "number"),
    [
        pytest.param(b'"SIA-DCS"0001L0[#9999|NRP]', "9999", id="Aritech: only in the data"),
        pytest.param(b'"SIA-DCS"0001R0073L0011[#001365|NUA021]', "001365", id="Aritech: R and L and no account"),
        pytest.param(b'"SIA-DCS"0001L0[9999|NRP]', "9999", id="only in the data, without #"),
        pytest.param(b'"NULL"0001L0[#9999]', "9999", id="only in the data, and nothing else"),
        pytest.param(b'"SIA-DCS"0001L0#ABCD[#0000|Npi0/AT]', "ABCD", id="SATEL: another in the data"),
        pytest.param(b'"ADM-CID"0001L0#5504[5004|1130 01 005]', "5504", id="another in the data, without #"),
        pytest.param(b'"NULL"0001L0#5504[#0000|0000 00 000]', "5504", id="Hikvision: zeros in the data"),
        pytest.param(b'"NULL"1R0L0#1234[]', "1234", id="sequence of one digit"),
        pytest.param(b'"NULL"00001 L0 #1234[]', "1234", id="blanks"),
    ],
)
def test_habit_12_the_header_names_the_account_else_the_data(body: bytes, number: str) -> None:
    assert number_of(written(body)) == number
    assert only_signal(written(body)).account == number
    assert reading(written(body)).reply == written(b'"ACK"' + body.split(b'"')[2].partition(b"[")[0] + b"[]")


@pytest.mark.parametrize(
    "sequence", [pytest.param("0001", id="G90"), pytest.param("0000", id="Scantronic"), pytest.param("000C", id="hex")]
)
def test_habit_13_a_constant_sequence_is_echoed_and_makes_no_repeat_of_other_content(sequence: str) -> None:
    def body(content: bytes) -> bytes:
        return b'"SIA-DCS"%bL#22334455[#22334455|%b' % (sequence.encode(), content)

    first = written(body(b"NBA1]_14:33:53,02-09-2020"))
    keys = {
        only_signal(written(body(content)), account()).repeat_key
        for content in (
            b"NBA1]_14:33:53,02-09-2020",
            b"NBA2]_14:33:53,02-09-2020",
            b"NBR1]_14:33:53,02-09-2020",
            b"NBA1]_14:34:53,02-09-2020",
        )
    }

    assert len(keys) == 4
    assert only_signal(first, account()).repeat_key in keys
    assert reading(first, account()).reply == written(b'"ACK"%bL#22334455[]' % sequence.encode())


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(written(b'"NULL"0000L0#1234[]'), id="no time"),
        pytest.param(written(b'"NULL"0042L0#1234[]' + stamp(NOW)), id="a sequence that is not 0000"),
        pytest.param(written(b'"NULL"0000L0#1234[#0000|0000 00 000]'), id="Hikvision: a body"),
        pytest.param(written(b'"NULL"0000L0#1234[#1234]'), id="the account in the data"),
        pytest.param(written(b'"NULL"0000L0#1234[][M0026b9e4268b][G2]'), id="extended data"),
        pytest.param(written(b'"NULL"0000L0#1234[][G2]' + stamp(NOW)), id="extended data and time"),
        pytest.param(written(b'"NULL"0000L0#1234'), id="no brackets"),
        pytest.param(written(b'"XNM"0000L0#1234[][CCDP][G2]' + stamp(NOW)), id="XNM"),
    ],
)
def test_habit_14_every_clear_link_test_is_a_sign_of_life_and_no_signal(raw: bytes) -> None:
    result = reading(raw, account())

    assert (result.alive, result.signals) == (True, [])
    assert result.reply == written(b'"ACK"' + raw.split(b'"')[2].partition(b"[")[0].rstrip(b"\r") + b"[]")


@pytest.mark.parametrize("token", [b"*NULL", b"*XNM"])
@pytest.mark.parametrize(
    "plain",
    [
        pytest.param(padded(b"]" + stamp(NOW)), id="with a bar"),
        pytest.param(padded(b"]" + stamp(NOW), bar=b""), id="without a bar"),
        pytest.param(padded(b"][G2]" + stamp(NOW), bar=b""), id="extended data, without a bar"),
        pytest.param(padded(b"#0000|0000 00 000]" + stamp(NOW)), id="Hikvision: a body"),
    ],
)
def test_habit_14_every_encrypted_link_test_is_a_sign_of_life_and_no_signal(token: bytes, plain: bytes) -> None:
    result = reading(written(b'"%b"0001L0#1234[%b' % (token, sealed(KEY, plain))), account(KEY))

    assert (result.alive, result.signals) == (True, [])
    assert token_of(result.reply) == b"*ACK"


def test_habit_15_pyronix_reads_no_answer_but_the_exact_one() -> None:
    (captured,) = captured_from("Pyronix Enforcer")

    assert captured.reply == b'\n59890012"ACK"0000L0#1409[]\r'
    assert reading(captured.raw, account()).reply == captured.reply


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(b"_14:00:00,06-15-2026", id="Egardia: local time"),
        pytest.param(b"_11:00:00,06-15-2026", id="INIM: an hour off"),
        pytest.param(b"_12:00:00,06-12-2026", id="sent again days later"),
        pytest.param(b"_00:00:09,01-01-2000", id="TEKNIM: the year 2000"),
        pytest.param(b"_10:51:12,03-04-2014", id="the year 2014"),
        pytest.param(b"_03:14:07,01-19-2038", id="the far future"),
        pytest.param(b"_17:53:48,00-31-2019", id="month 00"),
        pytest.param(b"_25:61:61,06-15-2026", id="no time at all"),
        pytest.param(b"_", id="an empty time"),
    ],
)
def test_habit_16_a_clear_frame_is_never_refused_for_its_time(at: bytes) -> None:
    event = written(b'"ADM-CID"0001L0#1234[#1234|1131 01 003]' + at)
    link_test = written(b'"NULL"0001L0#1234[]' + at)

    result = reading(event, account())
    (signal,) = result.signals

    assert result.reply == reading(link_test, account()).reply == written(b'"ACK"0001L0#1234[]')
    assert (signal.kind, signal.zone, signal.received_at) == (Kind.BURGLARY, "003", NOW)
    assert reading(link_test, account()).alive


def test_habit_16_an_impossible_time_is_no_time() -> None:
    assert only_signal(written(b'"ADM-CID"0001L0#1234[#1234|1131 01 003]_17:53:48,00-31-2019')).occurred_at is None


@pytest.mark.parametrize("zone_h", [-3, 0, 2])
def test_habit_16_panels_set_their_clock_by_the_nak_so_it_says_gmt(zone_h: int) -> None:
    raw = encrypted(KEY, b'"*NULL"0000R0L0#1234', b"", NOW - dt.timedelta(days=3000))
    ours = NOW.astimezone(dt.timezone(dt.timedelta(hours=zone_h)))

    assert reading(raw, account(KEY), ours).reply == written(b'"NAK"0000R0L0A0[]_12:00:00,06-15-2026')


@pytest.mark.parametrize(
    ("off_s", "wide", "observed"),
    [(-62, b"*ACK", b"*ACK"), (-95, b"NAK", b"*ACK"), (58, b"*ACK", b"*ACK"), (3600, b"NAK", b"*ACK")],
)
def test_habit_17_a_fleet_whose_clocks_drift_by_a_minute_stays_connected(
    off_s: int, wide: bytes, observed: bytes
) -> None:
    raw = encrypted(KEY, b'"*SIA-DCS"0001L0#1234', b"#1234|Nri1/BA1", NOW + dt.timedelta(seconds=off_s))

    assert token_of(reading(raw, account(KEY)).reply) == b"NAK"
    assert token_of(reading(raw, account(KEY, past_s=90, future_s=60)).reply) == wide
    watched = reading(raw, account(KEY, observe_window=True))
    assert token_of(watched.reply) == observed
    assert watched.signals[0].authenticity is Authenticity.OUTSIDE_WINDOW


def test_habit_28_one_number_on_two_technologies_is_two_accounts() -> None:
    accounts = PanelAccounts(StationKey.generate())
    rows = [row(1, "7037", prefix="1"), row(2, "7037", prefix="2"), row(3, "7037", receiver="F"), row(4, "7037")]
    accounts.apply(AccountChanges(1, [], rows))

    def resolved(header: bytes) -> int | None:
        one = frame(written(b'"ADM-CID"0001%b[7037|1130 01 005]' % header))
        found = accounts.find(number_of(one.raw) or "", one.receiver, one.prefix)
        return None if found is None else found.id

    assert [resolved(header) for header in (b"L1#7037", b"R0L0002#7037", b"R0FL9#7037", b"L#7037", b"R0L1")] == [
        *(1, 2, 3, 4, 1)
    ]
