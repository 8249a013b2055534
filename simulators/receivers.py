"""A hardware receiver: it took panels' calls by telephone or radio, and relays them to automation over TCP.

In: an open stream and what panels reported. Out: the messages of Sur-Gard, Ademco 685, D6500 or DC-07, one after the
other. Each waits for its ACK, is repeated three times, and then kept until automation answers a heartbeat again.
"""

from __future__ import annotations

import collections
import enum
from typing import Final

import attrs
import trio

from simulators.frames import cut_frame, wrapped
from simulators.reports import Format, Report, data_field
from simulators.tally import Tally

ACK: Final = 0x06
NAK: Final = 0x15
_DC4: Final = b"\x14"
_READ_BYTES: Final = 4096


class Language(enum.Enum):
    """What a receiver speaks."""

    SURGARD = "surgard"
    ADEMCO685 = "ademco685"
    D6500 = "d6500"
    DC07 = "dc07"


@attrs.frozen(kw_only=True)
class Habits:
    """How a receiver was set up."""

    language: Language = Language.SURGARD
    #: Its own number, and the line that calls come by; Sur-Gard writes the line with so many digits.
    receiver: int = 1
    line: int = 1
    line_digits: int = 1
    heartbeat_s: float = 30.0
    #: For so long it waits for an ACK, and so often it repeats.
    answer_s: float = 4.0
    repeats: int = 3
    #: Some leave the end out, and repeat the message right behind itself.
    leaves_end_out: bool = False


class HardwareReceiver:
    """One receiver, connected to automation or not."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.tally = Tally()
        #: Heartbeats that were answered.
        self.heartbeats = 0
        #: Times that automation was given up.
        self.failures = 0
        self._sequence = 0
        self._waiting: collections.deque[bytes] = collections.deque()
        self._called = trio.Event()
        self._done = trio.Event()

    def call(self, account: str, report: Report) -> None:
        """A panel calls: relay its report as soon as automation listens."""
        self.tally.sent += 1
        self._waiting.append(self._relayed(account, report))
        self._called.set()

    async def wait_until_relayed(self) -> None:
        """Until every report is acknowledged."""
        while self._waiting:
            self._done = trio.Event()
            await self._done.wait()

    async def talk(self, stream: trio.abc.Stream) -> None:
        """Relay over this connection until it breaks."""
        ear = _Ear(self.habits.language, stream)
        async with stream:
            try:
                while True:
                    # It begins as after a failure: a heartbeat shows that somebody is there.
                    if await self._heartbeat(stream, ear):
                        await self._relay(stream, ear)
            except trio.BrokenResourceError:
                return

    async def _relay(self, stream: trio.abc.Stream, ear: _Ear) -> None:
        """Relay until nothing comes for a heartbeat's time, or automation does not answer."""
        while True:
            if not self._waiting:
                self._called = trio.Event()
                with trio.move_on_after(self.habits.heartbeat_s) as silence:
                    await self._called.wait()
                if silence.cancelled_caught:
                    return
            for attempt in range(1 + self.habits.repeats):
                self.tally.repeated += attempt > 0
                if await self._answered(self._waiting[0], stream, ear):
                    break
            else:
                self.tally.unanswered += 1
                self.failures += 1
                return
            self._waiting.popleft()
            self.tally.acknowledged += 1
            if not self._waiting:
                self._done.set()

    async def _heartbeat(self, stream: trio.abc.Stream, ear: _Ear) -> bool:
        asked_at = trio.current_time()
        if await self._answered(self._heartbeat_message(), stream, ear, timed=False):
            self.heartbeats += 1
            return True
        await trio.sleep_until(asked_at + self.habits.heartbeat_s)
        return False

    async def _answered(self, message: bytes, stream: trio.abc.Stream, ear: _Ear, *, timed: bool = True) -> bool:
        sent_at = trio.current_time()
        await stream.send_all(message)
        with trio.move_on_after(self.habits.answer_s):
            if await ear.hears_ack(message):
                if timed:
                    self.tally.answered_s.append(trio.current_time() - sent_at)
                return True
        return False

    # What it says ------------------------------------------------------------------------------------------------

    def _relayed(self, account: str, report: Report) -> bytes:
        contact_id = report.happening.contact_id
        qualifier, code = {"1": "E", "3": "R", "6": "P"}[contact_id[0]], contact_id[1:]
        area, zone = report.area.zfill(2), report.number.zfill(3)
        number, line = f"{self.habits.receiver:02}", f"{self.habits.line:X}"
        match self.habits.language:
            case Language.SURGARD:
                line = line.zfill(self.habits.line_digits)
                return self._ended(f"5{number}{line} 18{account}{qualifier}{code}{area}{zone}")
            case Language.D6500:
                return self._ended(f" a{number}{line} {account}18{contact_id}{area}{zone}")
            case Language.ADEMCO685:
                whose = "U" if code.startswith("4") else "C"
                number = f"{self.habits.receiver:X}"
                return f"\n{number}{line} {account} 18 {qualifier}{code} {area} {whose}{zone}\r".encode()
            case Language.DC07:
                data = data_field(report, account, Format.ADM_CID).decode()
                return self._framed("ADM-CID", data)

    def _heartbeat_message(self) -> bytes:
        number, line = f"{self.habits.receiver:02}", f"{self.habits.line:X}"
        match self.habits.language:
            case Language.SURGARD:
                return self._ended(f"1{number}{line.zfill(self.habits.line_digits)}{'@':>12}    ")
            case Language.D6500:
                return self._ended(f" 1{number}{line}{'@':>12}    ")
            case Language.ADEMCO685:
                return b"\n00 OKAY @\r"
            case Language.DC07:
                return self._framed("NULL", "")

    def _ended(self, text: str) -> bytes:
        return text.encode("ascii") + (b"" if self.habits.leaves_end_out else _DC4)

    def _framed(self, token: str, data: str) -> bytes:
        self._sequence = self._sequence % 9999 + 1
        head = f'"{token}"{self._sequence:04}R{self.habits.receiver:X}L{self.habits.line:X}[{data}]'
        return wrapped(head.encode("ascii"))


class _Ear:
    """What automation answers on one connection."""

    def __init__(self, language: Language, stream: trio.abc.Stream) -> None:
        self._language = language
        self._stream = stream
        self._heard = bytearray()

    async def hears_ack(self, message: bytes) -> bool:
        """True for an ACK, false for a NAK; whichever comes next, since most of them name no message."""
        while True:
            answer = self._numbered_answer(message) if self._language is Language.DC07 else self._bare_answer()
            if answer is not None:
                return answer
            data = await self._stream.receive_some(_READ_BYTES)
            if not data:
                raise trio.BrokenResourceError("automation hung up")
            self._heard += data

    def _bare_answer(self) -> bool | None:
        while self._heard:
            byte = self._heard.pop(0)
            if byte in (ACK, NAK):
                return byte == ACK
        return None

    def _numbered_answer(self, message: bytes) -> bool | None:
        # Behind LF, CRC and length: the identifier, then what an answer echoes.
        asked = message[9:-1].split(b'"')[2].partition(b"[")[0]
        while (answer := cut_frame(self._heard)) is not None:
            if answer == wrapped(b'"ACK"%b[]' % asked):
                return True
        return None
