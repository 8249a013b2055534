"""How long a path may be silent: by hand from EN 50136-1 table 1."""

from __future__ import annotations

import pytest

from receiver.supervision.reporting import limits
from receiver.supervision.settings import SupervisionSettings
from station.paths import Category, Path, every
from tests.receiver.supervision.sites import TIMES, of

SETTINGS = SupervisionSettings(supervision_lead_s=3.0, supervision_tolerance=0.1, supervision_tolerance_least_s=20.0)


@pytest.mark.parametrize(
    ("category", "reporting_s"),
    [
        ("SP1", 2_764_800),
        ("SP2", 90_000),
        ("SP3", 1_800),
        ("SP4", 180),
        ("SP5", 90),
        ("SP6", 20),
        ("DP1", 90_000),
        ("DP2", 1_800),
        ("DP3", 180),
        ("DP4", 90),
    ],
)
def test_the_only_or_the_primary_path(category: str, reporting_s: int) -> None:
    limit = limits(of(Category(category)), TIMES, SETTINGS, alternative=False)
    assert limit.up_s == limit.alone_s == reporting_s - 3


@pytest.mark.parametrize(
    ("category", "up_s", "alone_s"),
    [("DP1", 180_000, 90_000), ("DP2", 90_000, 1_800), ("DP3", 90_000, 180), ("DP4", 18_000, 90)],
)
def test_the_alternative_path(category: str, up_s: int, alone_s: int) -> None:
    limit = limits(of(Category(category), 2), TIMES, SETTINGS, alternative=True)
    assert (limit.up_s, limit.alone_s) == (up_s - 3, alone_s - 3)


def test_a_single_path_category_beside_a_primary_path_keeps_its_time() -> None:
    limit = limits(of(Category.SP4, 2), TIMES, SETTINGS, alternative=True)
    assert (limit.up_s, limit.alone_s) == (177, 177)


@pytest.mark.parametrize(
    ("path", "limit_s"),
    [
        # The interval, a lost frame that is sent again after 20 s, less the time that telling takes.
        (every(60), 60 + 20 - 3),
        # A tenth of a long interval is more.
        (every(3600), 3600 + 360 - 3),
        (Path(number=1, category=Category.CUSTOM, interval_s=90, reporting_s=120), 117),
        # Never before the interval is over.
        (Path(number=1, category=Category.CUSTOM, interval_s=90, reporting_s=91), 90),
    ],
)
def test_an_interval_of_its_own(path: Path, limit_s: float) -> None:
    assert limits(path, TIMES, SETTINGS, alternative=False).up_s == limit_s
