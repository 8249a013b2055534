"""From a frame to the journal, and what is known of its panel meanwhile.

In: a sound frame and where it came from. Out: its signals on their way to the database and the reply held until they
are committed; or, for a link test that only says "I am here", a touched array and the reply at once.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Callable

from receiver import metrics
from receiver.accounts import PanelAccounts
from receiver.journal import Entry, Journal
from receiver.protocols.dc09_frame import Frame
from receiver.reading import PanelAccount, account_number, read
from receiver.sources import Source


class Sender(enum.Enum):
    """What a frame shows about who sent it."""

    #: A known account, and nothing that could be proven is missing.
    KNOWN = "known"
    NEWCOMER = "newcomer"


class Intake:
    """What all doors for DC-09 share."""

    def __init__(self, accounts: PanelAccounts, journal: Journal) -> None:
        self._accounts = accounts
        self._journal = journal

    def knows(self, frame: Frame) -> bool:
        """True if an account answers to the frame."""
        return self._account(frame) is not None

    def take(self, frame: Frame, source: Source, answer: Callable[[bytes], None], now: dt.datetime) -> Sender:
        """Take a frame over. `answer` gets the reply once all that must be stored is."""
        account = self._account(frame)
        reading = read(frame, account, now, source.transport, source.peer)
        if reading.signals:
            self._journal.submit(source.origin, Entry(reading.signals, functools.partial(answer, reading.reply)))
        else:
            metrics.ACKNOWLEDGED.count_link_test(source.transport)
            answer(reading.reply)
        known = account is not None and reading.signals[0].authenticity.authenticated is not False
        return Sender.KNOWN if known else Sender.NEWCOMER

    def _account(self, frame: Frame) -> PanelAccount | None:
        number = account_number(frame)
        return None if number is None else self._accounts.find(number, frame.receiver, frame.prefix)
