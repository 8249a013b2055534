"""What is fuzzed: every way in which bytes from outside are taken apart, each as a function of some bytes.

In: any bytes. Out: nothing; `RemoteProtocolError` is the parsers' right and is taken here, any other exception is a
bug, and so is an AssertionError: more memory held, more rows or another reply than promised. Hypothesis and the
coverage-guided fuzzer share these.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from receiver import strangers
from receiver.automation.relay import signals_of
from receiver.automation.settings import Endpoint, LinkSettings
from receiver.conversation import Conversation, Ignored, frames_of_datagram
from receiver.protocols import contact_id, dc09_cipher, dc09_frame, sia_dcs
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.dc09_framing import FRAME_LIMIT_BYTES, CrcForm, enclose
from receiver.protocols.errors import RemoteProtocolError
from receiver.protocols.lines import LINE_LIMIT_BYTES
from receiver.protocols.relayed import Heartbeat, Message, Rubbish, Transmission, Wire
from receiver.reading import PanelAccount, account_number, read
from station.signals import Protocol, Reply, Signal, Transport
from station.store.signals import row_of

Target = Callable[[bytes], None]

NOW: Final = dt.datetime(2026, 6, 15, 12, 0, 5, tzinfo=dt.UTC)
KEY: Final = bytes(range(16))
#: 32 characters that are a key of AES-256, or spell one of AES-128.
TWO_READINGS: Final = b"000102030405060708090A0B0C0D0E0F"
_ACCOUNTS: Final = (
    None,
    PanelAccount(1, None, 40, 20),
    PanelAccount(2, KEY, 40, 20, observe_window=True),
    PanelAccount(3, TWO_READINGS, 40, 20, enrolling=True),
)
#: A frame with more events is refused as a whole.
_EVENTS_A_FRAME: Final = sia_dcs.EVENT_LIMIT
#: Of the rows of one event: raw, payload, texts, each at most a frame long, and UTF-8 may make three of one byte.
_ROW_BYTES: Final = 1024
_FRAME_SHARE: Final = 16
#: What one `recv` of the doors hands over at most is of this order.
_PIECE_BYTES: Final = 97


# Sound frames ----------------------------------------------------------------------------------------------------


def _read_for_everybody(frame: Frame) -> None:
    account_number(frame)
    for account in _ACCOUNTS:
        for clock_right in (True, False):
            reading = read(frame, account, NOW, Transport.TCP, "192.0.2.1:7700", clock_right=clock_right)
            _check_signals(reading.signals, frame.raw, _EVENTS_A_FRAME)
            _check_reply(reading.said, reading.reply)
            assert reading.signals or reading.alive


def _check_signals(signals: Iterable[Signal], raw: bytes, most: int) -> None:
    """They can be stored, and are not out of proportion to what came."""
    signals = list(signals)
    assert len(signals) <= most
    for signal in signals:
        row = row_of(signal)
        assert len(row) <= _ROW_BYTES + _FRAME_SHARE * len(raw)
        # What PostgreSQL can't hold in a text.
        texts = (signal.account, signal.receiver, signal.prefix, signal.sequence, signal.token, signal.event_code)
        more = (signal.area, signal.zone, signal.user, signal.text, signal.payload)
        extended = itertools.chain.from_iterable(signal.extended)
        assert "\0" not in "".join(text for text in (*texts, *more, *extended) if text is not None)


def _check_reply(said: Reply, reply: bytes) -> None:
    (event,), noise_bytes = _replies(reply)
    assert noise_bytes == 0
    assert event == Ignored("not a report")  # whole and sound, and no receiver takes it for a panel's
    assert f'{said.value.upper()}"'.encode() in reply


def _replies(reply: bytes) -> tuple[list[Frame | Ignored], int]:
    return frames_of_datagram(reply)


def stream(data: bytes) -> None:
    """A TCP connection: bytes in pieces, and then nothing more."""
    conversation = Conversation()
    for start in range(0, len(data), _PIECE_BYTES):
        _understand(conversation.receive_data(data[start : start + _PIECE_BYTES]))
        assert len(conversation._framer._buffer) <= FRAME_LIMIT_BYTES + _PIECE_BYTES
    rounds = 0
    while conversation.waiting:
        _understand(conversation.give_up_waiting())
        rounds += 1
        assert rounds <= FRAME_LIMIT_BYTES


def datagram(data: bytes) -> None:
    """A UDP datagram."""
    heard, noise_bytes = frames_of_datagram(data[: 2 * FRAME_LIMIT_BYTES])
    assert noise_bytes <= len(data)
    _understand(heard)


def _understand(heard: Iterable[Frame | Ignored]) -> None:
    for frame in heard:
        if isinstance(frame, Frame):
            _read_for_everybody(frame)


def _framed(body: bytes) -> None:
    heard, _ = frames_of_datagram(enclose(body, CrcForm.HEX if len(body) % 2 else CrcForm.BINARY))
    _understand(heard)


def sound_header(data: bytes) -> None:
    """Under a right CRC: anything between quote and CR."""
    _framed(b'"' + data[:4000])


def sound_sia(data: bytes) -> None:
    """A SIA-DCS frame with any content."""
    _framed(b'"SIA-DCS"0001R1L2#1234[' + data[:4000])


def sound_contact_id(data: bytes) -> None:
    """An ADM-CID frame with any content."""
    _framed(b'"ADM-CID"0001L0#1234[' + data[:4000])


def sealed(data: bytes) -> None:
    """An encrypted frame with any content, under a key that is ours, in both of its readings."""
    content = data[:1900] + b"_12:00:00,06-15-2026"
    for key in (KEY, TWO_READINGS):
        _framed(b'"*SIA-DCS"0001L0#1234[' + dc09_cipher.encrypt(key, content))
    _framed(b'"*SIA-DCS"0001L0#1234[' + data[:4000].hex().upper().encode()[:4000])


def cipher(data: bytes) -> None:
    """Cipher text that is none."""
    for key in (KEY, KEY * 2):
        dc09_cipher.decrypt(key, data)
    dc09_cipher.other_reading(data[:32])


# Payloads --------------------------------------------------------------------------------------------------------


def sia(data: bytes) -> None:
    """A data group of SIA DC-03."""
    with contextlib.suppress(RemoteProtocolError):
        events = sia_dcs.parse(dc09_frame.decode(data))
        assert 0 < len(events) <= _EVENTS_A_FRAME
        for event in events:
            if event.time is not None:
                sia_dcs.happened_at(event.time, event.date, NOW)


def contact(data: bytes) -> None:
    """A data group of SIA DC-05."""
    with contextlib.suppress(RemoteProtocolError):
        contact_id.parse(dc09_frame.decode(data))


def content(data: bytes) -> None:
    """Data, extended data and timestamp."""
    found = dc09_frame.parse_content(data)
    assert len(found.extended) <= len(data) // 2 + 1
    dc09_frame.account_in(data)
    dc09_frame.parse_instant(dc09_frame.decode(data))
    dc09_frame.without_timestamp(data)


# Hardware receivers ----------------------------------------------------------------------------------------------


class _Nobody:
    def find(self, number: str, receiver: str | None, prefix: str | None) -> PanelAccount | None:
        """No account."""


def _link(protocol: Protocol, line_digits: int = 1) -> Target:
    settings = LinkSettings(name="fuzz", protocol=protocol, listen=Endpoint("127.0.0.1", 0), line_digits=line_digits)

    def taken(messages: Iterable[Message]) -> None:
        for message in messages:
            match message:
                case Transmission():
                    assert message.reports
                    signals = signals_of(message, settings, _Nobody(), NOW, "192.0.2.1:1025")
                    assert len(signals) >= len(message.reports)
                    _check_signals(signals, message.raw, _EVENTS_A_FRAME * len(message.reports))
                case Heartbeat():
                    assert message.ack
                case Rubbish():
                    assert message.size_bytes > 0

    def whole(data: bytes) -> None:
        wire: Wire = settings.wire()
        for start in range(0, len(data), _PIECE_BYTES):
            taken(wire.receive_data(data[start : start + _PIECE_BYTES]))
            _check_held(wire)
        for _ in range(FRAME_LIMIT_BYTES):
            if not wire.waiting or not (messages := wire.give_up_waiting()):
                break
            taken(messages)

    return whole


def _check_held(wire: Wire) -> None:
    held: object = getattr(wire, "_held", b"")
    assert isinstance(held, bytes)
    assert len(held) <= LINE_LIMIT_BYTES + _PIECE_BYTES


# All of them -----------------------------------------------------------------------------------------------------


def stranger(data: bytes) -> None:
    """The first bytes of somebody who does not speak DC-09."""
    found = strangers.recognise(data)
    assert found is None or isinstance(found.reply, bytes)


TARGETS: Final[Mapping[str, Target]] = {
    "stream": stream,
    "datagram": datagram,
    "sound_header": sound_header,
    "sound_sia": sound_sia,
    "sound_contact_id": sound_contact_id,
    "sealed": sealed,
    "cipher": cipher,
    "sia": sia,
    "contact": contact,
    "content": content,
    "surgard": _link(Protocol.SURGARD),
    "surgard_three_digits": _link(Protocol.SURGARD, 3),
    "ademco685": _link(Protocol.ADEMCO685),
    "d6500": _link(Protocol.D6500),
    "dc07": _link(Protocol.DC07),
    "stranger": stranger,
}

#: The modules of `receiver/protocols` that these go through.
REACHED: Final = frozenset(
    {"ademco685", "contact_id", "d6500", "dc07", "dc09_cipher", "dc09_frame", "dc09_framing", "dc09_reply", "lines"}
    | {"relayed", "sia_dcs", "surgard"}
)
PROTOCOLS: Final = pathlib.Path(dc09_frame.__file__).parent
