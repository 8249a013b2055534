"""Signals in lanes, as a receiver would have committed them, without a receiver.

In: a fresh station as its superuser. Out: committed rows of `signal`, accounts and operators.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
from collections.abc import AsyncIterator

import attrs
import trio

from dispatcher.follow import work_off
from station.languages import Language
from station.operators import Operator, Role
from station.signals import (
    Authenticity,
    Kind,
    Protocol,
    Qualifier,
    Reply,
    Signal,
    Transport,
    signal_id,
)
from station.store.database import Connection, Database, MovedOn
from station.store.lanes import open_lane
from station.store.signals import row_of, write_rows

_sequences = itertools.count(1)


def now() -> dt.datetime:
    """This instant."""
    return dt.datetime.now(dt.UTC)


def a_signal(
    kind: Kind = Kind.BURGLARY,
    qualifier: Qualifier = Qualifier.NEW,
    *,
    account: str = "1234",
    account_id: int | None = None,
    zone: str | None = "001",
    authenticity: Authenticity = Authenticity.UNPROVEN,
    old: bool = False,
    received_at: dt.datetime | None = None,
    repeat_key: bytes | None = None,
) -> Signal:
    """One report; no other has its repeat key unless the test says so."""
    sequence = f"{next(_sequences) % 10_000:04}"
    return Signal(
        received_at=received_at or now(),
        protocol=Protocol.DC09,
        transport=Transport.TCP,
        peer="192.0.2.1:40001",
        account_id=account_id,
        account=account,
        receiver=None,
        prefix="0",
        sequence=sequence,
        token="SIA-DCS",
        kind=kind,
        qualifier=qualifier,
        event_code=None,
        area="1",
        zone=zone,
        user=None,
        text="",
        extended=(),
        occurred_at=None,
        old=old,
        payload="",
        raw=b"\n\r",
        authenticity=authenticity,
        reply=Reply.ACK if authenticity.authenticated is not False else Reply.DUH,
        repeat_key=repeat_key or (None if kind is Kind.LINK_TEST else os.urandom(16)),
    )


@attrs.define
class Writer:
    """One writing connection with its lane."""

    connection: Connection
    lane: int
    place: int = 1

    async def write(self, *signals: Signal) -> list[int]:
        """Commit them in one transaction (unless one is open); their ids."""
        first = self.place
        await write_rows(self.connection, self.lane, first, [row_of(signal) for signal in signals])
        self.place += len(signals)
        return [signal_id(self.lane, first + offset) for offset in range(len(signals))]


@contextlib.asynccontextmanager
async def open_writer(database: Database, opened_at: dt.datetime | None = None) -> AsyncIterator[Writer]:
    """A lane that lives while the block runs."""
    async with database.dedicated() as connection:
        yield Writer(connection, await open_lane(connection, "test", opened_at or now()))


async def work_off_all(database: Database) -> int:
    """Act upon everything that is committed, as the process does; how many signals."""
    worked = 0
    with trio.fail_after(20):
        while True:
            with contextlib.suppress(MovedOn):
                count = await work_off(database)
                worked += count
                if not count:
                    return worked


async def add_account(owner: Database, number: str) -> int:
    """An account without a key."""
    (row,) = await owner.fetch("insert into account (number) values ($1) returning id", number)
    id_: int = row["id"]
    return id_


async def add_operator(owner: Database, name: str, *, active: bool = True) -> Operator:
    """Somebody who works here."""
    (row,) = await owner.fetch(
        "insert into operator (name, role, password_hash, active) values ($1, 'operator', '', $2) returning id",
        name,
        active,
    )
    return Operator(row["id"], name, Role.OPERATOR, Language.EN)


async def history(owner: Database, incident: int) -> list[str]:
    """What happened to it, in order: the kinds of its events, without what its plan makes of them."""
    rows = await owner.fetch(
        "select kind from incident_event where incident = $1"
        " and kind not in ('planned', 'stepped', 'judged', 'facts_changed', 'alerted') order by n",
        incident,
    )
    return [row["kind"] for row in rows]


async def only_incident(owner: Database) -> int:
    """The id of the one incident that there is."""
    (row,) = await owner.fetch("select id from incident")
    id_: int = row["id"]
    return id_


async def alarms(owner: Database, dispatching: Database, *kinds: Kind) -> list[int]:
    """One incident of each kind, each of an account of its own; their ids in that order."""
    async with open_writer(owner) as writer:
        for kind in kinds:
            (row,) = await owner.fetch("select count(*) as n from account")
            number = f"{row['n'] + 1:04}"
            await writer.write(a_signal(kind, account=number, account_id=await add_account(owner, number)))
    await work_off_all(dispatching)
    rows = await owner.fetch("select id from incident order by account")
    return [row["id"] for row in rows][-len(kinds) :]


async def joins(owner: Database, dispatching: Database, incident: int, qualifier: Qualifier = Qualifier.NEW) -> None:
    """One more signal of its kind from its account."""
    (row,) = await owner.fetch("select account, account_id, kind from incident where id = $1", incident)
    async with open_writer(owner) as writer:
        came = a_signal(Kind(row["kind"]), qualifier, account=row["account"], account_id=row["account_id"])
        await writer.write(came)
    await work_off_all(dispatching)


async def state(owner: Database, incident: int) -> str:
    (row,) = await owner.fetch("select state from incident where id = $1", incident)
    name: str = row["state"]
    return name
