"""`sereno accounts`, as a user calls it."""

from __future__ import annotations

import json
import os
import pathlib
import random
import subprocess
import sys
from collections.abc import Sequence

import pytest
import trio

from sereno.accounts_command import import_accounts
from sereno.accounts_csv import BadRows
from station.errors import StoreUnavailable
from station.station_key import StationKey
from station.store.database import Database, Row, open_database
from station.store.notices import ACCOUNT
from tests.sereno.conftest import PATIENCE_S, sereno

KEY = StationKey.generate()
SECRET = "C0FFEE0000000000C0FFEE0000000000"
FILE = f"""account;prefix;name;country;language;key;zones;contacts
0012;L0;Casa Ñandú;PT;pt;{SECRET};001|Porta|1;Ana|912345678
1234;;Bar "Sol";ES;es;sixteen letters!;;
"""


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder in which a station's key lies where the command looks for it."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "station.key").write_text(KEY.to_text())
    return tmp_path


async def accounts(
    *words: str, folder: pathlib.Path, url: str, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `sereno accounts ...` on a station."""
    return await trio.to_thread.run_sync(
        lambda: subprocess.run(
            [sys.executable, "-m", "sereno", "accounts", *words, "--database-url", url],
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    )


async def audited(owner: Database) -> Sequence[Row]:
    return await owner.fetch("select actor, action, body from audit order by n")


async def count(owner: Database) -> int:
    (row,) = await owner.fetch("select count(*) as n from account")
    accounts: int = row["n"]
    return accounts


async def test_nothing_is_imported_from_a_file_that_is_half_good(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    (folder / "bad.csv").write_text(f"account,name,grade,key\n1,Good,2,\n,Bad,2,\n3,Bad,9,{SECRET[1:]}\n")
    done = await accounts("import", "bad.csv", folder=folder, url=database_url)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "line 3: account is empty; every row needs its account number",
        "line 4: grade must be a whole number from 1 to 4",
        "line 4: key must be 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 ASCII characters; it has 31 characters",
        "Nothing was imported. Mend these lines and import the file again.",
    ]
    assert await count(owner) == 0
    assert await audited(owner) == []


async def test_what_the_database_refuses_is_said_without_the_row(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    await owner.execute("alter table account add constraint no_houses check (name not like 'Casa%')")
    (folder / "accounts.csv").write_text(FILE)
    done = await accounts("import", "accounts.csv", folder=folder, url=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database refused it, and nothing was changed: ")
    assert "no_houses" in line
    assert "Ñandú" not in line
    assert await count(owner) == 0
    assert await audited(owner) == []


async def test_what_the_database_cannot_hold_is_said_without_the_row(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    number = "".join(random.Random(1).choices("0123456789abcdefghijklmnopqrstuvwxyz", k=20_000))
    (folder / "accounts.csv").write_text(f"account,zones\n1,{number}|Porta\n")
    done = await accounts("import", "accounts.csv", folder=folder, url=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database refused it, and nothing was changed: one of the values is too long")
    assert number[:20] not in line
    assert await count(owner) == 0


async def test_a_file_that_cannot_be_read_is_named(folder: pathlib.Path, database_url: str) -> None:
    done = await accounts("import", "none.csv", folder=folder, url=database_url)
    assert (done.returncode, done.stderr) == (2, "none.csv can't be read: No such file or directory.\n")


async def test_without_a_station_or_a_database_it_says_so(folder: pathlib.Path) -> None:
    (folder / "a.csv").write_text("account\n1\n")
    done = await trio.to_thread.run_sync(lambda: sereno("accounts", "import", "a.csv", folder=folder))
    assert done.returncode == 2
    assert "No station runs in var" in done.stderr
    nowhere = f"postgresql://sereno@/none?host={folder}"
    done = await accounts("import", "a.csv", folder=folder, url=nowhere)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database does not answer: ")


async def test_import_adds_then_changes_and_wakes_the_receivers(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    (folder / "accounts.csv").write_bytes(FILE.encode("cp1252"))
    rung = trio.Event()
    async with owner.dedicated() as connection:
        await connection.listen(ACCOUNT, rung.set)
        done = await accounts("import", "accounts.csv", folder=folder, url=database_url)
        assert (done.returncode, done.stdout, done.stderr) == (0, "Imported 2 accounts (2 new, 0 changed).\n", "")
        with trio.fail_after(30):
            await rung.wait()
    more = "account\tprefix\tname\n12\t0\tOther\n0012\t0\tCasa Nova\n"
    done = await accounts("import", "-", folder=folder, url=database_url, given=more)
    assert (done.returncode, done.stdout) == (0, "Imported 2 accounts (1 new, 1 changed).\n")
    rows = await owner.fetch("select number, name, key_sealed from account order by id")
    assert {row["number"]: row["name"] for row in rows} == {"0012": "Casa Nova", "1234": 'Bar "Sol"', "12": "Other"}
    assert KEY.open(rows[0]["key_sealed"]) == SECRET.encode()
    assert KEY.open(rows[1]["key_sealed"]) == b"sixteen letters!"
    (phone,) = await owner.fetch("select phone from contact")
    assert phone["phone"] == "+351912345678"
    written = [(row["actor"], row["action"], json.loads(row["body"])) for row in await audited(owner)]
    assert written == [
        (
            "command",
            "accounts_imported",
            {
                "file": "accounts.csv",
                "columns": ["account", "contacts", "country", "key", "language", "name", "prefix", "zones"],
                "new": 2,
                "changed": 0,
            },
        ),
        (
            "command",
            "accounts_imported",
            {"file": "-", "columns": ["account", "name", "prefix"], "new": 1, "changed": 1},
        ),
    ]


EXPORTED = (
    "account,prefix,receiver,name,premises,address,city,country,language,time_zone,supervision_s,grade,"
    "window_past_s,window_future_s,observe_window,enrolling,notes,areas,zones,contacts,paths,test_every\n"
    "0012,0,,Casa Ñandú,,,,PT,pt,UTC,,,40,20,no,no,,,001|Porta|1,Ana|+351912345678|pt,,\n"
    '1234,,,"Bar ""Sol""",,,,ES,es,UTC,,,40,20,no,no,,,,,,\n'
)


