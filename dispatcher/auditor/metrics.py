"""What the auditor counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

WITHOUT_DUE: Final = Gauge(
    "sereno_auditor_incidents_without_due", "Open incidents with no next action, or one that is overdue"
)
LATE: Final = Gauge("sereno_auditor_late_seconds", "How late the engine is; 0 if it is not")
HEARTBEATS: Final = Counter("sereno_auditor_heartbeat", "Heartbeats that the outside has answered")
