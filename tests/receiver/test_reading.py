"""What is stored of a frame, on real frames: its signals, and what they say."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.conversation import Conversation
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.dc09_framing import Envelope, Framer
from receiver.reading import account_number, read
from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Transport
from tests.receiver.peers import Captured, captured_frames, stamp, unsealed, written
from tests.receiver.readings import KEY, NOW, PEER, account, frame, only_signal, reading

ANSWERED = [captured for captured in captured_frames() if captured.reply is not None]


@pytest.mark.parametrize("captured", ANSWERED, ids=[captured.name for captured in ANSWERED])
def test_each_captured_frame_gets_its_answer_and_its_signals(captured: Captured) -> None:
    now = captured.sent_at or NOW

    result = reading(captured.raw.rstrip(b"\x00"), account(captured.key), now)

    assert captured.reply is not None
    if captured.key is None:
        assert result.reply == captured.reply
    else:
        head, _, cipher_text = result.reply[:-1].partition(b"[")
        assert head[9:] + b"[" == captured.reply
        assert unsealed(captured.key, cipher_text).partition(b"]")[2] == stamp(now)
    got = [
        {
            "kind": signal.kind.value,
            "code": signal.event_code,
            "area": signal.area,
            "zone": signal.zone,
            "user": signal.user,
            "text": signal.text,
            "qualifier": signal.qualifier.value,
            "extended": [list(group) for group in signal.extended],
        }
        for signal in result.signals
    ]
    # A link test from an account of ours is a sign of life and nothing else.
    assert got == [row for row in captured.signals if row["kind"] != "link_test"]
    assert (result.alive, result.said) == (True, Reply.ACK)
    if captured.sent_at is not None:
        assert result.sent_at == captured.sent_at
    for signal in result.signals:
        assert (signal.account, signal.sequence, signal.reply) == (captured.account, captured.sequence, Reply.ACK)
        assert signal.raw == captured.raw.rstrip(b"\x00")
        assert (signal.peer, signal.transport, signal.protocol) == (PEER, Transport.TCP, Protocol.DC09)
        assert signal.authenticity is (Authenticity.AUTHENTICATED if captured.key else Authenticity.UNPROVEN)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'"SIA-DCS"0001L0#1234[#1234|Nri1/QQ5]', Kind.UNKNOWN_CODE),
        (b'"ADM-CID"0001L0#1234[#1234|1897 01 003]', Kind.UNKNOWN_CODE),
        (b'"SIA-DCS"0001L0#1234[#1234|garbage!]', Kind.UNREADABLE),
        (b'"SIA-DCS"0001L0#1234[]', Kind.UNREADABLE),
        (b'"ADM-CID"0001L0#1234[#1234|1131 01!003]', Kind.UNREADABLE),
        (b'"ADM-CID"0001L0#1234', Kind.UNREADABLE),
        (b'"SIA-PUL"0001L0#1234[#1234|31]', Kind.UNREADABLE),
        (b'"SES-SS"0001L0#1234[#1234|9]', Kind.UNREADABLE),
        (b'"VIS-BBA"0001L0#1234[\r\n\x00\xff]', Kind.UNREADABLE),
        (b'"FUTURE"0001L0#1234[#1234|1131 01 003]', Kind.UNREADABLE),
        (b'"RSP"0001L0#1234[#1234|NHB0003][X115000]', Kind.UNREADABLE),
    ],
)
def test_a_sound_frame_is_acknowledged_whatever_it_says(body: bytes, kind: Kind) -> None:
    result = reading(written(body), account())

    assert result.reply == written(b'"ACK"0001L0#1234[]')
    (signal,) = result.signals
    assert (signal.kind, signal.raw, signal.reply) == (kind, written(body), Reply.ACK)


@pytest.mark.parametrize(
    ("data", "kind", "qualifier"),
    [
        (b"1130 01 003", Kind.BURGLARY, Qualifier.NEW),
        (b"3130 01 003", Kind.BURGLARY, Qualifier.RESTORE),
        (b"6130 01 003", Kind.BURGLARY, Qualifier.STATUS),
        (b"1401 01 003", Kind.OPEN_CLOSE, Qualifier.OPENING),
        (b"3401 01 003", Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (b"1110 01 003", Kind.FIRE, Qualifier.NEW),
        (b"1100 01 003", Kind.MEDICAL, Qualifier.NEW),
        (b"1120 01 003", Kind.PANIC_HOLDUP, Qualifier.NEW),
        (b"1151 01 003", Kind.GAS_CO, Qualifier.NEW),
        (b"1301 00 000", Kind.POWER, Qualifier.NEW),
        (b"1406 01 003", Kind.CANCEL, Qualifier.NEW),
        (b"1570 01 003", Kind.BYPASS, Qualifier.NEW),
        (b"3570 01 003", Kind.BYPASS, Qualifier.RESTORE),
        # Not in the table, but in a decade of alarms: it must not be missed.
        (b"1119 01 003", Kind.FIRE, Qualifier.NEW),
    ],
)
def test_contact_id_codes(data: bytes, kind: Kind, qualifier: Qualifier) -> None:
    signal = only_signal(written(b'"ADM-CID"0001L0#1234[#1234|' + data + b"]"), account())

    assert (signal.kind, signal.qualifier, signal.event_code) == (kind, qualifier, data[1:4].decode())


@pytest.mark.parametrize(
    ("packet", "kind", "qualifier"),
    [
        (b"BA1", Kind.BURGLARY, Qualifier.NEW),
        (b"BR1", Kind.BURGLARY, Qualifier.RESTORE),
        (b"BH1", Kind.BURGLARY, Qualifier.RESTORE),
        (b"FA1", Kind.FIRE, Qualifier.NEW),
        (b"FR1", Kind.FIRE, Qualifier.RESTORE),
        (b"TA1", Kind.TAMPER, Qualifier.NEW),
        (b"HA1", Kind.PANIC_HOLDUP, Qualifier.NEW),
        (b"OP1", Kind.OPEN_CLOSE, Qualifier.OPENING),
        (b"CL1", Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (b"CG1", Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (b"AT", Kind.POWER, Qualifier.NEW),
        (b"AR", Kind.POWER, Qualifier.RESTORE),
        (b"YC", Kind.COMMS, Qualifier.NEW),
        (b"YK", Kind.COMMS, Qualifier.RESTORE),
        (b"BB1", Kind.BYPASS, Qualifier.NEW),
        (b"BU1", Kind.BYPASS, Qualifier.RESTORE),
        (b"RP", Kind.TEST, Qualifier.NEW),
    ],
)
def test_sia_codes(packet: bytes, kind: Kind, qualifier: Qualifier) -> None:
    signal = only_signal(written(b'"SIA-DCS"0001L0#1234[#1234|Nri1/' + packet + b"]"), account())

    assert (signal.kind, signal.qualifier, signal.event_code) == (kind, qualifier, packet[:2].decode())


def test_several_events_are_several_signals_and_one_answer() -> None:
    result = reading(written(b'"SIA-DCS"0004R0L0#1234[#1234|Nti11:59/ri1/BA003/BA004/TA005]'), account())

    assert [f"{signal.event_code}{signal.zone}" for signal in result.signals] == ["BA003", "BA004", "TA005"]
    assert len({signal.repeat_key for signal in result.signals}) == 3
    assert result.reply == written(b'"ACK"0004R0L0#1234[]')


@pytest.mark.parametrize(
    "group", [b'[J{"zones":[1,2]}]', b"[SBloco [A]]", b"[Vhttps://v.example/1|2.jpg,https://v.example/[3].jpg]"]
)
@pytest.mark.parametrize(
    ("token", "data", "code"), [(b"SIA-DCS", b"#1|Nri1/BA003", "BA"), (b"ADM-CID", b"#1|1130 01 003", "130")]
)
def test_brackets_and_bars_in_extended_data_hide_no_alarm(group: bytes, token: bytes, data: bytes, code: str) -> None:
    signal = only_signal(written(b'"%b"0001L0#1[%b]%b_12:00:00,06-15-2026' % (token, data, group)))

    assert (signal.kind, signal.event_code, signal.zone) == (Kind.BURGLARY, code, "003")


def test_an_old_event_is_marked() -> None:
    signal = only_signal(written(b'"SIA-DCS"0001L0#1234[#1234|Oti03:12/ri1/AT0]'), account())

    assert signal.old


def test_the_time_of_occurrence_is_the_h_group_before_the_frame_time() -> None:
    both = written(b'"ADM-CID"0006L0#1[#1|1130 01 005][H11:58:30,06-15-2026]_12:00:00,06-15-2026')
    time_only = written(b'"ADM-CID"0006L0#1[#1|1130 01 005]_12:00:00,06-15-2026')

    assert only_signal(both).occurred_at == NOW - dt.timedelta(seconds=90)
    assert only_signal(time_only).occurred_at == NOW
    assert only_signal(written(b'"ADM-CID"0006L0#1[#1|1130 01 005]')).occurred_at is None


def test_the_alarm_text_of_the_i_group_is_text() -> None:
    signal = only_signal(written(b'"ADM-CID"0006L0#1[#1|1130 01 005][I2nd Floor West PIR]'))

    assert "2nd Floor West PIR" in signal.text


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b'"ADM-CID"0001L0#1234[#9999|1130 01 005]', "1234"),
        (b'"SIA-DCS"0001L0#ABCD[#0000|Npi0/AT]', "ABCD"),
        (b'"SIA-DCS"0001R0073L0011[#001365|NRP]', "001365"),
        (b'"SIA-DCS"0001L0[9999|NRP]', "9999"),
        (b'"NULL"0001L0#foc7688[]', "foc7688"),
        (b'"NULL"0001L0#0001[]', "0001"),
    ],
)
def test_the_account_is_the_headers_else_that_of_the_data(body: bytes, number: str) -> None:
    assert account_number(frame(written(body))) == number
    assert only_signal(written(body)).account == number


@settings(max_examples=300)
@given(
    body=st.binary(max_size=200), head=st.sampled_from([b'"', b'"SIA-DCS"0001L0#1[', b'"*ADM-CID"0001L0#1[', b'"NULL"'])
)
def test_no_sound_frame_is_refused(body: bytes, head: bytes) -> None:
    for event in Conversation().receive_data(written(head + body.rstrip(b"\r"))):
        if isinstance(event, Frame):
            for of in (None, account(), account(KEY)):
                result = read(event, of, NOW, Transport.UDP, PEER)
                assert result.signals or (result.alive and event.token in {"NULL", "XNM"})
                # What we say is a sound frame itself.
                assert [answer for answer in Framer().receive_data(result.reply) if isinstance(answer, Envelope)]
