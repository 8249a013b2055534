"""A time server of a few lines (SNTP, RFC 4330), as right or as wrong as one wants it.

In: questions by UDP. Out: the time of this host and an offset; or a refusal, or nothing.
"""

from __future__ import annotations

import enum
import struct
import time
from typing import Final

import trio

_QUESTION_BYTES: Final = 48
_FROM_1900_TO_1970_S: Final = 2_208_988_800
_FRACTIONS: Final = 1 << 32


class Mood(enum.Enum):
    """How it answers."""

    HELPFUL = "helpful"
    SILENT = "silent"
    #: "Denied": do not ask me again.
    KISS_OF_DEATH = "kiss of death"
    UNSYNCHRONISED = "unsynchronised"
    #: It answers as if asked something else.
    FORGING = "forging"


class TimeServer:
    """Answers on a free port of the loopback while `serve` runs. Mood and offset may change at any time."""

    def __init__(self, *, mood: Mood = Mood.HELPFUL, offset_s: float = 0.0) -> None:
        self.mood = mood
        #: Its clock less this host's.
        self.offset_s = offset_s
        #: Questions that came.
        self.asked = 0

    async def serve(self, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; started with its port."""
        with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as udp:
            await udp.bind(("127.0.0.1", 0))
            task_status.started(udp.getsockname()[1])
            while True:
                question, client = await udp.recvfrom(512)
                received_at_s = time.time()
                if len(question) >= _QUESTION_BYTES:
                    self.asked += 1
                    if self.mood is not Mood.SILENT:
                        await udp.sendto(self._answer(question, received_at_s), client)

    def _answer(self, question: bytes, received_at_s: float) -> bytes:
        leap, stratum, name = 0, 2, bytes([192, 0, 2, 1])
        if self.mood is Mood.KISS_OF_DEATH:
            leap, stratum, name = 3, 0, b"DENY"
        elif self.mood is Mood.UNSYNCHRONISED:
            leap = 3
        asked = question[40:48]
        if self.mood is Mood.FORGING:
            asked = bytes(8)
        return b"".join(
            (
                struct.pack("!BBbb", leap << 6 | 4 << 3 | 4, stratum, 6, -20),
                struct.pack("!II", 1 << 10, 1 << 11),
                name,
                self._stamp(received_at_s - 16),
                asked,
                self._stamp(received_at_s),
                self._stamp(time.time()),
            )
        )

    def _stamp(self, at_s: float) -> bytes:
        since_1900_s = at_s + self.offset_s + _FROM_1900_TO_1970_S
        seconds = int(since_1900_s)
        return struct.pack("!II", seconds % _FRACTIONS, int((since_1900_s - seconds) * _FRACTIONS))
