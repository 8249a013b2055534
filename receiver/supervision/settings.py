"""How supervision is set: every figure that is not a category's own (those are rows of `path_category_time`)."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class SupervisionSettings:
    """All of them, each a setting."""

    supervision_sweep_s: float = 1.0
    """Seconds from one look for overdue paths to the next."""

    supervision_lead_s: float = 3.0
    """Seconds before its reporting time at which a path is taken for lost, so that an operator has it in time."""

    supervision_flush_s: float = 3.0
    """Seconds after which the database knows what was heard."""

    supervision_tolerance: float = 0.1
    """A panel with an interval of its own may be late by this share of it ..."""

    supervision_tolerance_least_s: float = 20.0
    """... and by so many seconds at least: a lost frame is sent again after 20 s."""

    supervision_deaf_s: float = 10.0
    """When nobody has listened for so many seconds, no path is lost before panels had time to try again."""

    supervision_settle_s: float = 600.0
    """Seconds of that time, at most; a path that may be silent for less gets its own time."""

    supervision_long_deaf_s: float = 60.0
    """When nobody has listened for so many seconds, panels have given up trying: each path gets its whole time anew."""

    storm_accounts: int = 50
    """When more accounts than this lose a path by one cause, they are one incident with a list."""

    storm_within_s: float = 120.0
    """Seconds within which they must be lost."""

    storm_share: float = 0.2
    """And they must be this share of all that depend on the cause, or it is no cause."""

    storm_flood: int = 500
    """Accounts that are one incident whatever they have in common."""

    storm_signal_s: float = 1800.0
    """Who sent another signal within so many seconds is never part of a storm."""

    storm_over_share: float = 0.8
    """A storm is over when this share of it is heard again."""

    storm_listed: int = 200
    """Account numbers in its list."""

    late_test_tolerance_s: float = 3600.0
    """Seconds by which a test report may be late."""

    new_address_shown_s: float = 3600.0
    """Seconds within which a new source address of one path in clear text is shown once."""


def check_supervision(_: object, settings: SupervisionSettings) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    for field in attrs.fields(SupervisionSettings):
        value = getattr(settings, field.name)
        if value < 0 or (value == 0 and field.name in ("supervision_sweep_s", "supervision_flush_s")):
            raise ValueError(f"{field.name} must be more than 0.")
    for name in ("storm_share", "storm_over_share"):
        if getattr(settings, name) > 1:
            raise ValueError(f"{name} is a share, from 0 to 1.")
