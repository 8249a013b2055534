"""One panel's TCP connection: bytes in, replies out, nothing blocking.

In: readiness, as epoll reports it. Out: what the panel said, and the epoll events to wait for next. The panel closes,
not we. What it does not read yet waits in a bounded buffer; over the bound we stop reading it, so that a panel that
reads late loses no ACK and costs no memory.
"""

from __future__ import annotations

import select
import socket
from typing import Final

from receiver.conversation import Conversation, Ignored
from receiver.protocols.dc09_frame import Frame

_READ_BYTES: Final = 65_536
#: Replies that a panel has not read: some hundreds of them.
_UNSENT_LIMIT_BYTES: Final = 32_768
#: Frames of one panel on their way to the database: a flood on one connection leaves room for the others.
_AWAITED_LIMIT: Final = 256


class PanelConnection:
    """A connected socket and the conversation on it."""

    def __init__(self, sock: socket.socket, peer: str, number: int, now_s: float) -> None:
        self._socket = sock
        self.peer = peer
        #: Decides the lane; counts connections, since descriptor numbers are used again.
        self.number = number
        self.conversation = Conversation()
        #: Monotonic seconds at which bytes last arrived, and since when an unfinished frame has been held.
        self.heard_at_s = now_s
        self.unfinished_since_s: float | None = None
        self._unsent = b""
        self._awaited = 0
        self._ended = False
        self.closed = False

    def fileno(self) -> int:
        """The descriptor, while open."""
        return self._socket.fileno()

    def receive(self, now_s: float) -> list[Frame | Ignored]:
        """Read what is there."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            self.close()
            return []
        if not data:
            # It may only have closed its sending half: it still gets its ACK.
            self._ended = True
            self._close_if_done()
            return []
        self.heard_at_s = now_s
        return self._noted(self.conversation.receive_data(data), now_s)

    def give_up_waiting(self, now_s: float) -> list[Frame | Ignored]:
        """The unfinished frame is too old."""
        self.unfinished_since_s = None
        return self._noted(self.conversation.give_up_waiting(), now_s)

    def _noted(self, heard: list[Frame | Ignored], now_s: float) -> list[Frame | Ignored]:
        if not self.conversation.waiting:
            self.unfinished_since_s = None
        elif heard or self.unfinished_since_s is None:
            self.unfinished_since_s = now_s
        return heard

    def expect_reply(self) -> None:
        """A frame of this connection is on its way to the database."""
        self._awaited += 1

    def reply(self, reply: bytes) -> None:
        """The frame is committed: tell the panel. A connection that is gone is told nothing."""
        self._awaited -= 1
        if not self.closed:
            self._unsent += reply
            self.flush()

    def flush(self) -> None:
        """Send what the socket takes."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        self._close_if_done()

    @property
    def interest(self) -> int:
        """The epoll events to wait for."""
        behind = len(self._unsent) > _UNSENT_LIMIT_BYTES or self._awaited > _AWAITED_LIMIT
        reading = 0 if self._ended or behind else select.EPOLLIN
        return reading | (select.EPOLLOUT if self._unsent else 0)

    def close(self) -> None:
        """Let the panel go; frames of its that are being stored stay stored."""
        if not self.closed:
            self.closed = True
            self._socket.close()

    def _close_if_done(self) -> None:
        if self._ended and not self._awaited and not self._unsent:
            self.close()
