"""The one bridge between trio and PostgreSQL: asyncpg, through trio-asyncio.

In: SQL text and values. Out: rows. Every way in which the database can fail to answer becomes `StoreUnavailable`;
the refusals of the schema and of PostgreSQL's types become `LeaseGone`, `MovedOn`, `Conflict` and `Unstorable`.

Two ways to reach it. A `Database` is a pool for short questions. A `Connection` is one dedicated session, for the
journal and for listening: cancelling a query of the pool on a frozen backend returns after seconds, a dedicated
connection is cut at once.
"""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import asyncpg
import structlog
import trio
import trio_asyncio

from station.errors import StoreUnavailable

log = structlog.get_logger()

T = TypeVar("T")
Row = Mapping[str, Any]

#: SQLSTATE class of what is too large for a row or an index.
_LIMITS = "54"

CONNECT_TIMEOUT_S = 5.0
QUERY_TIMEOUT_S = 10.0


class LeaseGone(Exception):
    """The incident has another holder by now, or none (SQLSTATE SE001)."""


class MovedOn(Exception):
    """The incident has more events than the writer knew (SQLSTATE SE002)."""


class ShardLost(Exception):
    """Another dispatcher holds the shard by now (SQLSTATE SE003)."""


class Unstorable(Exception):
    """A value that PostgreSQL can't hold; the same statement will never succeed."""


class Conflict(Exception):
    """A constraint of the schema refuses the row; `constraint` names it."""

    def __init__(self, constraint: str, message: str) -> None:
        super().__init__(message)
        self.constraint = constraint


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflict(error.constraint_name or "", str(error)) from error
    except (asyncpg.DataError, ValueError, OverflowError) as error:
        raise Unstorable(f"{type(error).__name__}: {error}") from error
    except asyncpg.PostgresError as error:
        match error.sqlstate:
            case "SE001":
                raise LeaseGone(str(error)) from error
            case "SE002":
                raise MovedOn(str(error)) from error
            case "SE003":
                raise ShardLost(str(error)) from error
            case "SE004":
                raise AssertionError(str(error)) from error
            case str(state) if state.startswith(_LIMITS):
                raise Unstorable(f"{type(error).__name__}: {error}") from error
            case _:
                raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


async def _aio(call: Callable[..., Awaitable[T]], *args: object, **named: object) -> T:
    with _translated():
        result: T = await trio_asyncio.aio_as_trio(call)(*args, **named)
        return result


class Session(Protocol):
    """Something that answers SQL: the pool, a dedicated connection, or a transaction."""

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """All rows of the answer."""

    async def execute(self, sql: str, *values: object) -> None:
        """Run a statement whose answer does not matter."""

    async def execute_many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Run a statement once for each of `rows`, in order, without waiting for each answer; all or none."""


async def fetch_one(session: Session, sql: str, *values: object) -> Row | None:
    """The first row of the answer, or None."""
    rows = await session.fetch(sql, *values)
    return rows[0] if rows else None


class _Asyncpg:
    """A `Session` over anything of asyncpg's that has `fetch` and `execute`."""

    def __init__(self, target: Any) -> None:
        self._target = target

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        rows: Sequence[Row] = await _aio(self._target.fetch, sql, *values)
        return rows

    async def execute(self, sql: str, *values: object) -> None:
        await _aio(self._target.execute, sql, *values)

    async def execute_many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        await _aio(self._target.executemany, sql, rows)


class _InOneGo:
    """Bytes as asyncpg wants them for COPY: a file would be read in a thread, which costs more than the rest."""

    def __init__(self, data: bytes) -> None:
        self._parts = [data]

    def __aiter__(self) -> _InOneGo:
        return self

    async def __anext__(self) -> bytes:
        if not self._parts:
            raise StopAsyncIteration
        return self._parts.pop()


