"""Contact ID in the spellings of real panels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.protocols.contact_id import ContactIdEvent, parse
from receiver.protocols.errors import RemoteProtocolError


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("#1234|1131 01 003", ("1", "131", "01", "003")),
        ("#1234|3401 01 057", ("3", "401", "01", "057")),
        ("#1234|6602 00 000", ("6", "602", "00", "000")),
        ("10064|1602 00 000", ("1", "602", "00", "000")),
        ("1602 00 000", ("1", "602", "00", "000")),
        ("|1602 00 000", ("1", "602", "00", "000")),
        ("#1234|113101003", ("1", "131", "01", "003")),
        ("#1234|18160201000D", ("1", "602", "01", "000")),
        ("#1234|98113001004C", ("1", "130", "01", "004")),
        ("#1234|1130 99 999", ("1", "130", "99", "999")),
        ("#1234|1130 1 5", ("1", "130", "1", "5")),
        ("#1234|1130 01 1234", ("1", "130", "01", "1234")),
        ("#1234|1130 0B 0F1", ("1", "130", "0B", "0F1")),
        ("#1234|1130 0b 0f1", ("1", "130", "0B", "0F1")),
        ("#1234|E130 01 004", ("E", "130", "01", "004")),
        ("#1234|R130 01 004", ("R", "130", "01", "004")),
        ("#0000|0000 00 000", ("0", "000", "00", "000")),
        ("#1234|1130 01 004 ", ("1", "130", "01", "004")),
    ],
)
def test_spellings(data: str, expected: tuple[str, str, str, str]) -> None:
    assert parse(data) == ContactIdEvent(*expected)


@pytest.mark.parametrize("data", ["", "#1234", "#1234|", "#1234|Nri1/BA003", "#1234|1131 01!003", "#1234|113", "\x00"])
def test_no_event_is_said_so(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse(data)


@given(st.text(max_size=60) | st.text("0136ABFERP| #8", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for data in (text, "#1234|" + text, "#1234|1131 " + text):
        try:
            parse(data)
        except RemoteProtocolError:
            continue
