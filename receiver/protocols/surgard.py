"""Sur-Gard MLR2, System III and System 5, as they relay panels to a computer.

    5RRLs18AAAAQXYZGGCCC      Contact ID            SRRL[#AAAA|Nri1BA003]     SIA, whole block
    3RRLssssAAAAAAXXYYYY      SIA, code only        1RRLssssssAAAAsXGYYY      pulse formats
    8RRLAAAAsCCCCsCCCCsC      Ademco high speed     6RRLssssssAAAAXXYYYY      BFSK
    1RRLsssssssssss@ssss      heartbeat             each ends with DC4; ACK is 0x06

In: bytes. Out: transmissions, heartbeats, rubbish. RR is the receiver, L its line: one character, or three in newer
models. Accounts have four digits or more, so fields are counted from the end. A line with a header that is otherwise
not to be read is a report all the same: a person reads it.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Callable
from typing import Final, Literal

from receiver.protocols.lines import Lines, copies_in
from receiver.protocols.relayed import Heartbeat, Report, Transmission, contact_id_report

DC4: Final = b"\x14"

_HEARTBEATS: Final = re.compile(rb"(?:1\d\d[0-9A-Za-z]{1,3} {4,}@ *)+")
_CONTACT_ID: Final = re.compile(
    rb"5(\d\d)([0-9A-Za-z]{1,3}) +(?:18|98|58)([0-9A-Fa-f]{4,16})([EPR136])([0-9A-F]{3})([0-9A-F]{2})([0-9A-F]{3})"
)
_SIA_BLOCK: Final = re.compile(rb"S(\d\d)([0-9A-Za-z]{1,3}) *\[(#?([0-9A-Za-z]{1,16})\|.*\].*)", re.DOTALL)
_CODED: Final = re.compile(rb"([36])(\d\d)([0-9A-Za-z]{1,3}) +([0-9A-Fa-f]{4,16}) *([A-Z0-9]{2})([0-9A-Za-z]{4})")
_PULSE: Final = re.compile(rb"1(\d\d)([0-9A-Za-z]{1,3}) +([0-9A-Fa-f]{3,16}) +([!-~]{1,5})")
_HIGH_SPEED: Final = rb"8(\d\d)([0-9A-Za-z]{%d}) *([0-9A-Fa-f]{4,16}) ([0-9A-F]{4} [0-9A-F]{4} [0-9A-F])"
_ANY: Final = re.compile(rb"([0-9A-Za-z])(\d\d)([0-9A-Za-z]{1,3})(?: +([0-9A-Fa-f]{3,16})(?![!-~]))?[ -~\x80-\xff]*")
_BETWEEN: Final = re.compile(rb"[\r\n\x00]+")

LineDigits = Literal[1, 3]


def surgard(line_digits: LineDigits = 1) -> Lines:
    """The messages of one receiver, whose line field has `line_digits` characters."""
    return Lines(DC4, _reader(line_digits))


def _reader(line_digits: LineDigits) -> Callable[[bytes, bool], Transmission | Heartbeat | None]:
    high_speed = re.compile(_HIGH_SPEED % line_digits)
    header = re.compile(rb"(?<=.)(?=5\d\d[0-9A-Za-z]{%d} (?:18|98|58))" % line_digits)

    def read(line: bytes, ended: bool) -> Transmission | Heartbeat | None:
        said: collections.Counter[bytes] = collections.Counter()
        for part in _BETWEEN.split(line):
            unit, copies = copies_in(part.rstrip())
            for piece in header.split(unit):
                said[piece.strip()] += copies
        del said[b""]
        reports = [_understood(piece, high_speed) or piece for piece in said if not _HEARTBEATS.fullmatch(piece)]
        if not reports:
            return Heartbeat() if said else None
        if not ended and any(isinstance(report, bytes) for report in reports):
            return None
        known = [found for each in reports if (found := _unreadable(each) if isinstance(each, bytes) else each)]
        return Transmission(line, known, copies=max(said.values())) if known else None

    return read


def _understood(piece: bytes, high_speed: re.Pattern[bytes]) -> Report | None:
    if found := _CONTACT_ID.fullmatch(piece):
        receiver, line, account, *event = map(_ascii, found.groups())
        return contact_id_report(receiver, line, account, *event)
    if found := _SIA_BLOCK.fullmatch(piece):
        receiver, line, account = map(_ascii, found.group(1, 2, 4))
        return Report(receiver=receiver, line=line, account=account, form="SIA-DCS", data=found[3])
    if found := _CODED.fullmatch(piece):
        digit, receiver, line, account, code, zone = map(_ascii, found.groups())
        if digit == "3":
            data = f"#{account}|N{code}{zone}]".encode()
            return Report(receiver=receiver, line=line, account=account, form="SIA-DCS", data=data)
        data = f"#{account}|{code}{zone}]".encode()
        return Report(receiver=receiver, line=line, account=account, form="BFSK", data=data, code=code, zone=zone)
    if found := _PULSE.fullmatch(piece):
        return _pulse_report(*map(_ascii, found.groups()))
    if found := high_speed.fullmatch(piece):
        receiver, line, account, channels = map(_ascii, found.groups())
        data = f"#{account}|{channels}]".encode()
        return Report(receiver=receiver, line=line, account=account, form="ADM-HS", data=data)
    return None


def _pulse_report(receiver: str, line: str, account: str, event: str) -> Report:
    # XGYYY: event, group, user or zone. Other vendors put codes of their own there.
    split = len(event) == 5
    return Report(
        receiver=receiver,
        line=line,
        account=account,
        form="SIA-PUL",
        data=f"#{account}|{event}]".encode(),
        code=event[0] if split else event,
        area=event[1] if split else None,
        zone=event[2:] if split else None,
    )


def _unreadable(piece: bytes) -> Report | None:
    """A report of which nothing but the header, and perhaps the account, is certain."""
    found = _ANY.fullmatch(piece)
    if found is None:
        return None
    digit, receiver, line, account = (_ascii(group or b"") for group in found.groups())
    return Report(receiver=receiver, line=line, account=account, form=f"MLR2-{digit}", data=piece + b"]")


def _ascii(field: bytes) -> str:
    return field.decode("ascii")
