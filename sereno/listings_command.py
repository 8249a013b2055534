"""`sereno signals` and `sereno incidents`: what panels reported, and what became of it.

In: what to leave out. Out: a table for people, or one JSON array that is written as it is read, so that it may be
longer than memory.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Final, TypeVar

import attrs
from cyclopts import App, Parameter
from cyclopts.validators import Number

from sereno.asking import ask
from sereno.problems import give_up
from sereno.settings import Where
from sereno.table import table_line
from sereno.whereabouts import database_url
from station.store.database import Database
from station.store.install import station_now
from station.store.listings import ListedIncident, ListedSignal, WhichSignals, incidents_in_pages, signals_in_pages

T = TypeVar("T", ListedSignal, ListedIncident)
Columns = Sequence[tuple[str, int]]

_SIGNALS_IN_A_TABLE: Final = 100
_AGO: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_SIGNAL_COLUMNS: Final = (
    ("RECEIVED (UTC)", 19),
    ("ACCOUNT", 8),
    ("KIND", 12),
    ("QUALIFIER", 9),
    ("CODE", 4),
    ("AREA", 4),
    ("ZONE", 4),
    ("SENDER", 14),
    ("TEXT", 0),
)
_INCIDENT_COLUMNS: Final = (
    ("ID", 6),
    ("OPENED (UTC)", 19),
    ("PRIORITY", 8),
    ("ACCOUNT", 8),
    ("NAME", 24),
    ("KIND", 17),
    ("STATE", 8),
    ("OPERATOR", 12),
    ("SIGNALS", 0),
)

signals = App(
    name="signals",
    help_format="plaintext",
    help_epilogue="""Oldest first. For example:

  sereno signals
  sereno signals --account 1234 --since 2h
  sereno signals --since 2026-03-01T08:00 --json | jq '.[].event_code'
""",
)
incidents = App(
    name="incidents",
    help_format="plaintext",
    help_epilogue="""For example:

  sereno incidents --open
  sereno incidents --json | jq '.[] | select(.priority == 1)'
""",
)


@signals.default
def signals_command(
    *,
    account: str | None = None,
    since: str | None = None,
    limit: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    repeats: Annotated[bool, Parameter(negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
    where: Where = Where(),
) -> None:
    """What panels reported, oldest first.

    Args:
        account: Only this account number, as the panel sends it; capitals do not matter.
        since: Only signals received since then: 30s, 15m, 2h, 1d, or ISO 8601 (UTC unless it says otherwise).
        limit: Only the newest so many. A table shows 100 unless told; JSON has no limit.
        repeats: Show copies of signals in the table, too. JSON always holds them, with repeat_of.
        as_json: One JSON array with everything that is stored of each signal; raw is the frame in hexadecimal;
            authenticated is null where there was nothing to prove (clear text, no key).
    """
    which = WhichSignals(
        account=account,
        last=limit if limit is not None or as_json else _SIGNALS_IN_A_TABLE,
        repeats=repeats or as_json,
    )
    beginning = None if since is None else _beginning(since)
    url = database_url(where)
    ask(url, functools.partial(_print_signals, which=which, beginning=beginning, as_json=as_json))


@incidents.default
def incidents_command(
    *,
    only_open: Annotated[bool, Parameter(name="--open", negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
    where: Where = Where(),
) -> None:
    """Alarms that are being handled, or were.

    Args:
        only_open: Only those that are not closed.
        as_json: One JSON array; signals are the ids that `sereno signals` gives.
    """
    ask(database_url(where), functools.partial(_print_incidents, only_open=only_open, as_json=as_json))


def _beginning(text: str) -> dt.timedelta | dt.datetime:
    """How long ago, or when."""
    if ago := _AGO.fullmatch(text.strip().lower()):
        return dt.timedelta(seconds=int(ago.group(1)) * _UNITS_S[ago.group(2)])
    try:
        at = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        give_up(f"--since {text}: write 30s, 15m, 2h or 1d, or a time as 2026-03-01T08:00")
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


async def _print_signals(
    database: Database, *, which: WhichSignals, beginning: dt.timedelta | dt.datetime | None, as_json: bool
) -> None:
    if isinstance(beginning, dt.timedelta):
        beginning = await station_now(database) - beginning
    async with contextlib.aclosing(signals_in_pages(database, attrs.evolve(which, since=beginning))) as pages:
        await (_print_json(pages) if as_json else _print_table(pages, _SIGNAL_COLUMNS, _signal_cells))


async def _print_incidents(database: Database, *, only_open: bool, as_json: bool) -> None:
    async with contextlib.aclosing(incidents_in_pages(database, only_open=only_open)) as pages:
        await (_print_json(pages) if as_json else _print_table(pages, _INCIDENT_COLUMNS, _incident_cells))


async def _print_json(pages: AsyncIterator[list[T]]) -> None:
    """One array; flushed here, so that a reader who is gone is noticed here."""
    between = "["
    async for page in pages:
        for row in page:
            print(between, json.dumps(attrs.asdict(row), default=_iso, ensure_ascii=False), sep="\n", end="")
            between = ","
    print("\n]" if between == "," else "[]", flush=True)


async def _print_table(pages: AsyncIterator[list[T]], columns: Columns, cells: Callable[[T], Sequence[str]]) -> None:
    widths = [width for _, width in columns]
    print(table_line([title for title, _ in columns], widths))
    async for page in pages:
        for row in page:
            print(table_line(cells(row), widths))
    print(end="", flush=True)


def _iso(at: dt.datetime) -> str:
    return _utc(at).isoformat(timespec="microseconds")


def _utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC)


def _second(at: dt.datetime) -> str:
    return f"{_utc(at):%Y-%m-%d %H:%M:%S}"


def _signal_cells(signal: ListedSignal) -> Sequence[str]:
    return (
        _second(signal.received_at),
        signal.account,
        signal.kind,
        signal.qualifier,
        signal.event_code or "",
        signal.area or "",
        signal.zone or "",
        signal.authenticity,
        signal.text or signal.account_name or "",
    )


def _incident_cells(incident: ListedIncident) -> Sequence[str]:
    return (
        str(incident.id),
        _second(incident.opened_at),
        str(incident.priority),
        incident.account,
        incident.account_name or "",
        incident.kind,
        incident.state,
        incident.operator or "",
        str(len(incident.signals)),
    )
