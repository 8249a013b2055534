"""Messages that end with one control character: the framing of Sur-Gard, D6500 and Ademco 685.

In: bytes. Out: what `read` makes of each line. Some receivers leave the end out and repeat the message behind itself;
so a line that stays unfinished counts too, once nothing more comes and if it can be read as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from receiver.protocols.relayed import Heartbeat, Message, Rubbish, Transmission

#: A SIA block with a long text is some hundred bytes.
LINE_LIMIT_BYTES: Final = 4096

#: Gets a line without its end, and whether the end was there. None: it is no message.
Read = Callable[[bytes, bool], Transmission | Heartbeat | None]


class Lines:
    """The messages in one stream of bytes."""

    def __init__(self, end: bytes, read: Read) -> None:
        self._end = end
        self._read = read
        self._held = b""
        #: The line is too long; the rest of it is passed over as well.
        self._skipping = False

    @property
    def waiting(self) -> bool:
        """True while an unfinished line is held."""
        return bool(self._held)

    def receive_data(self, data: bytes) -> list[Message]:
        """What has become complete with `data`, in order."""
        *lines, self._held = (self._held + data).split(self._end)
        messages: list[Message] = []
        for line in lines:
            if line or self._skipping:
                messages.append(self._message(line))
            self._skipping = False
        if self._skipping or len(self._held) > LINE_LIMIT_BYTES:
            if self._held:
                messages.append(Rubbish(len(self._held)))
            self._held, self._skipping = b"", True
        return messages

    def give_up_waiting(self) -> list[Message]:
        """Nothing has come for a while: take what is held, if it can be read without its end."""
        message = self._read(self._held, False) if self._held else None
        if message is None:
            return []
        self._held = b""
        return [message]

    def _message(self, line: bytes) -> Message:
        if self._skipping or len(line) > LINE_LIMIT_BYTES:
            return Rubbish(len(line))
        return self._read(line, True) or Rubbish(len(line))


def copies_in(line: bytes) -> tuple[bytes, int]:
    """What a line says, and how often it says it with nothing between."""
    # A text that is found in itself doubled, before its end, is a shorter text repeated.
    period = (line + line).find(line, 1)
    return (line[:period], len(line) // period) if line else (line, 1)
