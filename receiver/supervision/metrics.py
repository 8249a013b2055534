"""What supervision counts. Labels never name an account."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SUPERVISED: Final = Gauge("sereno_panels_supervised", "Accounts with at least one supervised path")
OVERDUE: Final = Gauge("sereno_panels_overdue", "Lost paths by grade, as the receiver that sweeps sees it", ["grade"])
LATE_TESTS: Final = Counter("sereno_panels_late_to_test", "Test reports that did not come")
SWEEP_DURATION: Final = Histogram(
    "sereno_supervision_sweep_duration_seconds",
    "One look at every path",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
STORMS: Final = Gauge("sereno_supervision_storms", "Storms that last: many paths lost together, one incident each")
STORMS_BEGUN: Final = Counter("sereno_supervision_storms_begun", "Storms that began")
FLUSHED: Final = Counter("sereno_supervision_flushed_paths", "Paths of which the database was told something")
LEFT_OUT: Final = Gauge("sereno_supervision_left_out_paths", "Paths that found no room and are not supervised")
