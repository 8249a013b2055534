"""Heads of a real database: what they cover, and what they find even where every hash was computed anew."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator

import attrs
import pytest

from station.chain import Altered
from station.errors import StoreUnavailable
from station.heads import Expected, Head
from station.signals import Kind
from station.store import audit, heads
from station.store.database import Database, open_database
from station.store.heads import check_against, next_head
from tests.dispatcher.writers import a_signal, alarms, joins, now, open_writer, work_off_all


@pytest.fixture
async def dispatching(database_url: str, owner: Database) -> AsyncIterator[Database]:
    async with open_database(database_url, "sereno_dispatcher") as database:
        yield database


@pytest.fixture
async def auditing(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as the auditor may use it."""
    async with open_database(database_url, "sereno_auditor") as database:
        yield database


@pytest.fixture
async def command(database_url: str, owner: Database) -> AsyncIterator[Database]:
    """The database as whoever verifies may use it."""
    async with open_database(database_url, "sereno_command") as database:
        yield database


async def taken(auditing: Database, expected: Expected) -> Head:
    """The next head, added to the others."""
    head = await next_head(auditing, expected)
    expected.check(head)
    expected.apply(head)
    return head


async def seen(owner: Database, dispatching: Database, auditing: Database) -> Expected:
    """Three incidents and two audit rows in two heads; incident 2 has four events."""
    expected = Expected()
    await alarms(owner, dispatching, Kind.FIRE, Kind.BURGLARY)
    await audit.append(owner, "command", "accounts_imported", {"new": 2})
    await audit.append(owner, "operator:1", "signed_on", {})
    await taken(auditing, expected)
    await joins(owner, dispatching, 2)
    await alarms(owner, dispatching, Kind.GAS_CO)
    await taken(auditing, expected)
    return expected


async def named(database: Database, expected: Expected) -> str:
    """The first thing that is found altered."""
    with pytest.raises(Altered) as found:
        await check_against(database, expected)
    return str(found.value)


async def rewrite(owner: Database, incident: int, n: int, body: str) -> None:
    """Another body for an event, and every hash from there on computed anew, as whoever owns the database can."""
    rows = await owner.fetch(
        "select *, (extract(epoch from at) * 1000000)::bigint as us from incident_event where incident = $1 order by n",
        incident,
    )
    last = b""
    for row in rows:
        text = body if row["n"] == n else row["body"]
        signal = "-" if row["signal"] is None else row["signal"]
        said = f"{incident}|{row['n']}|{row['us']}|{row['actor']}|{row['kind']}|{signal}|{text}"
        link = hashlib.sha256(last + said.encode()).digest()
        await owner.execute(
            "update incident_event set body = $3, prev_hash = $4, hash = $5 where incident = $1 and n = $2",
            incident,
            row["n"],
            text,
            last,
            link,
        )
        last = link
    await owner.execute("update incident set last_hash = $2 where id = $1", incident, last)


async def test_an_empty_station_has_a_head(auditing: Database, command: Database) -> None:
    expected = Expected()
    head = await taken(auditing, expected)
    assert (head.number, head.incidents, head.audit_n, head.signals, head.first_signal_at) == (1, 0, 0, 0, None)
    assert head.digest == hashlib.sha256(b"").hexdigest()
    await check_against(command, expected)


@pytest.mark.parametrize("page", [1, 2, 5000])
async def test_a_head_covers_everything_and_lists_what_changed(
    owner: Database, dispatching: Database, auditing: Database, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(heads, "_INCIDENTS", page)
    expected = Expected()
    await alarms(owner, dispatching, Kind.FIRE, Kind.BURGLARY)
    first = await taken(auditing, expected)
    assert [(incident, n) for incident, n, _ in first.changed] == [(1, 3), (2, 3)]
    await joins(owner, dispatching, 2)
    await alarms(owner, dispatching, Kind.GAS_CO)
    await audit.append(owner, "operator:1", "signed_on", {})

    second = await taken(auditing, expected)
    rows = await owner.fetch("select id, last_n, last_hash from incident order by id")
    lines = "".join(f"{row['id']}|{row['last_n']}|{row['last_hash'].hex()}\n" for row in rows)
    assert second.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert (second.incidents, second.last_incident, second.gone) == (3, 3, [])
    assert second.changed == [(row["id"], row["last_n"], row["last_hash"].hex()[:16]) for row in rows[1:]]
    (row,) = await owner.fetch("select n, hash from audit")
    assert (second.audit_n, second.audit_hash) == (1, row["hash"].hex())
    (row,) = await owner.fetch("select min(received_at) as first, max(received_at) as last from signal")
    assert (second.signals, second.first_signal_at, second.last_signal_at) == (4, row["first"], row["last"])


async def test_days_that_are_over_are_counted_once(owner: Database, auditing: Database) -> None:
    expected = Expected()
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - dt.timedelta(days=400), today - dt.timedelta(days=3), today - dt.timedelta(days=1), today]
    for day in days:
        async with open_writer(owner, opened_at=day) as writer:
            await writer.write(a_signal(received_at=day), a_signal(received_at=day + dt.timedelta(hours=23.9)))
    first = await taken(auditing, expected)
    assert first.days == {day.date(): 2 for day in days}
    second = await taken(auditing, expected)
    assert second.days == {day.date(): 2 for day in days[2:]}
    assert second.signals == 8


