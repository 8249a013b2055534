"""Heads, as the database gives them, and the database as heads say that it must be.

In: a sequence of heads, as `Expected`. Out: the next head, or the first thing in the database that is less than they
saw, or other. Tables are read in pages: a station at work is neither stopped nor held in memory.
"""

from __future__ import annotations

import array
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from station.chain import Altered
from station.heads import START_BYTES, Expected, Head, Mark, hash_of, incident_line
from station.store.database import Database, Row, fetch_one
from station.store.queries import queries_beside

#: Signals are stored within minutes of their receipt, by the clock of their receiver: older days get no more.
_STILL_CHANGES: Final = dt.timedelta(days=2)
_INCIDENTS: Final = 5000

_SQL = queries_beside(__file__)


# The next head ---------------------------------------------------------------------------------------------------


async def next_head(database: Database, expected: Expected) -> Head:
    """What the station holds now, as the head after those in `expected`.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    (station,) = await database.fetch(_SQL["station_at"])
    last = expected.last
    incidents = await _incidents(database, expected.incidents)
    audit = await fetch_one(database, _SQL["last_audit"])
    anew = last is None or last.restored_at != station["restored_at"]
    days = await _days(database, expected.days, None if anew else _midnight(station["at"]) - _STILL_CHANGES)
    # After the counting: none that was counted is later than the last.
    (times,) = await database.fetch(_SQL["signal_times"])
    return Head(
        number=1 if last is None else last.number + 1,
        at=station["at"],
        restored_at=station["restored_at"],
        previous="" if last is None else hash_of(last),
        **incidents,
        audit_n=0 if audit is None else audit["n"],
        audit_hash="" if audit is None else audit["hash"].hex(),
        signals=sum((dict(expected.days) | days).values()),
        first_signal_at=times["first_at"],
        last_signal_at=times["last_at"],
        days=days,
    )


async def _incidents(database: Database, known: Mapping[int, Mark]) -> Mapping[str, Any]:
    """The fields of a head that speak of incidents."""
    digest = hashlib.sha256()
    changed: list[tuple[int, int, str]] = []
    ids = array.array("q")
    found = last = 0
    while rows := await database.fetch(_SQL["incidents_after"], last, _INCIDENTS):
        for row in rows:
            incident, n, last_hash = row["id"], row["last_n"], row["last_hash"]
            digest.update(incident_line(incident, n, last_hash))
            start = last_hash[:START_BYTES].hex()
            was = known.get(incident)
            if was is None or (was.n, was.start) != (n, start):
                changed.append((incident, n, start))
            ids.append(incident)
            found += was is not None
        last = ids[-1]
    return {
        "incidents": len(ids),
        "last_incident": last,
        "digest": digest.hexdigest(),
        "changed": changed,
        "gone": [] if found == len(known) else sorted(known.keys() - set(ids)),
    }


async def _days(database: Database, known: Mapping[dt.date, int], since: dt.datetime | None) -> dict[dt.date, int]:
    """Signals of each day from `since` on; None: from the first. A day that had some and has none is counted as 0."""
    counted = {day: 0 for day in known if since is None or day >= since.date()}
    start = since or dt.datetime.min.replace(tzinfo=dt.UTC)
    while row := await fetch_one(database, _SQL["next_day"], start):
        day: dt.datetime = row["start"]
        counted[day.date()] = row["signals"]
        start = day + dt.timedelta(days=1)
    return counted


def _midnight(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


# The proof -------------------------------------------------------------------------------------------------------


async def check_against(database: Database, expected: Expected) -> None:
    """Compare the database with what heads saw; more than they saw is no wonder.

    Raises:
        Altered: the first thing that is missing, or not the one that a head saw.
    """
    last = expected.last
    if last is None:
        return
    (station,) = await database.fetch(_SQL["station_at"])
    try:
        await _check_incidents(database, expected, last)
        await _check_audit(database, last)
        await _check_signals(database, expected, last)
    except Altered as altered:
        if station["restored_at"] == last.restored_at:
            raise
        raise Altered(
            f"{altered} (the station was brought back on {_shown(station['restored_at'])} from a backup that ends on "
            f"{_shown(station['restored_to'])}: what came between is missing)"
        ) from altered


async def _check_incidents(database: Database, expected: Expected, last: Head) -> None:
    digest = hashlib.sha256()
    for ids in _pages(sorted(expected.incidents)):
        numbers = [expected.incidents[incident].n for incident in ids]
        for row in await database.fetch(_SQL["as_expected"], ids, numbers):
            _check_incident(row, expected.incidents[row["id"]])
            digest.update(incident_line(row["id"], row["n"], row["hash"]))
    if expected.complete:
        if digest.hexdigest() != last.digest:
            raise Altered(f"incidents: together they are not those that head {last.number} saw")
        return
    (found,) = await database.fetch(_SQL["incidents_to"], last.last_incident)
    if found["incidents"] < last.incidents:
        raise Altered(
            f"incidents: {last.incidents - found['incidents']} are missing of those that head {last.number} saw; "
            "with all heads from the first on they can be named"
        )


def _check_incident(row: Row, mark: Mark) -> None:
    incident = f"incident {row['id']}"
    if row["last_n"] is None:
        raise Altered(f"{incident}: it is missing; head {mark.head} saw it with {mark.n} events")
    if row["last_n"] < mark.n:
        raise Altered(f"{incident}: it has {row['last_n']} events; head {mark.head} saw {mark.n}")
    if row["hash"] is None:
        raise Altered(f"{incident}, event {mark.n}: it is missing; head {mark.head} saw it")
    if row["hash"][:START_BYTES].hex() != mark.start:
        raise Altered(f"{incident}, event {mark.n}: it is not the one that head {mark.head} saw")


async def _check_audit(database: Database, last: Head) -> None:
    if not last.audit_n:
        return
    row = await fetch_one(database, _SQL["audit_hash"], last.audit_n)
    if row is None:
        raise Altered(f"audit row {last.audit_n}: it is missing; head {last.number} saw it")
    if row["hash"].hex() != last.audit_hash:
        raise Altered(f"audit row {last.audit_n}: it is not the one that head {last.number} saw")


async def _check_signals(database: Database, expected: Expected, last: Head) -> None:
    for day, count in sorted(expected.days.items()):
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        (found,) = await database.fetch(_SQL["signals_of_day"], start)
        if found["signals"] < count:
            raise Altered(f"signals of {day}: {found['signals']} are there; heads saw {count}")
    if not expected.complete and last.last_signal_at is not None:
        (found,) = await database.fetch(_SQL["signals_to"], last.last_signal_at)
        if found["signals"] < last.signals:
            raise Altered(f"signals: {found['signals']} are there; head {last.number} saw {last.signals}")


def _pages(ids: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(ids), _INCIDENTS):
        yield list(ids[first : first + _INCIDENTS])


def _shown(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
