"""From a frame to the journal, and what is noted of its panel meanwhile.

In: a sound frame and where it came from. Out: its signals on their way to the database and the reply held until they
are committed; or, for a link test that only says "I am here", a touched array and the reply at once.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Callable
from typing import Final, NamedTuple

import attrs

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.clock.watching import ClockWatch
from receiver.conversation import Ignored, frames_of_datagram
from receiver.journal import Entry, Journal, entry_of
from receiver.limits import Limits, a_tick
from receiver.protocols.dc09_frame import Frame
from receiver.reading import PanelAccount, Reading, account_number, read
from receiver.runaway import Runaway
from receiver.sources import Source
from receiver.supervision.signs import Signs
from receiver.usual import usual_ack, usual_frame, usual_row
from receiver.watch.watching import Watch
from station.signals import Protocol, Reply, Signal, Transport


class Sender(enum.Enum):
    """What a frame shows about who sent it."""

    #: A known account, and nothing that could be proven is missing.
    KNOWN = "known"
    #: The same, and it has said more in this tick than an account may.
    HASTY = "hasty"
    DOUBTFUL = "doubtful"


#: Members of enums are looked up at each mention, and that costs as much as a CRC.
_HASTY: Final = Sender.HASTY
_KNOWN: Final = Sender.KNOWN
_UDP: Final = Transport.UDP
_DC09: Final = Protocol.DC09
_ACK: Final = Reply.ACK


@attrs.frozen
class Moment:
    """When a batch of frames was read, by both clocks."""

    now: dt.datetime
    #: Monotonic seconds.
    now_s: float
    #: `now` in seconds since 1970.
    wall_s: float = attrs.field(init=False)

    @wall_s.default
    def _in_seconds(self) -> float:
        return self.now.timestamp()


class Taken(NamedTuple):
    """What became of a frame."""

    sender: Sender
    #: The place of the account that answers to it; None if none does.
    slot: int | None


class Intake:
    """What all doors for DC-09 share."""

    def __init__(
        self,
        accounts: PanelAccounts,
        journal: Journal,
        signs: Signs,
        runaway: Runaway,
        watch: Watch,
        clock: ClockWatch,
        limits: Limits,
    ) -> None:
        self._accounts = accounts
        self._journal = journal
        self._signs = signs
        self._runaway = runaway
        self._watch = watch
        self._clock = clock
        self._frames_a_tick = a_tick(limits.account_frames_per_s)
        #: Frames of this tick, by the account's slot; of datagrams by their sender's address as well.
        self._frames: dict[int | tuple[int, str], int] = {}

    def next_tick(self) -> None:
        """Let every account begin anew."""
        self._frames.clear()

    def take(
        self,
        frame: Frame,
        source: Source,
        answer: Callable[[bytes], None],
        moment: Moment,
        *,
        doubtful_too: bool = True,
    ) -> Taken:
        """Take a frame over. `answer` gets the reply once all that must be stored is.

        A hasty datagram is not taken, nor a doubtful frame unless `doubtful_too`: its panel will say it again.
        """
        account = self._account(frame)
        reading = read(frame, account, moment.now, source.transport, source.peer, clock_right=self._clock.right)
        signals = reading.signals
        reply = b"" if self._watch.stop_acknowledging else reading.reply
        taken = Taken(Sender.DOUBTFUL, None if account is None else account.slot)
        if account is not None and reading.alive:
            self._note(account, frame, reading, source, moment)
            taken = Taken(self._haste(account, source), account.slot)
            if taken.sender is Sender.HASTY and source.transport is Transport.UDP:
                return taken
            if signals:
                signals = self._runaway.judge(account.slot, signals, moment.now_s)
        elif not doubtful_too:
            return taken
        if signals:
            self._journal.submit(source.origin, entry_of(signals, functools.partial(answer, reply)))
        else:
            metrics.ACKNOWLEDGED.count_link_test(source.transport)
            answer(reply)
        return taken

    def take_usual(self, data: bytes, source: Source, answer: Callable[[bytes], None], moment: Moment) -> Taken | None:
        """Take over what was read, if it is a usual frame of an account without a key; else None, and nothing is done.

        As `take`, which would make the same of it.
        """
        frame = usual_frame(data)
        if frame is None:
            return None
        account = self._accounts.find(frame.account, frame.receiver, frame.prefix)
        if account is None or account.key is not None or not self._runaway.calm(account.slot, 1, moment.now_s):
            return None
        self._signs.usual(
            account.id, frame.account, source.host, source.transport, frame.prefix, frame.receiver, moment.wall_s
        )
        event = frame.event
        if event is not None:
            self._signs.told(account.id, event.kind, event.qualifier, moment.wall_s)
        taken = Taken(self._haste(account, source), account.slot)
        if taken.sender is _HASTY and source.transport is _UDP:
            return taken
        reply = b"" if self._watch.stop_acknowledging else usual_ack(frame)
        if event is None:
            metrics.ACKNOWLEDGED.count_link_test(source.transport)
            answer(reply)
            return taken
        self._runaway.count(account.slot, 1, moment.now_s)
        entry = Entry(
            (usual_row(frame, event, account.id, source, moment.now),),
            moment.now,
            _ACK,
            ((_DC09, source.transport, event.kind),),
            functools.partial(answer, reply),
            functools.partial(_read_again, data, account, source, moment),
        )
        self._journal.submit(source.origin, entry)
        return taken

    def _note(self, account: PanelAccount, frame: Frame, reading: Reading, source: Source, moment: Moment) -> None:
        """Note a sign of life."""
        way = reading.network_path
        self._signs.frame(
            account.id,
            account_number(frame) or "",
            reading.proof,
            None if reading.sent_at is None else reading.sent_at.timestamp(),
            source.host,
            source.transport,
            frame.prefix,
            frame.receiver,
            int(way) if way is not None and way.isdecimal() else None,
            moment.wall_s,
        )
        if reading.signals:
            self._signs.signals(reading.signals, moment.wall_s)

    def _haste(self, account: PanelAccount, source: Source) -> Sender:
        """One more frame of the account; whether that is too much."""
        # Datagrams can't wait: whoever sends some from elsewhere in a panel's name uses up none of its share.
        share = (account.slot, source.host) if source.transport is _UDP else account.slot
        self._frames[share] = count = self._frames.get(share, 0) + 1
        return _HASTY if count > self._frames_a_tick else _KNOWN

    def _account(self, frame: Frame) -> PanelAccount | None:
        number = account_number(frame)
        return None if number is None else self._accounts.find(number, frame.receiver, frame.prefix)


def _read_again(data: bytes, account: PanelAccount, source: Source, moment: Moment) -> list[Signal]:
    """The signal of a usual frame."""
    (frame,), _ = frames_of_datagram(data)
    if isinstance(frame, Ignored):
        raise AssertionError("a usual frame is sound")
    return read(frame, account, moment.now, source.transport, source.peer).signals
