"""DC-07: what DC-09 inherited from it, and what differs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.protocols.dc07 import Dc07
from receiver.protocols.relayed import Heartbeat, Message, Report, Rubbish, Transmission
from tests.receiver.peers import written

SIA = written(b'"SIA-DCS"0012R1L2[#1234|Nri1/BA003]')
CID = written(b'"ADM-CID"0013R1L2[#0012|1131 01 003]')


def test_the_account_stands_in_the_data_and_l_is_the_line() -> None:
    (message,) = Dc07().receive_data(SIA)

    assert message == Transmission(
        SIA,
        [
            Report(
                receiver="1",
                line="2",
                account="1234",
                form="SIA-DCS",
                data=b"#1234|Nri1/BA003]",
                sequence="0012",
            )
        ],
        written(b'"ACK"0012R1L2[]'),
    )


@pytest.mark.parametrize(
    ("header", "receiver", "line"), [(b"0013R01L02", "01", "02"), (b"0013L2", "", "2"), (b"0013", "", "")]
)
def test_fields_that_are_absent_are_not_echoed(header: bytes, receiver: str, line: str) -> None:
    (message,) = Dc07().receive_data(written(b'"ADM-CID"%b[#0012|1131 01 003]' % header))

    assert isinstance(message, Transmission)
    assert message.ack == written(b'"ACK"%b[]' % header)
    assert [(found.receiver, found.line, found.account) for found in message.reports] == [(receiver, line, "0012")]


def test_a_null_is_a_heartbeat_and_acknowledged_with_its_number() -> None:
    assert Dc07().receive_data(written(b'"NULL"0077R1L0[]')) == [Heartbeat(written(b'"ACK"0077R1L0[]'))]


def test_an_unknown_identifier_is_a_report() -> None:
    (message,) = Dc07().receive_data(written(b'"ACR-SF"0014R1L2[#1234|xyz]'))

    assert isinstance(message, Transmission)
    assert [(found.form, found.account) for found in message.reports] == [("ACR-SF", "1234")]


def test_encrypted_data_is_a_report_that_nobody_takes_for_clear() -> None:
    (message,) = Dc07().receive_data(written(b'"*SIA-DCS"0014R1L2#1234[00112233445566778899AABBCCDDEEFF'))

    assert isinstance(message, Transmission)
    assert [(found.form, found.account) for found in message.reports] == [("*SIA-DCS", "1234")]


@pytest.mark.parametrize(
    "raw",
    [CID.replace(b"131", b"130"), written(b'"ACK"0001R1L2[]'), written(b'"DUH"0001[]'), b"GET / HTTP/1.1\r\n\r\n"],
)
def test_what_is_broken_or_a_reply_gets_no_answer(raw: bytes) -> None:
    wire = Dc07()

    assert all(isinstance(message, Rubbish) for message in wire.receive_data(raw))
    assert [m for m in wire.receive_data(CID) if isinstance(m, Transmission)]


def sound(messages: list[Message]) -> list[Message]:
    return [message for message in messages if not isinstance(message, Rubbish)]


@settings(max_examples=200)
@given(
    parts=st.lists(st.sampled_from([SIA, CID, SIA[:20], b"\n", b"\r", b'"']) | st.binary(max_size=20), max_size=10),
    seed=st.integers(0, 1 << 30),
)
def test_any_bytes_in_any_pieces_give_the_same_messages(parts: list[bytes], seed: int) -> None:
    stream = b"".join(parts)
    cuts = sorted(random.Random(seed).randrange(len(stream) + 1) for _ in range(6))
    whole, pieces = Dc07(), Dc07()

    assert sound(whole.receive_data(stream)) == sound(
        [m for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for m in pieces.receive_data(stream[a:b])]
    )
    assert sound(whole.give_up_waiting()) == sound(pieces.give_up_waiting())
