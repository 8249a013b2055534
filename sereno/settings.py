"""Settings: by flag, by `SERENO_*` in the environment, by `sereno.toml`, in that order of precedence.

In: the command line. Out: frozen values; cyclopts reads all three sources into them.
"""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterator
from typing import Annotated, Literal

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from receiver.automation.settings import LinkSettings
from receiver.clock.settings import ClockSettings, check_clock
from receiver.limits import Limits, check_limits
from receiver.runaway_rules import RunawayRules, check_runaway
from receiver.supervision.settings import SupervisionSettings, check_supervision
from receiver.watch.settings import WatchSettings, check_watch
from sereno.link_settings import links_of
from sereno.problems import give_up

PanelLimits = Annotated[Limits, Parameter(name="*", validator=check_limits)]
RunawayLimits = Annotated[RunawayRules, Parameter(name="*", validator=check_runaway)]
Watching = Annotated[WatchSettings, Parameter(name="*", validator=check_watch)]
ClockLimits = Annotated[ClockSettings, Parameter(name="*", validator=check_clock, negative=())]
Supervising = Annotated[SupervisionSettings, Parameter(name="*", validator=check_supervision)]
Port = Annotated[int, Parameter(validator=Number(gte=0, lte=65535))]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Where:
    """Which station a command means."""

    data: pathlib.Path = pathlib.Path("var")
    """The station's folder: its database, its station key, its address while it runs."""

    database_url: str | None = None
    """PostgreSQL to use instead of the station's own, as postgresql://user@host/database."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Dc09Door:
    """Where panels reach the station, by TCP and by UDP."""

    dc09_address: str = "0.0.0.0"
    """Address on which panels are answered."""

    dc09_port: Port = 7700
    """Port for SIA DC-09, the same number for TCP and UDP; 0 picks a free one."""

    receivers: Annotated[int, Parameter(validator=Number(gte=1, lte=64))] = 1
    """Receiver processes that share the port."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Dc09TlsDoor:
    """Where panels reach the station by DC-09 over TLS. Without a port there is no such door."""

    tls_port: Port | None = None
    """Port for SIA DC-09 over TLS, on the address of the DC-09 door; 0 picks a free one."""

    tls_certificate: pathlib.Path | None = None
    """The station's certificate in PEM, and those between it and its root."""

    tls_key: pathlib.Path | None = None
    """Its private key in PEM, without a password."""

    tls_client_ca: pathlib.Path | None = None
    """Certificates in PEM of those who vouch for panels; panels are then asked for a certificate of theirs."""

    tls_require_client: Annotated[bool, Parameter(negative=())] = False
    """Refuse panels that show no certificate."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Links:
    """Hardware receivers, which take panels' calls by telephone or radio and relay them."""

    links: Annotated[tuple[LinkSettings, ...], Parameter(converter=links_of, n_tokens=1, negative=())] = ()
    """One receiver each, as JSON; easier to write as tables [[links]] in sereno.toml. For example
    {"name": "north", "protocol": "surgard", "listen": "0.0.0.0:1025"}."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class ConsoleDoor:
    """Where browsers reach the console."""

    console_address: str = "127.0.0.1"
    """Address of the operators' console."""

    console_port: Port = 8000
    """Port of the operators' console; 0 picks a free one."""

    console_secure_cookies: bool = False
    """Mark the console's cookies for HTTPS only; for a console behind a proxy that speaks TLS."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class EmergencyDoor:
    """Where the receiver itself shows the alarms that wait, when there is neither dispatcher nor console."""

    emergency_address: str = "127.0.0.1"
    """Address of the emergency list. It names people and their telephones, and asks for no password."""

    emergency_port: Port = 8001
    """Port of the emergency list; 0 picks a free one."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Receiving:
    """Everything that a receiver is told: its doors, what they put up with, and what it makes of it."""

    dc09: Dc09Door = Dc09Door()
    tls: Dc09TlsDoor = Dc09TlsDoor()
    links: Links = Links()
    limits: PanelLimits = Limits()
    runaway: RunawayLimits = RunawayRules()
    supervision: Supervising = SupervisionSettings()
    watch: Watching = WatchSettings()
    clock: ClockLimits = ClockSettings()
    emergency: EmergencyDoor = EmergencyDoor()


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Dispatching:
    """What a dispatcher watches over beside incidents."""

    least_operators: Annotated[int, Parameter(validator=Number(gte=0))] = 2
    """Fewer operators on duty than this are a system alarm; the law of Spain asks for two."""

    outage_members: Annotated[int, Parameter(validator=Number(gte=2))] = 20
    """So many mains or path failures of one place or carrier are taken for one mass outage."""

    outage_within_s: Annotated[int, Parameter(validator=Number(gte=1))] = 600
    """Within so many seconds."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class MetricsDoor:
    """Where Prometheus reads the metrics."""

    metrics_address: str = "127.0.0.1"
    """Address of the Prometheus metrics."""

    metrics_port: Port = 9100
    """Port of the Prometheus metrics; 0 picks a free one."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Logs:
    """How events are written."""

    log_format: Literal["auto", "text", "json"] = "auto"
    """Lines for people or for machines; `auto` writes text on a terminal and JSON elsewhere."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Start:
    """How `sereno run` starts."""

    demo: Annotated[bool, Parameter(negative=())] = False
    """Fill a fresh station with invented accounts and operators, and let simulated panels report to it."""

    virtual_time: Annotated[bool, Parameter(negative=())] = False
    """Make a fresh database whose clock may be moved by `sereno clock`: for rehearsals, never for a real station."""

    ready_file: pathlib.Path | None = None
    """Write here, once all is ready, a JSON object that says how the station is reached."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Backup:
    """Where the station's own database is kept a second time."""

    backup_to: pathlib.Path | None = None
    """Keep a sealed backup in this folder all the time: another disk, or a folder mounted from another host."""

    backup_keep_days: Annotated[int, Parameter(validator=Number(gte=1))] = 14
    """Every moment of so many days can be gone back to; older backups are removed."""


@Parameter(name="*", show=False)
@attrs.frozen(kw_only=True)
class Inherited:
    """What the supervisor hands down to a role that it starts: open descriptors, by number."""

    ready_fd: int | None = None
    """Where to say that the role is ready."""

    role_name: str = "receiver"
    """What a receiver calls its lanes."""

    tcp_fd: int | None = None
    udp_fd: int | None = None
    tls_fd: int | None = None

    paths_memory: int | None = None
    """What all receivers of this host know of paths."""
    listen_fd: int | None = None


def check_settings_file(path: pathlib.Path, *more: type[attrs.AttrsInstance]) -> None:
    """Refuse a settings file that can't be read or that sets what does not exist: a slip of the pen must not pass.

    Raises:
        SystemExit: the user has been told.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        give_up(f"{path.absolute()} can't be read: {error}")
    known = {
        field.name
        for group in (Where, Receiving, ConsoleDoor, Dispatching, MetricsDoor, Logs, Start, Backup, *more)
        for field in _fields(group)
    }
    unknown = sorted(name for name in found if name.replace("-", "_") not in known)
    if unknown:
        give_up(
            f"{path.absolute()} sets what does not exist: {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        )


def _fields(group: type[attrs.AttrsInstance]) -> Iterator[attrs.Attribute[object]]:
    """The fields of a group and of the groups within it."""
    for field in attrs.fields(group):
        if attrs.has(type(field.default)):
            yield from _fields(type(field.default))
        else:
            yield field
