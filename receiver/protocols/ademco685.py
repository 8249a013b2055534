"""Ademco 685, as the 685, the MX8000 and those that imitate them relay panels to a computer.

    RLsAAAAs18sQXYZsGGsUCCC   Contact ID: U is C before a zone, U before a user
    RLsAAAAsE                 3x1, 4x1              RLsAAAAsEsZ               4x2
    RLsAAAAsNNNNsNNNNsN       Ademco high speed     00sOKAYs@                 heartbeat

In: bytes. Out: transmissions, heartbeats, rubbish. Each message stands between LF and CR; ACK is 0x06. R is the
receiver, L its line. A line with a receiver and an account that is otherwise not to be read is a report all the same.
"""

from __future__ import annotations

import re
from typing import Final

from receiver.protocols.lines import Lines
from receiver.protocols.relayed import Heartbeat, Report, Transmission, contact_id_report

CR: Final = b"\r"

_HEARTBEAT: Final = re.compile(rb"[0-9A-F]{2} +OKAY *@?")
_HEADER: Final = rb"([0-9A-F]{1,3})([0-9A-F]) +([0-9A-Fa-f]{3,16}) +"
_CONTACT_ID: Final = re.compile(_HEADER + rb"(?:18|98|58) +([EPR136])([0-9A-F]{3}) +([0-9A-F]{2}) +[CU]?([0-9A-F]{3})")
_HIGH_SPEED: Final = re.compile(_HEADER + rb"([0-9A-F]{4} +[0-9A-F]{4} +[0-9A-F])")
_SHORT: Final = re.compile(_HEADER + rb"([0-9A-F])(?: +([0-9A-F]))?")
# Blanks belong to the header alone, or each of them could be tried as either.
_ANY: Final = re.compile(_HEADER + rb"([!-~\x80-\xff][ -~\x80-\xff]*)")


def ademco685() -> Lines:
    """The messages of one receiver."""
    return Lines(CR, _read)


def _read(line: bytes, ended: bool) -> Transmission | Heartbeat | None:
    # What a line break cut off before it belongs to no message.
    said = line.strip(b"\n\x00 ").rpartition(b"\n")[2]
    if _HEARTBEAT.fullmatch(said):
        return Heartbeat()
    report = _understood(said)
    if report is None and ended:
        report = _unreadable(said)
    return None if report is None else Transmission(line, [report])


def _understood(said: bytes) -> Report | None:
    if found := _CONTACT_ID.fullmatch(said):
        return contact_id_report(*(group.decode("ascii") for group in found.groups()))
    if found := _HIGH_SPEED.fullmatch(said):
        return _report("ADM-HS", *found.groups())
    if found := _SHORT.fullmatch(said):
        receiver, line, account, code, zone = found.groups()
        form = "ADM-41E" if zone is None else "ADM-42E"
        return _report(form, receiver, line, account, code if zone is None else code + b" " + zone, code, zone)
    return None


def _unreadable(said: bytes) -> Report | None:
    found = _ANY.fullmatch(said)
    return None if found is None else _report("685", *found.groups())


def _report(
    form: str,
    receiver: bytes,
    line: bytes,
    account: bytes,
    data: bytes,
    code: bytes | None = None,
    zone: bytes | None = None,
) -> Report:
    return Report(
        receiver=receiver.decode("ascii"),
        line=line.decode("ascii"),
        account=account.decode("ascii"),
        form=form,
        data=b"#%b|%b]" % (account, data),
        code=None if code is None else code.decode("ascii"),
        zone=None if zone is None else zone.decode("ascii"),
    )
