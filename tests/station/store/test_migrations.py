"""An older station that is brought forward is the same as a fresh one."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

import pytest
import trio

from station.errors import SchemaMismatch
from station.store.database import Database, open_database
from station.store.install import SCHEMA_VERSION, install

DATA: Final = pathlib.Path(__file__).parent / "data"

#: What a schema is, apart from the order of columns and the days that signals have partitions for.
ASPECTS: Final = {
    "columns": """
        select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
          || a.attnotnull || ' ' || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') as it
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped""",
    "tables": """
        select c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.reloptions::text, '') as it
        from pg_class c where true""",
    "constraints": """
        select c.relname || ' ' || t.conname || ' ' || pg_get_constraintdef(t.oid) as it
        from pg_constraint t join pg_class c on c.oid = t.conrelid where true""",
    "indexes": """
        select pg_get_indexdef(i.indexrelid) as it
        from pg_index i join pg_class c on c.oid = i.indrelid where true""",
    "triggers": """
        select pg_get_triggerdef(t.oid) as it
        from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal""",
    "grants": """
        select c.relname || ' ' || g.grantee::regrole || ' ' || g.privilege_type as it
        from pg_class c cross join aclexplode(c.relacl) g where true""",
    "column grants": """
        select c.relname || '.' || a.attname || ' ' || g.grantee::regrole || ' ' || g.privilege_type as it
        from pg_attribute a join pg_class c on c.oid = a.attrelid cross join aclexplode(a.attacl) g
        where not a.attisdropped""",
}
OURS: Final = "c.relnamespace = 'public'::regnamespace and c.relname !~ '^signal_[0-9]{8}'"
OTHERS: Final = {
    "enums": """
        select t.typname || ' ' || string_agg(e.enumlabel, ' ' order by e.enumsortorder) as it
        from pg_enum e join pg_type t on t.oid = e.enumtypid group by t.typname""",
    "functions": """
        select pg_get_functiondef(p.oid) as it from pg_proc p where p.pronamespace = 'public'::regnamespace""",
    "function grants": """
        select p.oid::regprocedure || ' ' || g.grantee::regrole || ' ' || g.privilege_type as it
        from pg_proc p cross join aclexplode(p.proacl) g where p.pronamespace = 'public'::regnamespace""",
}
QUERIES: Final = {name: f"{text} and {OURS}" for name, text in ASPECTS.items()} | OTHERS


async def described(database: Database, query: str) -> Sequence[str]:
    return sorted(str(row["it"]) for row in await database.fetch(query))


@pytest.fixture
async def old(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """A station of version 1, with two accounts."""
    parts = database_url.partition("?")
    await owner.execute("create database version_1 template template0")
    url = f"{parts[0].rpartition('/')[0]}/version_1?{parts[2]}"
    try:
        async with open_database(url, "postgres") as database:
            async with database.transaction() as session:
                await session.execute((DATA / "schema-1.sql").read_text(encoding="utf-8"))
                await session.execute("insert into station (schema_version, demo) values (1, false)")
                await session.execute("select signal_partitions_ahead(7)")
                await session.execute(
                    "insert into account (number, name, supervision_s) values ('1234', 'Bar', 3600), ('99', '', null)"
                )
                await session.execute("select audit_append('command', 'accounts_imported', '{}')")
            yield database
    finally:
        await owner.execute("drop database version_1 with (force)")


@pytest.mark.parametrize("aspect", QUERIES)
async def test_a_migrated_schema_is_a_fresh_one(old: Database, owner: Database, aspect: str) -> None:
    await install(old, demo=False)

    migrated, fresh = await described(old, QUERIES[aspect]), await described(owner, QUERIES[aspect])

    assert [line for line in migrated if line not in fresh] == []
    assert [line for line in fresh if line not in migrated] == []


async def test_what_was_stored_is_still_there(old: Database) -> None:
    station = await install(old, demo=True)
    again = await install(old, demo=True)

    assert not station.demo
    assert station == again
    assert [row["number"] for row in await old.fetch("select number from account order by id")] == ["1234", "99"]
    paths = await old.fetch("select a.number, p.category, p.interval_s from path p join account a on a.id = p.account")
    assert [tuple(row.values()) for row in paths] == [("1234", "custom", 3600)]
    assert await old.fetch("select action from audit") != []


async def test_both_migrate_and_one_does_it(old: Database) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: install(old, demo=False))
        nursery.start_soon(lambda: install(old, demo=False))

    assert [row["schema_version"] for row in await old.fetch("select schema_version from station")] == [SCHEMA_VERSION]


async def test_a_newer_schema_is_refused(old: Database) -> None:
    await old.execute("update station set schema_version = $1", SCHEMA_VERSION + 1)

    with pytest.raises(SchemaMismatch, match=f"the database holds {SCHEMA_VERSION + 1}"):
        await install(old, demo=False)
