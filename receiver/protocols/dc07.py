"""SIA DC-07, the ancestor of DC-09, as receivers speak it to a computer.

    <LF> <crc> <0LLL> <"id"> <seq> [R<rcvr>] [L<line>] [ #<acct> | data ] <CR>

In: bytes. Out: transmissions, heartbeats (NULL), rubbish. Envelope, CRC, identifiers and the ACK are those of DC-09;
L is the receiver's line and no account prefix, and the account stands in the data.
"""

from __future__ import annotations

from typing import Final

from receiver.protocols.dc09_frame import Frame, account_in, parse_frame
from receiver.protocols.dc09_framing import Damaged, Envelope, Framer, enclose
from receiver.protocols.errors import RemoteProtocolError
from receiver.protocols.relayed import Heartbeat, Message, Report, Rubbish, Transmission

_LINK_TESTS: Final = frozenset({"NULL", "XNM"})


class Dc07:
    """The messages in one stream of bytes."""

    def __init__(self) -> None:
        self._framer = Framer()
        self._noise_bytes = 0

    @property
    def waiting(self) -> bool:
        """True while an unfinished frame is held."""
        return self._framer.waiting

    def receive_data(self, data: bytes) -> list[Message]:
        """What has become complete with `data`, in order."""
        return self._messages(self._framer.receive_data(data))

    def give_up_waiting(self) -> list[Message]:
        """The unfinished frame will not be finished: what came after its start counts."""
        return self._messages(self._framer.give_up_waiting())

    def _messages(self, events: list[Envelope | Damaged]) -> list[Message]:
        messages = [_message(event) for event in events if isinstance(event, Envelope)]
        noise_bytes, self._noise_bytes = self._framer.noise_bytes - self._noise_bytes, self._framer.noise_bytes
        return [*messages, Rubbish(noise_bytes)] if noise_bytes else messages


def _message(envelope: Envelope) -> Message:
    try:
        frame = parse_frame(envelope)
    except RemoteProtocolError:
        return Rubbish(len(envelope.raw))
    ack = enclose(b'"ACK"%b[]' % frame.header, frame.crc_form)
    if frame.token in _LINK_TESTS:
        return Heartbeat(ack)
    return Transmission(frame.raw, [_report(frame)], ack)


def _report(frame: Frame) -> Report:
    return Report(
        receiver=frame.receiver or "",
        line=frame.prefix or "",
        account=frame.account or account_in(frame.content) or "",
        # A cipher is not ours to open: between a receiver and its computer nothing is encrypted.
        form=f"*{frame.token}" if frame.encrypted else frame.token,
        data=frame.content,
        sequence=frame.sequence,
    )
