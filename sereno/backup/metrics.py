"""What the archiver counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

COMPLETE_TO: Final = Gauge(
    "sereno_backup_complete_to_timestamp_seconds", "Up to when the backup holds everything; 0 before it ever did"
)
LAST_BASE: Final = Gauge("sereno_backup_last_base_timestamp_seconds", "When the last base backup was finished")
WAITING: Final = Gauge("sereno_backup_waiting_bytes", "Log that the backup does not hold yet")
WRITTEN: Final = Counter("sereno_backup_written_bytes", "Sealed bytes written to the target")
FAILURES: Final = Counter("sereno_backup_failures", "Times that the backup could not go on")
