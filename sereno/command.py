"""The command line: `sereno run` starts a station, the others look at one, prepare it, or run a part of it.

In: words, `SERENO_*` and `sereno.toml`. Out: one call with frozen settings. Sub-commands are imported when
they are used.
"""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Callable
from typing import Final

import trio
from cyclopts import App
from cyclopts.config import Env, Toml

from sereno import roles
from sereno.asking import ask
from sereno.auditor_role import auditor as run_auditor
from sereno.auditor_settings import Auditing
from sereno.fetcher_role import fetcher as run_fetcher
from sereno.logs import set_up_logs
from sereno.problems import CannotRun, first_of, give_up
from sereno.settings import (
    Backup,
    ConsoleDoor,
    Dispatching,
    Inherited,
    Logs,
    MetricsDoor,
    Receiving,
    Start,
    Where,
    check_settings_file,
)
from sereno.whereabouts import database_url, station_key
from station.store import audit, media
from station.store.database import Database

SETTINGS_FILE: Final = pathlib.Path("sereno.toml")

app = App(
    name="sereno",
    help="Central station: receives alarms from panels, ranks them for operators, and carries each one to its end.",
    config=[
        Env("SERENO_", command=False),
        Toml(SETTINGS_FILE, use_commands_as_keys=False, allow_unknown=True),
    ],
)
app.command("sereno.accounts_command:app", name="accounts", help="Bring accounts in from CSV, and take them out.")
app.command("sereno.operators_command:app", name="operators", help="Who may sign on.")
app.command("sereno.audit_command:app", name="audit", help="Prove that nobody rewrote what happened.")
app.command("sereno.heads_command:app", name="heads", help="The signed heads of the station's history.")
app.command("sereno.plans_command:app", name="plans", help="Action plans: check, compare, bring into force.")
app.command("sereno.replay_command:replay_command", name="replay", help="An incident played again, byte for byte.")
app.command("sereno.tokens_command:app", name="tokens", help="Who may use the HTTP API.")
app.command("sereno.clock_command:clock", name="clock", help="Move the clock of a rehearsal.")
app.command("sereno.backup_command:backup", name="backup", help="Keep the station's database a second time, sealed.")
app.command("sereno.backup_command:restore", name="restore", help="A station as it was, from a backup.")
app.command("sereno.backup_command:archiver", name="archiver", help="Run the archiver alone: keep a backup complete.")
app.command("sereno.listings_command:signals", name="signals", help="What panels reported.")
app.command("sereno.emergency_command:app", name="emergency", help="Alarms that wait, for the telephone.")
app.command("sereno.listings_command:incidents", name="incidents", help="Alarms that are or were handled.")
app.command("simulators.command:app", name="simulate", help="Simulated panels, against any receiver.")
app.command("simulators.conformance.command:app", name="conformance", help="How a receiver answers real panels.")


def main() -> None:
    """The entry point of the command."""
    if os.environ.pop("SERENO_SUPERVISED", None):
        roles.end_with_supervisor()
    check_settings_file(SETTINGS_FILE, Auditing)
    app()


@app.command(name="run")
def run_command(
    where: Where = Where(),
    receiving: Receiving = Receiving(),
    console: ConsoleDoor = ConsoleDoor(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    start: Start = Start(),
    backup: Backup = Backup(),
    dispatching: Dispatching = Dispatching(),
    auditing: Auditing = Auditing(),
) -> None:
    """Run a whole station on this machine until Ctrl-C."""
    from sereno.run import RunSettings, run

    set_up_logs(logs.log_format)
    settings = RunSettings(
        where=where,
        receiving=receiving,
        console=console,
        metrics=metrics,
        start=start,
        backup=backup,
        dispatching=dispatching,
        auditing=auditing,
    )
    _or_give_up(lambda: trio.run(run, settings, functools.partial(print, flush=True)))


@app.command
def receiver(
    where: Where = Where(),
    receiving: Receiving = Receiving(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    handed: Inherited = Inherited(),
) -> None:
    """Run the receiver alone: answer panels, store what they say. Needs the station key in the data folder."""
    set_up_logs(logs.log_format)
    _or_give_up(lambda: roles.receiver(database_url(where), station_key(where), receiving, metrics, handed))


@app.command
def dispatcher(
    where: Where = Where(),
    dispatching: Dispatching = Dispatching(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    handed: Inherited = Inherited(),
) -> None:
    """Run the dispatcher alone: make incidents of stored signals. Several share the work."""
    set_up_logs(logs.log_format)
    _or_give_up(lambda: roles.dispatcher(database_url(where), dispatching, metrics, handed))


@app.command
def fetcher(
    where: Where = Where(), metrics: MetricsDoor = MetricsDoor(), logs: Logs = Logs(), handed: Inherited = Inherited()
) -> None:
    """Run the fetcher alone: get pictures and films of alarms, from allowed hosts only."""
    set_up_logs(logs.log_format)
    _or_give_up(lambda: run_fetcher(database_url(where), metrics, handed))


@app.command(name="media-host")
def media_host(host: str, /, *, plain: bool = False, where: Where = Where()) -> None:
    """Allow pictures and films from a host; with a leading dot from all below it.

    Args:
        host: Its name, such as cam.example.net or .example.net.
        plain: Allow http and other ports too.
    """

    async def allow(database: Database) -> None:
        await media.allow(database, host, plain=plain)
        await audit.append(database, "command", "media_host_allowed", {"host": host, "plain": plain})

    ask(database_url(where), allow)
    print(f"Pictures and films may come from {host}.")


@app.command
def auditor(
    where: Where = Where(),
    auditing: Auditing = Auditing(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    handed: Inherited = Inherited(),
) -> None:
    """Run the auditor alone: watch the dispatcher, sign heads of the station's history."""
    set_up_logs(logs.log_format)
    _or_give_up(lambda: run_auditor(database_url(where), where.data.resolve(), auditing, metrics, handed))


@app.command
def console(
    where: Where = Where(),
    door: ConsoleDoor = ConsoleDoor(),
    metrics: MetricsDoor = MetricsDoor(),
    logs: Logs = Logs(),
    handed: Inherited = Inherited(),
) -> None:
    """Run the console alone: serve the operators' screens. Needs the station key, to check spoken passwords."""
    set_up_logs(logs.log_format)
    _or_give_up(lambda: roles.console(database_url(where), station_key(where), door, metrics, handed))


def _or_give_up(act: Callable[[], None]) -> None:
    problem = ""
    try:
        act()
    except* CannotRun as problems:
        problem = str(first_of(problems))
    if problem:
        give_up(problem)
