"""Writing signals: many in one COPY, which is one transaction.

In: signals and the lane that their connection holds. Out: rows of the append-only table `signal`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import attrs

from station.signals import Kind, Signal, signal_id
from station.store.database import Connection

_COLUMNS: Final = (
    "id",
    "received_at",
    "protocol",
    "transport",
    "peer",
    "account_id",
    "account",
    "receiver",
    "prefix",
    "sequence",
    "token",
    "kind",
    "qualifier",
    "event_code",
    "area",
    "zone",
    "user_number",
    "text",
    "extended",
    "occurred_at",
    "old",
    "payload",
    "raw",
    "authenticity",
    "reply",
    "repeat_key",
    "suppressed",
)


async def write_signals(connection: Connection, lane: int, first_place: int, signals: Sequence[Signal]) -> None:
    """Commit `signals` at `first_place`, `first_place + 1` ... of `lane`.

    Raises:
        StoreUnavailable: the outcome is unknown; write them again, in another lane.
        Unstorable: none is written, and one of them can't be as it is; see `bare`.
    """
    rows = [_row(signal_id(lane, first_place + offset), signal) for offset, signal in enumerate(signals)]
    await connection.copy_in("signal", _COLUMNS, rows)


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


def _row(id_: int, signal: Signal) -> tuple[object, ...]:
    return (
        id_,
        signal.received_at,
        signal.protocol.value,
        signal.transport.value,
        signal.peer,
        signal.account_id,
        signal.account,
        signal.receiver,
        signal.prefix,
        signal.sequence,
        signal.token,
        signal.kind.value,
        signal.qualifier.value,
        signal.event_code,
        signal.area,
        signal.zone,
        signal.user,
        signal.text,
        json.dumps(signal.extended, ensure_ascii=False) if signal.extended else None,
        signal.occurred_at,
        signal.old,
        signal.payload,
        signal.raw,
        signal.authenticity.value,
        signal.reply.value,
        signal.repeat_key,
        signal.suppressed,
    )