async def test_what_is_left_alone_and_goes_on_is_as_heads_saw_it(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await check_against(command, expected)
    await joins(owner, dispatching, 1)
    await alarms(owner, dispatching, Kind.FIRE)
    await audit.append(owner, "operator:1", "signed_off", {})
    await check_against(command, expected)


async def test_a_deleted_incident_is_named(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("alter table incident_event disable trigger all; alter table incident disable trigger all")
    await owner.execute("delete from incident where id = 2; delete from incident_event where incident = 2")
    assert await named(command, expected) == "incident 2: it is missing; head 2 saw it with 4 events"
    head = await next_head(auditing, expected)
    assert head.gone == [2]
    with pytest.raises(Altered, match="incident 2: it was missing at head 3; head 2 saw it with 4 events"):
        expected.check(head)


async def test_a_chain_computed_anew_is_named(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    (row,) = await owner.fetch("select body from incident_event where incident = 2 and n = 1")
    await rewrite(owner, 2, 1, row["body"])
    await check_against(command, expected)
    await rewrite(owner, 2, 1, row["body"].replace("burglary", "test"))
    assert await named(command, expected) == "incident 2, event 4: it is not the one that head 2 saw"


async def test_a_chain_cut_short_is_named(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("delete from incident_event where incident = 2 and n = 4")
    assert await named(command, expected) == "incident 2, event 4: it is missing; head 2 saw it"
    await owner.execute(
        "update incident set last_n = 3, last_hash = (select hash from incident_event where incident = 2 and n = 3) "
        "where id = 2"
    )
    assert await named(command, expected) == "incident 2: it has 3 events; head 2 saw 4"


async def test_whole_hashes_count_not_only_what_lists_show(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("update incident_event set hash = substr(hash, 1, 8) || '\\x00' where incident = 1")
    assert await named(command, expected) == "incidents: together they are not those that head 2 saw"


async def test_missing_and_rewritten_audit_rows_are_named(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("update audit set hash = '\\x00' where n = 2")
    assert await named(command, expected) == "audit row 2: it is not the one that head 2 saw"
    await owner.execute("delete from audit where n = 2")
    assert await named(command, expected) == "audit row 2: it is missing; head 2 saw it"


async def test_missing_signals_are_counted(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("delete from signal where id = (select max(id) from signal)")
    day = now().date()
    assert await named(command, expected) == f"signals of {day}: 3 are there; heads saw 4"
    head = await next_head(auditing, expected)
    with pytest.raises(Altered, match=f"signals of {day}: 3 at head 3, and 4 before"):
        expected.check(head)


async def test_the_last_head_alone_still_shows_that_something_is_missing(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    whole = await seen(owner, dispatching, auditing)
    assert whole.last is not None
    alone = Expected()
    alone.apply(whole.last)
    await check_against(command, alone)
    await owner.execute("alter table incident_event disable trigger all; alter table incident disable trigger all")
    await owner.execute("delete from incident where id = 1")
    assert await named(command, alone) == (
        "incidents: 1 are missing of those that head 2 saw; with all heads from the first on they can be named"
    )


async def test_what_a_restore_took_away_is_explained_and_the_next_head_begins_anew(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = await seen(owner, dispatching, auditing)
    await owner.execute("alter table incident_event disable trigger all; alter table incident disable trigger all")
    await owner.execute("delete from incident where id = 3; delete from incident_event where incident = 3")
    await owner.execute("update station set restored_to = '2026-03-01 08:00+0', restored_at = '2026-03-01 09:00+0'")
    assert await named(command, expected) == (
        "incident 3: it is missing; head 2 saw it with 3 events (the station was brought back on 2026-03-01 09:00:00 "
        "UTC from a backup that ends on 2026-03-01 08:00:00 UTC: what came between is missing)"
    )
    head = await taken(auditing, expected)
    assert head.gone == [3]
    await check_against(command, expected)


async def test_the_auditor_reads_no_content(owner: Database, dispatching: Database, auditing: Database) -> None:
    for secret in ("select account from incident", "select body from audit", "select raw from signal"):
        with pytest.raises(StoreUnavailable, match="permission denied"):
            await auditing.fetch(secret)
    with pytest.raises(StoreUnavailable, match="permission denied"):
        await auditing.execute("update incident set last_n = 0")


async def test_an_incident_that_was_committed_late_is_new_at_the_next_head(
    owner: Database, dispatching: Database, auditing: Database, command: Database
) -> None:
    expected = Expected()
    await owner.execute("select nextval(pg_get_serial_sequence('incident', 'id'))")
    await alarms(owner, dispatching, Kind.FIRE)
    first = await taken(auditing, expected)
    assert [incident for incident, *_ in first.changed] == [2]
    await owner.execute("alter sequence incident_id_seq restart with 1")
    async with open_writer(owner) as writer:
        await writer.write(a_signal(Kind.BURGLARY, account="7777"))
    await work_off_all(dispatching)
    second = await taken(auditing, expected)
    assert [incident for incident, *_ in second.changed] == [1]
    assert attrs.evolve(second, changed=[]).last_incident == 2
    await check_against(command, expected)
