"""`sereno audit`: prove that nobody rewrote what happened.

In: a station's database, and heads that were kept elsewhere. Out: how much of it is as it was written, or the first
thing that is not and exit code 1.
"""

from __future__ import annotations

import pathlib
from typing import Annotated

from cyclopts import App, Parameter

from dispatcher.auditor.head_files import public_key_file
from sereno.asking import ask
from sereno.heads_command import expected_of
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.chain import Altered
from station.heads import Expected
from station.store.audit import Verified, verify
from station.store.database import Database
from station.store.heads import check_against

app = App(name="audit", help="Prove that nobody rewrote what happened.")

HeadPaths = Annotated[tuple[pathlib.Path, ...], Parameter(consume_multiple=True, negative=())]


@app.command(name="verify", help_format="plaintext")
def verify_command(*, head: HeadPaths = (), head_key: pathlib.Path | None = None, where: Where = Where()) -> None:
    """Recompute every hash chain, follow every incident from its events, and compare each note with its digest.

    With signed heads that lie on another host it also finds what a rewritten chain hides: incidents, events, audit
    rows and signals that a head saw and that are gone, or are not the same. Heads from the first on name each incident.

    Ends with exit code 1 at the first thing that is not as it was written, and names it. Runs beside a station at work.

    For example:

      sereno audit verify
      sereno audit verify --head /mnt/other-host/heads --head-key /mnt/other-host/head.pub

    Args:
        head: Head files, or folders of them.
        head_key: The public key of the station's heads, if not head.pub in the station's folder.
    """
    url = database_url(where)
    try:
        expected = expected_of(head, head_key or public_key_file(where.data)) if head else Expected()

        async def prove(database: Database) -> Verified:
            await check_against(database, expected)
            return await verify(database)

        found = ask(url, prove)
    except Altered as altered:
        print(f"Altered: {altered}.")
        raise SystemExit(1) from None
    print(f"Audit rows: {found.audit_rows}")
    print(f"Incidents: {found.incidents}, with {found.events} events")
    print(f"Texts: {found.texts}, of which {found.erased} erased")
    if expected.last is not None:
        print(_heads_line(expected))
    print("All of it is as it was written.")


def _heads_line(expected: Expected) -> str:
    last = expected.last
    if last is None:
        return "Heads: none"
    by_name = len(expected.incidents)
    how = f"{by_name} incidents compared" if expected.complete else f"{by_name} incidents compared, the others counted"
    return f"Heads: up to {last.number} of {last.at:%Y-%m-%d %H:%M:%S} UTC, {how}"
