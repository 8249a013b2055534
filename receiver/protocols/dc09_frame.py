"""SIA DC-09 frame: what stands between the quote and the CR.

    "<id>" <seq> [R<rcvr>] [L<pref>] #<acct> [ data ] { [x data] } [ _timestamp ]

In: an envelope. Out: a `Frame` (header and content still as sent) and, of clear content, its parts. Fields that real
panels leave out or empty are let through; what the header holds is echoed byte for byte in the reply.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Final, NamedTuple

from receiver.protocols.dc09_framing import CrcForm, Envelope
from receiver.protocols.errors import RemoteProtocolError

_ID: Final = re.compile(rb'"(\*?)([^"\[]{1,20})"([^\[]*)\[?')
_HEADER: Final = re.compile(rb"([0-9A-Za-z]{4})?(?:R([0-9A-Fa-f]*))?(?:L([0-9A-Fa-f]*))?(?:#(.*))?", re.DOTALL)
#: A header that is written otherwise still names its account.
_HEADER_ACCOUNT: Final = re.compile(rb"#(.*)", re.DOTALL)
_TIMESTAMP: Final = re.compile(rb"_(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})")
_TIMESTAMP_BYTES: Final = 20
_GROUPS: Final = re.compile(rb"\]\[(?=[A-Za-z\]]|\Z)")
_DATA_ACCOUNT: Final = re.compile(rb"#([0-9A-Za-z]{1,16})(?=[|\]]|\Z)|([0-9A-Za-z]{1,16})\|")

#: Tokens that a receiver sends and a panel never does: answering one would make two receivers talk for ever.
REPLY_TOKENS: Final = frozenset({"ACK", "NAK", "DUH"})


class Frame(NamedTuple):
    """A frame whose envelope is sound."""

    raw: bytes
    crc_form: CrcForm
    encrypted: bool
    #: Identifier without the star: SIA-DCS, ADM-CID, NULL ...
    token: str
    #: All between the identifier and the data, as sent.
    header: bytes
    sequence: str
    #: R and L without their letter; None if absent.
    receiver: str | None
    prefix: str | None
    #: As sent; None if the header names none.
    account: str | None
    #: All after the opening bracket: clear text, or hex of the cipher text.
    content: bytes


class Content(NamedTuple):
    """Clear content, taken apart."""

    data: bytes
    #: Letter and text of each extended group, in order.
    extended: tuple[tuple[str, str], ...]
    #: The time that the frame carries; None if absent or no such time exists.
    sent_at: dt.datetime | None


def parse_frame(envelope: Envelope) -> Frame:
    """The frame in an envelope.

    Raises:
        RemoteProtocolError: it has no identifier, or one that only receivers send; there is nothing to answer.
    """
    found = _ID.match(envelope.body)
    if found is None:
        raise RemoteProtocolError("no identifier")
    star, token, header = found.groups()
    name = decode(token)
    if name in REPLY_TOKENS:
        raise RemoteProtocolError(f"a receiver's token from a panel: {name}")
    fields = _HEADER.fullmatch(header)
    if fields is None:
        named = _HEADER_ACCOUNT.search(header)
        sequence, receiver, prefix, account = None, None, None, None if named is None else named.group(1)
    else:
        sequence, receiver, prefix, account = fields.groups()
    return Frame(  # by position, in the order of the fields: names would cost as much as the reading
        envelope.raw,
        envelope.crc_form,
        bool(star),
        name,
        header,
        "" if sequence is None else sequence.decode("ascii"),
        None if receiver is None else receiver.decode("ascii"),
        None if prefix is None else prefix.decode("ascii"),
        None if account is None else decode(account),
        envelope.body[found.end() :],
    )


def parse_content(content: bytes) -> Content:
    """Data, extended data and timestamp of clear (or decrypted and unpadded) content. Never refuses.

    A group begins at `][` and a letter, so brackets inside a text, a link or JSON do no harm.
    """
    rest = content.rstrip(b"\x00")
    size_bytes, sent_at = _stamped(rest[-_TIMESTAMP_BYTES:])
    rest = rest[: len(rest) - size_bytes].removesuffix(b"]")
    if b"][" not in rest:
        return Content(rest, (), sent_at)
    data, *groups = _GROUPS.split(rest)
    return Content(data, tuple((chr(group[0]), decode(group[1:])) for group in groups if group), sent_at)


def without_timestamp(content: bytes) -> bytes:
    """Content up to its timestamp."""
    rest = content.rstrip(b"\x00")
    return rest[: len(rest) - _stamped(rest[-_TIMESTAMP_BYTES:])[0]]


def significant(digits: str | None) -> str:
    """R or L as accounts and paths are known by: capitals, without leading zeros; absent or empty is zero."""
    return (digits or "").upper().lstrip("0") or "0"


def account_in(data: bytes) -> str | None:
    """The account that the data group itself names, for headers that name none."""
    found = _DATA_ACCOUNT.match(data)
    return None if found is None else (found[1] or found[2]).decode("ascii")


def decode(text: bytes) -> str:
    """Text of a panel: UTF-8 in newer editions, Windows-1252 in older ones.

    NUL, which PostgreSQL can't hold in a text, becomes its picture U+2400.
    """
    try:
        read = text.decode("utf-8")
    except UnicodeDecodeError:
        try:
            read = text.decode("cp1252")
        except UnicodeDecodeError:
            read = text.decode("latin-1")
    return read.replace("\0", "\u2400")


def parse_instant(text: str) -> dt.datetime | None:
    """The instant in `HH:MM:SS,MM-DD-YYYY` (extended data H); None if it is none."""
    return _stamped(b"_" + text.encode("ascii", "replace"))[1]


def timestamp(now: dt.datetime) -> bytes:
    """`_HH:MM:SS,MM-DD-YYYY`, GMT."""
    return now.astimezone(dt.UTC).strftime("_%H:%M:%S,%m-%d-%Y").encode("ascii")


def stamped_at(stamp: bytes) -> dt.datetime | None:
    """The instant that `_HH:MM:SS,MM-DD-YYYY` names; None if no such time exists."""
    return _stamped(stamp)[1]


# Panels that report at the same time write the same twenty bytes.
@functools.lru_cache(maxsize=1024)
def _stamped(end: bytes) -> tuple[int, dt.datetime | None]:
    """How many bytes of `end` are a timestamp, and the instant; None if no such time exists."""
    stamp = _TIMESTAMP.fullmatch(end)
    if stamp is None:
        return 0, None
    hour, minute, second, month, day, year = (int(part) for part in stamp.groups())
    try:
        return len(end), dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return len(end), None
