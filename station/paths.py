"""A path: one way by which a panel reports, and how long it may be silent.

In: nothing. Out: `Path` and the reporting times of EN 50136-1 as plain values. How people write them is in
`path_texts.py`; who watches them is `receiver/supervision`.
"""

from __future__ import annotations

import enum

import attrs

from station.signals import Transport


class Category(enum.Enum):
    """EN 50136-1 table 1: single path, dual path. The values are those of the SQL enum `path_category`."""

    SP1 = "SP1"
    SP2 = "SP2"
    SP3 = "SP3"
    SP4 = "SP4"
    SP5 = "SP5"
    SP6 = "SP6"
    DP1 = "DP1"
    DP2 = "DP2"
    DP3 = "DP3"
    DP4 = "DP4"
    #: An interval of the path's own.
    CUSTOM = "custom"


@attrs.frozen
class CategoryTimes:
    """Within how many seconds of the last sign of life the station must know that a path is lost."""

    #: The only path, or the primary one.
    reporting_s: int
    #: The alternative path while the primary is up, and while it is lost. None: the category has no alternative.
    alternative_s: int | None = None
    alternative_alone_s: int | None = None


@attrs.frozen(kw_only=True, cache_hash=True)
class Path:
    """One way by which a panel reports."""

    #: From 1; the lowest of an account is its primary path.
    number: int
    category: Category
    #: Category `custom`: the panel reports at least this often, and the path is lost after `reporting_s`; None gives
    #: the station's own tolerance.
    interval_s: int | None = None
    reporting_s: int | None = None
    #: What shows that a frame came this way (DC-09 extended data G, L, R, and how it travelled); None is anything.
    network_path: int | None = None
    prefix: str | None = None
    receiver: str | None = None
    transport: Transport | None = None


def every(interval_s: int) -> Path:
    """The only path of a panel of which no more is known than how often it reports."""
    return Path(number=1, category=Category.CUSTOM, interval_s=interval_s)
