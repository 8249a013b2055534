"""SIA DC-03 blocks, in the spellings of real panels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.protocols import sia_dcs
from receiver.protocols.errors import RemoteProtocolError
from receiver.protocols.sia_dcs import DcsEvent, happened_at, parse


def event(
    code: str,
    address: str | None = None,
    area: str | None = None,
    user: str | None = None,
    text: str = "",
    *,
    old: bool = False,
    time: str | None = None,
    date: str | None = None,
) -> DcsEvent:
    return DcsEvent(code=code, address=address, area=area, user=user, text=text, old=old, time=time, date=date)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        # Levels 0 to 3, and the standard's own form.
        ("#1234|NBA2", event("BA", "2")),
        ("#1234|Nri1/BA003", event("BA", "003", "1")),
        ("#1234|Nri1/BA003^Front door^", event("BA", "003", "1", text="Front door")),
        ("#1234|Nti22:01:30/ri2/CL007", event("CL", "007", "2", time="22:01:30")),
        ("#1234|Nri1/id5/OP5", event("OP", "5", "1", "5")),
        ("#1234|NRP0", event("RP", "0")),
        ("#1234|Nti10:35/ri01/id001/pi010/BA1023", event("BA", "1023", "01", "001", time="10:35")),
        ("#1234|Nda06-15-26/ti10:35/ri01/BA1", event("BA", "1", "01", time="10:35", date="06-15-26")),
        # Without the slash, the address, the area or the account.
        ("#0123|Nti20:50:26RP99", event("RP", "99", time="20:50:26")),
        ("#000110|Nri1BA503^Volum.Taverna   ^", event("BA", "503", "1", text="Volum.Taverna   ")),
        ("#7303658550|NBA4", event("BA", "4")),
        ("36214|NRP", event("RP")),
        ("3044|NOP1", event("OP", "1")),
        ("3044|NBC1", event("BC", "1")),
        ("#51449|Nri0000/LR", event("LR", area="0000")),
        ("#AA1234|Nri2/id15/OP", event("OP", area="2", user="15")),
        ("#3080|Nti19:44/id1/ri4/RP", event("RP", area="4", user="1", time="19:44")),
        ("0000000000000000|Nri1/WA000", event("WA", "000", "1")),
        ("|Nri1/CL501", event("CL", "501", "1")),
        ("Nri1/CL501", event("CL", "501", "1")),
        ("#0000|Npi0/AT", event("AT")),
        ("#ABCD|Npi1/NL1", event("NL", "1")),
        ("#1234|NNL2", event("NL", "2")),
        ("#1234|NL2", event("NL", "2")),
        ("#1234|OP1", event("OP", "1")),
        ("#1234|BA1", event("BA", "1")),
        ("#1234|NFA129", event("FA", "129")),
        ("#AAA|Nri1/XC12", event("XC", "12", "1")),
        ("#123456A|NFA129", event("FA", "129")),
        # Text in the older form, in a block of its own, and behind a slash.
        ("#001365|NUA021*'detector hall'NM", event("UA", "021", text="detector hall")),
        ('#001365|NUA021*"detector hall"NM', event("UA", "021", text="detector hall")),
        ("#001365|NUA021*'sotano / hall'NM", event("UA", "021", text="sotano / hall")),
        ("#1234|NRR|Atest", event("RR", text="test")),
        ("#1234|Nti10:15/ri4/FA2|AFire Zone 2", event("FA", "2", "4", text="Fire Zone 2", time="10:15")),
        ("#1234|Nri4/FA2/AFire AT zone/BA3", event("FA", "2", "4", text="Fire AT zone/BA3")),
        ("#1234|0|NRP", event("RP")),
        ("|0|NRP", event("RP")),
        # A slash or a bar inside a text separates nothing.
        ("#1234|Nri1/BA003^Hall/BA9^", event("BA", "003", "1", text="Hall/BA9")),
        ("#1234|Nri1/BA003^Hall|NFA1^", event("BA", "003", "1", text="Hall|NFA1")),
        ("#1234|Nri1/BA003^Zona nº 3 (niño)^", event("BA", "003", "1", text="Zona nº 3 (niño)")),
        # Reported late.
        ("#1234|Oti03:12/ri1/AT0", event("AT", "0", "1", old=True, time="03:12")),
        ("#1234|Ori1/BA003", event("BA", "003", "1", old=True)),
    ],
)
def test_one_event(data: str, expected: DcsEvent) -> None:
    assert parse(data) == [expected]


def test_several_events_of_one_area() -> None:
    assert parse("#1234|Nti11:59/ri1/BA003/BA004/TA005") == [
        event("BA", "003", "1", time="11:59"),
        event("BA", "004", "1", time="11:59"),
        event("TA", "005", "1", time="11:59"),
    ]


def test_modifiers_hold_until_they_are_replaced() -> None:
    assert parse("#1234|Nri01/CL501/ri02/CL501") == [event("CL", "501", "01"), event("CL", "501", "02")]
    assert parse("#1234|Nid7/ri1/OP7/ri2/OP7") == [event("OP", "7", "1", "7"), event("OP", "7", "2", "7")]


def test_each_event_keeps_its_own_text() -> None:
    first, second = parse("#1234|Nri1/BA003^Front door^/BA004^Back door^")

    assert (first.text, second.text) == ("Front door", "Back door")


def test_texts_of_area_and_code() -> None:
    (only,) = parse("#1234|Nri01^TOTAL^/LX901^centrale d'alarme JA-106K(R)^")

    assert (only.code, only.address, only.area) == ("LX", "901", "01")
    assert only.text == "TOTAL centrale d'alarme JA-106K(R)"


def test_new_and_old_blocks_in_one_group() -> None:
    assert parse("#1234|Nri1/BA003|Ori2/TA005") == [event("BA", "003", "1"), event("TA", "005", "2", old=True)]


SENT = dt.datetime(2026, 3, 1, 12, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("time", "date", "instant"),
    [
        ("03:12", None, SENT.replace(hour=3, minute=12, second=0)),
        ("03:12:59", None, SENT.replace(hour=3, minute=12, second=59)),
        ("12:00", None, SENT.replace(second=0)),
        ("12:00:30", None, SENT),
        # Later than the frame was sent: it was yesterday, which was the last of February.
        ("12:00:31", None, dt.datetime(2026, 2, 28, 12, 0, 31, tzinfo=dt.UTC)),
        ("23:59", None, dt.datetime(2026, 2, 28, 23, 59, tzinfo=dt.UTC)),
        ("23:59", "02-27-26", dt.datetime(2026, 2, 27, 23, 59, tzinfo=dt.UTC)),
        ("00:00", "12-31-2025", dt.datetime(2025, 12, 31, tzinfo=dt.UTC)),
        ("24:00", None, None),
        ("12:60", None, None),
        ("12", None, None),
        ("", None, None),
        ("03:12", "02-30-26", None),
        ("03:12", "", None),
    ],
)
def test_the_time_of_an_event(time: str, date: str | None, instant: dt.datetime | None) -> None:
    assert happened_at(time, date, SENT) == instant


def test_no_day_before_the_first() -> None:
    assert happened_at("12:00", None, dt.datetime(1, 1, 1, tzinfo=dt.UTC)) is None


def test_an_unknown_code_is_an_event() -> None:
    assert parse("#1234|Nri1/QQ5") == [event("QQ", "5", "1")]


@pytest.mark.parametrize(
    "data", ["", "#1234", "#1234|", "#1234|N", "#1234|Nri1", "#1234|Nri1/", "#1234|6", "\x00\x01", "garbage!"]
)
def test_no_event_is_said_so(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse(data)


@given(st.text(max_size=120) | st.text("NOA#|/^*'\"riBAtd0123:", max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    for data in (text, "#1234|" + text, "#1234|N" + text, "#1234|Nri1/BA1" + text):
        try:
            assert parse(data)
        except RemoteProtocolError:
            continue


@given(st.text("abc/|*'\"NAri1 ", max_size=20))
def test_no_event_is_read_out_of_a_text(text: str) -> None:
    assert parse(f"#1234|Nri1/BA003^{text}^/FA7") == [event("BA", "003", "1", text=text), event("FA", "7", "1")]


@given(
    st.from_regex(r"#[0-9A-Z]{0,6}\|N(ri[0-9]{1,4}/)?[A-Z]{2}[0-9]{0,8}(\^[^|^]{1,8}\^)?", fullmatch=True)
    | st.text(alphabet="#|NOri1/BA0^ LJ'*\n", max_size=24)
)
def test_the_usual_report_is_read_as_the_unusual_ones_are(data: str) -> None:
    def told(read: Callable[[str], list[DcsEvent]]) -> list[DcsEvent] | None:
        try:
            return read(data)
        except RemoteProtocolError:
            return None

    assert told(sia_dcs.parse) == told(sia_dcs._read)
