"""What a frame tells of its path, noted in the arrays.

In: each sound frame of a known account. Out: a sign of life; for sites in clear text, a signal when the frames begin
to come from another address. Clear text proves nothing, so any frame counts; where the account has a key, only a frame
that the key has proven and whose own time is newer than the last one's: recorded link tests keep no cut panel alive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from receiver.supervision.arrays import ARMED, DISARMED
from receiver.supervision.networks import digest, network
from receiver.supervision.recognition import NO_PATH, Paths
from receiver.supervision.settings import SupervisionSettings
from station.own_signals import own_signal
from station.signals import DOUBTFUL, Authenticity, Kind, Qualifier, Signal, Transport

#: Opened by the account's key. Outside the time window only where the window, or our own clock, does not count.
_PROVEN: Final = frozenset({Authenticity.AUTHENTICATED, Authenticity.OUTSIDE_WINDOW})

#: Members of enums are looked up at each mention.
_OPEN_CLOSE: Final = Kind.OPEN_CLOSE
_TEST: Final = Kind.TEST

log = structlog.get_logger()

#: How frames travel, as arrays hold it.
TRANSPORT_CODES: Final = {transport: code for code, transport in enumerate(Transport, start=1)}


class Signs:
    """One for each receiver process; `report` puts a signal into the journal."""

    def __init__(
        self, paths: Paths, settings: SupervisionSettings, report: Callable[[Signal], None], *, receiver: str = ""
    ) -> None:
        """`receiver`: names this receiver where many paths are lost together; eight letters of it are kept."""
        self._paths = paths
        self._arrays = paths.arrays
        # Read several times faster than one place of a numpy array.
        self._source = paths.arrays.source.data.cast("B").cast("I")
        self._transport = paths.arrays.transport.data
        self._armed = paths.arrays.armed.data
        self._signal = paths.arrays.signal.data.cast("B").cast("d")
        self._settings = settings
        self._report = report
        self._receiver = receiver.encode()[:8]
        #: Accounts whose test reports came since they were last asked for, and when.
        self.tests: dict[int, float] = {}

    def frame(
        self,
        account: int,
        number: str,
        authenticity: Authenticity,
        sent_s: float | None,
        host: str,
        transport: Transport,
        prefix: str | None,
        receiver: str | None,
        network_path: int | None,
        now_s: float,
    ) -> None:
        """A sound frame came, committed or a link test.

        Args:
            sent_s: the time inside the frame, in seconds since 1970; None if it has none.
            network_path: the number of extended data G.
        """
        slot = self._paths.slot(account, transport, prefix, receiver, network_path)
        if slot == NO_PATH:
            return
        if authenticity is Authenticity.UNPROVEN:
            self._in_clear(slot, account, number, host, transport, now_s)
        elif authenticity in _PROVEN and sent_s is not None and sent_s > self._arrays.sent[slot]:
            self._arrays.sent[slot] = sent_s
            self._arrays.heard_from(slot, now_s)
            if self._source[slot] != digest(host) or self._transport[slot] != TRANSPORT_CODES[transport]:
                self._note_way(slot, host, transport)

    def usual(
        self,
        account: int,
        number: str,
        host: str,
        transport: Transport,
        prefix: str | None,
        receiver: str | None,
        now_s: float,
    ) -> None:
        """The same for a frame in clear, of an account without a key, that names no path."""
        slot = self._paths.slot(account, transport, prefix, receiver, None)
        if slot != NO_PATH:
            self._in_clear(slot, account, number, host, transport, now_s)

    def _in_clear(self, slot: int, account: int, number: str, host: str, transport: Transport, now_s: float) -> None:
        self._arrays.heard_from(slot, now_s)
        if self._source[slot] != digest(host):
            if self._source[slot]:
                self._show_address(account, number, slot, host, now_s)
            self._note_way(slot, host, transport)
        elif self._transport[slot] != TRANSPORT_CODES[transport]:
            self._note_way(slot, host, transport)

    def relayed(self, signals: Sequence[Signal], now_s: float) -> None:
        """A hardware receiver told these, each of an account of its own; where the panel itself is, it does not say."""
        for signal in signals:
            if signal.account_id is not None and signal.authenticity is Authenticity.UNPROVEN:
                slot = self._paths.slot(signal.account_id, signal.transport, signal.prefix, signal.receiver, None)
                self._arrays.heard_from(slot, now_s)
                self.signals([signal], now_s)

    def signals(self, signals: Sequence[Signal], now_s: float) -> None:
        """A frame's signals of one known account: whether the site is armed, and that it told something at all."""
        first = signals[0]
        if first.account_id is None or first.authenticity in DOUBTFUL or first.kind is Kind.LINK_TEST:
            return
        for signal in signals:
            self.told(first.account_id, signal.kind, signal.qualifier, now_s)

    def told(self, account: int, kind: Kind, qualifier: Qualifier, now_s: float) -> None:
        """One signal of a known account, in no doubt, that is no link test."""
        primary = self._paths.primary(account)
        if primary != NO_PATH:
            self._signal[primary] = now_s
        if kind is _OPEN_CLOSE:
            if qualifier is Qualifier.OPENING:
                self._note_armed(primary, DISARMED)
            elif qualifier is Qualifier.CLOSING:
                self._note_armed(primary, ARMED)
        elif kind is _TEST:
            self.tests[account] = now_s

    def _note_armed(self, slot: int, armed: int) -> None:
        if self._armed[slot] != armed:
            self._armed[slot] = armed
            # The database is told at once.
            self._arrays.told_signal[slot] = 0.0

    def _show_address(self, account: int, number: str, slot: int, host: str, now_s: float) -> None:
        if now_s - self._arrays.shown_at[slot] < self._settings.new_address_shown_s:
            return
        self._arrays.shown_at[slot] = now_s
        log.info("new_source_address", account=number, host=host)
        self._report(
            own_signal(
                dt.datetime.fromtimestamp(now_s, dt.UTC),
                Kind.SYSTEM,
                Qualifier.NEW,
                account=number,
                account_id=account,
                text=f"Reports in clear text now come from {host}, another address than before",
                occasion=f"{host} {now_s:.0f}",
            )
        )

    def _note_way(self, slot: int, host: str, transport: Transport) -> None:
        self._source[slot] = digest(host)
        self._transport[slot] = TRANSPORT_CODES[transport]
        self._arrays.network[slot] = network(host)
        self._arrays.receiver[slot] = self._receiver
