"""What waits, read from a real database as a receiver may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import attrs
import pytest

from dispatcher.desk import Desk
from station.accounts import Contact
from station.errors import StoreUnavailable
from station.languages import Language
from station.operators import Operator
from station.signals import Authenticity, Kind, Qualifier
from station.store.database import Database, open_database
from station.store.waiting import UNATTENDED, Attention, Report, attention, waiting_alarms
from tests.dispatcher.writers import a_signal, add_account, add_operator, now, open_writer, work_off_all

LATELY = dt.timedelta(minutes=15)


@pytest.fixture
async def receiving(database_url: str) -> AsyncIterator[Database]:
    """The database as a receiver may use it."""
    async with open_database(database_url, "sereno_receiver") as database:
        yield database


@pytest.fixture
async def dispatching(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, "sereno_dispatcher") as database:
        yield database


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with open_database(database_url, "sereno_console") as database:
        yield Desk(database, lease_s=60)


@pytest.fixture
async def ana(owner: Database) -> Operator:
    return await add_operator(owner, "Ana")


async def add_pharmacy(owner: Database) -> int:
    """An account with people to call."""
    id_ = await add_account(owner, "1234")
    await owner.execute(
        "update account set name = 'Farmácia Central', premises = 'pharmacy', address = 'Rua Augusta 12', "
        "city = 'Lisboa', country = 'PT', notes = 'dog' where id = $1",
        id_,
    )
    await owner.execute("insert into zone (account, number, name) values ($1, '003', 'Back door')", id_)
    await owner.execute(
        "insert into contact (account, position, name, phone, language) values "
        "($1, 2, 'Rui', '+351210000002', 'pt'), ($1, 1, 'Eva', '+34910000001', 'es')",
        id_,
    )
    return id_


async def seen(owner: Database, operator: Operator, ago_s: float, token: bytes = b"t") -> None:
    """He did something at a console `ago_s` ago."""
    await owner.execute(
        "insert into session (token_hash, operator, created_at, seen_at, expires_at) "
        "select $1, $2, now, now - make_interval(secs => $3), now + interval '1 h' from clock_timestamp() as now",
        token,
        operator.id,
        ago_s,
    )


async def test_nothing_waits_in_an_empty_station(receiving: Database) -> None:
    assert await attention(receiving, LATELY) == Attention(unread=0, oldest_unread_s=None, waiting=0, operators=0)
    assert await waiting_alarms(receiving) == []


async def test_unread_alarms_are_counted_from_the_oldest_and_worked_off_ones_wait(
    owner: Database, receiving: Database, dispatching: Database
) -> None:
    async with open_writer(owner, now() - dt.timedelta(minutes=2)) as writer:
        await writer.write(
            a_signal(Kind.LINK_TEST, received_at=now() - dt.timedelta(seconds=90)),
            a_signal(Kind.BURGLARY, received_at=now() - dt.timedelta(seconds=60)),
            a_signal(Kind.FIRE, account="4321"),
        )
        found = await attention(receiving, LATELY)
        assert (found.unread, found.waiting) == (2, 0)
        assert found.oldest_unread_s is not None
        assert 60 <= found.oldest_unread_s < 90

        await work_off_all(dispatching)
        found = await attention(receiving, LATELY)
        assert (found.unread, found.oldest_unread_s, found.waiting) == (0, None, 2)


async def test_what_needs_nobody_keeps_nobody_waiting(owner: Database, receiving: Database) -> None:
    async with open_writer(owner) as writer:
        await writer.write(
            a_signal(Kind.LINK_TEST),
            a_signal(Kind.TEST),
            a_signal(Kind.OPEN_CLOSE, Qualifier.OPENING),
            a_signal(Kind.BURGLARY, Qualifier.RESTORE),
            attrs.evolve(a_signal(Kind.BURGLARY), suppressed=True),
            # The receiver's own report of this very matter.
            attrs.evolve(a_signal(Kind.STATION), account=UNATTENDED),
        )
    assert (await attention(receiving, LATELY)).unread == 0
    assert [alarm.account for alarm in await waiting_alarms(receiving)] == [UNATTENDED]


async def test_more_unread_than_is_looked_at_counts_as_an_alarm(owner: Database, receiving: Database) -> None:
    async with open_writer(owner) as writer:
        await writer.write(*[a_signal(Kind.TEST) for _ in range(4999)])
        assert (await attention(receiving, LATELY)).unread == 0
        await writer.write(a_signal(Kind.TEST))
        assert (await attention(receiving, LATELY)).unread == 1
    assert await waiting_alarms(receiving) == []


async def test_the_list_says_all_that_a_telephone_needs(owner: Database, receiving: Database) -> None:
    account_id = await add_pharmacy(owner)
    first, second = now() - dt.timedelta(seconds=30), now()
    entry = attrs.evolve(a_signal(account_id=account_id, zone="003", received_at=first), event_code="BA", text="porta")
    async with open_writer(owner, first) as writer:
        await writer.write(
            entry,
            a_signal(account_id=account_id, zone="004", received_at=second),
            attrs.evolve(entry, received_at=second),  # the panel repeats: one report
        )

    (alarm,) = await waiting_alarms(receiving)
    assert (alarm.rank, alarm.kind, alarm.account, alarm.incident) == (2, Kind.BURGLARY, "1234", None)
    assert (alarm.since, alarm.signals, alarm.authenticated) == (first, 2, None)
    assert (alarm.name, alarm.premises) == ("Farmácia Central", "pharmacy")
    assert (alarm.address, alarm.city, alarm.country, alarm.notes) == ("Rua Augusta 12", "Lisboa", "PT", "dog")
    assert alarm.contacts == (Contact("Eva", "+34910000001", Language.ES), Contact("Rui", "+351210000002", Language.PT))
    assert alarm.said == (
        Report(
            received_at=first,
            token="SIA-DCS",
            event_code="BA",
            area="1",
            zone="003",
            zone_name="Back door",
            text="porta",
        ),
        Report(received_at=second, token="SIA-DCS", event_code=None, area="1", zone="004", zone_name=None, text=""),
    )


async def test_a_waiting_incident_is_listed_with_its_signals(
    owner: Database, receiving: Database, dispatching: Database
) -> None:
    account_id = await add_pharmacy(owner)
    async with open_writer(owner) as writer:
        await writer.write(*[a_signal(account_id=account_id, zone=f"{zone:03}") for zone in range(1, 12)])
        await work_off_all(dispatching)

    (alarm,) = await waiting_alarms(receiving)
    assert alarm.incident is not None
    assert (alarm.kind, alarm.signals, alarm.name) == (Kind.BURGLARY, 11, "Farmácia Central")
    assert [report.zone for report in alarm.said] == [f"{zone:03}" for zone in range(4, 12)]
    assert len(alarm.contacts) == 2


async def test_the_most_urgent_comes_first_whoever_has_seen_it(
    owner: Database, receiving: Database, dispatching: Database
) -> None:
    async with open_writer(owner) as writer:
        await writer.write(a_signal(Kind.TROUBLE, account="0001"), a_signal(Kind.BURGLARY, account="0002"))
        await work_off_all(dispatching)
        await writer.write(
            a_signal(Kind.TROUBLE, account="0003"),
            a_signal(Kind.FIRE, account="0004"),
            a_signal(Kind.FIRE, account="0005", old=True),
            a_signal(Kind.BURGLARY, account="0006", authenticity=Authenticity.WRONG_KEY),
        )

    listed = [(a.rank, a.account, a.incident is not None, a.authenticated) for a in await waiting_alarms(receiving)]
    assert listed == [
        (1, "0004", False, None),
        (2, "0002", True, None),
        (2, "0006", False, False),
        (4, "0001", True, None),
        (4, "0003", False, None),
        (4, "0005", False, None),  # reported late
    ]
    assert [alarm.account for alarm in await waiting_alarms(receiving, limit=2)] == ["0004", "0002"]


async def test_who_did_something_lately_or_holds_an_incident_is_there(
    owner: Database, receiving: Database, dispatching: Database, desk: Desk, ana: Operator
) -> None:
    async def operators() -> int:
        return (await attention(receiving, LATELY)).operators

    rui = await add_operator(owner, "Rui")
    await seen(owner, rui, 16 * 60)
    assert await operators() == 0
    await seen(owner, rui, 60, b"another browser")
    await seen(owner, rui, 61, b"a third one")
    assert await operators() == 1
    async with open_writer(owner) as writer:
        await writer.write(a_signal())
        await work_off_all(dispatching)
    await desk.take_next(ana)
    assert await operators() == 2
    await owner.execute("update session set expires_at = clock_timestamp()")
    assert await operators() == 1
    await owner.execute("update incident set lease_until = clock_timestamp() - interval '1 s'")
    assert await operators() == 0


async def test_what_an_operator_holds_does_not_wait_until_his_console_falls_silent(
    owner: Database, receiving: Database, dispatching: Database, desk: Desk, ana: Operator
) -> None:
    async def waiting() -> tuple[int, int]:
        return (await attention(receiving, LATELY)).waiting, len(await waiting_alarms(receiving))

    async with open_writer(owner) as writer:
        await writer.write(a_signal())
        await work_off_all(dispatching)
    assert await waiting() == (1, 1)
    lease = await desk.take_next(ana)
    assert lease is not None
    assert await waiting() == (0, 0)
    await owner.execute("update incident set lease_until = clock_timestamp() - interval '1 s'")
    assert await waiting() == (1, 1)

    lease = await desk.take(ana, lease.incident)
    await desk.hold_until(lease, now() + dt.timedelta(hours=1), "")
    assert await waiting() == (0, 0)
    await owner.execute("update incident set hold_until = clock_timestamp() - interval '1 s'")
    assert await waiting() == (1, 1)


@pytest.mark.parametrize("table", ["signal", "incident", "incident_event", "session", "operator", "contact"])
async def test_a_receiver_may_read_these_in_no_other_way(receiving: Database, table: str) -> None:
    with pytest.raises(StoreUnavailable, match="permission denied"):
        await receiving.fetch(f"table {table}")
