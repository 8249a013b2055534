"""What a relayed report becomes: the same signal, whichever way it came."""

from __future__ import annotations

import datetime as dt

import pytest

from receiver.accounts import PanelAccounts
from receiver.automation.relay import signals_of
from receiver.automation.settings import LinkSettings
from receiver.protocols.relayed import Transmission
from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport
from station.station_key import StationKey
from station.store.panel_accounts import AccountChanges, PanelAccountRow
from tests.receiver.automation.conftest import link
from tests.receiver.peers import written

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
PEER = "10.0.0.5:4001"
STATION_KEY = StationKey.generate()


def row(id_: int, number: str, *, prefix: str | None = None, receiver: str | None = None) -> PanelAccountRow:
    return PanelAccountRow(id_, number, prefix, receiver, None, 40, 20)


def knowing(*rows: PanelAccountRow) -> PanelAccounts:
    accounts = PanelAccounts(STATION_KEY)
    accounts.apply(AccountChanges(1, [], list(rows)))
    return accounts


def said(line: bytes, settings: LinkSettings) -> Transmission:
    wire = settings.wire()
    (message,) = wire.receive_data(line) or wire.give_up_waiting()
    assert isinstance(message, Transmission)
    return message


def signals(line: bytes, settings: LinkSettings | None = None, accounts: PanelAccounts | None = None) -> list[Signal]:
    settings = settings or link()
    return signals_of(said(line, settings), settings, accounts or knowing(), NOW, PEER)


def signal(line: bytes, settings: LinkSettings | None = None, accounts: PanelAccounts | None = None) -> Signal:
    (one,) = signals(line, settings, accounts)
    return one


D6500 = link(protocol=Protocol.D6500)
A685 = link(protocol=Protocol.ADEMCO685)
DC07 = link(protocol=Protocol.DC07)


@pytest.mark.parametrize(
    ("line", "settings", "kind", "qualifier", "code", "area", "zone"),
    [
        (b"5011 187037E13001004\x14", link(), Kind.BURGLARY, Qualifier.NEW, "130", "01", "004"),
        (b"5011 187037R13001004\x14", link(), Kind.BURGLARY, Qualifier.RESTORE, "130", "01", "004"),
        (b"5011 187037P13001004\x14", link(), Kind.BURGLARY, Qualifier.STATUS, "130", "01", "004"),
        (b"5011 187037340101007\x14", link(), Kind.OPEN_CLOSE, Qualifier.CLOSING, "401", "01", "007"),
        (b"5011 187037E40101007\x14", link(), Kind.OPEN_CLOSE, Qualifier.OPENING, "401", "01", "007"),
        (b"3011    007037FA0003\x14", link(), Kind.FIRE, Qualifier.NEW, "FA", None, "0003"),
        (b"S011[#7037|Nri2BA003]\x14", link(), Kind.BURGLARY, Qualifier.NEW, "BA", "2", "003"),
        (b"1011      7037 C1128\x14", link(), Kind.OPEN_CLOSE, Qualifier.CLOSING, "C", "1", "128"),
        (b"1011      7037 A1004\x14", link(), Kind.UNKNOWN_CODE, Qualifier.NEW, "A", "1", "004"),
        (b"80117037 1555 5555 9\x14", link(), Kind.UNREADABLE, Qualifier.NEW, None, None, None),
        (b"9011 7037 xyz\x14", link(), Kind.UNREADABLE, Qualifier.NEW, None, None, None),
        (b" a011 703718E11001005\x14", D6500, Kind.FIRE, Qualifier.NEW, "110", "01", "005"),
        (b"\n11 7037 18 R401 01 U003\r", A685, Kind.OPEN_CLOSE, Qualifier.CLOSING, "401", "01", "003"),
        (b"\n11 7037 3 2\r", A685, Kind.UNKNOWN_CODE, Qualifier.NEW, "3", None, "2"),
        (written(b'"ADM-CID"0007R1L2[#7037|1110 02 017]'), DC07, Kind.FIRE, Qualifier.NEW, "110", "02", "017"),
        (written(b'"ACR-SF"0007R1L2[#7037|?]'), DC07, Kind.UNREADABLE, Qualifier.NEW, None, None, None),
    ],
)
def test_meaning(
    line: bytes,
    settings: LinkSettings,
    kind: Kind,
    qualifier: Qualifier,
    code: str | None,
    area: str | None,
    zone: str | None,
) -> None:
    found = signal(line, settings)

    assert (found.kind, found.qualifier, found.event_code, found.area, found.zone) == (
        kind, qualifier, code, area, zone,
    )  # fmt: skip
    assert found.account.lstrip("0") == "7037"
    assert (found.protocol, found.transport, found.peer) == (settings.protocol, Transport.TCP, PEER)


