"""Operators in a real database."""

from __future__ import annotations

from station.languages import Language
from station.operators import Operator, Role
from station.store import operators
from station.store.database import Database, open_database
from station.store.operators import ListedOperator


async def test_a_name_is_taken_once_whatever_its_capitals(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_command") as database:
        ana = await operators.add(database, "Ana", Role.SUPERVISOR, Language.PT, "hash")
        assert ana is not None
        assert await operators.add(database, "ANA", Role.OPERATOR, Language.EN, "other") is None
        assert await operators.operators(database) == [
            ListedOperator(Operator(ana, "Ana", Role.SUPERVISOR, Language.PT), active=True)
        ]
    (row,) = await owner.fetch("select password_hash from operator")
    assert row["password_hash"] == "hash"


async def test_a_password_is_replaced_and_nothing_else(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_command") as database:
        ana = await operators.add(database, "Ana", Role.SUPERVISOR, Language.PT, "old")
        assert await operators.replace_password(database, "ana", "new") == ana
        assert await operators.replace_password(database, "luis", "new") is None
    (row,) = await owner.fetch("select name, role, language, password_hash from operator")
    assert dict(row) == {"name": "Ana", "role": "supervisor", "language": "pt", "password_hash": "new"}


async def test_operators_are_listed_by_name_with_those_who_left(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_command") as database:
        for name in ("luis", "Ana", "sam"):
            await operators.add(database, name, Role.OPERATOR, Language.EN, "hash")
        await owner.execute("update operator set active = false where name = 'luis'")
        listed = await operators.operators(database)
    assert [(one.operator.name, one.active) for one in listed] == [("Ana", True), ("luis", False), ("sam", True)]
