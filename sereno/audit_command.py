"""`sereno audit`: prove that nobody rewrote what happened.

In: a station's database. Out: how much of it is as it was written, or the first thing that is not and exit code 1.
"""

from __future__ import annotations

from cyclopts import App

from sereno.asking import ask
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.chain import Altered
from station.store.audit import verify

app = App(name="audit", help="Prove that nobody rewrote what happened.")


@app.command(name="verify", help_format="plaintext")
def verify_command(*, where: Where = Where()) -> None:
    """Recompute every hash chain, follow every incident from its events, and compare each note with its digest.

    Ends with exit code 1 at the first thing that is not as it was written, and names it. Runs beside a station at work.

    For example:

      sereno audit verify
    """
    try:
        found = ask(database_url(where), verify)
    except Altered as altered:
        print(f"Altered: {altered}.")
        raise SystemExit(1) from None
    print(f"Audit rows: {found.audit_rows}")
    print(f"Incidents: {found.incidents}, with {found.events} events")
    print(f"Texts: {found.texts}, of which {found.erased} erased")
    print("All of it is as it was written.")
