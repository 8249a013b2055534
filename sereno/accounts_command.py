"""`sereno accounts`: bring accounts in from CSV, and take them out.

In: a CSV file or standard input; a running station. Out: accounts in its database and a line in its audit trail, or
every bad row with its line and reason; and the accounts as CSV.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import sys
from typing import Annotated, Final, TextIO

import trio
from cyclopts import App, Parameter

from sereno.accounts_csv import AccountsFile, BadRows, header_text, read_accounts, rows_text
from sereno.asking import ask, asked
from sereno.problems import give_up
from sereno.settings import Where
from sereno.whereabouts import database_url, station_key
from station.station_key import StationKey, WrongStationKey
from station.store import audit
from station.store.accounts import Upserted, accounts_in_pages, upsert_accounts
from station.store.database import Database
from station.store.notices import ACCOUNT, ring_once

_STANDARD: Final = pathlib.Path("-")
_File = Annotated[pathlib.Path, Parameter(allow_leading_hyphen=True)]

app = App(name="accounts", help="Bring accounts in from CSV, and take them out.")


@app.command(name="import", help_format="plaintext")
def import_command(file: _File, /, *, where: Where = Where()) -> None:
    """Bring accounts in from a CSV file: new ones are added, those that exist are changed.

    The first line names the columns, in any order. Separated by comma, semicolon or tab; UTF-8 or Windows-1252.
    If anything is wrong, every bad row is named and nothing is imported.

      account          required: 1 to 16 letters and digits; leading zeros count
      prefix receiver  the DC-09 fields L and R, hexadecimal; empty answers to any.
                       account, prefix and receiver together say which account is meant
      name premises address city notes
                       free text; premises: home, shop, bank, pharmacy ...
      country          two letters of ISO 3166: PT, ES, MX ...
      language         es, pt or en (empty: en)
      time_zone        IANA name, such as Europe/Lisbon (empty: UTC)
      key key_format   the panel's AES key: 32, 48 or 64 hexadecimal digits (hex), or 16, 24 or 32 characters (ascii).
                       Without key_format, or with auto, it is what it can be; 32 digits may be either: both are tried
      enrolling        yes while a key is being brought into use: what is not encrypted with it is marked and
                       acknowledged all the same; no refuses it (empty: no)
      supervision_s    the panel reports at least every so many seconds: short for one path of such an interval
      grade            EN 50131-1, from 1 to 4
      window_past_s window_future_s
                       how far the time in an encrypted frame may lie from ours (empty: 40 and 20)
      observe_window   yes: what lies outside is marked and acknowledged; no: the panel is told our time (empty: no)
      areas            number|name; ...             1|House; 2|Garage
      zones            number|name|area; ...        001|Front door|1; 002|Hall PIR|1
      contacts         name|phone|language; ...     Ana Sousa|+351912345678|pt; Rui Sousa|912345679
                       in the order in which to call them; phones without + are of the account's country
      paths            number|how often|told by; ...  1|DP3; 2|DP3|G2
                       how often: an EN 50136 category (SP1 to SP6, DP1 to DP4), an interval as 90s, 5m, 25h, or
                       interval/limit as 90s/120s; told by: what only its frames show, of G2 (network path), L1, R1,
                       and tcp, udp or tls. The lowest number is the primary path
      test_every       a test report comes this often: 24h, 7d; whole days count by local time

    A column that the file does not have leaves existing accounts as they are; an empty cell empties.
    areas, zones, contacts and paths are replaced whole.

    For example:

      sereno accounts import accounts.csv
      printf 'account,name\\n1234,Casa Sousa\\n' | sereno accounts import -

    Args:
        file: The CSV file; - reads standard input.
    """
    try:
        accounts = read_accounts(_read(file))
    except BadRows as bad:
        for problem in bad.problems:
            print(f"line {problem.line}: {problem.reason}", file=sys.stderr)
        print("Nothing was imported. Mend these lines and import the file again.", file=sys.stderr)
        raise SystemExit(1) from None
    url, key = database_url(where), station_key(where)
    stored = ask(url, functools.partial(_store, key=key, file=accounts, name=file.name))
    total = stored.new + stored.changed
    print(f"Imported {total} account{'' if total == 1 else 's'} ({stored.new} new, {stored.changed} changed).")


async def import_accounts(url: str, key: StationKey, path: pathlib.Path) -> int:
    """Bring the accounts of a CSV file in; how many they are.

    Raises:
        BadRows: something in the file is wrong, and nothing was imported.
        StoreUnavailable: nothing is known to be imported.
    """
    file = read_accounts(await trio.Path(path).read_bytes())
    stored = await asked(url, functools.partial(_store, key=key, file=file, name=path.name))
    return stored.new + stored.changed


async def _store(database: Database, *, key: StationKey, file: AccountsFile, name: str) -> Upserted:
    async with database.transaction() as session:
        stored = await upsert_accounts(session, file.accounts, file.columns, key)
        body = {"file": name, "columns": sorted(file.columns), "new": stored.new, "changed": stored.changed}
        await audit.append(session, "command", "accounts_imported", body)
    await ring_once(database, ACCOUNT)
    return stored


def _read(file: pathlib.Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == _STANDARD else file.read_bytes()
    except OSError as error:
        give_up(f"{file} can't be read: {error.strerror}.")


@app.command(name="export", help_format="plaintext")
def export_command(
    file: _File = _STANDARD,
    /,
    *,
    with_keys: Annotated[bool, Parameter(negative=())] = False,
    where: Where = Where(),
) -> None:
    """Write all accounts as CSV, with the columns that import takes.

    For example:

      sereno accounts export accounts.csv
      sereno accounts export | grep Lisboa
      sereno accounts export --with-keys safe/accounts.csv

    Args:
        file: The CSV file, readable by you alone; - writes to standard output.
        with_keys: Write the panel keys too, in hexadecimal. The audit trail records it.
    """
    url = database_url(where)
    key = station_key(where) if with_keys else None
    try:
        with _opened(file) as out:
            ask(url, functools.partial(_write, key=key, out=out))
    except OSError as error:
        give_up(f"{file} can't be written: {error.strerror}.")
    except WrongStationKey as error:
        give_up(f"The panel keys can't be read: {error}. Say where the station's own folder is: --data DIR")


async def _write(database: Database, *, key: StationKey | None, out: TextIO) -> None:
    with_keys = key is not None
    if with_keys:
        await audit.append(database, "command", "keys_exported", {})
    out.write(header_text(with_keys=with_keys))
    async with contextlib.aclosing(accounts_in_pages(database, key)) as pages:
        async for accounts in pages:
            out.write(rows_text(accounts, with_keys=with_keys))
    out.flush()


def _opened(file: pathlib.Path) -> TextIO:
    """Readable by its owner alone: it holds people's names and numbers."""
    if file == _STANDARD:
        return open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return open(descriptor, "w", encoding="utf-8", newline="")
