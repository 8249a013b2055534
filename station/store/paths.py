"""Paths: which there are, and what is known of each, as receivers need it.

In: accounts and slots. Out: rows of `path` with their `path_state`. The state is written in bulk by all receivers, and
only ever moves forward, so hosts need not know of each other. Writing paths is in `accounts.py`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

import attrs

from station.paths import Category, CategoryTimes, Path
from station.signals import Transport
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
_PATH_COLUMNS: Final = (
    "number",
    "category",
    "interval_s",
    "reporting_s",
    "network_path",
    "prefix",
    "receiver",
    "transport",
)


@attrs.frozen(kw_only=True)
class PathRow:
    """One path and what the database knows of it. Instants are seconds since 1970, 0 for never."""

    slot: int
    account: int
    grade: int | None
    path: Path
    #: The last sign of life; where there was none, since when one is waited for.
    heard_s: float
    sent_s: float
    signal_s: float
    source: int
    armed: bool | None


@attrs.frozen
class LostPath:
    """A path that is lost, since when, and in which storm."""

    slot: int
    lost_s: float
    storm: str | None


@attrs.frozen(kw_only=True)
class Heard:
    """What a receiver has heard of some paths, column by column; fields as in `PathRow`."""

    slot: Sequence[int]
    heard_s: Sequence[float]
    sent_s: Sequence[float]
    signal_s: Sequence[float]
    source: Sequence[int]
    armed: Sequence[bool | None]


@attrs.frozen
class Whose:
    """Whose path a slot is."""

    account_id: int
    account: str
    number: int


@attrs.frozen
class LastSweep:
    """When somebody last looked at all paths, and what silence meant then; seconds since 1970."""

    swept_s: float
    #: The end of the last time in which nobody listened, and of the last one that was longer than panels try.
    since_s: float
    anew_s: float


@attrs.frozen
class PathChanges:
    """`gone` holds every account touched; `rows` the paths that they have now."""

    last: int
    gone: list[int]
    rows: list[PathRow]


async def category_times(session: Session) -> Mapping[Category, CategoryTimes]:
    """The reporting times of each category."""
    return {
        Category(row["category"]): CategoryTimes(row["reporting_s"], row["alternative_s"], row["alternative_alone_s"])
        for row in await session.fetch(_SQL["category_times"])
    }


async def last_change(session: Session) -> int:
    """The newest number of the account changes, those of their paths among them."""
    (row,) = await session.fetch(_SQL["last_change"])
    last: int = row["n"]
    return last


async def all_paths(session: Session, slice_accounts: int = 20_000) -> AsyncGenerator[PathChanges, None]:
    """Every path, as slices of a change against nothing; the paths of one account lie in one slice."""
    last = await last_change(session)
    after = 0
    while rows := await session.fetch(_SQL["paths_after"], after, slice_accounts):
        after = rows[-1]["account"]
        yield PathChanges(last, [], [_row(row) for row in rows])
    yield PathChanges(last, [], [])


async def changes_since(session: Session, last: int, limit: int = 1_000) -> PathChanges:
    """What has changed after change number `last`: at most `limit` changes; ask again until none is left."""
    changes = await session.fetch(_SQL["changes_after"], last, limit)
    accounts = sorted({row["account"] for row in changes})
    rows = await session.fetch(_SQL["paths_of"], accounts) if accounts else []
    return PathChanges(max((row["n"] for row in changes), default=last), accounts, [_row(row) for row in rows])


async def write_heard(session: Session, heard: Heard) -> None:
    """Let the database know what was heard; what it knows better stays."""
    columns = (heard.slot, heard.heard_s, heard.sent_s, heard.signal_s, heard.source, heard.armed)
    await session.execute(_SQL["write_heard"], *columns)


async def heard_of(session: Session, slots: Sequence[int]) -> Mapping[int, float]:
    """When these paths were last heard by any host, in seconds since 1970."""
    return {row["slot"]: row["heard_s"] for row in await session.fetch(_SQL["heard_of"], list(slots))}


async def heard_again(session: Session) -> Mapping[int, float]:
    """Which lost paths some host has heard since, and when."""
    return {row["slot"]: row["heard_s"] for row in await session.fetch(_SQL["heard_again"])}


async def lost_paths(session: Session) -> Sequence[LostPath]:
    """All paths that are lost."""
    return [LostPath(row["slot"], row["lost_s"], row["storm"]) for row in await session.fetch(_SQL["lost_paths"])]


async def mark_lost(session: Session, slots: Sequence[int], lost_s: float, storms: Sequence[str | None]) -> None:
    """These are lost since `lost_s`, each as part of a storm or by itself."""
    await session.execute(_SQL["mark_lost"], list(slots), lost_s, list(storms))


async def mark_back(session: Session, slots: Sequence[int]) -> None:
    """These are not lost."""
    await session.execute(_SQL["mark_back"], list(slots))


async def owners(session: Session, slots: Sequence[int]) -> Mapping[int, Whose]:
    """Whose these paths are."""
    return {
        row["slot"]: Whose(row["account"], row["account_number"], row["number"])
        for row in await session.fetch(_SQL["owners"], list(slots))
    }


async def take_turn(session: Session) -> bool:
    """Become the one who sweeps, as long as this session lives; False if somebody else is."""
    (row,) = await session.fetch(_SQL["take_turn"])
    taken: bool = row["taken"]
    return taken


async def last_sweep(session: Session) -> LastSweep | None:
    """The last look at all paths; None if there was none yet."""
    row = await fetch_one(session, _SQL["last_sweep"])
    return None if row is None else LastSweep(row["swept_s"], row["since_s"], row["anew_s"])


async def note_sweep(session: Session, sweep: LastSweep) -> None:
    """All paths are looked at."""
    await session.execute(_SQL["note_sweep"], *attrs.astuple(sweep))


def path_of(row: Row) -> Path:
    """The path in a row of the table, or in a JSON object of its columns."""
    return _path(*[row[column] for column in _PATH_COLUMNS])


@functools.lru_cache(4_096)
def _path(
    number: int,
    category: str,
    interval_s: int | None,
    reporting_s: int | None,
    network_path: int | None,
    prefix: str | None,
    receiver: str | None,
    transport: str | None,
) -> Path:
    """Of a million paths most are alike."""
    return Path(
        number=number,
        category=Category(category),
        interval_s=interval_s,
        reporting_s=reporting_s,
        network_path=network_path,
        prefix=prefix,
        receiver=receiver,
        transport=None if transport is None else Transport(transport),
    )


def _row(row: Row) -> PathRow:
    return PathRow(
        slot=row["slot"],
        account=row["account"],
        grade=row["grade"],
        path=path_of(row),
        heard_s=row["heard_s"],
        sent_s=row["sent_s"],
        signal_s=row["signal_s"],
        source=row["source"],
        armed=row["armed"],
    )
