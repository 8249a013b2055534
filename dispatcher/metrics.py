"""What the dispatcher counts. Labels never name an account."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SIGNALS: Final = Counter("sereno_dispatcher_signals", "Signals acted upon")
DUPLICATES: Final = Counter("sereno_signals_duplicate", "Signals that were copies of another")
OPENED: Final = Counter("sereno_incidents_opened", "Incidents opened", ["kind", "priority"])
QUEUE: Final = Gauge("sereno_queue_incidents", "Open incidents", ["priority", "state"])
LEASES: Final = Gauge("sereno_operator_leases", "Incidents that an operator has taken")
OLDEST: Final = Gauge(
    "sereno_queue_oldest_unacknowledged_timestamp_seconds", "When the oldest waiting incident was opened", ["priority"]
)
BATCH_DURATION: Final = Histogram(
    "sereno_dispatcher_batch_duration_seconds",
    "One transaction of the dispatcher",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
DELAY: Final = Histogram(
    "sereno_signal_dispatch_delay_seconds",
    "From the receipt of the oldest signal of a batch to its incident",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
LAST_LOOK: Final = Gauge("sereno_dispatcher_last_look_timestamp_seconds", "When the lanes were last read")
STRAYS: Final = Gauge("sereno_signal_strays", "Signals in no day's partition: the days ahead were not made in time")
