"""Accounts in bulk: many written at once, and all of them read page by page.

In: accounts, and the columns that the writer knows something of. Out: rows of `account`, `area`, `zone`, `contact`,
`path`;
and accounts again. Keys are sealed before they reach SQL. What receivers need of accounts is in `panel_accounts.py`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Final

import attrs

from station.accounts import Account, Area, Contact, KeyFormat, PanelKey, Zone
from station.languages import Language
from station.paths import Path
from station.station_key import StationKey
from station.store.database import Row, Session
from station.store.paths import path_of
from station.store.queries import queries_beside

#: A statement of this size takes well under a second, and the database gives each ten.
_CHUNK: Final = 2000

_SQL = queries_beside(__file__)


@attrs.frozen
class Upserted:
    """How many accounts were made, and how many were there before."""

    new: int
    changed: int


async def upsert_accounts(
    session: Session, accounts: Sequence[Account], columns: Collection[str], key: StationKey
) -> Upserted:
    """Write `accounts`, in the transaction that `session` is.

    Where an account of the same number, prefix and receiver exists, only the fields named in `columns` replace its
    own; areas, zones and contacts are replaced whole.

    Raises:
        StoreUnavailable: not written.
    """
    await session.execute(_SQL["one_at_a_time"])
    new = 0
    for start in range(0, len(accounts), _CHUNK):
        chunk = accounts[start : start + _CHUNK]
        rows = await session.fetch(_SQL["upsert_accounts"], *_account_arrays(chunk, key), list(columns))
        ids = {(row["number"], row["prefix"], row["receiver"]): row["id"] for row in rows}
        await _write_parts(session, [(ids[account.answers_to], account) for account in chunk], columns)
        new += sum(row["is_new"] for row in rows)
    return Upserted(new, len(accounts) - new)


def _account_arrays(accounts: Sequence[Account], key: StationKey) -> list[list[object]]:
    rows = [
        (
            account.number,
            account.prefix,
            account.receiver,
            account.name,
            account.premises,
            account.address,
            account.city,
            account.country,
            account.language.value,
            account.time_zone,
            account.grade,
            None if account.key is None else key.seal(account.key.secret),
            None if account.key is None else account.key.key_format.value,
            account.window_past_s,
            account.window_future_s,
            account.observe_window,
            account.enrolling,
            account.test_every_s,
            account.notes,
            place,
        )
        for place, account in enumerate(accounts)
    ]
    return [list(column) for column in zip(*rows, strict=True)]


async def _write_parts(session: Session, accounts: Sequence[tuple[int, Account]], columns: Collection[str]) -> None:
    ids = [id_ for id_, _ in accounts]
    if "areas" in columns:
        areas = [(id_, area.number, area.name) for id_, account in accounts for area in account.areas]
        await session.execute(_SQL["forget_areas"], ids)
        await session.execute(_SQL["write_areas"], *_arrays(areas, 3))
    if "zones" in columns:
        zones = [(id_, zone.number, zone.name, zone.area) for id_, account in accounts for zone in account.zones]
        await session.execute(_SQL["forget_zones"], ids)
        await session.execute(_SQL["write_zones"], *_arrays(zones, 4))
    if "contacts" in columns:
        contacts = [
            (id_, position, contact.name, contact.phone, contact.language.value)
            for id_, account in accounts
            for position, contact in enumerate(account.contacts, start=1)
        ]
        listed = _arrays(contacts, 5)
        await session.execute(_SQL["forget_contacts"], ids, listed[0], listed[2], listed[3])
        await session.execute(_SQL["change_contacts"], *listed)
        await session.execute(_SQL["write_contacts"], *listed)
    if {"paths", "supervision_s"} & set(columns):
        paths = _arrays([_path_row(id_, path) for id_, account in accounts for path in account.paths], 9)
        await session.execute(_SQL["forget_paths"], ids, *paths[:2])
        await session.execute(_SQL["change_paths"], *paths)
        await session.execute(_SQL["write_paths"], *paths)


def _path_row(account_id: int, path: Path) -> tuple[object, ...]:
    return (
        account_id,
        path.number,
        path.category.value,
        path.interval_s,
        path.reporting_s,
        path.network_path,
        path.prefix,
        path.receiver,
        None if path.transport is None else path.transport.value,
    )


def _arrays(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


async def numbers_in_pages(session: Session) -> AsyncGenerator[dict[int, str], None]:
    """Numbers of all accounts by their ids, in the order in which they were made."""
    last = 0
    while rows := await session.fetch(_SQL["numbers_after"], last, _CHUNK):
        last = rows[-1]["id"]
        yield {row["id"]: row["number"] for row in rows}


async def accounts_in_pages(session: Session, key: StationKey | None) -> AsyncGenerator[list[Account], None]:
    """All accounts, in the order in which they were made. Without a station key, without their panel keys.

    Raises:
        WrongStationKey: a panel key was sealed by another station's key.
    """
    last = 0
    while rows := await session.fetch(_SQL["accounts_after"], last, _CHUNK):
        last = rows[-1]["id"]
        yield [_account(row, key) for row in rows]


def _account(row: Row, key: StationKey | None) -> Account:
    panel_key = None
    if key is not None and row["key_sealed"] is not None:
        panel_key = PanelKey(key.open(row["key_sealed"]), KeyFormat(row["key_format"]))
    return Account(
        number=row["number"],
        prefix=row["prefix"],
        receiver=row["receiver"],
        name=row["name"],
        premises=row["premises"],
        address=row["address"],
        city=row["city"],
        country=row["country"],
        language=Language(row["language"]),
        time_zone=row["time_zone"],
        key=panel_key,
        test_every_s=row["test_every_s"],
        grade=row["grade"],
        window_past_s=row["window_past_s"],
        window_future_s=row["window_future_s"],
        observe_window=row["observe_window"],
        enrolling=row["enrolling"],
        notes=row["notes"],
        areas=tuple(itertools.starmap(Area, json.loads(row["areas"] or "[]"))),
        zones=tuple(itertools.starmap(Zone, json.loads(row["zones"] or "[]"))),
        contacts=tuple(
            Contact(name, phone, Language(language)) for name, phone, language in json.loads(row["contacts"] or "[]")
        ),
        paths=tuple(path_of(path) for path in json.loads(row["paths"] or "[]")),
    )
