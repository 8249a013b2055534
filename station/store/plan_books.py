"""Books of action plans in the store: their texts, and which is in force.

In: texts by name. Out: the same, by version. What the texts mean is the dispatcher's matter.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

import attrs

from station.store.database import Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class KeptBook:
    """A book as it is kept."""

    version: str
    texts: Mapping[str, str]


async def active_version(session: Session) -> str | None:
    """Which book is in force; None: none was ever kept."""
    row = await fetch_one(session, _SQL["active_version"])
    return None if row is None else row["version"]


async def kept_book(session: Session, version: str) -> KeptBook | None:
    """One book, or None."""
    row = await fetch_one(session, _SQL["book"], version)
    return None if row is None else KeptBook(row["version"], json.loads(row["texts"]))


async def keep(session: Session, book: KeptBook, *, in_force: bool = False) -> None:
    """Keep a book; `in_force` where no other is."""
    text = json.dumps(dict(book.texts), sort_keys=True, ensure_ascii=False)
    await session.execute(_SQL["keep_active" if in_force else "keep"], book.version, text)


async def activate(session: Session, version: str) -> bool:
    """From now on incidents begin under this book; False: it was never kept."""
    return bool(await session.fetch(_SQL["activate"], version))


async def books(session: Session) -> Sequence[tuple[str, dt.datetime, dt.datetime | None]]:
    """Version, when it was made, when it came into force."""
    return [(row["version"], row["made_at"], row["activated_at"]) for row in await session.fetch(_SQL["books"])]
