"""The accounts as receivers need them, and what has changed in them since.

In: the number of the last change seen. Out: rows, and the number to ask from next time. Numbers follow commits (see
`account_changed` in schema.sql), so no change can appear behind one that was read.
"""

from __future__ import annotations

import attrs

from station.store.database import Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class PanelAccountRow:
    """One account; `number`, `prefix` and `receiver` as in the table `account`."""

    id: int
    number: str
    prefix: str | None
    receiver: str | None
    key_sealed: bytes | None = attrs.field(repr=False)
    window_past_s: int
    window_future_s: int


@attrs.frozen
class AccountChanges:
    """`gone` holds every account touched; `rows` those of them that still exist."""

    last: int
    gone: list[int]
    rows: list[PanelAccountRow]


async def all_accounts(session: Session) -> AccountChanges:
    """Every account, as a change against nothing."""
    (last,) = await session.fetch(_SQL["last_change"])
    rows = await session.fetch(_SQL["all_accounts"])
    return AccountChanges(last["n"], [], [_row(row) for row in rows])


async def changes_since(session: Session, last: int) -> AccountChanges:
    """What has changed after change number `last`."""
    rows = await session.fetch(_SQL["changed_accounts"], last)
    return AccountChanges(
        last=max((row["n"] for row in rows), default=last),
        gone=[row["account"] for row in rows],
        rows=[_row(row) for row in rows if row["id"] is not None],
    )


def _row(row: Row) -> PanelAccountRow:
    return PanelAccountRow(
        id=row["id"],
        number=row["number"],
        prefix=row["prefix"],
        receiver=row["receiver"],
        key_sealed=row["key_sealed"],
        window_past_s=row["window_past_s"],
        window_future_s=row["window_future_s"],
    )
