"""One panel's side of a connection, without I/O: TCP, UDP and TLS share it, and so do tests.

In: bytes as they arrive. Out: frames to be read, stored and answered, and a count of what could not be one. The
reply to a frame is plain bytes, sent by whoever owns the socket, after the commit.
"""

from __future__ import annotations

from typing import Final

import attrs

from receiver.protocols.dc09_frame import Frame, parse_frame
from receiver.protocols.dc09_framing import Damaged, Envelope, Framer
from receiver.protocols.errors import RemoteProtocolError

#: A datagram holds one frame, perhaps behind something that looks like the beginning of another; one that is made of
#: such beginnings would take long to read.
_BEGINNINGS_TRIED: Final = 8


@attrs.frozen
class Ignored:
    """Bytes that get no answer, and why: `crc`, `length`, `unfinished` or `not a report`."""

    reason: str


class Conversation:
    """What one panel says, frame by frame."""

    def __init__(self) -> None:
        self._framer = Framer()

    @property
    def waiting(self) -> bool:
        """True while an unfinished frame is held."""
        return self._framer.waiting

    @property
    def held_bytes(self) -> int:
        """How much of it there is."""
        return self._framer.held_bytes

    @property
    def noise_bytes(self) -> int:
        """How many bytes belonged to no frame."""
        return self._framer.noise_bytes

    def receive_data(self, data: bytes) -> list[Frame | Ignored]:
        """What `data` completes, in order."""
        return [_understood(event) for event in self._framer.receive_data(data)]

    def give_up_waiting(self) -> list[Frame | Ignored]:
        """The unfinished frame will not be finished: what came after its start counts."""
        return [_understood(event) for event in self._framer.give_up_waiting()]


def frames_of_datagram(data: bytes) -> tuple[list[Frame | Ignored], int]:
    """What one datagram holds, and how many of its bytes belonged to no frame."""
    conversation = Conversation()
    heard = conversation.receive_data(data)
    for _ in range(_BEGINNINGS_TRIED):
        if not conversation.waiting:
            break
        heard += conversation.give_up_waiting()  # nothing more will come of this datagram
    return heard, conversation.noise_bytes


def _understood(event: Envelope | Damaged) -> Frame | Ignored:
    match event:
        case Damaged(reason=reason):
            return Ignored(reason)
        case Envelope():
            try:
                return parse_frame(event)
            except RemoteProtocolError:
                return Ignored("not a report")
