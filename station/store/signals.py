"""Writing signals: many in one COPY, which is one transaction.

In: signals and the lane that their connection holds. Out: rows of the append-only table `signal`, in the binary form of
COPY (PostgreSQL manual, COPY, "Binary Format"). Written out here because the driver's encoding of a row costs as much
as parsing, reading and answering the frame; the parts of a row that come again and again are encoded once.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import struct
from collections.abc import Sequence
from typing import Final

import attrs

from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport, signal_id
from station.store.database import Connection, Unstorable

#: In the order in which rows are written.
_COLUMNS: Final = (
    "id",
    "received_at",
    # way
    "protocol",
    "transport",
    "peer",
    # meaning
    "token",
    "kind",
    "qualifier",
    "event_code",
    "area",
    "zone",
    "user_number",
    # standing
    "authenticity",
    "reply",
    "old",
    "suppressed",
    # what differs from signal to signal
    "account_id",
    "account",
    "receiver",
    "prefix",
    "sequence",
    "text",
    "payload",
    "raw",
    "repeat_key",
    "occurred_at",
    "extended",
)
_FILE_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_FILE_END: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
#: Number of columns, then the id behind its length.
_row_start = struct.Struct("!hiq").pack
_length = struct.Struct("!i").pack
_eight_bytes = struct.Struct("!iq").pack


async def write_rows(connection: Connection, lane: int, first_place: int, rows: Sequence[bytes]) -> None:
    """Commit `rows` at `first_place`, `first_place + 1` ... of `lane`.

    Raises:
        StoreUnavailable: the outcome is unknown; write them again, in another lane.
        Unstorable: none is written, and one of them can't be as it is; see `bare`.
    """
    await connection.copy_in("signal", _COLUMNS, numbered(signal_id(lane, first_place), rows))


def numbered(first_id: int, rows: Sequence[bytes]) -> bytes:
    """One binary COPY: `rows` with the ids from `first_id` on."""
    columns = len(_COLUMNS)
    starts = [_row_start(columns, 8, id_) for id_ in range(first_id, first_id + len(rows))]
    return b"".join([_FILE_HEADER, *itertools.chain.from_iterable(zip(starts, rows, strict=True)), _FILE_END])


def row_of(s: Signal) -> bytes:
    """The row of a signal, less its id, which it gets when it is written.

    Raises:
        Unstorable: a text is none (lone surrogates).
    """
    try:
        return written(
            s.received_at,
            way(s.protocol, s.transport, s.peer),
            meaning(s.token, s.kind, s.qualifier, s.event_code, s.area, s.zone, s.user),
            standing(s.authenticity, s.reply, s.old, s.suppressed),
            s.account_id,
            s.account.encode(),
            s.receiver,
            s.prefix,
            s.sequence.encode(),
            s.text.encode(),
            s.payload.encode(),
            s.raw,
            s.repeat_key,
            s.occurred_at,
            _text(json.dumps(s.extended, ensure_ascii=False)) if s.extended else _NULL,
        )
    except UnicodeEncodeError as error:
        raise Unstorable(f"UnicodeEncodeError: {error}") from error


def storable_row(signal: Signal) -> bytes:
    """The same; of a signal that can't be stored as it is, what can."""
    try:
        return row_of(signal)
    except Unstorable:
        return row_of(bare(signal))


def written(
    received_at: dt.datetime,
    way: bytes,
    meaning: bytes,
    standing: bytes,
    account_id: int | None,
    account: bytes,
    receiver: str | None,
    prefix: str | None,
    sequence: bytes,
    text: bytes,
    payload: bytes,
    raw: bytes,
    repeat_key: bytes | None,
    occurred_at: dt.datetime | None,
    extended: bytes = _NULL,
) -> bytes:
    """The same from its parts: texts in UTF-8, and what `way`, `meaning` and `standing` give."""
    return b"".join(
        (
            _instant(received_at),
            way,
            meaning,
            standing,
            _NULL if account_id is None else _eight_bytes(8, account_id),
            _length(len(account)),
            account,
            _field(receiver),
            _field(prefix),
            _length(len(sequence)),
            sequence,
            _length(len(text)),
            text,
            _length(len(payload)),
            payload,
            _length(len(raw)),
            raw,
            _NULL if repeat_key is None else _length(len(repeat_key)) + repeat_key,
            _NULL if occurred_at is None else _instant(occurred_at),
            extended,
        )
    )


def bare(signal: Signal) -> Signal:
    """What can be stored of a signal that PostgreSQL refuses: the frame itself, and who sent it, in plain ASCII."""
    return attrs.evolve(
        signal,
        account=_ascii(signal.account),
        sequence=_ascii(signal.sequence),
        token=_ascii(signal.token),
        receiver=None,
        prefix=None,
        kind=Kind.UNREADABLE,
        event_code=None,
        area=None,
        zone=None,
        user=None,
        text="",
        extended=(),
        occurred_at=None,
        payload="",
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii").replace("\0", "\\0")


@functools.lru_cache(maxsize=32_768)
def way(protocol: Protocol, transport: Transport, peer: str) -> bytes:
    """How it came, as columns."""
    return _text(protocol.value) + _text(transport.value) + _text(peer)


@functools.lru_cache(maxsize=16_384)
def meaning(
    token: str,
    kind: Kind,
    qualifier: Qualifier,
    event_code: str | None,
    area: str | None,
    zone: str | None,
    user: str | None,
) -> bytes:
    """What the event is, as columns."""
    texts = (token, kind.value, qualifier.value, event_code, area, zone, user)
    return b"".join([_text(text) for text in texts])


@functools.lru_cache(maxsize=256)
def standing(authenticity: Authenticity, reply: Reply, old: bool, suppressed: bool) -> bytes:
    """What it proves and what is made of it, as columns."""
    flags = b"".join([_length(1) + bytes([flag]) for flag in (old, suppressed)])
    return _text(authenticity.value) + _text(reply.value) + flags


@functools.lru_cache(maxsize=4096)
def _field(digits: str | None) -> bytes:
    return _text(digits)


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    written = text.encode()
    return _length(len(written)) + written


# Frames that were read together bear the same instant.
@functools.lru_cache(maxsize=1024)
def _instant(instant: dt.datetime) -> bytes:
    return _eight_bytes(8, (instant - _EPOCH) // _MICROSECOND)
