"""The accounts as receivers need them, and what has changed in them since.

In: the number of the last change seen. Out: rows, and the number to ask from next time. Numbers follow commits (see
`account_changed` in schema.sql), so no change can appear behind one that was read. Both come in slices, so that
neither a million accounts nor a large import holds a receiver up.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

import attrs

from station.store.database import Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class PanelAccountRow:
    """One account; the fields as in the table `account`."""

    id: int
    number: str
    prefix: str | None
    receiver: str | None
    key_sealed: bytes | None = attrs.field(repr=False)
    window_past_s: int
    window_future_s: int
    observe_window: bool = False
    enrolling: bool = False


@attrs.frozen
class AccountChanges:
    """`gone` holds every account touched; `rows` those of them that still exist, by id."""

    last: int
    gone: list[int]
    rows: list[PanelAccountRow]


async def all_accounts(session: Session, slice_rows: int = 20_000) -> AsyncGenerator[AccountChanges, None]:
    """Every account, as slices of a change against nothing."""
    (last,) = await session.fetch(_SQL["last_change"])
    after = 0
    while rows := await session.fetch(_SQL["accounts_after"], after, slice_rows):
        after = rows[-1]["id"]
        yield AccountChanges(last["n"], [], [_row(row) for row in rows])


async def changes_since(session: Session, last: int, slice_rows: int = 2_000) -> AccountChanges:
    """The next slice of what has changed after change number `last`; none `gone` if nothing has."""
    rows = await session.fetch(_SQL["changed_accounts"], last, slice_rows)
    return AccountChanges(
        last=max((row["n"] for row in rows), default=last),
        gone=[row["account"] for row in rows],
        rows=sorted((_row(row) for row in rows if row["id"] is not None), key=lambda row: row.id),
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
        observe_window=row["observe_window"],
        enrolling=row["enrolling"],
    )
