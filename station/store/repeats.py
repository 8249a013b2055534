"""The last word on repeats: which committed signals are copies of one that was acted upon.

In: signals in the order of receipt, inside the transaction that moves the cursors. Out: copy -> original.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from station.signals import StoredSignal
from station.store.database import Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


async def earlier_copies(session: Session, signals: Sequence[StoredSignal], window: dt.timedelta) -> dict[int, int]:
    """For each of `signals` that repeats one of the last `window`: that one's id.

    Those of `signals` that share a key are further apart than the window.
    """
    copies: dict[int, int] = {}
    for owners in _rounds(signals):
        copies |= await _claim(session, owners, window)
    return copies


def _rounds(signals: Sequence[StoredSignal]) -> list[dict[bytes, StoredSignal]]:
    """By key; a key that comes again is claimed in the next round, since one statement can claim it only once."""
    rounds: list[dict[bytes, StoredSignal]] = []
    for signal in signals:
        if signal.repeat_key is not None:
            free = next((owners for owners in rounds if signal.repeat_key not in owners), None)
            if free is None:
                rounds.append({signal.repeat_key: signal})
            else:
                free[signal.repeat_key] = signal
    return rounds


async def _claim(session: Session, owners: Mapping[bytes, StoredSignal], window: dt.timedelta) -> dict[int, int]:
    ids = [signal.id for signal in owners.values()]
    times = [signal.received_at for signal in owners.values()]
    firsts = await session.fetch(_SQL["claim_keys"], list(owners), ids, times, window)
    return {owners[row["key"]].id: row["signal"] for row in firsts}


async def mark_repeats(session: Session, copies: Mapping[int, int]) -> None:
    """Remember copy -> original."""
    if copies:
        await session.execute(_SQL["mark_repeats"], list(copies), list(copies.values()))


async def forget_keys(session: Session, after: dt.timedelta) -> None:
    """Drop keys that were claimed longer ago than `after`, unless signals still wait to be read."""
    await session.execute(_SQL["forget_keys"], after)
