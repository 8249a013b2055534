"""What the house asks of every file: a docstring, a bearable length, and SQL that fits the schema."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

from station.errors import StoreUnavailable
from station.store.database import Database
from station.store.queries import queries_beside

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("sereno", "station", "receiver", "dispatcher", "operators_ui", "simulators", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
QUERIES = sorted((ROOT / "station" / "store").glob("*.sql"))
LONGEST_FILE_LINES = 400


def _name(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def test_each_module_says_what_it_is() -> None:
    silent = [_name(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert silent == []


def test_no_file_is_too_long_to_read() -> None:
    files = [*MODULES, *(ROOT / "tests").rglob("*.py"), *QUERIES]
    long = {_name(path): lines for path in files if (lines := _lines(path)) > LONGEST_FILE_LINES}

    assert long == {}


def _lines(path: pathlib.Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("file", QUERIES, ids=_name)
def test_each_query_says_what_it_does(file: pathlib.Path) -> None:
    silent = [name for name, text in queries_beside(str(file)).items() if not re.match(r"-- \S", text)]

    assert silent == []


async def test_each_query_fits_the_schema(owner: Database) -> None:
    refused = {}
    for file in QUERIES:
        for name, text in queries_beside(str(file)).items():
            try:
                await owner.execute(f"prepare {file.stem}_{name} as {text}")
            except StoreUnavailable as error:
                refused[f"{file.name} {name}"] = str(error)

    assert refused == {}
