"""From a frame to the journal, and what is noted of its panel meanwhile.

In: a sound frame and where it came from. Out: its signals on their way to the database and the reply held until they
are committed; or, for a link test that only says "I am here", a touched array and the reply at once.
"""

from __future__ import annotations

import collections
import datetime as dt
import enum
import functools
from collections.abc import Callable

import attrs

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.clock.watching import ClockWatch
from receiver.journal import Entry, Journal
from receiver.limits import Limits, a_tick
from receiver.protocols.dc09_frame import Frame
from receiver.reading import PanelAccount, Reading, account_number, read
from receiver.runaway import Runaway
from receiver.sources import Source
from receiver.supervision.signs import Signs
from receiver.watch.watching import Watch
from station.signals import Transport


class Sender(enum.Enum):
    """What a frame shows about who sent it."""

    #: A known account, and nothing that could be proven is missing.
    KNOWN = "known"
    #: The same, and it has said more in this tick than an account may.
    HASTY = "hasty"
    DOUBTFUL = "doubtful"


@attrs.frozen
class Moment:
    """When a batch of frames was read, by both clocks."""

    now: dt.datetime
    #: Monotonic seconds.
    now_s: float


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
        self._frames: collections.Counter[int | tuple[int, str]] = collections.Counter()

    def next_tick(self) -> None:
        """Let every account begin anew."""
        self._frames.clear()

    def slot(self, frame: Frame) -> int | None:
        """The place of the account that answers to the frame."""
        account = self._account(frame)
        return None if account is None else account.slot

    def take(
        self,
        frame: Frame,
        source: Source,
        answer: Callable[[bytes], None],
        moment: Moment,
        *,
        doubtful_too: bool = True,
    ) -> Sender:
        """Take a frame over. `answer` gets the reply once all that must be stored is.

        A hasty datagram is not taken, nor a doubtful frame unless `doubtful_too`: its panel will say it again.
        """
        account = self._account(frame)
        reading = read(frame, account, moment.now, source.transport, source.peer, clock_right=self._clock.right)
        signals = reading.signals
        reply = b"" if self._watch.stop_acknowledging else reading.reply
        sender = Sender.DOUBTFUL
        if account is not None and reading.alive:
            sender = self._note(account, frame, reading, source, moment)
            if sender is Sender.HASTY and source.transport is Transport.UDP:
                return sender
            if signals:
                signals = self._runaway.judge(account.slot, signals, moment.now_s)
        elif not doubtful_too:
            return sender
        if signals:
            self._journal.submit(source.origin, Entry(signals, functools.partial(answer, reply)))
        else:
            metrics.ACKNOWLEDGED.count_link_test(source.transport)
            answer(reply)
        return sender

    def _note(self, account: PanelAccount, frame: Frame, reading: Reading, source: Source, moment: Moment) -> Sender:
        """Note a sign of life."""
        wall_s = moment.now.timestamp()
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
            wall_s,
        )
        if reading.signals:
            self._signs.signals(reading.signals, wall_s)
        # Datagrams can't wait: whoever sends some from elsewhere in a panel's name uses up none of its share.
        share = (account.slot, source.host) if source.transport is Transport.UDP else account.slot
        self._frames[share] += 1
        return Sender.HASTY if self._frames[share] > self._frames_a_tick else Sender.KNOWN

    def _account(self, frame: Frame) -> PanelAccount | None:
        number = account_number(frame)
        return None if number is None else self._accounts.find(number, frame.receiver, frame.prefix)
