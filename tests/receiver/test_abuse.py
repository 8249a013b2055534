"""Each limit on real sockets: what it does to who goes too far, and that an honest panel beside feels nothing."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable

import pytest
import trio
from prometheus_client import REGISTRY

from receiver.limits import Limits
from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import Station, add_account, running_station
from tests.receiver.peers import DatagramPanel, Panel, calling, written

Started = Callable[[Limits], contextlib.AbstractAsyncContextManager[Station]]

HONEST, KEYED = b"1001", b"1002"
#: What an attacker may know.
NAMED = b"1003"
STRANGE = b"EEEE"
#: An honest panel is answered within this, however slow the machine; an attack lasts longer.
PROMPTLY_S = 3.0


def alarm(number: int, account: bytes = HONEST) -> bytes:
    return written(b'"SIA-DCS"%04dL0#%b[#%b|Nri1/BA%d]' % (number % 10_000, account, account, number))


def ack(number: int, account: bytes = HONEST) -> bytes:
    return b'"ACK"%04dL0#%b[]' % (number % 10_000, account)


def limited(limit: str) -> float:
    return REGISTRY.get_sample_value("sereno_receiver_limited_total", {"limit": limit}) or 0.0


@pytest.fixture
def started(database_url: str, owner: Database, station_key: StationKey) -> Started:
    """Starts a receiver with limits of its own that knows the three accounts."""

    @contextlib.asynccontextmanager
    async def start(limits: Limits) -> AsyncIterator[Station]:
        await add_account(owner, station_key, HONEST.decode())
        await add_account(owner, station_key, KEYED.decode(), key=bytes(16))
        await add_account(owner, station_key, NAMED.decode())
        async with running_station(database_url, owner, station_key, limits=limits) as station:
            yield station

    return start


@contextlib.asynccontextmanager
async def honest_panel(station: Station) -> AsyncIterator[Panel]:
    """A known panel; when the block ends it must still be answered on its own connection, and promptly."""
    async with calling(station.port) as panel:
        assert await panel.ask(alarm(1)) == ack(1)
        yield panel
        await panel.send(alarm(2))
        assert await panel.reply(PROMPTLY_S) == ack(2)


async def hung_up(panel: Panel, within_s: float = 30.0) -> bool:
    with trio.move_on_after(within_s):
        try:
            while await panel.stream.receive_some():
                pass
        except trio.BrokenResourceError:
            pass
        return True
    return False


async def sent_for_ever(panel: Panel, data: bytes) -> None:
    while True:
        try:
            await panel.stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return


# Unfinished frames ---------------------------------------------------------------------------------------------------


async def test_an_unfinished_frame_that_grows_too_long_is_passed_over(started: Started) -> None:
    async with started(Limits(unfinished_bytes=200)) as station, honest_panel(station):
        before = limited("unfinished_bytes")
        async with calling(station.port) as panel:
            await panel.send(alarm(3)[:5] + b'0FFF"' + b"x" * 300)
            await trio.sleep(0.1)
            await panel.send(alarm(4))
            assert await panel.reply() == ack(4)
        assert limited("unfinished_bytes") > before


async def test_ten_frames_that_never_end_keep_nobody_waiting(started: Started) -> None:
    async with started(Limits(unfinished_s=0.5)) as station, honest_panel(station):
        before = limited("unfinished")
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(10):
                slow = await stack.enter_async_context(calling(station.port))
                await slow.send(alarm(3)[:30])
            await trio.sleep(3)
            assert limited("unfinished") >= before + 10


# Newcomers -----------------------------------------------------------------------------------------------------------


async def test_of_an_address_only_so_many_silent_connections_stay_open(started: Started) -> None:
    async with started(Limits(newcomer_connections=5, newcomer_grace_s=0.2)) as station, honest_panel(station):
        before = limited("newcomer_connections")
        async with contextlib.AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(calling(station.port)) for _ in range(12)]
            closed = [await hung_up(panel, 3.0 if n < 7 else 0.2) for n, panel in enumerate(silent)]
        assert closed == [True] * 7 + [False] * 5
        assert limited("newcomer_connections") == before + 7


async def test_a_carriers_panels_may_all_call_at_once(started: Started) -> None:
    limits = Limits(newcomer_connections=5, newcomer_grace_s=60.0)
    async with started(limits) as station, contextlib.AsyncExitStack() as stack:
        panels = [await stack.enter_async_context(calling(station.port)) for _ in range(60)]
        await trio.sleep(1.5)
        for number, panel in enumerate(panels):
            assert await panel.ask(alarm(number)) == ack(number)


async def test_a_newcomer_that_says_nothing_sound_is_hung_up_on(started: Started) -> None:
    async def drip(panel: Panel) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            while True:
                await panel.send(b"x")
                await trio.sleep(0.1)

    async with started(Limits(newcomer_idle_s=0.5)) as station, honest_panel(station):
        async with calling(station.port) as silent:
            await silent.send(b"hello")
            assert await hung_up(silent)
        async with calling(station.port) as dripping, trio.open_nursery() as nursery:
            nursery.start_soon(drip, dripping)
            assert await hung_up(dripping)
            nursery.cancel_scope.cancel()


async def test_a_known_panel_that_is_silent_for_too_long_is_hung_up_on(started: Started) -> None:
    before = limited("idle")
    async with started(Limits(idle_s=0.5, newcomer_idle_s=0.4)) as station, calling(station.port) as panel:
        assert await panel.ask(alarm(1)) == ack(1)
        assert await hung_up(panel)
    assert limited("idle") == before + 1


async def test_noise_is_read_slowly_and_then_no_more(started: Started) -> None:
    async with started(Limits(noise_bytes_per_s=20_000, newcomer_noise_bytes=30_000)) as station:
        before = limited("newcomer_noise")
        async with honest_panel(station), calling(station.port) as noisy, trio.open_nursery() as nursery:
            nursery.start_soon(sent_for_ever, noisy, b"nonsense" * 500)
            assert await hung_up(noisy)
            nursery.cancel_scope.cancel()
        assert limited("newcomer_noise") == before + 1


async def test_a_known_panels_noise_waits_and_the_panel_stays(started: Started) -> None:
    async with started(Limits(noise_bytes_per_s=2_000)) as station, honest_panel(station) as panel:
        before = limited("noise")
        await panel.send(b"nonsense" * 500 + alarm(3))
        assert await panel.reply() == ack(3)
        assert limited("noise") > before


# Frames that prove nothing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", [STRANGE, KEYED], ids=["an unknown account", "an account with a key"])
async def test_a_flood_that_proves_nothing_waits_and_uses_up_no_share(started: Started, account: bytes) -> None:
    # The account's own share is so small that a few frames counted against it would be noticed.
    async with started(Limits(newcomer_frames_per_s=50, account_frames_per_s=20)) as station:
        before = (limited("newcomer_frames"), limited("account_frames"))
        async with honest_panel(station), calling(station.port) as flooding:
            begun_s = trio.current_time()
            await flooding.send(b"".join(alarm(number, account) for number in range(200)))
            replies = await flooding.replies(200, 60)
            took_s = trio.current_time() - begun_s
        assert len(set(replies)) == 200, "what waits is not dropped"
        assert took_s > 1, "two hundred at fifty a second"
        assert limited("newcomer_frames") > before[0]
        assert limited("account_frames") == before[1]


async def test_a_known_connection_may_not_flood_with_what_proves_nothing(started: Started) -> None:
    async with started(Limits(doubtful_frames_per_s=50)) as station, honest_panel(station):
        before = limited("doubtful_frames")
        async with calling(station.port) as flooding:
            assert await flooding.ask(alarm(1, NAMED)) == ack(1, NAMED)
            begun_s = trio.current_time()
            await flooding.send(b"".join(alarm(number, STRANGE) for number in range(200)))
            assert len(await flooding.replies(200, 60)) == 200
            assert trio.current_time() - begun_s > 1
        assert limited("doubtful_frames") > before


async def test_all_the_world_together_may_not_flood(started: Started) -> None:
    limits = Limits(all_doubtful_frames_per_s=50)
    async with started(limits) as station, honest_panel(station), contextlib.AsyncExitStack() as stack:
        flooding = [await stack.enter_async_context(calling(station.port)) for _ in range(5)]
        begun_s = trio.current_time()
        for panel in flooding:
            await panel.send(b"".join(alarm(number, STRANGE) for number in range(200)))
        for panel in flooding:
            await panel.replies(200, 60)
        assert trio.current_time() - begun_s > 1


# In the name of an account -------------------------------------------------------------------------------------------


async def test_an_account_that_floods_is_delayed_and_loses_nothing(started: Started) -> None:
    async with started(Limits(account_frames_per_s=50)) as station, honest_panel(station):
        before = limited("account_frames")
        async with calling(station.port) as flooding:
            begun_s = trio.current_time()
            await flooding.send(b"".join(alarm(number, NAMED) for number in range(200)))
            assert await flooding.replies(200, 60) == [ack(number, NAMED) for number in range(200)]
            assert trio.current_time() - begun_s > 1
        assert limited("account_frames") > before
    stored = [row for row in await station.signals() if row["account"] == NAMED.decode() and row["kind"] == "burglary"]
    assert len(stored) == 200


async def test_one_account_makes_only_so_many_connections_known(started: Started) -> None:
    limits = Limits(account_connections=3, newcomer_connections=1, newcomer_grace_s=0.1)
    async with started(limits) as station, honest_panel(station), contextlib.AsyncExitStack() as stack:
        panels = [await stack.enter_async_context(calling(station.port)) for _ in range(1)]
        assert await panels[0].ask(alarm(0, NAMED)) == ack(0, NAMED)
        for number in range(1, 6):
            panels.append(await stack.enter_async_context(calling(station.port)))
            assert await panels[-1].ask(alarm(number, NAMED)) == ack(number, NAMED)
        # The first three are newcomers again, of whom only one may stay.
        assert [await hung_up(panel, 5.0 if n < 2 else 0.5) for n, panel in enumerate(panels)] == [True] * 2 + [
            False
        ] * 4
        # And that one is known again as soon as it speaks.
        assert await panels[2].ask(alarm(7, NAMED)) == ack(7, NAMED)


# Datagrams -----------------------------------------------------------------------------------------------------------


async def answered(panel: DatagramPanel, frames: list[bytes], for_s: float) -> int:
    for frame in frames:
        await panel.send(frame)
    count = 0
    with trio.move_on_after(for_s):
        while True:
            await panel.receive()
            count += 1
    return count


async def test_datagrams_that_prove_nothing_are_answered_when_they_come_again(started: Started) -> None:
    async with started(Limits(newcomer_frames_per_s=5)) as station:
        before = limited("newcomer_datagrams")
        with DatagramPanel(station.port) as strange, DatagramPanel(station.port) as honest:
            # Of an account with a key as well: it is read before it is thought of as known.
            frames = [alarm(number, account) for number in range(20) for account in (STRANGE, KEYED)]
            first = await answered(strange, frames, 0.6)
            assert 5 <= first <= 10
            assert await honest.ask(alarm(1)) == written(ack(1))
            assert limited("newcomer_datagrams") > before
            await trio.sleep(1.2)
            assert await strange.ask(frames[-2]) == written(ack(19, STRANGE))


async def test_an_account_that_floods_by_datagrams_is_answered_when_they_come_again(started: Started) -> None:
    async with started(Limits(account_frames_per_s=20)) as station:
        before = limited("account_datagrams")
        with DatagramPanel(station.port) as flooding:
            waiting = {number: alarm(number, NAMED) for number in range(30)}
            with trio.fail_after(30):
                while waiting:
                    for frame in waiting.values():
                        await flooding.send(frame)
                    with trio.move_on_after(0.3):
                        while True:
                            reply = await flooding.receive()
                            waiting.pop(int(reply[14:18]), None)
        assert limited("account_datagrams") > before


# Connections that end badly ------------------------------------------------------------------------------------------


async def test_a_connection_that_is_reset_while_it_has_to_wait_costs_no_time(started: Started) -> None:
    async with started(Limits(all_doubtful_frames_per_s=1, newcomer_frames_per_s=1)) as station, honest_panel(station):
        for _ in range(20):
            async with calling(station.port) as flooding:
                await flooding.send(b"".join(alarm(number, STRANGE) for number in range(100)))
                await trio.sleep(0.05)
                flooding.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        spent_s = -time.process_time()
        await trio.sleep(1)
        spent_s += time.process_time()
        assert spent_s < 0.3, "the receiver spins"


async def test_the_network_of_a_silent_panel_is_asked_for_it(started: Started) -> None:
    # A panel that lost its power says no farewell: the kernel has to find out, and its timer shows that it will.
    async with started(Limits(keepalive_s=1800)) as station, calling(station.port) as panel:
        await panel.ask(alarm(1))
        await trio.sleep(0.5)
        connections = (await trio.Path("/proc/net/tcp").read_text(encoding="ascii")).splitlines()[1:]
        established = [row.split() for row in connections if row.split()[3] == "01"]
        (timer,) = [row[5] for row in established if row[1].endswith(f":{station.port:04X}")]
        kind, when = timer.split(":")
        assert kind == "02", "a keepalive timer"
        assert 1500 < int(when, 16) / 100 <= 1800
