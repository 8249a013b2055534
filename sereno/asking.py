"""One question to the database of a station, for the commands that look at one or prepare it.

In: a database URL and a coroutine function that takes a `Database`. Out: its answer; or one plain line and exit code 3
where the database does not answer, 1 where it refuses what it is to hold.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, TypeVar

import trio

from sereno.problems import give_up
from station.errors import SchemaMismatch, StoreUnavailable
from station.store.database import Conflict, Database, Unstorable, open_database
from station.store.install import station_row

T = TypeVar("T")

_REFUSED: Final = 1
_NO_DATABASE: Final = 3


def ask(url: str, question: Callable[[Database], Awaitable[T]]) -> T:
    """The answer, from a loop of its own.

    Raises:
        SystemExit: there is no answer; the user has been told, unless nobody reads any more.
    """
    try:
        return trio.run(asked, url, question)
    except StoreUnavailable as error:
        print(f"The database does not answer: {error}. Check that the station runs, then try again.", file=sys.stderr)
        raise SystemExit(_NO_DATABASE) from None
    except Conflict as error:
        named = f" ({error.constraint})" if error.constraint else ""
        _say_refused(f"a rule of its schema{named} forbids one of the values")
    except Unstorable:
        _say_refused("one of the values is too long, or has a form that it can't hold")
    except SchemaMismatch as error:
        give_up(f"This station can't be read: {error}.")
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _say_refused(why: str) -> NoReturn:
    # Without the database's own words: they repeat the row, with people's names and numbers.
    print(f"The database refused it, and nothing was changed: {why}. Mend it, then try again.", file=sys.stderr)
    raise SystemExit(_REFUSED)


async def asked(url: str, question: Callable[[Database], Awaitable[T]]) -> T:
    """The same from within a loop that runs already.

    Raises:
        StoreUnavailable: the database does not answer.
        Conflict, Unstorable: it refuses what it is to hold; the text may repeat the row.
        SchemaMismatch: it holds a schema of another version.
    """
    async with open_database(url, "sereno_command") as database:
        await station_row(database)
        return await question(database)
