"""`sereno tokens`: who may use the HTTP API.

In: an operator's name. Out: a token, printed once: the database keeps its SHA-256, which opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import sys

from cyclopts import App

from sereno.asking import ask
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.store import audit, customers
from station.store.database import Database

app = App(name="tokens", help="Who may use the HTTP API.")


@app.command(name="add", help_format="plaintext")
def add_command(operator: str, /, *, name: str, days: float | None = None, where: Where = Where()) -> None:
    """Make a token with which a program works as this operator. It is printed once.

    For example:

      sereno tokens add ana --name dialler --days 90

    Args:
        operator: As whom the program works.
        name: What the token is for; it is taken away by this name.
        days: It ends after so many days; without, when it is taken away.
    """
    token = secrets.token_urlsafe(32)

    async def add(database: Database) -> bool:
        async with database.transaction() as session:
            digest = hashlib.sha256(token.encode()).digest()
            made = await customers.add_token(session, digest, operator, name, days)
            if made:
                await audit.append(session, "command", "token_made", {"operator": operator, "name": name})
            return made

    if not ask(database_url(where), add):
        print(f"Nobody named {operator} may work here. See `sereno operators list`.", file=sys.stderr)
        raise SystemExit(1)
    print(token)


@app.command(name="remove", help_format="plaintext")
def remove_command(name: str, /, *, where: Where = Where()) -> None:
    """Take a token away: it opens nothing from this second.

    For example:

      sereno tokens remove dialler
    """

    async def remove(database: Database) -> bool:
        async with database.transaction() as session:
            gone = await customers.forget_token(session, name)
            if gone:
                await audit.append(session, "command", "token_removed", {"name": name})
            return gone

    if not ask(database_url(where), remove):
        print(f"There is no token named {name}.", file=sys.stderr)
        raise SystemExit(1)
    print(f"{name} opens nothing any more.")
