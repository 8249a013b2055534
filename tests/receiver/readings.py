"""What the receiver makes of bytes, without a socket or a database: frames, and what is stored and answered.

In: bytes as a panel sends them, in as many pieces as wanted, and the account. Out: readings.
"""

from __future__ import annotations

import datetime as dt

from receiver.conversation import Conversation
from receiver.protocols.dc09_frame import Frame
from receiver.reading import PanelAccount, Reading, account_number, read
from station.signals import Signal, Transport
from tests.receiver.peers import Captured, captured_frames

NOW = dt.datetime(2026, 6, 15, 12, 0, 0, tzinfo=dt.UTC)
KEY = bytes(range(16))
PEER = "192.0.2.7:40001"


def account(
    key: bytes | None = None,
    past_s: int = 40,
    future_s: int = 20,
    *,
    observe_window: bool = False,
    enrolling: bool = False,
) -> PanelAccount:
    return PanelAccount(
        id=7,
        key=key,
        window_past_s=past_s,
        window_future_s=future_s,
        observe_window=observe_window,
        enrolling=enrolling,
    )


def frames(*pieces: bytes) -> list[Frame]:
    """The sound frames in what one connection brings; none is left unfinished."""
    conversation = Conversation()
    heard = [event for piece in pieces for event in conversation.receive_data(piece)]
    while conversation.waiting:
        heard += conversation.give_up_waiting()
    return [event for event in heard if isinstance(event, Frame)]


def frame(raw: bytes) -> Frame:
    (one,) = frames(raw)
    return one


def reading(raw: bytes, of: PanelAccount | None = None, now: dt.datetime = NOW, *, clock_right: bool = True) -> Reading:
    return read(frame(raw), of, now, Transport.TCP, PEER, clock_right=clock_right)


def only_signal(
    raw: bytes, of: PanelAccount | None = None, now: dt.datetime = NOW, *, clock_right: bool = True
) -> Signal:
    (signal,) = reading(raw, of, now, clock_right=clock_right).signals
    return signal


def number_of(raw: bytes) -> str | None:
    """The account that a frame speaks for."""
    return account_number(frame(raw))


def token_of(reply: bytes) -> bytes:
    return reply[9:].split(b'"')[1]


def captured_from(*families: str) -> list[Captured]:
    """The captured frames of these panel families that have an answer."""
    found = [captured for captured in captured_frames() if captured.reply and captured.name.startswith(families)]
    assert found, families
    return found
