"""`sereno plans`: check action plans, compare them with those in force, and bring them into force.

In: a folder of plan files. Out: findings in plain words and exit code 1; or what would be done otherwise; or a new book
in force from this second. Incidents that are open go on by the book that is frozen into them.
"""

from __future__ import annotations

import pathlib
import sys
from typing import Annotated, Final

from cyclopts import App, Parameter

from dispatcher.plans import linting
from dispatcher.plans.book import Book
from dispatcher.plans.library import SHIPPED, book_of, books_for, texts_in
from dispatcher.plans.reading import PlanProblem, read_plan
from dispatcher.plans.rehearsing import failures
from dispatcher.plans.shadowing import Difference, Done, differences
from sereno.asking import ask
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.plan_events import Planned
from station.store import accounts, audit, incidents, plan_books
from station.store.database import Database
from station.store.facts import known_of
from station.store.install import station_now
from station.store.plan_books import KeptBook

app = App(name="plans", help="Action plans: check, compare, bring into force.")

#: Findings about accounts that are printed.
_SHOWN: Final = 50
Folder = Annotated[pathlib.Path, Parameter(help="The folder of plan files; the shipped plans if not given.")]


@app.command(help_format="plaintext")
def check(folder: Folder = SHIPPED, *, accounts: bool = False, where: Where = Where()) -> None:
    """Look for what can't be right in plans, and play the tests that stand in them.

    Ends with exit code 1 if anything is found. With --accounts also asks the station's accounts whether somebody can be
    called at 03:00 and whether each service has a number.

    For example:

      sereno plans check plans/
    """
    book, found = _read(folder)
    tests = 0
    for name, text in texts_in(folder).items():
        for rehearsal in read_plan(name, text).rehearsals:
            tests += 1
            found += [f"{name}, test {rehearsal.name!r}: {failure}" for failure in failures(book, rehearsal)]
    if accounts:
        found += ask(database_url(where), lambda database: _of_accounts(database, book))
    for one in found:
        print(one)
    print(f"{len(book.plans)} plans, {tests} tests: {len(found) or 'nothing'} found")
    if found:
        raise SystemExit(1)


@app.command(help_format="plaintext")
def shadow(folder: Folder, *, last: int = 500, where: Where = Where()) -> None:
    """Play the last recorded incidents on these plans, and say what would have been done otherwise.

    For example:

      sereno plans shadow plans/ --last 2000
    """
    book, _ = _read(folder)
    found, played = ask(database_url(where), lambda database: _shadowed(database, book, last))
    for one in found:
        print(f"Incident {one.incident}: {_said(one)}")
    print(f"{played} incidents played on book {book.version[:12]}: {len(found) or 'none'} would differ")


@app.command(help_format="plaintext")
def activate(folder: Folder = SHIPPED, *, where: Where = Where()) -> None:
    """Bring these plans into force: incidents that begin from now on are worked by them.

    Refused, with exit code 1, if the check finds anything.

    For example:

      sereno plans activate plans/
    """
    book, found = _read(folder)
    for name, text in texts_in(folder).items():
        for rehearsal in read_plan(name, text).rehearsals:
            found += [f"{name}, test {rehearsal.name!r}: {failure}" for failure in failures(book, rehearsal)]
    if found:
        print("\n".join([*found, "Not activated: mend this first."]))
        raise SystemExit(1)
    texts = texts_in(folder)

    async def bring(database: Database) -> None:
        async with database.transaction() as session:
            await plan_books.keep(session, KeptBook(book.version, texts))
            await plan_books.activate(session, book.version)
            await audit.append(session, "command", "plans_activated", {"book": book.version, "plans": len(book.plans)})

    ask(database_url(where), bring)
    print(f"In force: {len(book.plans)} plans, book {book.version[:12]}")


@app.command(name="list", help_format="plaintext")
def list_command(*, where: Where = Where()) -> None:
    """The books of plans that the station has kept, the newest first."""
    for version, made_at, activated_at in ask(database_url(where), plan_books.books):
        force = "never in force" if activated_at is None else f"in force since {activated_at:%Y-%m-%d %H:%M:%S} UTC"
        print(f"{version[:12]}  kept {made_at:%Y-%m-%d %H:%M:%S} UTC  {force}")


def _read(folder: pathlib.Path) -> tuple[Book, list[str]]:
    try:
        texts = texts_in(folder)
        book = book_of(texts)
    except (OSError, PlanProblem) as problem:
        print(problem, file=sys.stderr)
        raise SystemExit(1) from None
    if not texts:
        print(f"{folder} holds no plan: plans are files that end in .toml", file=sys.stderr)
        raise SystemExit(1)
    return book, [str(finding) for finding in linting.lint(book)]


async def _of_accounts(database: Database, book: Book) -> list[str]:
    now = await station_now(database)
    found: list[str] = []
    async for numbers in accounts.numbers_in_pages(database):
        known = await known_of(database, [*numbers], now)
        for id_, number in numbers.items():
            found += [str(one) for one in linting.lint_account(number, known[id_].facts, book, now.date())]
    return found if len(found) <= _SHOWN else [*found[:_SHOWN], f"... and {len(found) - _SHOWN} more of accounts"]


async def _shadowed(database: Database, book: Book, last: int) -> tuple[list[Difference], int]:
    ids = await incidents.latest(database, last)
    recorded = {id_: await incidents.events_of(database, id_) for id_ in reversed(ids)}
    versions = {
        event.what.version for events in recorded.values() for event in events if isinstance(event.what, Planned)
    }
    return differences(recorded, await books_for(database, versions), book), len(recorded)


def _said(one: Difference) -> str:
    return f"was {_done(one.old)}; would be {_done(one.new)}"


def _done(done: Done) -> str:
    steps = ", ".join(f"{name} {count}x" if count > 1 else name for name, count in done.steps.items())
    closed = f", closes as {done.closed_by_itself}" if done.closed_by_itself else ""
    return f"{' then '.join(done.plans)} ({steps}; {done.messages} messages{closed})"
