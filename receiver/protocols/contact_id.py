"""SIA DC-05 Contact ID, as the data group of an ADM-CID frame carries it.

    [#acct|] Q XYZ GG CCC          qualifier, event code, group (area), zone or user

In: the data group. Out: one `ContactIdEvent`. Spellings met in the field: with and without blanks, the long telephone
form `18QXYZGGCCCS` with its checksum, E/R/P for the qualifier, an account without `#`.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from receiver.protocols.errors import RemoteProtocolError

_SPACED: Final = re.compile(r"([0-9ERP])\s?([0-9A-F]{3})\s+([0-9A-F]{1,3})\s+([0-9A-F]{1,4})\b")
_TIGHT: Final = re.compile(r"([136ERP])([0-9A-F]{3})([0-9A-F]{2})([0-9A-F]{3})\Z")
_LONG: Final = re.compile(r"(?:18|98|58)([136ERP])([0-9A-F]{3})([0-9A-F]{2})([0-9A-F]{3})[0-9A-F]\Z")


@attrs.frozen
class ContactIdEvent:
    """One event, all fields as sent."""

    qualifier: str
    code: str
    area: str
    zone: str


def parse(data: str) -> ContactIdEvent:
    """The event in a data group.

    Raises:
        RemoteProtocolError: there is none to be found.
    """
    message = data.rpartition("|")[2].strip().upper()
    for form in (_SPACED, _LONG, _TIGHT):
        if found := form.match(message):
            return ContactIdEvent(*found.groups())
    raise RemoteProtocolError("no Contact ID event in the data")
