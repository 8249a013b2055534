"""How long an alarm takes from its ACK to the alarm queue of a console that is open.

In: a running station, and accounts of which each sends one alarm. Out: seconds, one for each alarm. The console is
watched as a browser does: signed on, over its stream of server-sent events.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
import trio
from fastcrc import crc16

from benchmarks.station import OPERATOR, PASSWORD, Station

_SEEN_WITHIN_S: Final = 10.0
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_ACCOUNT: Final = re.compile(r'class=\\"account\\">([0-9A-F]+)<')


class ScreenFailed(Exception):
    """Nobody could sign on, an alarm was not acknowledged, or it did not come up."""


async def seconds_to_the_screen(station: Station, accounts: Sequence[str], *, every_s: float) -> list[float]:
    """For each alarm the seconds from its ACK until the alarm queue on the stream shows it, ascending.

    Raises:
        ScreenFailed: see there.
    """
    why = ""
    try:
        return await _measured(station, accounts, every_s)
    except* ScreenFailed as failed:
        why = str(failed.exceptions[0])
    except* trio.TooSlowError:
        why = f"the station was silent for {_SEEN_WITHIN_S:.0f} s"
    except* (httpx.HTTPError, trio.BrokenResourceError, OSError) as failed:
        why = f"a connection to the station failed: {failed.exceptions[0]!r}"
    raise ScreenFailed(why)


async def _measured(station: Station, accounts: Sequence[str], every_s: float) -> list[float]:
    acknowledged_at: dict[str, float] = {}
    seen_at: dict[str, float] = {}
    open_now = trio.Event()
    async with httpx.AsyncClient(base_url=station.console, timeout=_SEEN_WITHIN_S) as browser:
        await _sign_on(browser)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_watch, browser, seen_at, open_now)
            with trio.fail_after(_SEEN_WITHIN_S):
                await open_now.wait()
            for number in accounts:
                acknowledged_at[number] = await _alarm(station, number)
                await trio.sleep(every_s)
            await _until_all_seen(accounts, seen_at)
            nursery.cancel_scope.cancel()
    return sorted(max(0.0, seen_at[number] - acknowledged_at[number]) for number in accounts)


async def _sign_on(browser: httpx.AsyncClient) -> None:
    form = _CSRF.search((await browser.get("/sign-on")).text)
    if form is None:
        raise ScreenFailed("the sign-on page has no form")
    fields: Mapping[str, str] = {"csrf": form[1], "next": "/", "name": OPERATOR, "password": PASSWORD}
    answer = await browser.post("/sign-on", data=fields)
    if answer.status_code != 303:
        raise ScreenFailed(f"sign-on answered {answer.status_code}")


async def _watch(browser: httpx.AsyncClient, seen_at: dict[str, float], open_now: trio.Event) -> None:
    async with browser.stream("GET", "/stream", timeout=_SEEN_WITHIN_S) as stream:
        async for line in stream.aiter_lines():
            if line.startswith('data: {"name": "queue"'):
                open_now.set()
                now = time.perf_counter()
                for number in _ACCOUNT.findall(line):
                    seen_at.setdefault(number, now)


async def _alarm(station: Station, number: str) -> float:
    """Send a fire alarm; when its ACK was here."""
    expected = _framed(f'"ACK"0001L0#{number}[]')
    stream = await trio.open_tcp_stream(station.host, station.port)
    async with stream:
        await stream.send_all(_framed(f'"SIA-DCS"0001L0#{number}[#{number}|Nri1/FA001^Smoke^]'))
        received = b""
        with trio.fail_after(_SEEN_WITHIN_S):
            while len(received) < len(expected) and (got := await stream.receive_some()):
                received += got
        if received != expected:
            raise ScreenFailed(f"{received!r} instead of {expected!r}")
        return time.perf_counter()


def _framed(body: str) -> bytes:
    text = body.encode("ascii")
    return b"\n%04X0%03X%s\r" % (crc16.arc(text), len(text), text)


async def _until_all_seen(accounts: Sequence[str], seen_at: Mapping[str, float]) -> None:
    give_up_at = trio.current_time() + _SEEN_WITHIN_S
    while missing := [number for number in accounts if number not in seen_at]:
        if trio.current_time() > give_up_at:
            raise ScreenFailed(f"{len(missing)} of {len(accounts)} alarms never came up, {missing[0]} among them")
        await trio.sleep(0.1)
