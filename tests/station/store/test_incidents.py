"""Incidents in the store: appended in order, chained, and only ever by the one function that checks them."""

from __future__ import annotations

import contextlib
import datetime as dt
import random

import attrs
import pytest

from station.errors import IllegalTransition
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
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
)
from station.incidents import Incident, Taken, follow, opened
from station.signals import Kind
from station.store import incidents
from station.store.database import Conflict, Database, MovedOn, open_database
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import add_account, add_operator, history

NOON = dt.datetime(2026, 6, 15, 12, 0, 0, 123_456, tzinfo=dt.UTC)
OPENED = Opened(
    signal=1,
    digest="d1",
    account_id=None,
    account="1234",
    kind=Kind.BURGLARY,
    priority=2,
    authenticated=None,
    point="001",
)


async def open_one(session: Database, what: Opened = OPENED) -> tuple[int, Incident]:
    event = IncidentEvent(1, NOON, "dispatcher", what)
    incident = opened(event)
    return await incidents.append(session, None, event, incident), incident


async def then(session: Database, id_: int, incident: Incident, what: Happening, n: int | None = None) -> Incident:
    event = IncidentEvent(n or incident.last_n + 1, NOON, "dispatcher", what)
    after = follow(incident, event)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1) if isinstance(after.state, Taken) else None
    fence = incident.fence if isinstance(incident.state, Taken) else None
    await incidents.append(session, id_, event, after, fence=fence, lease_until=until)
    return after


def joined(signal: int = 2) -> Joined:
    return Joined(signal=signal, digest="d2", point="002", effect=Effect.ALARM, priority=2, authenticated=None)


async def test_the_first_link_is_what_the_schema_documents(owner: Database) -> None:
    """Recomputed from the layout; and once by hand, so that layout and recomputation can't be wrong alike."""
    id_, _ = await open_one(owner)
    (row,) = await owner.fetch(
        "select encode(sha256(convert_to($1 || '|1|1781524800123456|dispatcher|opened|1|' || body, 'UTF8')), 'hex')"
        " as a, encode(hash, 'hex') as b, prev_hash from incident_event",
        str(id_),
    )
    assert row["a"] == row["b"]
    assert row["prev_hash"] == b""
    await assert_chains_hold(owner)


async def test_one_changed_byte_breaks_the_chain(owner: Database) -> None:
    id_, incident = await open_one(owner)
    await then(owner, id_, incident, joined())
    await assert_chains_hold(owner)
    await owner.execute("update incident_event set body = replace(body, '002', '003') where n = 2")
    with pytest.raises(AssertionError):
        await assert_chains_hold(owner)


async def test_events_are_appended_in_order_or_not_at_all(owner: Database) -> None:
    id_, incident = await open_one(owner)
    await then(owner, id_, incident, joined(2))
    for n in (1, 2, 4):
        with pytest.raises(MovedOn):
            await then(owner, id_, incident, joined(3), n=n)
    assert await history(owner, id_) == ["opened", "joined"]
    await assert_chains_hold(owner)


async def test_no_event_without_its_incident(owner: Database) -> None:
    _, incident = await open_one(owner)
    with pytest.raises(MovedOn):
        await then(owner, 99, incident, joined())


async def test_one_matter_has_one_open_incident(owner: Database) -> None:
    account_id = await add_account(owner, "1234")
    known = attrs.evolve(OPENED, account_id=account_id)
    await open_one(owner, OPENED)
    await open_one(owner, known)
    await open_one(owner, attrs.evolve(known, kind=Kind.POWER))
    for again in (OPENED, known):
        with pytest.raises(Conflict) as error:
            await open_one(owner, again)
        assert error.value.constraint == "incident_open"


@pytest.mark.parametrize("role", ["sereno_receiver", "sereno_command"])
async def test_who_has_no_business_with_incidents_appends_nothing(
    database_url: str, owner: Database, role: str
) -> None:
    async with open_database(database_url, role) as database:
        with pytest.raises(Exception, match="permission denied"):
            await open_one(database)
    assert await owner.fetch("select id from incident") == []


async def test_a_signal_that_joins_leaves_the_holders_lease_alone(owner: Database) -> None:
    ana = await add_operator(owner, "Ana")
    id_, incident = await open_one(owner)
    incident = await then(owner, id_, incident, TakenBy(ana.id))
    (before,) = await owner.fetch("select lease_until, fence from incident")
    event = IncidentEvent(3, NOON, "dispatcher", joined())
    await incidents.append(owner, id_, event, follow(incident, event))
    (after,) = await owner.fetch("select lease_until, fence from incident")
    assert tuple(after.values()) == tuple(before.values())


async def test_what_is_stored_is_read_back_whole(owner: Database) -> None:
    ana = await add_operator(owner, "Ana")
    id_, incident = await open_one(owner)
    for what in (joined(), TakenBy(ana.id), Held(NOON + dt.timedelta(days=1), None)):
        incident = await then(owner, id_, incident, what)
        row = await incidents.incident_row(owner, id_)
        assert row is not None
        assert row.incident == incident
        assert row.holder == ("Ana" if isinstance(incident.state, Taken) else None)
    assert await incidents.incident_row(owner, 99) is None


async def test_open_incidents_are_those_of_the_account_or_of_the_nameless_number(owner: Database) -> None:
    account_id = await add_account(owner, "1234")
    nameless, _ = await open_one(owner, OPENED)
    known, _ = await open_one(owner, attrs.evolve(OPENED, account_id=account_id))
    assert [row.id for row in await incidents.open_incidents(owner, [account_id], [])] == [known]
    assert [row.id for row in await incidents.open_incidents(owner, [], ["1234"])] == [nameless]
    assert await incidents.open_incidents(owner, [account_id + 1], ["9999"]) == []


async def test_whatever_happens_the_store_takes_it_and_the_row_is_the_sum(owner: Database) -> None:
    """Random lives, all of whose legal steps must pass every constraint of the schema."""
    chance = random.Random(1)
    operators = [(await add_operator(owner, name)).id for name in ("Ana", "Rui")]
    for life in range(12):
        id_, incident = await open_one(owner, attrs.evolve(OPENED, account=f"{life:04}"))
        content = await incidents.write_content(owner, id_, "what was said")
        for _ in range(25):
            possible: list[Happening] = [
                Joined(
                    signal=chance.randrange(1, 2**40),
                    digest="d2",
                    point=chance.choice(["", "001", "002"]),
                    effect=chance.choice(list(Effect)),
                    priority=chance.randrange(1, 6),
                    authenticated=chance.choice([None, True, False]),
                ),
                TakenBy(chance.choice(operators)),
                TakenBy(chance.choice(operators)),
                Noted(content),
                HandedOver(chance.choice([None, *operators])),
                Held(NOON + dt.timedelta(minutes=chance.randrange(600)), chance.choice([None, content])),
                HoldEnded(chance.choice(list(HoldEnd))),
                LeaseExpired(chance.choice(operators)),
                ClosedAs(chance.choice(list(Disposition)), content) if chance.random() < 0.3 else Noted(content),
            ]
            with contextlib.suppress(IllegalTransition):
                incident = await then(owner, id_, incident, chance.choice(possible))

    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)
