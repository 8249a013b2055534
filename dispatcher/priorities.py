"""How urgent each kind is: 1 is handled first. The alarm queue is ordered by this, then by age.

The classes follow the response times of EN 50518 (hold-up and fire before all others).
"""

from __future__ import annotations

from station.signals import Kind

#: An alarm that the panel stored and reports late is not answered before live ones of its class.
LATE_REPORT_PRIORITY = 4


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
