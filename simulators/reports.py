"""What a panel can report, and how it writes it: SIA DC-03 (SIA-DCS) or SIA DC-05 (ADM-CID). Pure.

In: a report. Out: the data field of a DC-09 frame.
"""

from __future__ import annotations

import enum
import re
from typing import Final

import attrs

#: These end or divide the data field, so panels never let an installer type them.
_FORBIDDEN: Final = re.compile(r"[\[\]|^/\x00-\x1f]")


class Format(enum.Enum):
    """The DC-09 token of a panel's payload."""

    SIA_DCS = "SIA-DCS"
    ADM_CID = "ADM-CID"


class Happening(enum.Enum):
    """What happened at the premises: the SIA DC-03 code, and the qualifier and code of SIA DC-05."""

    BURGLARY = ("BA", "1130")
    BURGLARY_RESTORE = ("BR", "3130")
    FIRE = ("FA", "1110")
    FIRE_RESTORE = ("FR", "3110")
    PANIC = ("PA", "1120")
    HOLDUP = ("HA", "1122")
    MEDICAL = ("MA", "1100")
    TAMPER = ("TA", "1137")
    TAMPER_RESTORE = ("TR", "3137")
    OPENING = ("OP", "1401")
    CLOSING = ("CL", "3401")
    CANCEL = ("BC", "1406")
    POWER = ("AT", "1301")
    POWER_RESTORE = ("AR", "3301")
    BATTERY = ("YT", "1302")
    BATTERY_RESTORE = ("YR", "3302")
    BYPASS = ("BB", "1570")
    BYPASS_RESTORE = ("BU", "3570")
    TEST = ("RP", "1602")
    #: In no code table: a maker's own.
    UNKNOWN_CODE = ("QZ", "1999")

    def __init__(self, sia: str, contact_id: str) -> None:
        self.sia = sia
        self.contact_id = contact_id


@attrs.frozen
class Report:
    """One event. `number` is its zone or user, `area` its area, both as the panel counts them."""

    happening: Happening
    area: str = "1"
    number: str = "000"
    text: str = ""
    #: More that happened in that moment, told in the same frame; only SIA DC-03 has room for it.
    others: tuple[Report, ...] = ()


def data_field(report: Report, account: str, form: Format, encoding: str = "utf-8") -> bytes:
    """The bytes between the data brackets; `encoding` is that of the installer's texts (utf-8 or cp1252)."""
    match form:
        case Format.SIA_DCS:
            events = "/".join(_sia_event(one) for one in (report, *report.others))
            return f"#{account}|N{events}".encode(encoding, "replace")
        case Format.ADM_CID:
            return f"#{account}|{report.happening.contact_id} {report.area:0>2} {report.number:0>3}".encode("ascii")


def _sia_event(report: Report) -> str:
    text = _FORBIDDEN.sub(" ", report.text)
    named = f"^{text}^" if text else ""
    return f"ri{report.area}/{report.happening.sia}{report.number}{named}"
