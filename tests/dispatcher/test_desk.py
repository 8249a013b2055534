"""The operator's verbs on a real database: who may do what, and what remains of it."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import trio

from dispatcher.desk import Desk
from dispatcher.timers import return_due
from station.errors import IllegalTransition, Reason, Refused
from station.incident_events import Disposition
from station.operators import Operator
from station.signals import Kind, Qualifier
from station.store import notices
from station.store.database import Database
from tests.dispatcher.proofs import assert_chains_hold, assert_rows_are_what_events_add_up_to
from tests.dispatcher.writers import (
    Writer,
    a_signal,
    add_operator,
    alarms,
    history,
    joins,
    now,
    open_writer,
    state,
    work_off_all,
)

# Taking --------------------------------------------------------------------------------------------------------------


async def test_the_queue_is_ordered_by_priority_then_age(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator
) -> None:
    power, burglary, fire, other_fire = await alarms(
        owner, dispatching, Kind.TROUBLE, Kind.BURGLARY, Kind.FIRE, Kind.FIRE
    )
    await owner.execute("update incident set opened_at = opened_at - interval '1 hour' where id = $1", other_fire)
    taken = [await patient.take_next(ana) for _ in range(5)]
    assert [lease and lease.incident for lease in taken] == [other_fire, fire, burglary, power, None]


async def test_an_empty_queue_gives_nothing(patient: Desk, ana: Operator) -> None:
    assert await patient.take_next(ana) is None


async def test_operators_at_once_get_different_incidents(owner: Database, dispatching: Database, patient: Desk) -> None:
    ids = await alarms(owner, dispatching, Kind.FIRE, Kind.BURGLARY, Kind.TROUBLE, Kind.TAMPER)
    operators = [await add_operator(owner, name) for name in ("Ana", "Rui", "Eva", "Luis")]
    taken: list[tuple[int, int]] = []

    async def take(operator: Operator) -> None:
        lease = await patient.take_next(operator)
        assert lease is not None
        taken.append((lease.incident, lease.operator))

    async with trio.open_nursery() as nursery:
        for operator in operators:
            nursery.start_soon(take, operator)

    assert sorted(incident for incident, _ in taken) == sorted(ids)
    rows = await owner.fetch("select id, operator from incident")
    assert sorted(taken) == sorted((row["id"], row["operator"]) for row in rows)


async def test_what_a_colleague_holds_is_refused_with_his_name(
    patient: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    await patient.take(ana, incident)
    with pytest.raises(Refused) as error:
        await patient.take(rui, incident)
    assert (error.value.reason, error.value.who) == (Reason.HELD_BY_ANOTHER, "Ana")


async def test_taking_again_what_one_holds_renews_the_same_lease(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await owner.execute("update incident set lease_until = clock_timestamp() + interval '5 s'")
    assert await patient.take(ana, incident) == lease
    assert await history(owner, incident) == ["opened", "taken"]
    (row,) = await owner.fetch("select lease_until > clock_timestamp() + interval '50 s' as renewed from incident")
    assert row["renewed"]


async def test_there_is_no_such_incident(patient: Desk, ana: Operator) -> None:
    with pytest.raises(Refused) as error:
        await patient.take(ana, 99)
    assert (error.value.reason, error.value.who) == (Reason.NO_SUCH_INCIDENT, None)


# Notes ---------------------------------------------------------------------------------------------------------------


async def test_the_words_of_a_note_lie_apart_from_the_chain(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.note(lease, "  Señora Núñez answers\n")

    (content,) = await owner.fetch("select * from incident_content")
    assert (content["incident"], content["text"]) == (incident, "Señora Núñez answers")
    assert len(content["salt"]) >= 16
    (event,) = await owner.fetch("select * from incident_event where kind = 'noted'")
    assert event["actor"] == f"operator:{ana.id}"
    assert "Núñez" not in event["body"]
    digest = hashlib.sha256(content["salt"] + "Señora Núñez answers".encode()).hexdigest()
    assert digest in event["body"]
    assert str(content["id"]) in event["body"]


async def test_equal_notes_cannot_be_recognised_in_the_chain(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.note(lease, "no")
    await patient.note(lease, "no")
    one, other = await owner.fetch("select body from incident_event where kind = 'noted'")
    assert one["body"].partition('"id"')[0] != other["body"].partition('"id"')[0]


async def test_erased_words_leave_the_chain_whole(owner: Database, patient: Desk, ana: Operator, incident: int) -> None:
    lease = await patient.take(ana, incident)
    await patient.note(lease, "Señora Núñez answers")
    await patient.close(lease, Disposition.USER_ERROR, "she gave the password", 1)
    await owner.execute("update incident_content set text = null")
    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)


async def test_an_empty_note_is_refused(owner: Database, patient: Desk, ana: Operator, incident: int) -> None:
    lease = await patient.take(ana, incident)
    with pytest.raises(Refused) as error:
        await patient.note(lease, " \n ")
    assert (error.value.reason, error.value.who) == (Reason.EMPTY_NOTE, None)
    assert await owner.fetch("select id from incident_content") == []


@pytest.mark.parametrize("text", ["keyholder\0 comes", "keyholder\ud800 comes"], ids=["NUL", "half a character"])
async def test_what_the_store_cannot_hold_is_left_out_or_refused_in_plain_words(
    owner: Database, patient: Desk, ana: Operator, incident: int, text: str
) -> None:
    lease = await patient.take(ana, incident)
    try:
        await patient.note(lease, text)
    except Refused:
        return
    (content,) = await owner.fetch("select text from incident_content")
    assert content["text"].startswith("keyholder")
    assert content["text"].endswith(" comes")


async def test_a_note_that_is_refused_leaves_no_words_behind(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.hand_over(lease, None)
    with pytest.raises(Refused):
        await patient.note(lease, "Señora Núñez answers")
    assert await owner.fetch("select id from incident_content") == []


# Handing over --------------------------------------------------------------------------------------------------------


async def test_a_named_colleague_holds_it_from_now_on(
    owner: Database, patient: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.hand_over(lease, "rui")
    (row,) = await owner.fetch("select operator, state, lease_until > clock_timestamp() as alive from incident")
    assert (row["operator"], row["state"], row["alive"]) == (rui.id, "taken", True)
    with pytest.raises(Refused) as error:
        await patient.note(lease, "one more thing")
    assert (error.value.reason, error.value.who) == (Reason.LEASE_LOST, "Rui")
    his = await patient.take(rui, incident)
    await patient.note(his, "I have it")
    assert await history(owner, incident) == ["opened", "taken", "handed_over", "noted"]


async def test_back_to_the_queue_it_keeps_its_age(owner: Database, patient: Desk, ana: Operator, incident: int) -> None:
    (before,) = await owner.fetch("select opened_at from incident")
    await patient.hand_over(await patient.take(ana, incident), None)
    (row,) = await owner.fetch("select state, operator, lease_until, opened_at from incident")
    assert tuple(row.values()) == ("waiting", None, None, before["opened_at"])


@pytest.mark.parametrize("name", ["Nobody", "Eva"])
async def test_nobody_of_that_name_may_work_here(
    owner: Database, patient: Desk, ana: Operator, incident: int, name: str
) -> None:
    await add_operator(owner, "Eva", active=False)
    lease = await patient.take(ana, incident)
    with pytest.raises(Refused) as error:
        await patient.hand_over(lease, name)
    assert (error.value.reason, error.value.who) == (Reason.NO_SUCH_OPERATOR, name)
    await patient.note(lease, "still mine")


# Holding -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [
        (dt.timedelta(seconds=-1), Reason.HOLD_IN_THE_PAST),
        (dt.timedelta(hours=24, minutes=1), Reason.HOLD_TOO_LONG),
    ],
)
async def test_a_hold_has_bounds(
    owner: Database, patient: Desk, ana: Operator, incident: int, ahead: dt.timedelta, reason: Reason
) -> None:
    lease = await patient.take(ana, incident)
    with pytest.raises(Refused) as error:
        await patient.hold_until(lease, now() + ahead, "the keyholder comes")
    assert (error.value.reason, error.value.who) == (reason, None)
    assert await state(owner, incident) == "taken"


async def test_what_is_on_hold_is_not_in_the_queue_until_its_time_comes(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.hold_until(lease, now() + dt.timedelta(hours=2), "the keyholder comes")
    assert await patient.take_next(rui) is None
    assert await return_due(dispatching) == 0
    await owner.execute("update incident set hold_until = clock_timestamp() - interval '1 ms'")
    assert await return_due(dispatching) == 1
    assert await history(owner, incident) == ["opened", "taken", "held", "hold_ended"]
    with pytest.raises(Refused):
        await patient.note(lease, "is it still mine?")
    next_one = await patient.take_next(rui)
    assert next_one is not None
    assert next_one.incident == incident


async def test_a_new_alarm_ends_a_hold_and_a_restore_does_not(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    await patient.hold_until(await patient.take(ana, incident), now() + dt.timedelta(hours=2), "")
    await joins(owner, dispatching, incident, Qualifier.RESTORE)
    assert await state(owner, incident) == "on_hold"
    await joins(owner, dispatching, incident)
    assert await state(owner, incident) == "waiting"
    assert await history(owner, incident) == ["opened", "taken", "held", "joined", "joined", "hold_ended"]
    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)


async def test_one_may_take_it_back_before_its_time(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    await patient.hold_until(await patient.take(ana, incident), now() + dt.timedelta(hours=2), "")
    lease = await patient.take(ana, incident)
    await patient.note(lease, "the keyholder is early")
    assert await state(owner, incident) == "taken"


# Closing -------------------------------------------------------------------------------------------------------------


async def test_closed_with_a_disposition_and_a_note(
    owner: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await patient.close(lease, Disposition.USER_ERROR, "she gave the password", 4)
    (row,) = await owner.fetch("select state, disposition, operator, lease_until, closed_at is null from incident")
    assert tuple(row.values()) == ("closed", "user_error", None, None, False)
    (content,) = await owner.fetch("select text from incident_content")
    assert content["text"] == "she gave the password"


async def test_nobody_closes_over_a_signal_that_he_has_not_seen(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await joins(owner, dispatching, incident)
    with pytest.raises(Refused) as error:
        await patient.close(lease, Disposition.USER_ERROR, "she gave the password", 4)
    assert (error.value.reason, error.value.who) == (Reason.UNSEEN_SIGNALS, None)
    assert await owner.fetch("select id from incident_content") == []
    await patient.close(lease, Disposition.USER_ERROR, "read, and false", 5)
    assert await state(owner, incident) == "closed"


async def test_a_closed_incident_takes_no_verb(patient: Desk, ana: Operator, incident: int) -> None:
    lease = await patient.take(ana, incident)
    await patient.close(lease, Disposition.REAL, "it was real", 1)
    until = now() + dt.timedelta(hours=1)
    with pytest.raises(IllegalTransition, match="closed"):
        await patient.take(ana, incident)
    with pytest.raises(IllegalTransition, match="closed"):
        await patient.note(lease, "one more thing")
    with pytest.raises(IllegalTransition, match="closed"):
        await patient.hand_over(lease, None)
    with pytest.raises(IllegalTransition, match="closed"):
        await patient.hold_until(lease, until, "")
    with pytest.raises(IllegalTransition, match="closed"):
        await patient.close(lease, Disposition.TEST, "", 9)
    assert not await patient.renew(lease)


async def test_every_verb_wakes_the_other_consoles(
    owner: Database, patient: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    async with notices.open_ear(owner, notices.INCIDENT) as ear:
        await ear.wait(5)  # it has begun to listen

        async def heard() -> bool:
            began = trio.current_time()
            await ear.wait(3)
            return trio.current_time() - began < 2

        lease = await patient.take(ana, incident)
        assert await heard()
        await patient.note(lease, "nobody answers")
        assert await heard()
        await patient.hold_until(lease, now() + dt.timedelta(hours=1), "")
        assert await heard()
        lease = await patient.take(ana, incident)
        assert await heard()
        await patient.hand_over(lease, "Rui")
        assert await heard()
        await patient.close(await patient.take(rui, incident), Disposition.REAL, "", 1)
        assert await heard()


async def test_signals_that_join_meanwhile_stop_no_verb(
    owner: Database, dispatching: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    """An operator writes while a panel keeps sending: both get through."""
    lease = await patient.take(ana, incident)

    async def keep_sending(writer: Writer) -> None:
        (row,) = await owner.fetch("select account, account_id from incident")
        for _ in range(15):
            await writer.write(a_signal(account=row["account"], account_id=row["account_id"]))
            await work_off_all(dispatching)

    async with open_writer(owner) as writer, trio.open_nursery() as nursery:
        nursery.start_soon(keep_sending, writer)
        for n in range(10):
            await patient.note(lease, f"note {n}")

    events = await history(owner, incident)
    assert (events.count("joined"), events.count("noted")) == (15, 10)
    await assert_chains_hold(owner)
    await assert_rows_are_what_events_add_up_to(owner)
