"""The proof: what is left alone verifies, and each thing that somebody rewrites is named."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import trio

from station.chain import Altered
from station.incident_events import (
    ClosedAs,
    Disposition,
    Effect,
    HandedOver,
    Happening,
    Held,
    HoldEnd,
    HoldEnded,
    IncidentEvent,
    Joined,
    Noted,
    Opened,
    TakenBy,
)
from station.incidents import Incident, Taken, follow, opened
from station.signals import Kind
from station.store import audit, incidents
from station.store.audit import Verified
from station.store.database import Database, Session, open_database

T0 = dt.datetime(2026, 3, 1, 8, 0, 0, 123457, tzinfo=dt.UTC)
LEASE_UNTIL = dt.datetime(2036, 1, 1, tzinfo=dt.UTC)


#: By hand: `printf 'frame 11' | sha256sum`, and so on.
DIGESTS = {
    11: "9d1fbfaf01cf317e340876a7d3f982c2f5c604c85c25073b799f54b03ae7a3c8",
    12: "a016e540c4f87e58d5929e55186d4d96a79f58e10390c60b8974f33f7612b0f1",
    13: "8c96a2f99e214ce920803d4279dbfc0a6aee0522aa7c7997ec21872d295c1574",
    21: "46fbc5c226d03902f0832ac7025b02755aae922e2cf28f5d38e3c3e739bc605c",
    22: "a1e073ff61c9e69e136e925f330a050d6e07bad76988ad64a9749ec6cc92f64b",
}


def digest_of(signal: int) -> str:
    return DIGESTS[signal]


def opening(account: str) -> Opened:
    return Opened(
        signal=11,
        digest=digest_of(11),
        account_id=None,
        account=account,
        kind=Kind.BURGLARY,
        priority=3,
        authenticated=None,
        point="1|é",
    )


def joining(signal: int, effect: Effect, point: str, priority: int = 2) -> Joined:
    return Joined(
        signal=signal, digest=digest_of(signal), point=point, effect=effect, priority=priority, authenticated=True
    )


class Writer:
    """Writes one incident's history as the dispatcher and the desk do."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.id: int | None = None
        self.after: Incident | None = None

    async def write(self, what: Happening) -> None:
        n = 1 if self.after is None else self.after.last_n + 1
        event = IncidentEvent(n, T0 + dt.timedelta(seconds=n), "dispatcher" if n < 3 else "operator:1", what)
        held = self.after is not None and isinstance(self.after.state, Taken)
        fence = self.after.fence if self.after is not None and held else None
        self.after = opened(event) if self.after is None else follow(self.after, event)
        lease = LEASE_UNTIL if isinstance(self.after.state, Taken) else None
        self.id = await incidents.append(self.session, self.id, event, self.after, fence=fence, lease_until=lease)

    async def note(self, text: str) -> Noted:
        assert self.id is not None
        return Noted(await incidents.write_content(self.session, self.id, text))


async def write_history(owner: Database) -> None:
    """Two audit rows; incident 1 closed after ten events with three texts; incident 2 waiting after three."""
    await owner.execute(
        "insert into operator (name, role, password_hash) values ('ana', 'operator', ''), ('luis', 'operator', '')"
    )
    for signal in DIGESTS:
        await owner.execute(
            "insert into signal (id, received_at, protocol, transport, peer, account, sequence, token, kind, "
            "qualifier, text, old, payload, raw, authenticity, reply) values ($1, now(), 'dc09', 'tcp', '', "
            "'1234', '0001', 'SIA-DCS', 'burglary', 'new', '', false, '', $2, 'unproven', 'ack')",
            signal,
            f"frame {signal}".encode(),
        )
    await audit.append(owner, "command", "accounts_imported", {"file": "contas ç.csv", "new": 3})
    await audit.append(owner, "operator:1", "signed_on", {})
    one = Writer(owner)
    await one.write(opening("1234"))
    await one.write(joining(12, Effect.ALARM, "2"))
    await one.write(TakenBy(1))
    note = await one.note("Ana diz: não é nada")
    await one.write(note)
    held = await one.note("calls back")
    await one.write(Held(T0 + dt.timedelta(hours=1), held.note))
    await one.write(HoldEnded(HoldEnd.DUE))
    await one.write(TakenBy(1))
    await one.write(HandedOver(2))
    await one.write(joining(13, Effect.RESTORE, "", 9))
    last = await one.note("patrulla")
    await one.write(ClosedAs(Disposition.REAL, last.note))
    two = Writer(owner)
    await two.write(opening("9999"))
    await two.write(joining(21, Effect.CONTEXT, ""))
    await two.write(joining(22, Effect.ALARM, "7", 1))


