"""The header and the content of a frame, in all spellings that panels were seen to use."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.protocols.dc09_frame import Frame, parse_content, parse_frame
from receiver.protocols.dc09_framing import CrcForm, Envelope
from receiver.protocols.errors import RemoteProtocolError


def frame(body: bytes) -> Frame:
    return parse_frame(Envelope(raw=body, body=body, crc_form=CrcForm.HEX))


@pytest.mark.parametrize(
    ("header", "sequence", "receiver", "prefix", "account"),
    [
        (b"0000R0L0#1234", "0000", "0", "0", "1234"),
        (b"0000L0#1409", "0000", None, "0", "1409"),
        (b"0001L#7303658550", "0001", None, "", "7303658550"),
        (b"0001#1997", "0001", None, None, "1997"),
        (b"0227R4F39L4F39#4F39", "0227", "4F39", "4F39", "4F39"),
        (b"0001R000001L010000#000110", "0001", "000001", "010000", "000110"),
        (b"0000Rc0ffdL1234#080027E62A64", "0000", "c0ffd", "1234", "080027E62A64"),
        (b"0000L9999", "0000", None, "9999", None),
        (b"0000L0#1", "0000", None, "0", "1"),
        (b"0007L0#foc7688", "0007", None, "0", "foc7688"),
        (b"0012R15L1#0001", "0012", "15", "1", "0001"),
        (b"000CL000#AAA", "000C", None, "000", "AAA"),
        (b"9876R579BDFL789ABC#123456A", "9876", "579BDF", "789ABC", "123456A"),
    ],
)
def test_header_fields_are_kept_as_sent(
    header: bytes, sequence: str, receiver: str | None, prefix: str | None, account: str | None
) -> None:
    read = frame(b'"NULL"' + header + b"[]")

    assert (read.sequence, read.receiver, read.prefix, read.account) == (sequence, receiver, prefix, account)
    assert read.header == header


def test_the_star_means_encrypted_and_is_no_part_of_the_token() -> None:
    assert (frame(b'"*SIA-DCS"0007L0#1[00').encrypted, frame(b'"*SIA-DCS"0007L0#1[00').token) == (True, "SIA-DCS")
    assert (frame(b'"XNM"0007L0#1[]').encrypted, frame(b'"XNM"0007L0#1[]').token) == (False, "XNM")


@pytest.mark.parametrize("token", [b"ACK", b"NAK", b"DUH", b"*ACK"])
def test_a_reply_is_not_answered(token: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        frame(b'"%b"0001L0#1234[]' % token)


@pytest.mark.parametrize(
    ("content", "extended"),
    [
        (b"#1234|1131 01 003][Vhttps://v.example/c/77]", (("V", "https://v.example/c/77"),)),
        (b"#1234|1131 01 003][X093W23.456][Y45N23.456][Z123.2M][X094W23.456]",
         (("X", "093W23.456"), ("Y", "45N23.456"), ("Z", "123.2M"), ("X", "094W23.456"))),
        (b"#1234|1131 01 003][M0026b9e4268b][E77][I2nd Floor West PIR][TF][CCDP][G2]",
         (("M", "0026b9e4268b"), ("E", "77"), ("I", "2nd Floor West PIR"), ("T", "F"), ("C", "CDP"), ("G", "2"))),
        (b"#1234|1131 01 003][J1]", (("J", "1"),)),
        (b'#1234|1131 01 003][J{"address":{"city":"Porto"}}]', (("J", '{"address":{"city":"Porto"}}'),)),
        (b'#1234|1131 01 003][J{"zones":[1,2]}][G2]', (("J", '{"zones":[1,2]}'), ("G", "2"))),
        ("#1234|1131 01 003][SУлица]".encode(), (("S", "Улица"),)),
        ("#1234|1131 01 003][RSalão]".encode("cp1252"), (("R", "Salão"),)),
        (b"#1234|1131 01 003][V]", (("V", ""),)),
        (b"#1234|1131 01 003][K]", (("K", ""),)),
        (b"#1234|1131 01 003]", ()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stamp", [b"", b"_12:00:00,06-15-2026"])
def test_extended_data_is_kept_whatever_its_letter(
    content: bytes, extended: tuple[tuple[str, str], ...], stamp: bytes
) -> None:
    read = parse_content(content + stamp)

    assert read.extended == extended
    assert read.data == b"#1234|1131 01 003"


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        (b"_12:00:00,06-15-2026", dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)),
        (b"_23:59:59,12-31-2014", dt.datetime(2014, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        (b"_17:53:48,00-31-2019", None),
        (b"_24:00:00,01-01-2026", None),
        (b"_12:00:00,02-30-2026", None),
        (b"", None),
    ],
)
def test_the_time_is_gmt_and_month_comes_first(stamp: bytes, instant: dt.datetime | None) -> None:
    read = parse_content(b"#1234|1131 01 003]" + stamp)

    assert read.sent_at == instant
    assert read.data == b"#1234|1131 01 003"


def test_empty_content() -> None:
    assert parse_content(b"]").data == b""
    assert parse_content(b"").data == b""


@given(st.binary(max_size=300))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for text in (body, b'"' + body, b'"NULL"' + body, b'"NULL"0000R0L0#' + body, b'"NULL"0000L0#1[' + body):
        try:
            parse_content(frame(text).content)
        except RemoteProtocolError:
            continue
