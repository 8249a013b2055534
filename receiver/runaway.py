"""Runaway: a panel that floods is recognised, and what it repeats is kept from the queue.

In: an account's signals and the time. Out: which of them are suppressed (stored, and acted upon by nobody), and what
the receiver itself reports of it: that it began, that it lasts, that it has passed.

Two measures, both for each account. A token bucket finds fast floods; it is one number, the instant at which the bucket
is full again, so that filling it costs nothing. A window finds slow ones; once a second all accounts are looked at
together. Nothing that may be about a life is ever suppressed, nor what has not been seen in this flood before.
"""

from __future__ import annotations

import datetime as dt
import math
from array import array
from collections.abc import Callable
from typing import Final

import attrs
import numpy as np

from receiver.runaway_rules import RunawayRules
from station.own_signals import own_signal
from station.signals import DOUBTFUL, Kind, Qualifier, Signal

#: Where a suppressed repeat could cost a life.
NEVER_SUPPRESSED: Final = frozenset({Kind.FIRE, Kind.PANIC_HOLDUP, Kind.MEDICAL, Kind.GAS_CO})
#: What one flood is remembered by. A real panel has no more zones; a longer memory is forgotten whole, and what was in
#: it counts as new once more.
SEEN_LIMIT: Final = 4096

_set_field = object.__setattr__


@attrs.define
class _Flood:
    """One account that floods."""

    account: str
    account_id: int | None
    began_at: dt.datetime
    told_at_s: float
    #: Every counted signal moves this ahead, by no more than the recovery; when it is past, the flood is.
    over_at_s: float
    #: Hashes, since texts may be as long as a frame; Python salts them, so that nobody can aim at one.
    seen: set[int] = attrs.field(factory=set)
    suppressed: int = 0
    last: Signal | None = None


