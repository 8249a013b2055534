"""What operators' verbs count, in the process that serves them. Labels never name an account or a person.

The edges of the histograms lie on the limits of EN 50518, so that "80 % within 30 s" is exact.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

_LIMITS_S: Final = (5, 10, 20, 30, 60, 90, 180, 300, 600, 1800)

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
