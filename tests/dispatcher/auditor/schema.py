"""What the auditor needs of the schema, until `schema.sql` holds it."""

from __future__ import annotations

import pathlib

from station.store.database import Database

_DDL = pathlib.Path("/work/tmp")


async def add_auditor(owner: Database) -> None:
    """Add what is not there yet."""
    await owner.execute(
        """
        do $$ begin
          perform pg_advisory_xact_lock(hashtext('sereno install'));
          if not exists (select from pg_roles where rolname = 'sereno_auditor') then
            create role sereno_auditor login;
          end if;
        end $$
        """
    )
    (row,) = await owner.fetch("select exists (select from pg_proc where proname = 'auditor_look') as there")
    if row["there"]:
        return
    await owner.execute("alter table incident add column if not exists next_due_at timestamptz")
    await owner.execute("create table if not exists timer (incident bigint, name text, due_at timestamptz)")
    await owner.execute(
        "create table if not exists effect (id uuid, incident bigint, no int, kind text, template text, "
        "recipient text, about text, urgent boolean, priority smallint, not_before timestamptz, due_at timestamptz, "
        "state text, queued_at timestamptz, claimed_until timestamptz, next_at timestamptz)"
    )
    await owner.execute((_DDL / "heads.ddl.sql").read_text(encoding="utf-8"))
    await owner.execute((_DDL / "auditor.ddl.sql").read_text(encoding="utf-8"))
