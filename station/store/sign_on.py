"""Who may sit at a console: sessions, and failures that lock a name.

In: a typed name, the SHA-256 of a session token. Out: an `Operator`, or None. Sessions and locks run on real time.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from station.languages import Language
from station.operators import Operator
from station.store.database import Database, Session, fetch_one
from station.store.operators import operator_of
from station.store.queries import queries_beside

#: A shift: who did nothing for so long has gone home.
IDLE_S: Final = 12 * 3600.0
SESSION_S: Final = 24 * 3600.0
#: So many failures within the window lock a name until the first of them is that old.
FAILURES_ALLOWED: Final = 5
FAILURE_WINDOW_S: Final = 15 * 60.0

_SQL = queries_beside(__file__)


async def any_operator(session: Session) -> bool:
    """False while nobody could sign on at all."""
    row = await fetch_one(session, _SQL["any_operator"])
    return row is not None and bool(row["found"])


async def begin_attempt(database: Database, name: str) -> dt.datetime | None:
    """Count an attempt as a failure until `attempt_succeeded` says otherwise.

    Returns:
        None, or until when the name is locked; then nothing was counted.
    """
    name = name.lower()
    async with database.transaction() as session:
        await session.execute(_SQL["lock_name"], name)
        row = await fetch_one(session, _SQL["locked_until"], name, FAILURES_ALLOWED, FAILURE_WINDOW_S)
        if row is not None:
            until: dt.datetime = row["until"]
            return until
        await session.execute(_SQL["record_failure"], name)
    return None


async def locked_until(session: Session, name: str) -> dt.datetime | None:
    """Until when the name is locked, or None."""
    row = await fetch_one(session, _SQL["locked_until"], name.lower(), FAILURES_ALLOWED, FAILURE_WINDOW_S)
    return None if row is None else row["until"]


async def attempt_succeeded(session: Session, name: str) -> None:
    """The password was right: failures of this name are forgotten."""
    await session.execute(_SQL["forget_failures"], name.lower())


async def open_session(session: Session, token_hash: bytes, operator: Operator) -> None:
    """From now on the token stands for the operator, for `SESSION_S` at most."""
    await session.execute(_SQL["open_session"], token_hash, operator.id, SESSION_S)


async def operator_of_session(session: Session, token_hash: bytes, *, by_person: bool) -> Operator | None:
    """Whose session it is; None if it ended or lay idle.

    Args:
        by_person: a person did this; False for what a page does by itself, which keeps no session alive.
    """
    row = await fetch_one(session, _SQL["operator_of_session"], token_hash, IDLE_S)
    if row is None:
        return None
    if by_person and row["unseen"]:
        await session.execute(_SQL["session_seen"], token_hash)
    return operator_of(row)


async def end_session(session: Session, token_hash: bytes) -> None:
    """The token opens nothing any more."""
    await session.execute(_SQL["end_session"], token_hash)


async def operators_signed_on(session: Session) -> int:
    """How many people have a live session."""
    row = await fetch_one(session, _SQL["operators_signed_on"], IDLE_S)
    return 0 if row is None else int(row["operators"])


async def set_language(session: Session, operator: Operator, language: Language) -> None:
    """What this operator reads from now on."""
    await session.execute(_SQL["set_language"], operator.id, language.value)
