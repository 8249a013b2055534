"""Accounts in a real database."""

from __future__ import annotations

import attrs
import pytest

from station.accounts import Account, Area, Contact, KeyFormat, PanelKey, Zone
from station.languages import Language
from station.paths import Category, Path
from station.signals import Transport
from station.station_key import StationKey, WrongStationKey
from station.store.accounts import Upserted, accounts_in_pages, upsert_accounts
from station.store.database import Conflict, Database, fetch_one, open_database

KEY = StationKey.generate()
ALL_COLUMNS = frozenset(
    {"account", "prefix", "receiver", "name", "premises", "address", "city", "country", "language", "time_zone"}
    | {
        "supervision_s",
        "paths",
        "test_every",
        "grade",
        "window_past_s",
        "window_future_s",
        "observe_window",
        "enrolling",
        "notes",
        "key",
        "areas",
        "zones",
        "contacts",
    }
)
CASA = Account(
    number="0012",
    prefix="0",
    receiver="1F",
    name="Casa Ñandú; 2|3",
    premises="home",
    address='Rua "A", 1',
    city="Bogotá",
    country="CO",
    language=Language.ES,
    time_zone="America/Bogota",
    key=PanelKey(b"sixteen letters!", KeyFormat.ASCII),
    test_every_s=86400,
    grade=3,
    window_past_s=60,
    window_future_s=0,
    observe_window=True,
    enrolling=True,
    notes="Dog.\nBites.",
    areas=(Area("1", "House"), Area("2", "Garage")),
    zones=(Zone("001", "Front door", "1"), Zone("002", "Hall", None)),
    contacts=(Contact("Zoé", "+5712345678", Language.PT), Contact("Ana", "+351912345678", Language.ES)),
    paths=(
        Path(number=1, category=Category.DP3),
        Path(number=2, category=Category.DP3, network_path=2, prefix="1A", receiver="2", transport=Transport.UDP),
        Path(number=3, category=Category.CUSTOM, interval_s=90, reporting_s=120),
    ),
)


async def upsert(url: str, *accounts: Account, columns: frozenset[str] = ALL_COLUMNS) -> Upserted:
    """Write accounts in a transaction, as the command does."""
    async with open_database(url, "sereno_command") as database, database.transaction() as session:
        return await upsert_accounts(session, accounts, columns, KEY)


async def stored(owner: Database, key: StationKey | None = KEY) -> list[Account]:
    """All accounts."""
    return [account async for page in accounts_in_pages(owner, key) for account in page]


async def test_an_account_comes_back_as_it_was_written(database_url: str, owner: Database) -> None:
    bare = Account(number="0012")
    assert await upsert(database_url, CASA, bare) == Upserted(new=2, changed=0)
    assert await stored(owner) == [CASA, bare]
    assert await stored(owner, key=None) == [attrs.evolve(CASA, key=None), bare]


async def test_a_key_is_sealed_before_it_reaches_the_database(database_url: str, owner: Database) -> None:
    await upsert(database_url, CASA)
    row = await fetch_one(owner, "select key_sealed, account::text as whole from account")
    assert row is not None
    assert KEY.open(row["key_sealed"]) == b"sixteen letters!"
    assert b"sixteen" not in row["key_sealed"]
    assert "sixteen" not in row["whole"]


async def test_another_stations_key_opens_nothing(database_url: str, owner: Database) -> None:
    await upsert(database_url, CASA)
    with pytest.raises(WrongStationKey):
        await stored(owner, StationKey.generate())


async def test_columns_that_are_not_there_leave_an_account_as_it_is(database_url: str, owner: Database) -> None:
    await upsert(database_url, CASA)
    sparse = Account(number="0012", prefix="0", receiver="1F", city="Cali", zones=(Zone("009", "Roof", None),))
    result = await upsert(database_url, sparse, columns=frozenset({"account", "prefix", "receiver", "city", "zones"}))
    assert result == Upserted(new=0, changed=1)
    assert await stored(owner) == [attrs.evolve(CASA, city="Cali", zones=(Zone("009", "Roof", None),))]


async def test_empty_cells_empty_an_account(database_url: str, owner: Database) -> None:
    await upsert(database_url, CASA)
    empty = Account(number="0012", prefix="0", receiver="1F")
    await upsert(database_url, empty)
    assert await stored(owner) == [empty]


async def test_prefix_and_receiver_tell_accounts_apart(database_url: str, owner: Database) -> None:
    alike = [Account(number="1234", prefix=p, receiver=r) for p in (None, "0", "1") for r in (None, "0")]
    assert await upsert(database_url, *alike) == Upserted(6, 0)
    assert await upsert(database_url, *alike) == Upserted(0, 6)
    assert await stored(owner) == alike


async def test_nothing_is_written_if_anything_is_refused(database_url: str, owner: Database) -> None:
    zones = (Zone("1", "Door", None), Zone("1", "Hall", None))
    async with open_database(database_url, "sereno_command") as database:
        with pytest.raises(Conflict, match="zone_pkey"):
            async with database.transaction() as session:
                await upsert_accounts(session, [CASA, attrs.evolve(CASA, number="1", zones=zones)], ALL_COLUMNS, KEY)
    assert await stored(owner) == []


async def test_receivers_learn_of_new_and_of_changed_accounts(database_url: str, owner: Database) -> None:
    await upsert(database_url, Account(number="1"))
    (first,) = await owner.fetch("select n from account_change")
    await upsert(database_url, Account(number="1"), Account(number="2"))
    changes = "select a.number from account_change c join account a on a.id = c.account where n > $1"
    assert sorted(row["number"] for row in await owner.fetch(changes, first["n"])) == ["1", "2"]


async def test_more_accounts_than_one_page(database_url: str, owner: Database) -> None:
    many = [
        Account(number=f"{i:05}", contacts=(Contact(f"Ana {i}", "+351912345678", Language.PT),)) for i in range(4321)
    ]
    assert await upsert(database_url, *many) == Upserted(4321, 0)
    assert await stored(owner) == many