class Connection(_Asyncpg):
    """One dedicated session with PostgreSQL."""

    async def copy_in(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Insert `rows`, in the binary form of COPY, in one statement and commit; on an error perhaps, too.

        Without a limit of time: the caller has a deadline.

        Raises:
            StoreUnavailable: not known to be committed.
            Unstorable: not committed; one of the rows never will be.
        """
        await _aio(
            self._target.copy_to_table,
            table,
            columns=columns,
            source=_InOneGo(rows),
            format="binary",
            timeout=asyncpg.protocol.NO_TIMEOUT,  # a timer of asyncpg's costs a fifth of a small commit
        )

    async def listen(self, channel: str, heard: Callable[[], None]) -> None:
        """Call `heard` at each NOTIFY on `channel`, from the event loop: it must only set a flag."""

        def forward(*_: object) -> None:
            heard()

        await _aio(self._target.add_listener, channel, forward)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Everything done with the session inside is committed at the end, or none of it."""
        with _translated():
            block = self._target.transaction()
        await _aio(block.start)
        try:
            yield self
        except trio.Cancelled:
            # asyncpg still waits for the server to cancel the query: cut, and the server rolls back.
            self.terminate()
            raise
        except BaseException:
            # The server rolls back by itself when the connection is lost or cut.
            with (
                trio.CancelScope(shield=True, deadline=trio.current_time() + 1),
                contextlib.suppress(StoreUnavailable),
            ):
                await _aio(block.rollback)
            raise
        await _aio(block.commit)

    def terminate(self) -> None:
        """Cut the connection without a word: for a backend that does not answer."""
        self._target.terminate()


class Database(_Asyncpg):
    """A pool of sessions as one role."""

    def __init__(self, pool: Any, url: str, role: str) -> None:
        super().__init__(pool)
        self._url = url
        self._role = role

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Everything done with the session inside is committed at the end, or none of it."""
        raw, block = await _aio(_begin, self._target)
        session = Connection(raw)
        try:
            yield session
        except trio.Cancelled:
            session.terminate()  # asyncpg would still wait for the server to cancel the query
            raise
        except BaseException:
            with (
                trio.CancelScope(shield=True, deadline=trio.current_time() + 1),
                contextlib.suppress(StoreUnavailable),
            ):
                await _aio(_end, self._target, raw, block.rollback)
            raise
        await _aio(_end, self._target, raw, block.commit)

    @contextlib.asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Connection]:
        """A connection of one's own, outside the pool; cut at the end."""
        raw = await _aio(
            asyncpg.connect,
            as_role(self._url, self._role),
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=QUERY_TIMEOUT_S,
            server_settings=_server_settings(self._url, self._role),
        )
        try:
            yield Connection(raw)
        finally:
            raw.terminate()


# Each way from trio to asyncio and back costs as much as a statement: a transaction takes it twice, not four times.


async def _begin(pool: Any) -> tuple[Any, Any]:
    raw = await pool.acquire()
    try:
        block = raw.transaction()
        await block.start()
    except BaseException:
        raw.terminate()
        raise
    return raw, block


async def _end(pool: Any, raw: Any, end: Callable[[], Awaitable[None]]) -> None:
    try:
        await end()
    except BaseException:
        raw.terminate()
        raise
    # What is committed stays so, whatever becomes of the connection.
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        await pool.release(raw)


def as_role(url: str, role: str) -> str:
    """`url` with `role` as its user, unless it holds a password: then the user stays, and the role is set on entry."""
    parts = urllib.parse.urlsplit(url)
    if parts.password is not None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit(parts._replace(netloc=f"{role}@{host}"))


def _server_settings(url: str, role: str) -> dict[str, str]:
    settings = {"application_name": role, "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5"}
    if urllib.parse.urlsplit(url).password is not None:
        settings["role"] = role
    return settings


@contextlib.asynccontextmanager
async def open_database(url: str, role: str, *, size: int = 4) -> AsyncIterator[Database]:
    """A pool of at most `size` sessions at `url` as `role`, in this task's asyncio loop or in one of its own.

    Raises:
        StoreUnavailable: the database can't be reached.
    """
    async with _loop():
        pool = await _aio(_create_pool, url, role, size)
        try:
            yield Database(pool, url, role)
        finally:
            pool.terminate()


@contextlib.asynccontextmanager
async def _loop() -> AsyncIterator[None]:
    """The asyncio loop that connections live in. One inside another would get at the wrong one's connections."""
    current = trio_asyncio.current_loop.get()
    if current is not None and not current.is_closed():
        yield
        return
    try:
        async with trio_asyncio.open_loop() as loop:
            loop.set_exception_handler(_note_complaint)
            yield
    except BaseExceptionGroup as group:
        # The loop lives in nurseries of its own, which wrap whatever ends the block.
        raise _alone(group) from None


def _alone(error: BaseException) -> BaseException:
    """The one exception in a group of groups; the group itself if there are several."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _note_complaint(_: object, context: Mapping[str, object]) -> None:
    """What asyncio could tell nobody: mostly answers to a query that was cancelled and its connection cut."""
    log.debug("asyncio_complaint", what=context.get("message"), why=repr(context.get("exception")))


async def _create_pool(url: str, role: str, size: int) -> Any:
    return await asyncpg.create_pool(
        as_role(url, role),
        min_size=0,
        max_size=size,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=QUERY_TIMEOUT_S,
        server_settings=_server_settings(url, role),
        reset=_leave_as_it_is,
    )


async def _leave_as_it_is(_: object) -> None:
    # Nobody changes a pooled session: locks and settings end with their transaction, and ears have connections of their
    # own. To reset it all the same after each use was a second round trip for each statement.
    ...
