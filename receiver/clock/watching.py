"""The watch over our own clock: it looks each second, asks time sources and the database, and reports.

In: the system's clocks, answers by UDP, the database on a session of its own. Out: whether panels may be told the time,
metrics, a signal of our own when that ends and when it is so again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import secrets
import socket
import time
from typing import Final

import structlog
import trio

from receiver import metrics
from receiver.automation.settings import Endpoint
from receiver.clock import sntp
from receiver.clock.rules import OwnClock, Standing
from receiver.clock.settings import ClockSettings, endpoints
from receiver.journal import Journal
from station.errors import StoreUnavailable
from station.own_signals import own_signal
from station.signals import Kind, Qualifier
from station.store.clock import database_clock
from station.store.database import Connection, Database

log = structlog.get_logger()

#: How this matter is called when it is reported.
CLOCK: Final = "clock"
_LOOK_S: Final = 1.0
_ANSWER_LIMIT_S: Final = 5.0
#: RFC 4330, 10: no server may be asked more often.
_ASK_AGAIN_S: Final = 15.0
#: While in doubt, sources are asked so often.
_DOUBT_S: Final = 60.0
#: Who finds us too eager is left alone for so long.
_KISS_S: Final = 1800.0
_DATABASE_S: Final = 60.0
_DATABASE_LIMIT_S: Final = 10.0
#: Two clocks are read one after the other; what lies between must not look like a jump.
_AT_ONCE_S: Final = 0.05


class ClockWatch:
    """What the rest of the receiver may ask, and what keeps it up to date."""

    def __init__(self, settings: ClockSettings) -> None:
        self._settings = settings
        self._host = socket.gethostname()
        self._clock = OwnClock(settings, self._host, *_read_clocks())
        self._servers = [_Server(endpoint) for endpoint in endpoints(settings)]
        self._standing: Standing | None = None
        self._jumped = trio.Event()
        #: Panels may be told the time.
        self.right = not self._servers

    async def run(self, database: Database, journal: Journal) -> None:
        """Watch, for ever; through every loss of the database."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._compare_with_database, database)
            if self._servers:
                nursery.start_soon(self._ask_forever, journal)
            while True:
                self._look(journal)
                await trio.sleep(_LOOK_S)

    def _look(self, journal: Journal) -> None:
        finding = self._clock.look(*_read_clocks())
        self.right = finding.right
        metrics.CLOCK_RIGHT.set(finding.right)
        metrics.CLOCK_OFFSET.set(math.nan if finding.ahead_s is None else finding.ahead_s)
        if finding.jumped or finding.standing is not self._standing:
            self._standing = finding.standing
            if finding.jumped:
                self._jumped.set()
            write = log.info if finding.right else log.warning
            write("own_clock", standing=finding.standing.value, jumped=finding.jumped, ahead_s=finding.ahead_s)
        if finding.report is not None:
            self._report(finding.text, finding.report, journal)

    def _report(self, text: str, qualifier: Qualifier, journal: Journal) -> None:
        now = dt.datetime.now(dt.UTC)
        told = own_signal(
            now,
            Kind.STATION,
            qualifier,
            account=CLOCK,
            account_id=None,
            text=text,
            occasion=now.isoformat(),
            point=self._host,  # each host has a clock of its own to be put right
        )
        journal.report(told)

    # Time sources ----------------------------------------------------------------------------------------------------

    async def _ask_forever(self, journal: Journal) -> None:
        every_s = self._settings.time_sources_every_s
        while True:
            asked_at_s = trio.current_time()
            self._jumped = trio.Event()
            measured = await self._ask_all()
            self._look(journal)
            if not self._jumped.is_set():  # or what they measured is the clock as it was
                self._clock.sources_said(measured, _read_clocks()[0])
                self._look(journal)
            await trio.sleep(min(every_s, _ASK_AGAIN_S))
            with trio.move_on_at(asked_at_s + (every_s if self.right else min(every_s, _DOUBT_S))):
                await self._jumped.wait()

    async def _ask_all(self) -> list[sntp.Measured]:
        measured: list[sntp.Measured] = []

        async def ask(server: _Server) -> None:
            found = await server.ask()
            if found is not None:
                measured.append(found)

        async with trio.open_nursery() as nursery:
            for server in self._servers:
                nursery.start_soon(ask, server)
        return measured

    # The database ----------------------------------------------------------------------------------------------------

    async def _compare_with_database(self, database: Database) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable), trio.move_on_after(_DATABASE_LIMIT_S):
                async with database.dedicated() as connection:
                    await self._ask_database(connection)
            await trio.sleep(_DATABASE_S)

    async def _ask_database(self, connection: Connection) -> None:
        if not (await database_clock(connection)).elsewhere:
            return  # our own clock, which proves nothing
        asked_s, asked_at = _read_clocks()
        theirs = await database_clock(connection)
        round_trip_s = _read_clocks()[0] - asked_s
        ahead_s = asked_at.timestamp() + round_trip_s / 2 - theirs.at_s
        self._clock.database_said(sntp.Measured(ahead_s, round_trip_s))


class _Server:
    """One time source."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._leave_alone_until_s = -math.inf
        self._refused = ""

    async def ask(self) -> sntp.Measured | None:
        """Our clock against its; None if it has nothing to say."""
        if trio.current_time() < self._leave_alone_until_s:
            return None
        try:
            with trio.fail_after(_ANSWER_LIMIT_S):
                found = await self._exchange()
        except trio.TooSlowError:
            self._note("no answer")
            return None
        except (OSError, UnicodeError) as error:  # a host name that can't be one is no OSError
            self._note(str(error))
            return None
        match found:
            case sntp.Measured():
                self._refused = ""
                return found
            case sntp.Useless(why):
                self._note(why)
            case sntp.Kiss(code):
                self._leave_alone_until_s = math.inf if found.final else trio.current_time() + _KISS_S
                self._note(f"it asks not to be asked: {code}")
        return None

    async def _exchange(self) -> sntp.Answer:
        (family, _, _, _, address), *_ = await trio.socket.getaddrinfo(
            self._endpoint.host, self._endpoint.port, type=socket.SOCK_DGRAM
        )
        with trio.socket.socket(family, socket.SOCK_DGRAM) as udp:
            await udp.connect(address)  # so that only this server is heard
            nonce = secrets.randbelow(sntp.NONCE_LIMIT)
            asked_s, asked_at = _read_clocks()
            await udp.send(sntp.question(nonce))
            while True:
                datagram = await udp.recv(2 * sntp.PACKET_BYTES)
                round_trip_s = _read_clocks()[0] - asked_s
                found = sntp.answer(datagram, nonce, asked_at.timestamp(), round_trip_s)
                if found is not None:
                    return found

    def _note(self, why: str) -> None:
        if why != self._refused:
            self._refused = why
            log.warning("time_source_useless", server=str(self._endpoint), why=why)


def _read_clocks() -> tuple[float, dt.datetime]:
    """Monotonic seconds and our clock, both of the same moment."""
    while True:
        # Not `monotonic`: it stands still while the host sleeps, and then our clock would seem to have jumped.
        before_s = time.clock_gettime(time.CLOCK_BOOTTIME)
        now = dt.datetime.now(dt.UTC)
        after_s = time.clock_gettime(time.CLOCK_BOOTTIME)
        if after_s - before_s < _AT_ONCE_S:
            return before_s, now
