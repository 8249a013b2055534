"""How supervision is set: every figure that is not a category's own (those are rows of `path_category_time`)."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class SupervisionSettings:
    """All of them, each a setting; times in seconds."""

    #: How often overdue paths are looked for, and how long before the reporting time one is taken for lost, so that the
    #: operator has it in time.
    sweep_every_s: float = 1.0
    lead_s: float = 3.0
    #: How often the database is told what was heard.
    flush_every_s: float = 3.0
    #: A panel with an interval of its own may be late by this share of it, or by so long, whichever is more: a lost
    #: frame is sent again after 20 s.
    tolerance_share: float = 0.1
    tolerance_least_s: float = 20.0

    #: Nobody swept for longer than this: silence before does not count until panels had `settle_s` to report again.
    deaf_after_s: float = 10.0
    #: They were deaf for longer than panels try again: each path gets its whole time anew.
    long_deaf_s: float = 60.0
    settle_s: float = 600.0

    #: More than so many accounts lost within so long, by one cause, and at least this share of all that depend on it:
    #: one incident for all of them. `storm_flood` accounts are one whatever they have in common.
    storm_accounts: int = 50
    storm_within_s: float = 120.0
    storm_share: float = 0.2
    storm_flood: int = 500
    #: Accounts that sent another signal so lately are never part of it.
    storm_signal_s: float = 1800.0
    #: It is over when this share is back.
    storm_over_share: float = 0.8
    #: Account numbers in its text.
    storm_listed: int = 200

    #: A test report may be late by so long.
    test_tolerance_s: float = 3600.0
    #: A new source address of an account in clear text is shown once in so long.
    address_shown_every_s: float = 3600.0
