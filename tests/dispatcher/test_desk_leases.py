"""The lease: who holds an incident may write to it, and nobody else, on a real database."""

from __future__ import annotations

import uuid

import attrs
import pytest
import trio

from dispatcher.desk import Desk, Lease
from dispatcher.timers import return_due
from station.errors import Reason, Refused
from station.incident_events import Disposition, IncidentEvent, Noted
from station.incidents import follow
from station.operators import Operator
from station.response_events import Content
from station.store import incidents
from station.store.database import Database, LeaseGone
from tests.dispatcher.writers import history, state


async def test_a_renewed_lease_is_kept(
    owner: Database, console: Database, dispatching: Database, ana: Operator, incident: int
) -> None:
    desk = Desk(console, lease_s=2.0)
    lease = await desk.take(ana, incident)
    for _ in range(4):
        await trio.sleep(0.7)
        assert await desk.renew(lease)
        assert await return_due(dispatching) == 0
    assert await history(owner, incident) == ["opened", "taken"]


async def test_a_silent_console_loses_its_incident_to_the_queue(
    owner: Database, dispatching: Database, desk: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    lease = await desk.take(ana, incident)
    await trio.sleep(0.6)
    assert await return_due(dispatching) == 1
    assert await state(owner, incident) == "waiting"
    assert await history(owner, incident) == ["opened", "taken", "lease_expired"]
    assert not await desk.renew(lease)
    with pytest.raises(Refused) as error:
        await desk.note(lease, "I was asleep")
    assert (error.value.reason, error.value.who) == (Reason.LEASE_LOST, None)
    assert (await desk.take(rui, incident)).fence == lease.fence + 1
    with pytest.raises(Refused) as error:
        await desk.close(lease, Disposition.REAL, "", 99)
    assert (error.value.reason, error.value.who) == (Reason.LEASE_LOST, "Rui")


async def test_an_expired_lease_stands_in_nobodys_way_while_no_dispatcher_runs(
    owner: Database, desk: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    lease = await desk.take(ana, incident)
    await trio.sleep(0.6)
    with pytest.raises(Refused) as error:
        await desk.note(lease, "too late")
    # Nobody stands in her way, least of all she herself.
    assert (error.value.reason, error.value.who) == (Reason.LEASE_LOST, None)
    await desk.take(rui, incident)
    assert await history(owner, incident) == ["opened", "taken", "lease_expired", "taken"]


async def append_a_note(session: Database, incident: int, fence: int | None) -> None:
    """Straight into the store, past the desk."""
    row = await incidents.incident_row(session, incident)
    assert row is not None
    event = IncidentEvent(row.incident.last_n + 1, row.now, "operator:1", Noted(Content(uuid.uuid4(), "")))
    await incidents.append(session, incident, event, follow(row.incident, event), fence=fence)


async def test_the_database_itself_refuses_an_old_fence(
    console: Database, patient: Desk, ana: Operator, rui: Operator, incident: int
) -> None:
    old = await patient.take(ana, incident)
    await patient.hand_over(old, "Rui")
    with pytest.raises(LeaseGone):
        await append_a_note(console, incident, old.fence)
    await append_a_note(console, incident, old.fence + 1)


async def test_the_database_itself_refuses_a_fence_that_ran_out(
    owner: Database, console: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    lease = await patient.take(ana, incident)
    await owner.execute("update incident set lease_until = clock_timestamp() - interval '1 ms'")
    with pytest.raises(LeaseGone):
        await append_a_note(console, incident, lease.fence)


async def test_a_console_that_names_no_fence_writes_nothing_into_a_held_incident(
    console: Database, patient: Desk, ana: Operator, incident: int
) -> None:
    await patient.take(ana, incident)
    with pytest.raises(LeaseGone):
        await append_a_note(console, incident, None)


async def test_nobody_uses_a_colleagues_lease(patient: Desk, ana: Operator, rui: Operator, incident: int) -> None:
    lease = await patient.take(ana, incident)
    stolen = attrs.evolve(lease, operator=rui.id)
    with pytest.raises(Refused) as error:
        await patient.note(stolen, "mine")
    assert (error.value.reason, error.value.who) == (Reason.LEASE_LOST, "Ana")
    assert not await patient.renew(stolen)


async def test_a_lease_says_who_and_which(ana: Operator, patient: Desk, incident: int) -> None:
    assert await patient.take(ana, incident) == Lease(incident, ana.id, 1)
