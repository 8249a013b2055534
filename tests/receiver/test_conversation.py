"""One panel's side of a connection: frames to be answered, and bytes that get no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.conversation import Conversation, Ignored
from receiver.protocols.dc09_frame import Frame
from tests.receiver.peers import Captured, captured_frames, written

ALL = captured_frames()


@pytest.mark.parametrize("captured", ALL, ids=[captured.name for captured in ALL])
def test_sound_frames_are_read_and_others_get_no_answer(captured: Captured) -> None:
    conversation = Conversation()

    heard = [*conversation.receive_data(captured.raw), *conversation.give_up_waiting()]

    frames = [event for event in heard if isinstance(event, Frame)]
    if captured.reply is None:
        assert frames == []
    else:
        (frame,) = frames
        assert frame.raw == captured.raw.rstrip(b"\x00")
        assert (frame.account, frame.sequence) == (captured.account, captured.sequence)


def test_order_is_kept() -> None:
    conversation = Conversation()
    sent = b"".join(written(b'"NULL"%04dL0#1[]' % number) for number in range(50))

    heard = conversation.receive_data(b"noise" + sent + b"\r\n")

    assert [event.sequence for event in heard if isinstance(event, Frame)] == [f"{number:04}" for number in range(50)]


def test_a_reply_between_frames_is_passed_over() -> None:
    heard = Conversation().receive_data(written(b'"ACK"0001L0#1[]') + written(b'"NULL"0002L0#1[]'))

    assert isinstance(heard[0], Ignored)
    assert isinstance(heard[1], Frame)


@given(st.lists(st.binary(max_size=80) | st.binary(max_size=80).map(lambda body: written(b'"' + body)), max_size=8))
def test_any_bytes_are_taken(pieces: list[bytes]) -> None:
    conversation = Conversation()
    for piece in pieces:
        conversation.receive_data(piece)
    while conversation.waiting:
        conversation.give_up_waiting()
