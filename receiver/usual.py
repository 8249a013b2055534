"""The frames that nearly all panels send nearly always, read in one go.

    <LF> crc 0LLL "SIA-DCS" seq [R] [L] #acct [ #acct|Nri1/BA003^Front door^ ] [_timestamp] <CR>
    <LF> crc 0LLL "ADM-CID" seq [R] [L] #acct [ #acct|1130 01 003 ] [_timestamp] <CR>
    <LF> crc 0LLL "NULL"    seq [R] [L] #acct [] [_timestamp] <CR>

In: what one `recv` brought. Out: the frame taken apart, or None for anything else: encrypted, damaged, several events,
extended data, a spelling of its own. Then `conversation.py` and `reading.py` read it, which know every case. What this
module makes of a frame is what they would make of it, at a quarter of the cost; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Final, NamedTuple

from receiver.protocols.dc09_frame import stamped_at
from receiver.protocols.dc09_framing import CrcForm, crc16, enclose
from receiver.reading import digest, told
from receiver.sources import Source
from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply
from station.store.signals import meaning, standing, way, written

#: Sound, in clear, alone in what was read, of printable ASCII; a text with a bracket may hide extended data.
_FRAME: Final = re.compile(
    rb"\n([0-9A-F]{8})"
    rb'("(SIA-DCS|ADM-CID|NULL)"(([0-9]{4})(?:R([0-9A-F]{1,6}))?(?:L([0-9A-F]{0,6}))?#([0-9A-F]{3,16}))'
    rb"\[((?:(#\8\|(N(?:ri[0-9]{1,4}/)?[A-Z]{2}[0-9]{0,8}|[136][0-9]{3} [0-9]{2} [0-9]{3})(?:\^([ -Z\\_`a-{}~]+)\^)?))?"
    rb"\](_[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{2}-[0-9]{2}-[0-9]{4})?))\r"
)
#: Members of enums are looked up at each mention, and that costs as much as a CRC.
_DC09: Final = Protocol.DC09
_HEX: Final = CrcForm.HEX
_STANDING: Final = standing(Authenticity.UNPROVEN, Reply.ACK, old=False, suppressed=False)


class UsualEvent(NamedTuple):
    """What such a frame reports: one new event."""

    kind: Kind
    qualifier: Qualifier
    #: As columns of its row.
    meaning: bytes


class UsualFrame(NamedTuple):
    """A frame of one of the forms above whose CRC and length are right."""

    raw: bytes
    token: bytes
    header: bytes
    sequence: bytes
    receiver: str | None
    prefix: str | None
    account: str
    #: From the opening bracket to the CR.
    content: bytes
    #: The data group.
    payload: bytes
    #: None for a link test.
    event: UsualEvent | None
    text: bytes
    #: The frame's own time, as sent.
    stamp: bytes | None


def usual_frame(data: bytes) -> UsualFrame | None:
    """The frame that `data` is, if it is a usual one and nothing more."""
    found = _FRAME.fullmatch(data)
    if found is None:
        return None
    head, body, token, header, sequence, receiver, prefix, account, content, payload, said, text, stamp = found.groups()
    if b"%04X%04X" % (crc16(body), len(body)) != head:
        return None
    event = None
    if said is not None:
        event = _event(token, said)
        if event is None or (text is not None and token != b"SIA-DCS"):
            return None
    elif token != b"NULL":
        return None
    return UsualFrame(  # by position, in the order of the fields: names would cost as much as the reading
        data,
        token,
        header,
        sequence,
        None if receiver is None else receiver.decode(),
        None if prefix is None else prefix.decode(),
        account.decode(),
        content,
        payload,
        event,
        text or b"",
        stamp,
    )


def usual_ack(frame: UsualFrame) -> bytes:
    """The reply."""
    return enclose(b'"ACK"%b[]' % frame.header, _HEX)


def usual_row(frame: UsualFrame, event: UsualEvent, account_id: int, source: Source, received_at: dt.datetime) -> bytes:
    """The frame's one signal, as it is stored."""
    return written(
        received_at,
        way(_DC09, source.transport, source.peer),
        event.meaning,
        _STANDING,
        account_id,
        frame.account.encode(),
        frame.receiver,
        frame.prefix,
        frame.sequence,
        frame.text,
        frame.payload,
        frame.raw,
        _repeat_key(frame, account_id),
        None if frame.stamp is None else stamped_at(frame.stamp),
    )


def _repeat_key(frame: UsualFrame, account_id: int) -> bytes:
    return digest(b"|%d|%b|%b|%b|0" % (account_id, frame.sequence, frame.token, frame.content))


# The account says nothing about the event, and the text is its own: the same few events come from every panel.
@functools.lru_cache(maxsize=16_384)
def _event(token: bytes, said: bytes) -> UsualEvent | None:
    name = token.decode()
    event, *more = told(name, f"#|{said.decode()}")
    if more or event.kind in (Kind.UNREADABLE, Kind.LINK_TEST):
        return None
    columns = meaning(name, event.kind, event.qualifier, event.code, event.area, event.zone, event.user)
    return UsualEvent(event.kind, event.qualifier, columns)
