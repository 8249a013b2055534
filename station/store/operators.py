"""Operators: who is added, who is there, and who a typed name is. Sign-on itself is in `sign_on.py`.

In: a name, a role, a language, a hash of the password. Out: an `Operator` or an id, or None; and a list of all.
"""

from __future__ import annotations

import attrs

from station.languages import Language
from station.operators import Operator, Role
from station.store.database import Row, Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class ListedOperator:
    """An operator, and whether they may sign on."""

    operator: Operator
    active: bool


@attrs.frozen
class Credentials:
    """An operator, and the argon2 hash of the password."""

    operator: Operator
    password_hash: str = attrs.field(repr=False)


async def add(session: Session, name: str, role: Role, language: Language, password_hash: str) -> int | None:
    """The id of the new operator; None if somebody has that name, letter case ignored."""
    row = await fetch_one(session, _SQL["add_operator"], name, role.value, language.value, password_hash)
    return None if row is None else row["id"]


async def replace_password(session: Session, name: str, password_hash: str) -> int | None:
    """The id of the operator who has a new password now; None if nobody has that name."""
    row = await fetch_one(session, _SQL["replace_password"], name, password_hash)
    return None if row is None else row["id"]


async def operators(session: Session) -> list[ListedOperator]:
    """Everybody, in the order of names."""
    return [ListedOperator(operator_of(row), row["active"]) for row in await session.fetch(_SQL["operators"])]


async def credentials(session: Session, name: str) -> Credentials | None:
    """Who may work under this name, letter case ignored, and what proves it."""
    row = await fetch_one(session, _SQL["active_operator"], name)
    return None if row is None else Credentials(operator_of(row), row["password_hash"])


async def active_operator(session: Session, name: str) -> Operator | None:
    """Who may work under this name, letter case ignored."""
    known = await credentials(session, name)
    return None if known is None else known.operator


def operator_of(row: Row) -> Operator:
    """The operator in a row with `id`, `name`, `role` and `language`."""
    return Operator(row["id"], row["name"], Role(row["role"]), Language(row["language"]))
