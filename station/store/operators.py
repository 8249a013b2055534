"""Operators: who is added, and who is there. Sign-on itself is in `sign_on.py`.

In: a name, a role, a language, a hash of the password. Out: the operator's id, or None; and a list of all.
"""

from __future__ import annotations

import attrs

from station.languages import Language
from station.operators import Operator, Role
from station.store.database import Session, fetch_one
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)


@attrs.frozen
class ListedOperator:
    """An operator, and whether they may sign on."""

    operator: Operator
    active: bool


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
    return [
        ListedOperator(
            Operator(row["id"], row["name"], Role(row["role"]), Language(row["language"])),
            row["active"],
        )
        for row in await session.fetch(_SQL["operators"])
    ]
