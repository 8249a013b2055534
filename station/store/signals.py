"""Writing signals: many in one COPY, which is one transaction.

In: signals and the lane that their connection holds. Out: rows of the append-only table `signal`, in the binary form of
COPY (PostgreSQL manual, COPY, "Binary Format"). Written out here because the driver's encoding of a row costs as much
as parsing, reading and answering the frame; the parts of a row that come again and again are encoded once.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import struct
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport, signal_id
from station.store.database import Connection, Unstorable

#: In the order in which `_row` writes them.
_COLUMNS: Final = (
    "id",
    "received_at",
    # _way
    "protocol",
    "transport",
    "peer",
    # _meaning
    "token",
    "kind",
    "qualifier",
    "event_code",
    "area",
    "zone",
    "user_number",
    # _standing
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
#: Number of columns, then id and received_at, each behind its length.
_row_head = struct.Struct("!hiqiq").pack
_length = struct.Struct("!i").pack
_eight_bytes = struct.Struct("!iq").pack


async def write_signals(connection: Connection, lane: int, first_place: int, signals: Sequence[Signal]) -> None:
    """Commit `signals` at `first_place`, `first_place + 1` ... of `lane`.

    Raises:
        StoreUnavailable: the outcome is unknown; write them again, in another lane.
        Unstorable: none is written, and one of them can't be as it is; see `bare`.
    """
    await connection.copy_in("signal", _COLUMNS, encoded(signal_id(lane, first_place), signals))


def encoded(first_id: int, signals: Iterable[Signal]) -> bytes:
    """The rows of `signals` as one binary COPY.

    Raises:
        Unstorable: a text is none (lone surrogates).
    """
    try:
        rows = [_row(id_, signal) for id_, signal in enumerate(signals, first_id)]
    except UnicodeEncodeError as error:
        raise Unstorable(f"UnicodeEncodeError: {error}") from error
    return b"".join((_FILE_HEADER, *rows, _FILE_END))


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


def _row(id_: int, s: Signal) -> bytes:
    account, sequence, text, payload = s.account.encode(), s.sequence.encode(), s.text.encode(), s.payload.encode()
    return b"".join(
        (
            _row_head(len(_COLUMNS), 8, id_, 8, _microseconds(s.received_at)),
            _way(s.protocol, s.transport, s.peer),
            _meaning(s.token, s.kind, s.qualifier, s.event_code, s.area, s.zone, s.user),
            _standing(s.authenticity, s.reply, s.old, s.suppressed),
            _NULL if s.account_id is None else _eight_bytes(8, s.account_id),
            _length(len(account)),
            account,
            _field(s.receiver),
            _field(s.prefix),
            _length(len(sequence)),
            sequence,
            _length(len(text)),
            text,
            _length(len(payload)),
            payload,
            _length(len(s.raw)),
            s.raw,
            _NULL if s.repeat_key is None else _length(len(s.repeat_key)) + s.repeat_key,
            _NULL if s.occurred_at is None else _eight_bytes(8, _microseconds(s.occurred_at)),
            _text(json.dumps(s.extended, ensure_ascii=False)) if s.extended else _NULL,
        )
    )


@functools.lru_cache(maxsize=32_768)
def _way(protocol: Protocol, transport: Transport, peer: str) -> bytes:
    return _text(protocol.value) + _text(transport.value) + _text(peer)


@functools.lru_cache(maxsize=16_384)
def _meaning(
    token: str,
    kind: Kind,
    qualifier: Qualifier,
    event_code: str | None,
    area: str | None,
    zone: str | None,
    user: str | None,
) -> bytes:
    texts = (token, kind.value, qualifier.value, event_code, area, zone, user)
    return b"".join([_text(text) for text in texts])


@functools.lru_cache(maxsize=256)
def _standing(authenticity: Authenticity, reply: Reply, old: bool, suppressed: bool) -> bytes:
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


@functools.lru_cache(maxsize=1024)
def _microseconds(instant: dt.datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
