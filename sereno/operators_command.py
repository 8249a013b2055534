"""`sereno operators`: who may sign on.

In: a name, a role and a password, typed or on standard input. Out: a row in `operator` that holds the password's hash,
and a line in the audit trail; and the list of all.
"""

from __future__ import annotations

import functools
import getpass
import re
import sys
from typing import Annotated, Final

import trio
from cyclopts import App, Parameter

from sereno.asking import ask, asked
from sereno.problems import give_up
from sereno.settings import Where
from sereno.table import table_line
from sereno.whereabouts import database_url
from station.languages import Language
from station.operators import Role
from station.passwords import MIN_CHARACTERS, hash_password
from station.store import audit, operators
from station.store.database import Database

#: As `operator.name` in schema.sql.
_NAME: Final = re.compile(r"[^|\x00-\x1f\x7f-\x9f]{1,60}")
_WIDTHS: Final = (4, 24, 14, 9, 0)

app = App(name="operators", help="Who may sign on.")


class NotAdded(Exception):
    """The text is for the user: why not, and what to do."""


@app.command(name="add", help_format="plaintext")
def add_command(
    name: str,
    /,
    *,
    role: Role | None = None,
    language: Language = Language.EN,
    password_stdin: Annotated[bool, Parameter(negative=())] = False,
    replace_password: Annotated[bool, Parameter(negative=())] = False,
    where: Where = Where(),
) -> None:
    """Add somebody who may sign on at the console. Asks for the password, twice.

    For example:

      sereno operators add ana --role operator --language pt
      sereno operators add ana --replace-password
      sereno operators add ana --role operator --password-stdin < password.txt

    Args:
        name: The name to sign on with, up to 60 characters; capitals do not matter.
        role: What they may do; required for a new operator.
        language: What the console speaks to them: es, pt or en.
        password_stdin: Take the password from the first line of standard input.
        replace_password: Give a new password to an operator who is there already; role and language stay as they are.
    """
    if role is None and not replace_password:
        give_up(f"Say what {name} may do: --role operator, --role supervisor or --role administrator")
    url = database_url(where)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _typed_password(name)
    try:
        if role is None or replace_password:
            ask(url, functools.partial(_replace, name=name, password=password))
            print(f"{name} has a new password.")
        else:
            ask(url, functools.partial(_add, name=name, role=role, language=language, password=password))
            print(f"Added {name} ({role.value}).")
    except NotAdded as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


async def add_operator(url: str, name: str, role: str, language: str, password: str) -> None:
    """Add somebody who may sign on. `role` and `language` are values of `Role` and `Language`.

    Raises:
        NotAdded: the name is taken or can't be one, or the password is too short.
        StoreUnavailable: not known to be added.
    """
    await asked(
        url, functools.partial(_add, name=name, role=Role(role), language=Language(language), password=password)
    )


async def _add(database: Database, *, name: str, role: Role, language: Language, password: str) -> None:
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise NotAdded("The name must have 1 to 60 characters, without | and without blanks around it.")
    password_hash = await _hash(password)
    async with database.transaction() as session:
        operator = await operators.add(session, name, role, language, password_hash)
        if operator is None:
            raise NotAdded(
                f"There is an operator {name} already. Choose another name, or give {name} a new password: "
                f"sereno operators add '{name}' --replace-password"
            )
        await audit.append(session, "command", "operator_added", {"operator": operator, "role": role.value})


async def _replace(database: Database, *, name: str, password: str) -> None:
    password_hash = await _hash(password)
    async with database.transaction() as session:
        operator = await operators.replace_password(session, name, password_hash)
        if operator is None:
            raise NotAdded(f"There is no operator {name}. Leave --replace-password out and give a --role to add one.")
        await audit.append(session, "command", "password_replaced", {"operator": operator})


async def _hash(password: str) -> str:
    if len(password) < MIN_CHARACTERS:
        raise NotAdded(f"The password is too short. Take {MIN_CHARACTERS} characters or more.")
    return await trio.to_thread.run_sync(hash_password, password)


def _typed_password(name: str) -> str:
    if not sys.stdin.isatty():
        give_up("There is no terminal to type the password on. Give it on standard input: --password-stdin")
    try:
        password = getpass.getpass(f"Password for {name}: ")
        again = getpass.getpass("The same again: ")
    except EOFError:
        give_up("No password was given.")
    if password != again:
        give_up("The two passwords differ. Start again.")
    return password


@app.command(name="list", help_format="plaintext")
def list_command(*, where: Where = Where()) -> None:
    """Everybody who may sign on, and those who no longer may.

    For example:

      sereno operators list
    """
    print(table_line(("ID", "NAME", "ROLE", "LANGUAGE", ""), _WIDTHS))
    for listed in ask(database_url(where), operators.operators):
        who = listed.operator
        gone = "" if listed.active else "may not sign on"
        print(table_line((str(who.id), who.name, who.role.value, who.language.value, gone), _WIDTHS))