def test_what_is_stored_is_what_came() -> None:
    found = signal(b"5011 187037E13001004\x14")

    assert (found.raw, found.payload) == (b"5011 187037E13001004", "5011 187037E13001004")
    assert (found.receiver, found.prefix, found.received_at) == ("01", None, NOW)


def test_a_block_of_several_events_is_several_signals() -> None:
    found = signals(b"S011[#7037|Nri1/BA003/TA005^Cellar^]\x14")

    assert [(each.event_code, each.zone, each.text) for each in found] == [("BA", "003", ""), ("TA", "005", "Cellar")]
    assert len({each.repeat_key for each in found}) == 2


def test_habit_28_one_number_behind_two_receivers_is_two_accounts() -> None:
    accounts = knowing(row(1, "7037", prefix="E"), row(2, "7037", prefix="F"))
    ebs, hik = link("ebs", prefix="E"), link("hik", prefix="F", line_digits=3)

    assert signal(b"5011 187037E13001004\x14", ebs, accounts).account_id == 1
    assert signal(b"501001 187037E13001004\x14", hik, accounts).account_id == 2
    assert signal(b"5011 187037E13001004\x14", link(), accounts).account_id is None


def test_habit_28_the_receiver_number_tells_accounts_apart_too() -> None:
    accounts = knowing(row(1, "7037", receiver="1"), row(2, "7037", receiver="2"))

    assert signal(b"5011 187037E13001004\x14", accounts=accounts).account_id == 1
    assert signal(b"5021 187037E13001004\x14", accounts=accounts).account_id == 2
    # A link may stand for a receiver, whatever that says of itself.
    assert signal(b"5011 187037E13001004\x14", link(receiver="2"), accounts).account_id == 2


def test_an_unknown_account_is_stored_and_acknowledged() -> None:
    found = signal(b"5011 181111E13001004\x14", accounts=knowing(row(1, "7037")))

    assert (found.account_id, found.account, found.reply) == (None, "1111", Reply.ACK)


def test_a_panel_with_a_key_proves_nothing_by_telephone_and_is_acknowledged() -> None:
    sealed = PanelAccountRow(1, "7037", None, None, STATION_KEY.seal(bytes(16)), 40, 20)

    found = signal(b"5011 187037R40101003\x14", accounts=knowing(sealed))

    assert (found.account_id, found.authenticity, found.reply) == (1, Authenticity.CLEAR_TEXT, Reply.ACK)


def test_copies_have_one_key_and_other_messages_and_links_have_others() -> None:
    first = signal(b"5011 187037E13001004\x14")
    glued = signal(b"5011 187037E130010045011 187037E13001004")
    other = signal(b"5011 187037E13001005\x14")
    elsewhere = signal(b"5011 187037E13001004\x14", link("south"))

    assert first.repeat_key == glued.repeat_key
    assert len({first.repeat_key, other.repeat_key, elsewhere.repeat_key}) == 3
    assert None not in {first.repeat_key, other.repeat_key}


def test_in_dc07_a_new_number_is_a_new_message() -> None:
    one, same, two = (signal(written(b'"ADM-CID"%04dR1L2[#7037|1110 02 017]' % n), DC07) for n in (1, 1, 2))

    assert one.repeat_key == same.repeat_key != two.repeat_key
