"""How urgent each kind is: 1 is handled first. The alarm queue is ordered by this, then by age.

In: a kind. Out: its class, after the response times of EN 50518 (hold-up and fire before all others), and whether it
needs a person at all.
"""

from __future__ import annotations

import functools
from typing import Final

from station.signals import Kind

#: An alarm that the panel stored and reports late is not answered before live ones of its class.
LATE_REPORT_PRIORITY: Final = 4

#: Somebody's life may depend on them: on test only where they are named aloud.
LIFE_SAFETY: Final = frozenset({Kind.FIRE, Kind.MEDICAL, Kind.PANIC_HOLDUP, Kind.GAS_CO})

#: Kinds that open an incident when they begin.
ALARMING: Final = frozenset(
    {
        Kind.FIRE,
        Kind.MEDICAL,
        Kind.PANIC_HOLDUP,
        Kind.GAS_CO,
        Kind.BURGLARY,
        Kind.TAMPER,
        Kind.TECHNICAL,
        Kind.SUPERVISORY,
        Kind.TROUBLE,
        Kind.POWER,
        Kind.COMMS,
        Kind.UNTYPED,
        Kind.UNKNOWN_CODE,
        Kind.UNREADABLE,
        Kind.PATH_LOST,
        Kind.ALL_PATHS_LOST,
        Kind.LATE_TO_TEST,
        Kind.RUNAWAY,
        Kind.STATION,
    }
)


@functools.cache
def priority(kind: Kind) -> int:
    """1 (life), 2 (intrusion, or perhaps anything), 3 (needs a look), 4 (conditions), 5 (for the record)."""
    match kind:
        case Kind.FIRE | Kind.MEDICAL | Kind.PANIC_HOLDUP | Kind.GAS_CO:
            return 1
        case Kind.BURGLARY | Kind.UNTYPED | Kind.UNREADABLE | Kind.ALL_PATHS_LOST | Kind.STATION:
            return 2
        case (
            Kind.TAMPER | Kind.TECHNICAL | Kind.SUPERVISORY | Kind.UNKNOWN_CODE | Kind.NOT_AUTHENTICATED | Kind.RUNAWAY
        ):
            return 3
        case Kind.POWER | Kind.COMMS | Kind.TROUBLE | Kind.PATH_LOST | Kind.LATE_TO_TEST:
            return 4
        case (
            Kind.OPEN_CLOSE
            | Kind.UNKNOWN_ACCOUNT
            | Kind.VERIFICATION
            | Kind.CANCEL
            | Kind.BYPASS
            | Kind.ACCESS
            | Kind.TEST
            | Kind.LINK_TEST
            | Kind.SYSTEM
            | Kind.MISC
        ):
            return 5
