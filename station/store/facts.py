"""What is known of accounts beside their signals, read for many at once.

In: ids of accounts. Out: `Known`, each with the `Facts` that go into an incident's chain, and what the dispatcher looks
up for single signals: whose code, which test.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import attrs

from station.action_plans import Armed
from station.evidence import Evidence
from station.facts import ContactFact, ContactRole, Facts, Limits, OnTest, PanelUser, UserKind
from station.progress_text import progress_of
from station.schedules import is_open, schedule_from_json
from station.signals import Kind
from station.store.database import Row, Session
from station.store.queries import queries_beside

_SQL = queries_beside(__file__)
#: Evidence of other incidents is looked for so far back: the longest window of any country.
LONGEST_WINDOW: Final = dt.timedelta(hours=1)
_LIMITS: Final = Limits()


@attrs.frozen(kw_only=True)
class Known:
    """What is known of one account."""

    facts: Facts
    users: Mapping[str, PanelUser]
    armed: Mapping[str, Armed]
    tests: Sequence[OnTest]
    schedule: str | None
    time_zone: str
    restore_within_s: int | None
    carrier: str
    city: str
    media_consent: bool
    arm_reminder: dt.time | None


async def known_of(
    session: Session, accounts: Collection[int], now: dt.datetime, limits: Limits = _LIMITS
) -> dict[int, Known]:
    """What is known of these accounts at `now`."""
    if not accounts:
        return {}
    return {row["id"]: _known(row, now, limits) for row in await session.fetch(_SQL["facts"], list(accounts))}


async def earlier_evidence(session: Session, accounts: Collection[int], now: dt.datetime) -> dict[int, list[Evidence]]:
    """What the incidents of these accounts have shown within the longest window."""
    found: dict[int, list[Evidence]] = {}
    since = now - LONGEST_WINDOW
    for row in await session.fetch(_SQL["earlier"], list(accounts), since - LONGEST_WINDOW):
        pieces = [piece for piece in progress_of(row["progress"]).evidence if piece.at >= since and piece.signal]
        found.setdefault(row["account_id"], []).extend(attrs.evolve(piece, n=None) for piece in pieces)
    return found


def _known(row: Row, now: dt.datetime, limits: Limits) -> Known:
    armed = {area: Armed(state) for area, state in _json(row["armed"], {}).items()}
    schedule = None if row["schedule"] is None else schedule_from_json(json.loads(row["schedule"]))
    facts = Facts(
        country=row["country"],
        grade=row["grade"],
        time_zone=row["time_zone"],
        window_s=row["window_s"],
        detectors=row["detectors"],
        dual_path=row["dual_path"],
        domestic=row["domestic"],
        contacts=tuple(ContactFact(id_, ContactRole(role), hours) for id_, role, hours in _json(row["contacts"], [])),
        services=tuple(row["services"]),
        guard=row["guard"],
        patrols=tuple(_json(row["patrols"], [])),
        guard_billable=row["guard"] and row["visits"] >= row["guard_visits"],
        call_instead=row["call_instead"],
        quiet_hours=row["quiet_hours"],
        suspended=row["suspended"],
        areas=row["areas"],
        armed=_together(armed),
        open_hours=None if schedule is None else is_open(schedule, now),
        multi_knock_s=row["multi_knock_s"],
        limits=limits,
    )
    return Known(
        facts=facts,
        users={
            number: PanelUser(UserKind(kind), contact) for number, (kind, contact) in _json(row["users"], {}).items()
        },
        armed=armed,
        tests=[
            OnTest(id_, frozenset(zones), frozenset(map(Kind, kinds))) for id_, zones, kinds in _json(row["tests"], [])
        ],
        schedule=row["schedule"],
        time_zone=row["time_zone"],
        restore_within_s=row["restore_within_s"],
        carrier=row["carrier"],
        city=row["city"],
        media_consent=row["media_consent"],
        arm_reminder=row["arm_reminder"],
    )


def _json(text: str | None, otherwise: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return otherwise if text is None else json.loads(text)


def _together(armed: Mapping[str, Armed]) -> str | None:
    """How the account is armed as a whole: disarmed as soon as one area is."""
    for state in (Armed.DISARMED, Armed.PART, Armed.ARMED):
        if state in armed.values():
            return str(state.value)
    return None


async def note_armed(
    session: Session, changes: Sequence[tuple[int, str, Armed, dt.datetime, str | None, str, int]]
) -> None:
    """Areas that were armed or disarmed."""
    if changes:
        account, area, armed, at, user, means, signal = zip(*changes, strict=True)
        await session.execute(
            _SQL["note_armed"],
            list(account),
            list(area),
            [state.value for state in armed],
            list(at),
            list(user),
            list(means),
            list(signal),
        )


async def note_tested(session: Session, tested: Sequence[tuple[int, int, Kind, str, bool]]) -> None:
    """What came while premises were on test: test, signal, kind, zone, whether it ends something."""
    begun: list[tuple[int, int, Kind, str, bool]] = []
    ended = [one for one in tested if one[4]]
    for test, signal, kind, zone, ends in tested:
        if ends:
            begun = [(*one[:4], one[4] or _ended_by(one, test, kind, zone)) for one in begun]
        else:
            begun.append((test, signal, kind, zone, False))
    if ended:
        tests, _, kinds, zones, _ = zip(*ended, strict=True)
        await session.execute(_SQL["tested_restores"], list(tests), [one.value for one in kinds], list(zones))
    if begun:
        tests, signals, kinds, zones, restored = zip(*begun, strict=True)
        names = [one.value for one in kinds]
        await session.execute(_SQL["note_tested"], list(tests), list(signals), names, list(zones), list(restored))


def _ended_by(one: tuple[int, int, Kind, str, bool], test: int, kind: Kind, zone: str) -> bool:
    """A restore that names no zone ends all of its kind."""
    return (one[0], one[2]) == (test, kind) and zone in {"", one[3]}
