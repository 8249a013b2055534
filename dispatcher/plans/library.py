"""The books that a process works with: read once each, found by version.

In: a database. Out: books. A station that never kept a book keeps the shipped one, and works by it.
"""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Collection, Mapping
from typing import Final

from dispatcher.plans.book import Book, version_of
from dispatcher.plans.reading import read_plan
from station.store import plan_books
from station.store.database import Session
from station.store.plan_books import KeptBook

SHIPPED: Final = pathlib.Path(__file__).parent / "shipped"
#: How an incident that has no plan yet names its book: the one in force.
IN_FORCE: Final = ""


def texts_in(folder: pathlib.Path) -> Mapping[str, str]:
    """The plan files of a folder, by name.

    Raises:
        OSError: a file can't be read.
    """
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}


def book_of(texts: Mapping[str, str]) -> Book:
    """A book of these texts.

    Raises:
        PlanProblem: one of them is no plan.
    """
    return _book(json.dumps(dict(texts), sort_keys=True))


@functools.lru_cache(maxsize=64)
def _book(texts: str) -> Book:
    read: Mapping[str, str] = json.loads(texts)
    return Book(version_of(read), tuple(read_plan(name, read[name]).plan for name in sorted(read)))


@functools.cache
def shipped() -> Book:
    """The plans that the station comes with."""
    return book_of(texts_in(SHIPPED))


_known: dict[str, Book] = {}


async def books_for(session: Session, versions: Collection[str]) -> Mapping[str, Book]:
    """The books of these versions; `IN_FORCE` among them stands for the one in force."""
    books = {version: await _known_book(session, version) for version in {*versions} - {IN_FORCE}}
    if IN_FORCE in versions:
        version = await plan_books.active_version(session)
        if version is None:
            book = shipped()
            await plan_books.keep(session, KeptBook(book.version, texts_in(SHIPPED)), in_force=True)
            _known[book.version] = book
            version = book.version
        books[IN_FORCE] = books[version] = await _known_book(session, version)
    return books


async def _known_book(session: Session, version: str) -> Book:
    if version not in _known:
        kept = await plan_books.kept_book(session, version)
        if kept is None:
            raise AssertionError(f"an incident names book {version}, which was never kept")
        _known[version] = book_of(kept.texts)
    return _known[version]
