"""A station's ordinary day for locust: panels of all kinds over DC-09, operators at their consoles over HTTP.

In: a running station, the CSV of its accounts, names and a password of operators. Out: locust's page. For example, with
the packages of `make bench-peers`:

    .venv/bin/sereno run --demo
    .venv/bin/locust -f benchmarks/locustfile.py --host http://127.0.0.1:8000 --accounts var/demo_accounts.csv

Always a process of its own, imported by nothing: locust replaces the sockets of the process that imports it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import pathlib
import random
import re
import socket
import time
from collections.abc import Iterator
from typing import Any, Final

from locust import HttpUser, User, between, events, task
from locust.exception import StopUser

from simulators.frames import Ack, cut_frame, frame, reply_to
from simulators.panel_settings import PanelSettings, Transport, read_csv
from simulators.reports import Format, Happening, Report, data_field

_ANSWER_WITHIN_S: Final = 20.0
_CSRF: Final = re.compile(r'name="csrf" (?:value|content)="([0-9a-f]+)"')
_INCIDENT: Final = re.compile(r'data-incident="(\d+)"[^>]* data-fence="(\d+)" data-mine="yes"[^>]* data-last-n="(\d+)"')
_ALARMS: Final = [Happening.BURGLARY, Happening.TAMPER, Happening.FIRE, Happening.PANIC, Happening.MEDICAL]
_RESTORES: Final = [Happening.BURGLARY_RESTORE, Happening.TAMPER_RESTORE, Happening.POWER_RESTORE]
_DISPOSITIONS: Final = ["user_error", "user_error", "test", "equipment_fault", "real", "unexplained"]

_panels: Iterator[PanelSettings]
_operators: Iterator[str]


@events.init_command_line_parser.add_listener
def _arguments(parser: Any) -> None:  # noqa: ANN401 (locust's own, without types)
    parser.add_argument("--panels", default="127.0.0.1:7700", help="where panels report to: HOST:PORT")
    parser.add_argument("--accounts", default="var/demo_accounts.csv", help="CSV of the accounts, with their keys")
    parser.add_argument("--operators", default="ana,luis,sam", help="who signs on")
    parser.add_argument(
        "--operators-password", default="sereno-demo", help="the one that they all have", is_secret=True
    )


@events.init.add_listener
def _read(environment: Any, **_: object) -> None:  # noqa: ANN401
    global _panels, _operators
    told = environment.parsed_options
    _panels = itertools.cycle(random.sample(found := read_csv(pathlib.Path(told.accounts)), len(found)))
    _operators = itertools.cycle(told.operators.split(","))


class Panel(User):
    """One panel: mostly link tests, now and then people who come and go, seldom an alarm."""

    weight = 30
    wait_time = between(2, 10)

    def on_start(self) -> None:
        """Power on."""
        self.settings = next(_panels)
        self.sequence = random.randrange(1, 9999)
        self.socket: socket.socket | None = None

    def on_stop(self) -> None:
        """Power off."""
        self._hang_up()

    @task(60)
    def link_test(self) -> None:
        """I am here."""
        self._send("link test", "NULL", b"")

    @task(14)
    def come_and_go(self) -> None:
        """Somebody disarms or arms."""
        self._report("opening, closing", random.choice([Happening.OPENING, Happening.CLOSING]))

    @task(4)
    def daily(self) -> None:
        """A test report, mains that went and came."""
        self._report("test, power", random.choice([Happening.TEST, Happening.POWER, Happening.POWER_RESTORE]))

    @task(2)
    def alarm(self) -> None:
        """Something is wrong."""
        self._report("alarm", random.choice(_ALARMS))

    @task(2)
    def restore(self) -> None:
        """It is over."""
        self._report("restore", random.choice(_RESTORES))

    def _report(self, name: str, happening: Happening) -> None:
        zone = random.choice(self.settings.zones)
        report = Report(happening, area=zone.area, number=zone.number, text=zone.name)
        form = self.settings.form
        data = data_field(report, self.settings.identity.account, form, self.settings.encoding)
        self._send(name, "SIA-DCS" if form is Format.SIA_DCS else "ADM-CID", data)

    def _send(self, name: str, token: str, data: bytes) -> None:
        """One message and its ACK, told to locust under the way that it took."""
        self.sequence = self.sequence % 9999 + 1
        identity, transport = self.settings.identity, self.settings.transport
        stamped = identity.key is not None or self.settings.stamps_clear
        message = frame(identity, token, self.sequence, data, dt.datetime.now(dt.UTC) if stamped else None)
        started_at = time.perf_counter()
        problem: Exception | None = None
        answer = b""
        try:
            answer = self._exchange(message)
            said = reply_to(identity, self.sequence, answer)
            if not isinstance(said, Ack):
                problem = ValueError(f"{type(said).__name__} instead of an ACK")
        except OSError as error:
            problem = error
        if problem is not None or transport is not Transport.TCP:
            self._hang_up()
        self.environment.events.request.fire(
            request_type=f"{transport.value}{'+key' if identity.key else ''}",
            name=name,
            response_time=1000 * (time.perf_counter() - started_at),
            response_length=len(answer),
            exception=problem,
            context={},
        )

    def _exchange(self, message: bytes) -> bytes:
        if self.socket is None:
            self.socket = self._connected()
        self.socket.sendall(message)
        received = bytearray()
        while (whole := cut_frame(received)) is None:
            got = self.socket.recv(8192)
            if not got:
                raise ConnectionResetError("the receiver closed the connection")
            received += got
        return whole

    def _connected(self) -> socket.socket:
        host, _, port = self.environment.parsed_options.panels.rpartition(":")
        kind = socket.SOCK_DGRAM if self.settings.transport is Transport.UDP else socket.SOCK_STREAM
        opened = socket.socket(socket.AF_INET, kind)
        opened.settimeout(_ANSWER_WITHIN_S)
        try:
            opened.connect((host, int(port)))
        except OSError:
            opened.close()
            raise
        return opened

    def _hang_up(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Operator(HttpUser):
    """One operator: looks at the queue, takes what comes next, writes a note, closes."""

    weight = 1
    wait_time = between(1, 4)

    def on_start(self) -> None:
        """Sign on."""
        form = self._csrf(self.client.get("/sign-on").text)
        fields = {"csrf": form, "next": "/", "name": next(_operators)}
        fields["password"] = self.environment.parsed_options.operators_password
        answer = self.client.post("/sign-on", data=fields)
        if answer.status_code != 200:
            raise StopUser

    def on_stop(self) -> None:
        """Sign off: what is still held goes back to the queue."""
        self.client.post("/sign-off", data={"csrf": self._csrf(self.client.get("/").text)})

    @task(3)
    def look(self) -> None:
        """The queue as programs see it."""
        self.client.get("/api/queue")

    @task(2)
    def handle(self) -> None:
        """One incident, at the pace of a person who knows what it is."""
        csrf = self._csrf(self.client.get("/").text)
        found = _INCIDENT.search(self.client.post("/take-next", data={"csrf": csrf}).text)
        if found is None:
            return  # nothing waits
        incident, fence, last_n = found.groups()
        held = {"csrf": csrf, "fence": fence}
        self._verb(incident, "note", held | {"text": "Called the premises; the principal answered."})
        time.sleep(random.uniform(0.5, 3))
        choice = {"disposition": random.choice(_DISPOSITIONS), "note": "", "seen_n": str(int(last_n) + 1)}
        self._verb(incident, "close", held | choice)

    def _verb(self, incident: str, verb: str, fields: dict[str, str]) -> None:
        path, name = f"/incidents/{incident}/{verb}", f"/incidents/[id]/{verb}"
        with self.client.post(path, data=fields, name=name, catch_response=True) as answer:
            # Refused in plain words: a new signal joined meanwhile, and a person would read it first.
            if answer.status_code == 409:
                answer.success()

    def _csrf(self, page: str) -> str:
        found = _CSRF.search(page)
        if found is None:
            raise StopUser
        return found[1]
