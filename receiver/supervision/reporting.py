"""How long a path may be silent before it is taken for lost (EN 50136-1 table 1, and intervals of a path's own).

In: a path and the reporting times. Out: seconds. The report lies as little before the reporting time as the sweep and
the commit take, so that it is in time and gives the panel all of its own; never before its interval is over.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from receiver.supervision.settings import SupervisionSettings
from station.paths import Category, CategoryTimes, Path


@attrs.frozen
class Limits:
    """Seconds of silence after which a path is lost: while the account's primary path is up, and while that is lost."""

    up_s: float
    alone_s: float


def limits(
    path: Path, times: Mapping[Category, CategoryTimes], settings: SupervisionSettings, *, alternative: bool
) -> Limits:
    """How long `path` may be silent. `alternative`: the account has a primary path beside it."""
    if path.interval_s is not None:
        tolerance_s = max(settings.supervision_tolerance * path.interval_s, settings.supervision_tolerance_least_s)
        latest_s = path.interval_s + tolerance_s if path.reporting_s is None else path.reporting_s
        limit_s = max(path.interval_s, latest_s - settings.supervision_lead_s)
        return Limits(limit_s, limit_s)
    category = times[path.category]
    if not alternative or category.alternative_s is None or category.alternative_alone_s is None:
        limit_s = _before(category.reporting_s, settings)
        return Limits(limit_s, limit_s)
    return Limits(_before(category.alternative_s, settings), _before(category.alternative_alone_s, settings))


def _before(reporting_s: float, settings: SupervisionSettings) -> float:
    return max(reporting_s - settings.supervision_lead_s, reporting_s / 2)
