"""Messages leave once: whoever dies between claim and record, however many dispatchers there are."""

from __future__ import annotations

import pytest
import trio

from dispatcher.follow import work_off
from dispatcher.process import run_dispatcher
from station.plan_events import EffectMoved, EffectState
from station.store.database import Conflict, MovedOn, open_database
from tests.stories.promises.carrier import Mood, SenderDied
from tests.stories.promises.town import Town, a_rehearsal

_PATIENCE_S = 30.0
_CLOSED = "select from incident where state = 'closed' and kind = 'power'"


async def _sender_dies(town: Town) -> None:
    """The power is back, the message is on its way, and the sender dies."""
    await town.report("AT")
    with pytest.RaisesGroup(SenderDied, flatten_subgroups=True):
        await town.report("AR")
    (row,) = await town.owner.fetch("select state from effect")
    assert row["state"] == "sending"
    # Its claim runs out.
    await town.owner.execute("update effect set claimed_until = clock_timestamp() - interval '1 second'")


async def test_the_sender_dies_after_the_provider_heard_it(town: Town) -> None:
    town.carrier.dies_after = True
    await _sender_dies(town)
    await town.settle()
    assert (town.texts, await town.state()) == (["Marta: power_failed_and_back"], "closed")


async def test_the_sender_dies_before_the_provider_heard_it(town: Town) -> None:
    town.carrier.dies_before = True
    await _sender_dies(town)
    await town.settle()
    assert (town.texts, await town.state()) == (["Marta: power_failed_and_back"], "closed")


async def test_what_nobody_can_know_is_unknown_and_goes_to_an_operator(town: Town) -> None:
    town.carrier.dies_after, town.carrier.remembers = True, False
    await _sender_dies(town)
    await town.settle()
    moves = [event.what for event in await town.events() if isinstance(event.what, EffectMoved)]
    assert [move.state for move in moves] == [EffectState.UNKNOWN]
    assert (len(town.texts), await town.state(), await town.step()) == (1, "waiting", "power: call")


async def test_a_provider_in_doubt_is_not_asked_to_send_again(town: Town) -> None:
    town.carrier.mood = Mood.DOUBTS
    await town.report("AT")
    await town.report("AR")
    town.carrier.mood = Mood.DELIVERS
    await town.pass_time(3600)
    assert (town.texts, await town.state(), await town.step()) == ([], "waiting", "power: call")


async def test_a_provider_that_is_away_for_a_moment(town: Town) -> None:
    town.carrier.mood = Mood.AWAY
    await town.report("AT")
    await town.report("AR")
    assert (town.texts, await town.state()) == ([], "automatic")
    town.carrier.mood = Mood.DELIVERS
    await town.pass_time(30)
    assert (town.texts, await town.state()) == (["Marta: power_failed_and_back"], "closed")


async def test_a_provider_that_stays_away_is_an_operators_work(town: Town) -> None:
    town.carrier.mood = Mood.AWAY
    await town.report("AT")
    await town.report("AR")
    await town.pass_time(300)
    assert (await town.state(), await town.step()) == ("waiting", "power: call")


async def test_two_dispatchers_at_once_send_each_message_once(town: Town, town_url: str) -> None:
    sites = [await town.site(f"80{n:02}", city="") for n in range(12)]
    for site in sites:
        await town.report("AT", site=site)
    town.carrier.mood = Mood.AWAY
    for site in sites:
        await town.report("AR", site=site)
    town.carrier.mood = Mood.DELIVERS
    async with (
        open_database(town_url, "sereno_dispatcher") as other,
        open_database(town_url, "sereno_command") as clock,
    ):
        second = await a_rehearsal(other, clock, town.carrier)
        await town.owner.execute("update effect set next_at = null")

        async def work(rehearsal_settles: object) -> None:
            for _ in range(20):
                try:
                    await rehearsal_settles()  # type: ignore[operator]
                except (MovedOn, Conflict):
                    continue  # the other was faster: looked at again

        async with trio.open_nursery() as nursery:
            nursery.start_soon(work, town.rehearsal.settle)
            nursery.start_soon(work, second.settle)
    await town.settle()
    assert town.texts == ["Marta: power_failed_and_back"] * 12
    assert {await town.state(place) for place in range(12)} == {"closed"}


async def test_two_dispatcher_processes_send_each_message_once(town: Town, town_url: str) -> None:
    sites = [await town.site(f"80{n:02}", city="") for n in range(6)]
    async with trio.open_nursery() as nursery:
        for _ in range(2):
            await nursery.start(_dispatch, town_url, town)
        for code in ("AT", "AR"):
            for site in sites:
                await town.report_only(code, site=site)
        with trio.fail_after(_PATIENCE_S):
            while len(await town.owner.fetch(_CLOSED)) < 6:  # noqa: ASYNC110 - the database is asked
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()
    assert town.texts == ["Marta: power_failed_and_back"] * 6


async def _dispatch(url: str, town: Town, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    await run_dispatcher(url, provider=town.carrier, task_status=task_status)


async def test_a_signal_is_acted_upon_once_whoever_reads_it(town: Town, town_url: str) -> None:
    await town.report_only("BA", zone="001")
    async with open_database(town_url, "sereno_dispatcher") as other, trio.open_nursery() as nursery:
        nursery.start_soon(work_off, other)
        nursery.start_soon(work_off, town.dispatching)
    rows = await town.owner.fetch("select kind from incident_event where signal is not null")
    assert [row["kind"] for row in rows] == ["opened"]
