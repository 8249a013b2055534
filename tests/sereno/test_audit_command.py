"""`sereno audit verify`, as a user calls it."""

from __future__ import annotations

import pathlib

import trio

from station.store import audit
from station.store.database import Database
from tests.sereno.conftest import sereno


async def test_what_is_altered_is_named_with_exit_code_1(
    tmp_path: pathlib.Path, database_url: str, owner: Database
) -> None:
    await audit.append(owner, "command", "accounts_imported", {"new": 3})
    words = ("audit", "verify", "--database-url", database_url)
    done = await trio.to_thread.run_sync(lambda: sereno(*words, folder=tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Audit rows: 1",
        "Incidents: 0, with 0 events",
        "Texts: 0, of which 0 erased",
        "All of it is as it was written.",
    ]
    await owner.execute("update audit set body = '{}'")
    done = await trio.to_thread.run_sync(lambda: sereno(*words, folder=tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Altered: audit row 1: its content does not match its hash.\n"
