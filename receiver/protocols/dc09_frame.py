"""SIA DC-09 frame: what stands between the quote and the CR.

    "<id>" <seq> [R<rcvr>] [L<pref>] #<acct> [ data ] { [x data] } [ _timestamp ]

In: an envelope. Out: a `Frame` (header and content still as sent) and, of clear content, its parts. Fields that real
panels leave out or empty are let through; what the header holds is echoed byte for byte in the reply.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from typing import Final

import attrs

from receiver.protocols.dc09_framing import CrcForm, Envelope
from receiver.protocols.errors import LocalProtocolError, RemoteProtocolError

_ID: Final = re.compile(rb'"(\*?)([^"\[]{1,20})"([^\[]*)\[?')
_HEADER: Final = re.compile(rb"([0-9A-Za-z]{4})?(?:R([0-9A-Fa-f]*))?(?:L([0-9A-Fa-f]*))?(?:#(.*))?", re.DOTALL)
_TIMESTAMP: Final = re.compile(rb"_(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})\Z")
_GROUPS: Final = re.compile(rb"\]\[(?=[A-Z])")
_DATA_ACCOUNT: Final = re.compile(rb"#?([0-9A-Za-z]{1,16})(?:\||\Z)")

#: Tokens that a receiver sends and a panel never does: answering one would make two receivers talk for ever.
REPLY_TOKENS: Final = frozenset({"ACK", "NAK", "DUH"})


@attrs.frozen
class Frame:
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


@attrs.frozen
class Content:
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
    name = token.decode("ascii", "replace")
    if name in REPLY_TOKENS:
        raise RemoteProtocolError(f"a receiver's token from a panel: {name}")
    fields = _HEADER.fullmatch(header)
    sequence, receiver, prefix, account = fields.groups() if fields else (None, None, None, None)
    return Frame(
        raw=envelope.raw,
        crc_form=envelope.crc_form,
        encrypted=bool(star),
        token=name,
        header=header,
        sequence=_text(sequence) or "",
        receiver=_text(receiver),
        prefix=_text(prefix),
        account=_text(account),
        content=envelope.body[found.end() :],
    )


def parse_content(content: bytes) -> Content:
    """Data, extended data and timestamp of clear (or decrypted and unpadded) content. Never refuses.

    A group begins at `][` and a letter, so brackets inside a text, a link or JSON do no harm.
    """
    rest = content.rstrip(b"\x00")
    stamp = _TIMESTAMP.search(rest)
    if stamp is not None:
        rest = rest[: stamp.start()]
    data, *groups = _GROUPS.split(rest.removesuffix(b"]"))
    return Content(
        data=data,
        extended=tuple((chr(group[0]), decode(group[1:])) for group in groups),
        sent_at=None if stamp is None else _instant(stamp),
    )


def account_in(data: bytes) -> str | None:
    """The account that the data group itself names, for headers that name none."""
    found = _DATA_ACCOUNT.match(data)
    return None if found is None else found.group(1).decode("ascii")


def decode(text: bytes) -> str:
    """Text of a panel: UTF-8 in newer editions, Windows-1252 in older ones.

    NUL, which PostgreSQL can't hold in a text, becomes its picture U+2400.
    """
    for encoding in ("utf-8", "cp1252", "latin-1"):
        with contextlib.suppress(UnicodeDecodeError):
            return text.decode(encoding).replace("\0", "\u2400")
    raise LocalProtocolError("latin-1 reads every byte")


def parse_instant(text: str) -> dt.datetime | None:
    """The instant in `HH:MM:SS,MM-DD-YYYY` (extended data H); None if it is none."""
    stamp = _TIMESTAMP.search(b"_" + text.encode("ascii", "replace"))
    return None if stamp is None else _instant(stamp)


def timestamp(now: dt.datetime) -> bytes:
    """`_HH:MM:SS,MM-DD-YYYY`, GMT."""
    return now.astimezone(dt.UTC).strftime("_%H:%M:%S,%m-%d-%Y").encode("ascii")


def _instant(stamp: re.Match[bytes]) -> dt.datetime | None:
    hour, minute, second, month, day, year = (int(part) for part in stamp.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None


def _text(field: bytes | None) -> str | None:
    return None if field is None else decode(field)
