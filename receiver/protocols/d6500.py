"""Bosch D6500 mode, as D6500, D6600 and D6100 receivers and those that imitate them relay panels to a computer.

    [s]aRRLsAAAA18QXYZGGCCC   Contact ID            [s]1RRLsssssssssss@ssss   heartbeat

In: bytes. Out: transmissions, heartbeats, rubbish. Each message ends with DC4; ACK is 0x06. Q is a digit 1, 3, 6 in
the original, a letter E, R, P elsewhere; a line above 9 is a letter. The first character names the format; of formats
other than Contact ID and SIA nothing but account and text is told, for a person to read.
"""

from __future__ import annotations

import re
from typing import Final

from receiver.protocols.lines import Lines, copies_in
from receiver.protocols.relayed import Heartbeat, Report, Transmission, contact_id_report

DC4: Final = b"\x14"

_HEARTBEAT: Final = re.compile(rb"1\d\d[0-9A-Za-z] {4,}@")
_CONTACT_ID: Final = re.compile(
    rb"a(\d\d)([0-9A-Za-z]) *([0-9A-Fa-f]{3,16}) ?(?:18|98|58) ?([EPR136])([0-9A-F]{3})([0-9A-F]{2})([0-9A-F]{3})"
)
_SIA_BLOCK: Final = re.compile(rb"S(\d\d)([0-9A-Za-z]) *\[(#?([0-9A-Za-z]{1,16})\|.*\])", re.DOTALL)
_ANY: Final = re.compile(rb"([0-9A-Za-z])(\d\d)([0-9A-Za-z])(?: +([0-9A-Fa-f]{3,16})(?![!-~]))?[ -~\x80-\xff]*")


def d6500() -> Lines:
    """The messages of one receiver."""
    return Lines(DC4, _read)


def _read(line: bytes, ended: bool) -> Transmission | Heartbeat | None:
    said, copies = copies_in(line.strip(b"\r\n\x00"))
    said = said.strip()
    if _HEARTBEAT.fullmatch(said):
        return Heartbeat()
    report = _understood(said)
    if report is None and ended:
        report = _unreadable(said)
    return None if report is None else Transmission(line, [report], copies=copies)


def _understood(said: bytes) -> Report | None:
    if found := _CONTACT_ID.fullmatch(said):
        return contact_id_report(*(group.decode("ascii") for group in found.groups()))
    if found := _SIA_BLOCK.fullmatch(said):
        receiver, line, account = (group.decode("ascii") for group in found.group(1, 2, 4))
        return Report(receiver=receiver, line=line, account=account, form="SIA-DCS", data=found[3])
    return None


def _unreadable(said: bytes) -> Report | None:
    found = _ANY.fullmatch(said)
    if found is None:
        return None
    letter, receiver, line, account = ((group or b"").decode("ascii") for group in found.groups())
    return Report(receiver=receiver, line=line, account=account, form=f"D6500-{letter}", data=said + b"]")