class Runaway:
    """All accounts of one receiver process, by `PanelAccount.slot`. It forgets with its process."""

    def __init__(self, rules: RunawayRules) -> None:
        self._rules = rules
        self._refill_s = 1.0 / rules.runaway_per_s
        self._empty_s = rules.runaway_burst * self._refill_s
        self._price_s = rules.runaway_window_s / rules.runaway_window_signals
        # Plain arrays, since one number of them is read and written for each signal; numpy sees the same memory.
        self._full_at_s = array("d")
        self._counts = array("I")
        self._counts_before = array("I")
        self._half_ends_at_s: float | None = None
        self._over_window: set[int] = set()
        self._floods: dict[int, _Flood] = {}
        #: Signals suppressed since the start.
        self.suppressed = 0

    @property
    def flooding(self) -> int:
        """How many accounts flood now."""
        return len(self._floods)

    def judge(self, slot: int, signals: list[Signal], now_s: float) -> list[Signal]:
        """The signals of one frame of a known account, as they are to be stored, before anybody else has seen them.

        Those that a flooding panel repeats become `suppressed`; a signal of our own is added when a flood begins.

        Args:
            slot: the account's place, from 0.
            now_s: monotonic seconds.
        """
        first = signals[0]
        # Whoever speaks in a panel's name without its key must not be able to silence it.
        if first.kind is Kind.LINK_TEST or first.authenticity in DOUBTFUL:
            return signals
        calm = self.calm(slot, len(signals), now_s)
        self.count(slot, len(signals), now_s)
        return signals if calm else self._during_flood(slot, signals, now_s)

    def judge_relayed(self, signals: list[Signal], slot_of: Callable[[int], int | None], now_s: float) -> list[Signal]:
        """The same for signals that a hardware receiver tells of perhaps several accounts.

        Args:
            slot_of: the place of an account, by its id.
        """
        stored: list[Signal] = []
        for signal in signals:
            slot = None if signal.account_id is None else slot_of(signal.account_id)
            stored += [signal] if slot is None else self.judge(slot, [signal], now_s)
        return stored

    def calm(self, slot: int, count: int, now_s: float) -> bool:
        """Whether so many more signals of the account would make no flood, and it is in none."""
        if slot >= len(self._full_at_s):
            self._grow(slot)
        full_at_s = max(self._full_at_s[slot], now_s)
        return full_at_s + count * self._refill_s - now_s <= self._empty_s and slot not in self._floods

    def count(self, slot: int, count: int, now_s: float) -> None:
        """So many more came, of a slot that `calm` was asked about."""
        self._counts[slot] += count
        full_at_s = max(self._full_at_s[slot], now_s) + count * self._refill_s
        if full_at_s - now_s <= self._empty_s:
            self._full_at_s[slot] = full_at_s

    def due(self, now_s: float, now: dt.datetime) -> list[Signal]:
        """What the receiver itself has to report; to be asked once a second."""
        self._look_at_windows(now_s)
        reports = []
        for slot, flood in list(self._floods.items()):
            if flood.over_at_s <= now_s:
                self._begin_anew(slot)
                reports.append(_report(flood, Qualifier.RESTORE, now, f"Quiet again. {_summary(flood)}"))
            elif now_s - flood.told_at_s >= self._rules.runaway_reminder_s:
                flood.told_at_s = now_s
                reports.append(_report(flood, Qualifier.STATUS, now, f"Still flooding. {_summary(flood)}"))
        return reports

    def _begin_anew(self, slot: int) -> None:
        del self._floods[slot]
        self._over_window.discard(slot)
        self._full_at_s[slot] = 0.0
        self._counts[slot] = self._counts_before[slot] = 0

    def _grow(self, slot: int) -> None:
        more = max(slot + 1, 2 * len(self._full_at_s)) - len(self._full_at_s)
        for numbers in (self._full_at_s, self._counts, self._counts_before):
            numbers.frombytes(bytes(more * numbers.itemsize))

    def _during_flood(self, slot: int, signals: list[Signal], now_s: float) -> list[Signal]:
        flood = self._floods.get(slot)
        stored = signals
        if flood is None:
            flood = self._floods[slot] = _flood_of(signals[0], now_s, now_s + self._rules.runaway_recovery_s)
            text = "This panel floods. What it repeats is stored, and kept from the queue; what is new comes through."
            stored = [*signals, _report(flood, Qualifier.NEW, flood.began_at, text)]
        paid_s = max(flood.over_at_s, now_s) + len(signals) * self._price_s
        flood.over_at_s = min(paid_s, now_s + self._rules.runaway_recovery_s)
        for signal in signals:
            if signal.kind not in NEVER_SUPPRESSED and not _is_new(flood.seen, signal):
                # Changed in place: nobody else has seen it yet, and a changed copy costs as much as reading a frame.
                _set_field(signal, "suppressed", True)
                flood.suppressed += 1
                flood.last = signal
                self.suppressed += 1
        return stored

    def _look_at_windows(self, now_s: float) -> None:
        if self._half_ends_at_s is None:
            self._half_ends_at_s = now_s + self._rules.runaway_window_s / 2
        elif now_s >= self._half_ends_at_s:
            self._half_ends_at_s = now_s + self._rules.runaway_window_s / 2
            self._counts_before, self._counts = self._counts, array("I", bytes(len(self._counts) * 4))
        counts = np.frombuffer(self._counts, np.uint32) + np.frombuffer(self._counts_before, np.uint32)
        over = set(np.flatnonzero(counts > self._rules.runaway_window_signals).tolist())
        # An account over its window has a bucket that never fills, so that its next signal finds it flooding.
        for slot in over - self._over_window:
            self._full_at_s[slot] = math.inf
        for slot in self._over_window - over:
            self._full_at_s[slot] = 0.0
        self._over_window = over


def _flood_of(signal: Signal, now_s: float, over_at_s: float) -> _Flood:
    return _Flood(signal.account, signal.account_id, signal.received_at, told_at_s=now_s, over_at_s=over_at_s)


def _is_new(seen: set[int], signal: Signal) -> bool:
    """Whether nothing like it has come in this flood; it has from now on."""
    # What can't be read may be anything: only the very same is the same.
    unread = signal.payload if signal.kind is Kind.UNREADABLE else ""
    like = hash((signal.kind, signal.qualifier, signal.event_code, signal.area, signal.zone, unread))
    if like in seen:
        return False
    if len(seen) >= SEEN_LIMIT:
        seen.clear()
    seen.add(like)
    return True


def _report(flood: _Flood, qualifier: Qualifier, now: dt.datetime, text: str) -> Signal:
    return own_signal(
        now,
        Kind.RUNAWAY,
        qualifier,
        account=flood.account,
        account_id=flood.account_id,
        text=text,
        occasion=now.isoformat(),
    )


def _summary(flood: _Flood) -> str:
    text = f"{flood.suppressed:,} signals kept from the queue since {flood.began_at:%H:%M:%S} UTC"
    if (last := flood.last) is None:
        return f"{text}."
    parts = (last.kind.value, last.qualifier.value, last.event_code, last.area, last.zone)
    return f"{text}, the last of them: {' '.join(part for part in parts if part)}."