async def verified(url: str) -> Verified:
    """What the command's own role finds."""
    async with open_database(url, "sereno_command") as database:
        return await audit.verify(database)


async def altered(url: str) -> str:
    """The first thing that is found altered."""
    async with open_database(url, "sereno_command") as database:
        with pytest.raises(Altered) as found:
            await audit.verify(database)
    return str(found.value)


async def test_an_empty_station_is_as_it_was_written(database_url: str) -> None:
    assert await verified(database_url) == Verified()


@pytest.mark.parametrize(("incidents_a_page", "rows_a_page"), [(500, 5000), (1, 1), (2, 3)])
async def test_what_is_left_alone_verifies(
    database_url: str, owner: Database, monkeypatch: pytest.MonkeyPatch, incidents_a_page: int, rows_a_page: int
) -> None:
    monkeypatch.setattr(audit, "_INCIDENTS", incidents_a_page)
    monkeypatch.setattr(audit, "_ROWS", rows_a_page)
    await write_history(owner)
    expected = Verified(audit_rows=2, incidents=2, events=13, texts=3, erased=0)
    assert await verified(database_url) == expected


async def test_an_erased_text_is_no_alteration(database_url: str, owner: Database) -> None:
    await write_history(owner)
    await owner.execute("update incident_content set text = null where text like 'Ana%'")
    assert (await verified(database_url)).erased == 1


REWRITTEN = [
    # What an operator did or saw.
    (
        "update incident_event set body = replace(body, ':3', ':9') where incident = 1 and n = 1",
        "incident 1, event 1: its content does not match its hash",
    ),
    (
        "update incident_event set at = at + interval '1 microsecond' where incident = 1 and n = 4",
        "incident 1, event 4: its content does not match its hash",
    ),
    (
        "update incident_event set actor = 'operator:2' where incident = 1 and n = 3",
        "incident 1, event 3: its content does not match its hash",
    ),
    (
        "update incident_event set signal = 99 where incident = 2 and n = 2",
        "incident 2, event 2: its content does not match its hash",
    ),
    (
        "update incident_event set kind = 'noted' where incident = 1 and n = 10",
        "incident 1, event 10: its content does not match its hash",
    ),
    (
        "update incident_event set prev_hash = '\\x00' where incident = 2 and n = 3",
        "incident 2, event 3: it does not follow the one before it",
    ),
    ("delete from incident_event where incident = 1 and n = 5", "incident 1, event 5: it is missing"),
    ("delete from incident_event where incident = 1 and n = 1", "incident 1, event 1: it is missing"),
    ("delete from incident_event where incident = 2", "incident 2: it has no events"),
    (
        "delete from incident_event where incident = 2 and n = 3",
        "incident 2: priority is 1, its events say 3",
    ),
    # What the incident is said to be.
    ("update incident set priority = 5 where id = 2", "incident 2: priority is 5, its events say 1"),
    ("update incident set account = '9998' where id = 2", "incident 2: account is 9998, its events say 9999"),
    ("update incident set disposition = 'test' where id = 1", "incident 1: disposition is test, its events say real"),
    ("update incident set fence = 1 where id = 1", "incident 1: fence is 1, its events say 3"),
    ("update incident set signals = 1 where id = 1", "incident 1: signals is 1, its events say 3"),
    ("update incident set points = '{}' where id = 2", "incident 2: points is [], its events say ['1|é', '7']"),
    (
        "update incident set restored_at = null where id = 1",
        "incident 1: restored_at is empty, its events say 2026-03-01T08:00:09.123457+00:00",
    ),
    (
        "update incident set closed_at = closed_at + interval '1 s' where id = 1",
        "incident 1: closed_at is 2026-03-01T08:00:11.123457+00:00, its events say 2026-03-01T08:00:10.123457+00:00",
    ),
    (
        "update incident set state = 'taken', operator = 2, lease_until = now() where id = 2",
        "incident 2: state is taken, its events say waiting",
    ),
    ("update incident set last_n = 2 where id = 2", "incident 2: last_n is 2, its events say 3"),
    # What people wrote.
    (
        "update incident_content set text = 'nada' where text = 'patrulla'",
        "incident 1, event 10: its text is not the one that was written",
    ),
    (
        "update incident_content set salt = '\\x00' where text like 'Ana%'",
        "incident 1, event 4: its text is not the one that was written",
    ),
    (
        "delete from incident_content where text = 'calls back'",
        "incident 1, event 5: the text that it names is missing",
    ),
    (
        "update incident_content set incident = 2 where text = 'calls back'",
        "incident 1, event 5: the text that it names is missing",
    ),
    # What people did outside incidents.
    ("update audit set body = '{}' where n = 1", "audit row 1: its content does not match its hash"),
    ("update audit set at = at - interval '1 h' where n = 2", "audit row 2: its content does not match its hash"),
    ("update audit set actor = 'operator:2' where n = 2", "audit row 2: its content does not match its hash"),
    ("update audit set prev_hash = '' where n = 2", "audit row 2: it does not follow the one before it"),
    ("delete from audit where n = 1", "audit row 1: it is missing"),
]


