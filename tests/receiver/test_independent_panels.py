"""Messages that siadc09 writes, read by us; our answers, read by siadc09."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siadc09 import dc03
from siadc09.account import Account
from siadc09.admcid import parse_admcid
from siadc09.message import EventMessage, ExtendedNullMessage, NullMessage
from siadc09.message import parse_frame as read_by_a_panel
from siadc09.siadcs import parse_siadcs
from siadc09.xdata import parse_xdata

from receiver.conversation import Conversation
from receiver.protocols.dc09_frame import Frame
from receiver.reading import PanelAccount, Reading, read
from station.signals import Authenticity, Transport

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)


def account(key: bytes | None) -> PanelAccount:
    return PanelAccount(id=7, key=key, window_past_s=40, window_future_s=20)


def reading(raw: bytes, of: PanelAccount) -> Reading:
    (frame,) = Conversation().receive_data(raw)
    assert isinstance(frame, Frame)
    return read(frame, of, NOW, Transport.TCP, "192.0.2.7:40001")


CODES = sorted(dc03.BLOCK["N"]["block"])
HEX = st.text("0123456789ABCDEF", min_size=1, max_size=4)
TEXTS = st.text("abcdefghij ABC.-()0123", min_size=1, max_size=20).map(str.strip).filter(bool)


@st.composite
def peer_messages(draw: st.DrawFn) -> tuple[EventMessage, list[tuple[str, str, str]], list[tuple[str, str]]]:
    """A message of siadc09, its events as (code, address, area) and its extended data."""
    extended = draw(st.lists(st.tuples(st.sampled_from("ILORS"), TEXTS), max_size=3))
    number = draw(st.integers(1, 0xFFFFFFFF))
    if draw(st.booleans()):
        area = draw(st.integers(1, 99))
        events = [(draw(st.sampled_from(CODES)), draw(HEX), str(area)) for _ in range(draw(st.integers(1, 4)))]
        data = parse_siadcs(f"#{number:03X}|Nri{area}/{'/'.join(code + at for code, at, _ in events)}".encode())
        token = "SIA-DCS"
    else:
        code, zone = draw(st.integers(100, 999)), draw(st.integers(0, 999))
        group = draw(st.integers(0, 99))
        events = [(f"{code}", f"{zone:03}", f"{group:02}")]
        data = parse_admcid(f"#{number:03X}|{draw(st.sampled_from('136'))}{code} {group:02} {zone:03}".encode())
        token = "ADM-CID"
    config = {
        "idtoken": token,
        "seqno": draw(st.integers(0, 9999)),
        "data": data,
        "xdata": [parse_xdata((letter + text).encode()) for letter, text in extended],
        "timestamp": NOW,
    }
    key = draw(st.sampled_from([None, *(bytes(range(size)) for size in (16, 24, 32))]))
    pref, rcvr = draw(st.none() | st.integers(0, 0xFFFFFF)), draw(st.none() | st.integers(0, 0xFFFFFF))
    return EventMessage(Account(acct=number, pref=pref, rcvr=rcvr, key=key), config), events, extended


@settings(max_examples=200)
@given(peer_messages())
def test_messages_of_an_independent_panel(
    sent: tuple[EventMessage, list[tuple[str, str, str]], list[tuple[str, str]]],
) -> None:
    message, events, extended = sent
    key = message.account.key

    result = reading(message.encode(), account(key))

    assert [(signal.event_code, signal.zone, signal.area) for signal in result.signals] == events
    for signal in result.signals:
        assert signal.extended == tuple(extended)
        assert int(signal.account, 16) == message.account.acct
        assert (signal.sequence, signal.occurred_at) == (f"{message.seq:04}", NOW)
        assert signal.authenticity is (Authenticity.AUTHENTICATED if key else Authenticity.UNPROVEN)
    reply = read_by_a_panel(result.reply, key)
    assert (reply.idtoken, reply.seq, reply.encrypted) == ("ACK", message.seq, key is not None)
    # The panel's own L0 is written for no prefix at all; so the account is compared as its frame says it.
    assert reply.account.get_id() == read_by_a_panel(message.encode(), key).account.get_id()


@pytest.mark.parametrize("key", [None, *(bytes(range(size)) for size in (16, 24, 32))])
def test_link_tests_of_an_independent_panel(key: bytes | None) -> None:
    for message in (
        NullMessage(Account(acct=0x1234, key=key), NOW, seqno=0),
        ExtendedNullMessage(Account(acct=0x1234, key=key), NOW, [parse_xdata(b"CCDP")], seqno=1),
    ):
        result = reading(message.encode(), account(key))

        assert (result.signals, result.alive) == ([], True)
        assert read_by_a_panel(result.reply, key).idtoken == "ACK"
