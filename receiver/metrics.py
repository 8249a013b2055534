"""What a receiver counts. Labels never name an account.

What is counted for each signal lies in plain dictionaries and is handed over at each scrape: a counter object of the
client library costs more than the parsing of a frame.
"""

from __future__ import annotations

import bisect
import collections
import datetime as dt
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from station.signals import Kind, Protocol, Reply, Transport

IGNORED: Final = Counter("sereno_signals_rejected", "Frames that got no answer", ["reason"])
NOISE: Final = Counter("sereno_receiver_noise_bytes", "Bytes that belonged to no frame")
COMMIT_DURATION: Final = Histogram(
    "sereno_db_commit_duration_seconds",
    "One commit of the journal",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
COMMIT_SIGNALS: Final = Histogram(
    "sereno_journal_commit_signals", "Signals in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
)
COMMIT_FAILURES: Final = Counter("sereno_journal_commit_failures", "Commits whose outcome was unknown, written again")
STORED_BARE: Final = Counter("sereno_journal_stored_bare", "Commits in which a signal could not be stored as it was")
WAITING: Final = Gauge("sereno_journal_waiting_signals", "Signals read and not yet committed")
CONNECTIONS: Final = Gauge("sereno_receiver_connections", "Open panel connections")
NEWCOMERS: Final = Gauge("sereno_receiver_newcomers", "Open connections that have not sent a frame of a known account")
ACCEPT_PAUSES: Final = Counter("sereno_receiver_accept_pauses", "Times that descriptors ran out")
LIMITED: Final = Counter("sereno_receiver_limited", "Times that a limit held something back or closed it", ["limit"])
STRANGERS: Final = Counter("sereno_receiver_strangers", "Those who spoke another protocol at a DC-09 door", ["kind"])
STRANGERS_TIME: Final = Counter("sereno_receiver_strangers_seconds", "Time spent on what came of nothing")
TLS_REFUSED: Final = Counter("sereno_receiver_tls_refused", "Connections on which no TLS came about")
UDP_REPLIES_LOST: Final = Counter("sereno_receiver_udp_replies_lost", "Replies that could not be sent")
LAST_SIGNAL: Final = Gauge("sereno_receiver_last_signal_timestamp_seconds", "When the last signal was committed")
ACCOUNTS: Final = Gauge("sereno_receiver_accounts", "Accounts known to this receiver")
RUNAWAY: Final = Gauge("sereno_runaway_accounts", "Accounts whose panels flood")
SUPPRESSED: Final = Counter("sereno_signals_suppressed", "Signals that flooding panels repeated, kept from the queue")
UNATTENDED: Final = Gauge("sereno_unattended", "1 while alarms may wait and nobody looks")
CLOCK_OFFSET: Final = Gauge("sereno_clock_offset_seconds", "This host's clock less its time sources; NaN: none answers")
CLOCK_RIGHT: Final = Gauge("sereno_clock_right", "1 while this host's clock is known to be right, and NAKs are sent")
LINK_LIVES: Final = Gauge("sereno_link_lives", "1 while a hardware receiver is heard from", ["link"])
LINK_CONNECTIONS: Final = Gauge("sereno_link_connections", "Open connections of a hardware receiver", ["link"])
LINK_HEARTBEATS: Final = Counter("sereno_link_heartbeats", "Heartbeats of a hardware receiver, acknowledged", ["link"])
LINK_COPIES: Final = Counter("sereno_link_copies", "Copies that came while the first was being stored", ["link"])
LINK_LATE: Final = Counter("sereno_link_late", "Commits too late for an ACK: the receiver says it again", ["link"])
LINK_REFUSED: Final = Counter("sereno_link_refused", "Connections from addresses that may not connect", ["link"])

#: Members of enums are looked up at each mention.
_DC09: Final = Protocol.DC09
_LINK_TEST: Final = Kind.LINK_TEST
_ACK: Final = Reply.ACK

#: Seconds. The edges lie on what panels wait for: half of them a second, the last 20 s.
_ACK_EDGES: Final = (0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


class Counted(typing.Protocol):
    """What is counted of one frame."""

    @property
    def received_at(self) -> dt.datetime:
        """When it was read."""

    @property
    def reply(self) -> Reply:
        """What its panel is told."""

    @property
    def kinds(self) -> Sequence[tuple[Protocol, Transport, Kind]]:
        """One for each of its signals."""


class Acknowledged(Collector):
    """What was committed and answered, and how long that took."""

    def __init__(self) -> None:
        self._signals: collections.Counter[tuple[Protocol, Transport, Kind]] = collections.Counter()
        self._replies: collections.Counter[Reply] = collections.Counter()
        self._buckets = [0] * (len(_ACK_EDGES) + 1)
        self._seconds = 0.0

    def count_frames(self, frames: Iterable[Counted], now: dt.datetime) -> None:
        """These frames are committed, and their panels are answered."""
        received_at, bucket, age_s = None, 0, 0.0
        for frame in frames:
            # Frames that were read together bear the same instant.
            if frame.received_at is not received_at:
                received_at = frame.received_at
                age_s = max(0.0, (now - received_at).total_seconds())
                bucket = bisect.bisect_left(_ACK_EDGES, age_s)
            self._buckets[bucket] += 1
            self._seconds += age_s
            self._replies[frame.reply] += 1
            for kind in frame.kinds:
                self._signals[kind] += 1

    def count_link_test(self, transport: Transport) -> None:
        """A link test that only touches an array was answered at once."""
        self._signals[_DC09, transport, _LINK_TEST] += 1
        self._replies[_ACK] += 1

    def collect(self) -> Iterator[Metric]:
        """What one scrape sees."""
        signals = CounterMetricFamily(
            "sereno_signals_received", "Signals taken in", labels=["protocol", "transport", "kind"]
        )
        for (protocol, transport, kind), count in list(self._signals.items()):
            signals.add_metric([protocol.value, transport.value, kind.value], count)
        replies = CounterMetricFamily("sereno_replies_sent", "Replies to panels", labels=["reply"])
        for reply, count in list(self._replies.items()):
            replies.add_metric([reply.value], count)
        duration = HistogramMetricFamily(
            "sereno_signal_ack_duration_seconds", "From reading a frame to its reply, commit included"
        )
        so_far = 0
        buckets: list[tuple[str, float]] = []
        for edge, count in zip((*_ACK_EDGES, float("inf")), self._buckets, strict=True):
            so_far += count
            buckets.append(("+Inf" if edge == float("inf") else str(edge), so_far))
        duration.add_metric([], buckets=buckets, sum_value=self._seconds)
        yield from (signals, replies, duration)


ACKNOWLEDGED: Final = Acknowledged()
REGISTRY.register(ACKNOWLEDGED)
