"""Once a second: what the receiver reports of panels that flood, into the journal and the metrics."""

from __future__ import annotations

import datetime as dt

import structlog
import trio

from receiver import metrics
from receiver.journal import Journal
from receiver.runaway import Runaway

log = structlog.get_logger()

_INTERVAL_S = 1.0


async def report_runaways(runaway: Runaway, journal: Journal) -> None:
    """Report, for ever."""
    suppressed = 0
    while True:
        await trio.sleep(_INTERVAL_S)
        for told in runaway.due(trio.current_time(), dt.datetime.now(dt.UTC)):
            log.warning("runaway", account=told.account, qualifier=told.qualifier.value, what=told.text)
            journal.report(told)
        metrics.RUNAWAY.set(runaway.flooding)
        metrics.SUPPRESSED.inc(runaway.suppressed - suppressed)
        suppressed = runaway.suppressed