async def test_an_export_can_be_imported_without_change(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    (folder / "accounts.csv").write_text(FILE)
    await import_accounts(database_url, KEY, folder / "accounts.csv")
    before = [dict(row) for row in await owner.fetch("select * from account order by id")]
    done = await accounts("export", folder=folder, url=database_url)
    assert (done.returncode, done.stdout, done.stderr) == (0, EXPORTED, "")
    (folder / "again.csv").write_text(done.stdout)
    assert await import_accounts(database_url, KEY, folder / "again.csv") == 2
    assert [dict(row) for row in await owner.fetch("select * from account order by id")] == before
    assert (await accounts("export", "-", folder=folder, url=database_url)).stdout == EXPORTED


async def test_keys_leave_only_when_asked_for_and_it_is_recorded(
    folder: pathlib.Path, database_url: str, owner: Database
) -> None:
    (folder / "accounts.csv").write_text(FILE)
    await import_accounts(database_url, KEY, folder / "accounts.csv")
    out = folder / "out.csv"
    out.write_text("old")
    out.chmod(0o644)
    done = await accounts("export", "out.csv", folder=folder, url=database_url)
    assert (done.returncode, out.stat().st_mode & 0o777) == (0, 0o600)
    assert SECRET not in out.read_text()
    assert [row["action"] for row in await audited(owner)] == ["accounts_imported"]
    done = await accounts("export", "out.csv", "--with-keys", folder=folder, url=database_url)
    assert (done.returncode, done.stdout) == (0, "")
    assert f",{SECRET},auto," in out.read_text()
    assert ",7369787465656E206C65747465727321,hex," in out.read_text()
    assert [row["action"] for row in await audited(owner)] == ["accounts_imported", "keys_exported"]
    assert await import_accounts(database_url, KEY, out) == 2


async def test_another_stations_key_exports_no_keys(folder: pathlib.Path, database_url: str) -> None:
    (folder / "accounts.csv").write_text(FILE)
    await import_accounts(database_url, StationKey.generate(), folder / "accounts.csv")
    done = await accounts("export", "--with-keys", folder=folder, url=database_url)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("The panel keys can't be read: sealed by the key of another station")


async def test_a_reader_who_leaves_early_is_no_error(folder: pathlib.Path, database_url: str) -> None:
    rows = "".join(f"{number},{'x' * 100}\n" for number in range(5000))
    (folder / "accounts.csv").write_text(f"account,name\n{rows}")
    await import_accounts(database_url, KEY, folder / "accounts.csv")
    command = f"{sys.executable} -m sereno accounts export --database-url '{database_url}' | head -n 1"
    done = await trio.run_process(["/bin/sh", "-c", command], cwd=folder, capture_stdout=True, capture_stderr=True)
    assert done.stdout.startswith(b"account,prefix,")
    assert done.stderr == b""


async def test_from_within_a_program_errors_come_as_themselves(folder: pathlib.Path, database_url: str) -> None:
    path = folder / "accounts.csv"
    path.write_text("account\n?\n")
    with pytest.raises(BadRows, match="line 2: account must be 1 to 16 letters and digits"):
        await import_accounts(database_url, KEY, path)
    path.write_text("account\n1\n")
    with pytest.raises(StoreUnavailable):
        await import_accounts(f"postgresql://sereno@/none?host={os.devnull}", KEY, path)


async def test_the_command_may_not_touch_what_happened(database_url: str) -> None:
    async with open_database(database_url, "sereno_command") as database:
        with pytest.raises(StoreUnavailable, match="permission denied"):
            await database.execute("delete from signal")
