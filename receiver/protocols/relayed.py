"""What a hardware receiver says to its automation computer, whichever of the protocols it speaks.

A receiver takes panels' calls by telephone or radio and relays them. It waits for one ACK for each transmission, and
repeats what it got none for; copies glued together are one transmission.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import attrs

#: What every receiver but those of DC-07 waits for.
ACK: Final = b"\x06"


@attrs.frozen(kw_only=True)
class Report:
    """One panel's report, all fields as sent."""

    #: Number of the receiver and of its line.
    receiver: str
    line: str
    #: Empty where none can be found.
    account: str
    #: Identifier that DC-09 would give it: ADM-CID, SIA-DCS ... It says which table reads `data`.
    form: str
    #: What would stand behind the opening bracket of a DC-09 frame.
    data: bytes
    #: Four digits in DC-07; empty elsewhere.
    sequence: str = ""
    #: Of formats that no table reads but whose fields stand apart.
    code: str | None = None
    area: str | None = None
    zone: str | None = None


@attrs.frozen
class Transmission:
    """What is stored together and acknowledged once."""

    raw: bytes
    reports: Sequence[Report]
    ack: bytes = ACK
    #: How often it came at once, with nothing between.
    copies: int = 1


@attrs.frozen
class Heartbeat:
    """The receiver says that it is there."""

    ack: bytes = ACK


@attrs.frozen
class Rubbish:
    """Bytes that get no answer."""

    size_bytes: int


Message = Transmission | Heartbeat | Rubbish


def contact_id_report(
    receiver: str, line: str, account: str, qualifier: str, code: str, area: str, zone: str
) -> Report:
    """A report in Contact ID, its event spelled as DC-09 spells it."""
    data = f"#{account}|{qualifier}{code} {area} {zone}]".encode()
    return Report(receiver=receiver, line=line, account=account, form="ADM-CID", data=data)


class Wire(Protocol):
    """One direction of one connection: bytes in, messages out. Holds at most one unfinished message."""

    @property
    def waiting(self) -> bool:
        """True while something unfinished is held."""

    def receive_data(self, data: bytes) -> list[Message]:
        """What has become complete with `data`, in order."""

    def give_up_waiting(self) -> list[Message]:
        """Nothing has come for a while: what is whole but for its end counts."""