TABLES = ("incident_content", "incident_event", "incident", "audit")


async def restore(owner: Database) -> None:
    """Put all rows back from the copies `was_...`."""
    async with owner.transaction() as session:
        for table in TABLES:
            await session.execute(f"delete from {table}")  # noqa: S608 (names of ours)
        for table in reversed(TABLES):
            copied = f"insert into {table} overriding system value select * from was_{table}"  # noqa: S608 (the same)
            await session.execute(copied)


async def test_whatever_is_rewritten_is_named(database_url: str, owner: Database) -> None:
    await write_history(owner)
    for table in TABLES:
        await owner.execute(f"create table was_{table} as table {table}")
    async with open_database(database_url, "sereno_command") as database:
        for statement, named in REWRITTEN:
            assert (await audit.verify(database)).events == 13
            await owner.execute(statement)
            with pytest.raises(Altered) as found:
                await audit.verify(database)
            assert str(found.value) == named, statement
            await restore(owner)


async def test_a_rewritten_event_with_a_new_hash_still_shows_in_the_incident(
    database_url: str, owner: Database
) -> None:
    await write_history(owner)
    (last,) = await owner.fetch("select * from incident_event where incident = 1 and n = 10")
    body = last["body"].replace('"real"', '"user_error"')
    assert body != last["body"]
    text = f"1|10|1772352010123457|operator:1|closed|-|{body}"
    digest = hashlib.sha256(last["prev_hash"] + text.encode()).digest()
    await owner.execute("update incident_event set body = $1, hash = $2 where incident = 1 and n = 10", body, digest)
    await owner.execute("update incident set last_hash = $1 where id = 1", digest)
    assert await altered(database_url) == "incident 1: disposition is real, its events say user_error"


#: One more event with a right hash, and the row as if nothing had followed from it.
APPEND_TO_2 = (
    "insert into incident_event select 2, 4, t.at, 'dispatcher', '{0}', {1}, '{2}', i.last_hash,"
    " sha256(i.last_hash || convert_to(concat_ws('|', 2, 4, (extract(epoch from t.at) * 1000000)::bigint, 'dispatcher',"
    " '{0}', coalesce({1}::text, '-'), '{2}'), 'UTF8')) from incident i, (select now() as at) t where i.id = 2"
)


@pytest.mark.parametrize(
    ("kind", "signal", "body", "named"),
    [
        (
            "closed",
            "null",
            '{"disposition":"test","note":null}',
            "incident 2, event 4: it can't have happened: closed is not possible while the incident is waiting",
        ),
        ("taken", "null", "{}", "incident 2, event 4: its content can't be read"),
        ("taken", "null", "not JSON", "incident 2, event 4: its content can't be read"),
        ("taken", "7", '{"operator":1}', "incident 2, event 4: its signal is 7, its content says otherwise"),
    ],
)
async def test_an_event_that_no_program_of_ours_wrote_is_named(
    database_url: str, owner: Database, kind: str, signal: str, body: str, named: str
) -> None:
    await write_history(owner)
    await owner.execute(APPEND_TO_2.format(kind, signal, body))
    assert await altered(database_url) == named


async def test_a_station_at_work_can_be_verified(database_url: str, owner: Database) -> None:
    await write_history(owner)
    busy = Writer(owner)
    await busy.write(opening("5555"))

    async def work() -> None:
        while True:
            await busy.write(joining(22, Effect.CONTEXT, ""))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        found = [(await verified(database_url)).events for _ in range(10)]
        nursery.cancel_scope.cancel()
    assert found == sorted(found)
    assert found[-1] > found[0]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "update signal set raw = 'x' where id = 12",
            "event 2: the frame of its signal 12 is not the one that was received",
        ),
        ("delete from signal where id = 13", "event 9: its signal 13 is missing"),
    ],
)
async def test_an_altered_or_missing_signal_is_named(
    database_url: str, owner: Database, statement: str, named: str
) -> None:
    await write_history(owner)
    await owner.execute(statement)
    assert named in await altered(database_url)
