"""What the dispatcher and the desk count. Labels never name an account or a person.

The edges of the response histogram lie on the limits of EN 50518, so that "80 % within 30 s" is exact.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_LIMITS_S: Final = (5, 10, 20, 30, 60, 90, 180, 300, 600, 1800)

SIGNALS: Final = Counter("sereno_dispatcher_signals", "Signals acted upon")
DUPLICATES: Final = Counter("sereno_signals_duplicate", "Signals that were copies of another")
OPENED: Final = Counter("sereno_incidents_opened", "Incidents opened", ["kind", "priority"])
CLOSED: Final = Counter("sereno_incidents_closed", "Incidents closed", ["kind", "disposition"])
RESPONSE: Final = Histogram(
    "sereno_incident_response_duration_seconds", "From the first signal to an operator", ["kind"], buckets=_LIMITS_S
)
HANDLING: Final = Histogram(
    "sereno_incident_handling_duration_seconds",
    "From the first operator to the disposition",
    ["kind"],
    buckets=_LIMITS_S,
)
QUEUE: Final = Gauge("sereno_queue_incidents", "Open incidents", ["priority", "state"])
OLDEST: Final = Gauge(
    "sereno_queue_oldest_unacknowledged_timestamp_seconds", "When the oldest waiting incident was opened", ["priority"]
)
BATCH_DURATION: Final = Histogram(
    "sereno_dispatcher_batch_duration_seconds",
    "One transaction of the dispatcher",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
LAST_LOOK: Final = Gauge("sereno_dispatcher_last_look_timestamp_seconds", "When the lanes were last found empty")
