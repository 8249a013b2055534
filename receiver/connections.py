"""One panel's TCP connection: bytes in, replies out, nothing blocking.

In: readiness, as epoll reports it. Out: what the panel said; and the epoll always knows what to wait for. The panel
closes, not we. What it does not read yet waits in a bounded buffer; over the bound we stop reading it, so that a panel
that reads late loses no ACK and costs no memory.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import Final

from receiver import metrics
from receiver.conversation import Conversation, Ignored
from receiver.protocols.dc09_frame import Frame
from receiver.protocols.errors import RemoteProtocolError
from receiver.sources import Source
from receiver.strangers import LOOKED_AT_BYTES
from receiver.tls import TlsFilter

#: Two of the longest frames: one flooding panel keeps the others waiting no longer than these take.
_READ_BYTES: Final = 8_192
#: Who is not known yet is read in small pieces: nonsense takes longer to read than frames.
_NEWCOMERS_READ_BYTES: Final = 2_048
#: Some frames: who was paused takes little more than is left to it.
_HASTY_READ_BYTES: Final = 512
#: Replies that a panel has not read: some hundreds of them.
_UNSENT_LIMIT_BYTES: Final = 32_768
#: Frames of one panel on their way to the database: a flood on one connection leaves room for the others.
_AWAITED_LIMIT: Final = 256

# All are read into one place, one after the other: a place for each would be four times the size of what it holds.
_read: Final = memoryview(bytearray(_READ_BYTES))


class PanelConnection:
    """A connected socket and the conversation on it."""

    __slots__ = (
        "_awaited",
        "_ended",
        "_epoll",
        "_forgotten",
        "_interest",
        "_read_bytes",
        "_socket",
        "_tls",
        "_unsent",
        "beginning",
        "closed",
        "conversation",
        "heard_at_s",
        "noise_bytes",
        "paused",
        "refusal",
        "source",
        "unfinished_since_s",
        "vouched_by",
    )

    def __init__(
        self,
        sock: socket.socket,
        source: Source,
        epoll: select.epoll,
        forgotten: Callable[[int, PanelConnection], None],
        now_s: float,
        tls: TlsFilter | None = None,
    ) -> None:
        """`forgotten` is told descriptor and connection when it closes."""
        self._tls = tls
        self._socket = sock
        self._epoll = epoll
        self._forgotten = forgotten
        self.source = source
        self.conversation = Conversation()
        #: Slot of the account that makes it known; None for a newcomer.
        self.vouched_by: int | None = None
        #: What it said first, as long as that might be another protocol; None once it is known not to be.
        self.beginning: bytes | None = b""
        #: Why no TLS came about.
        self.refusal: str | None = None
        #: Monotonic seconds at which a frame last arrived, and since when an unfinished one has been held.
        self.heard_at_s = now_s
        self.unfinished_since_s: float | None = None
        #: How much of `conversation.noise_bytes` has been counted.
        self.noise_bytes = 0
        self._unsent = b""
        self._awaited = 0
        self._ended = False
        self._read_bytes = _NEWCOMERS_READ_BYTES
        self.paused = False
        self.closed = False
        self._interest = select.EPOLLIN
        epoll.register(sock, self._interest)

    def receive(self) -> bytes:
        """Read what is there; empty if nothing is, or for ever."""
        try:
            size_bytes = self._socket.recv_into(_read, self._read_bytes)
        except BlockingIOError:
            return b""
        except TimeoutError:
            # Nothing that we asked of its network came back: the panel has been gone for long.
            metrics.LIMITED.labels("keepalive").inc()
            self.close()
            return b""
        except OSError:
            self.close()
            return b""
        data = bytes(_read[:size_bytes])
        if size_bytes < self._read_bytes:
            self._read_bytes = _NEWCOMERS_READ_BYTES if self.vouched_by is None else _READ_BYTES
        if not data:
            # It may only have closed its sending half: it still gets its ACK.
            self._ended = True
        return data if self._tls is None else self._decrypted(self._tls, data)

    def owe_one(self) -> None:
        """What was read may be one frame, which is owed a `reply`."""
        self._awaited += 1

    def owe_none(self) -> None:
        """It was not."""
        self._awaited -= 1

    def heard_one(self, now_s: float) -> None:
        """It was, and is taken over."""
        self.heard_at_s = now_s
        self.beginning = None
        if self._awaited > _AWAITED_LIMIT:
            self._settle()

    def understand(self, data: bytes, now_s: float) -> list[Frame | Ignored]:
        """What was read, frame by frame. Each is owed a `reply` or a `pass_over`."""
        heard = self._noted(self.conversation.receive_data(data), now_s) if data else []
        if self.beginning is not None:
            self.beginning = None if heard else (self.beginning + data)[:LOOKED_AT_BYTES]
        if self._ended and not heard:
            self._settle()
        return heard

    def _decrypted(self, tls: TlsFilter, cipher: bytes) -> bytes:
        try:
            plain = tls.receive_data(cipher)
        except RemoteProtocolError as error:
            self.refusal = str(error)
            self._send(error.reply)
            self.close()
            return b""
        self._send(tls.outgoing())
        self._ended = self._ended or tls.ended
        return plain

    def give_up_waiting(self, now_s: float) -> list[Frame | Ignored]:
        """The unfinished frame is too old, or too long. As `receive`."""
        self.unfinished_since_s = None
        return self._noted(self.conversation.give_up_waiting(), now_s)

    def _noted(self, heard: list[Frame | Ignored], now_s: float) -> list[Frame | Ignored]:
        if heard:
            self.heard_at_s = now_s
            self._awaited += len(heard)
            if self._awaited > _AWAITED_LIMIT:
                self._settle()
        if not self.conversation.waiting:
            self.unfinished_since_s = None
        elif heard or self.unfinished_since_s is None:
            self.unfinished_since_s = now_s
        return heard

    def pass_over(self) -> None:
        """One of what was heard gets no answer."""
        self._awaited -= 1
        self._settle()

    def reply(self, reply: bytes) -> None:
        """The frame is committed: tell the panel. A connection that is gone is told nothing."""
        self._awaited -= 1
        self.say(reply)

    def say(self, data: bytes) -> None:
        """Send what the socket takes, and the rest when it takes more."""
        if not self.closed:
            self._send(data if self._tls is None else self._tls.send(data))
            if self._unsent or self._ended or self._interest != select.EPOLLIN:
                self._settle()

    def _send(self, data: bytes) -> None:
        if data and not self._unsent:
            try:
                sent_bytes = self._socket.send(data)
            except BlockingIOError:
                pass
            except OSError:
                self.close()
                return
            else:
                if sent_bytes == len(data):
                    return
                data = data[sent_bytes:]
        self._unsent += data

    def flush(self) -> None:
        """Send what the socket takes."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        self._settle()

    def pause(self) -> None:
        """Read no more until `resume`, and then in small pieces until nothing is left."""
        self.paused = True
        self._read_bytes = _HASTY_READ_BYTES
        self._settle()

    def resume(self) -> None:
        """Read again."""
        self.paused = False
        self._settle()

    def move(self, epoll: select.epoll) -> None:
        """Be waited for by another epoll."""
        if not self.closed:
            self._epoll.unregister(self._socket)
            self._epoll = epoll
            epoll.register(self._socket, self._interest)

    def _settle(self) -> None:
        """Close if all is said; else tell epoll what has changed."""
        if self.closed:
            return
        if self._ended and not self._awaited and not self._unsent:
            self.close()
            return
        held = self.paused or self._awaited > _AWAITED_LIMIT or len(self._unsent) > _UNSENT_LIMIT_BYTES
        interest = (0 if self._ended or held else select.EPOLLIN) | (select.EPOLLOUT if self._unsent else 0)
        if interest != self._interest:
            self._interest = interest
            self._epoll.modify(self._socket, interest)

    def close(self) -> None:
        """Let the panel go; frames of its that are being stored stay stored."""
        if not self.closed:
            self.closed = True
            descriptor = self._socket.fileno()
            self._epoll.unregister(descriptor)
            self._socket.close()
            self._forgotten(descriptor, self)
