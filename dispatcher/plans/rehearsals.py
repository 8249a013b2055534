"""The tests that stand in plan files: what comes when, and what must have been done then.

In: a table `[[test]]`. Out: a `Rehearsal`, which `rehearsing.py` plays through the engine.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Final

import attrs

from station.action_plans import Outcome
from station.facts import UserKind
from station.response_events import Heard
from station.signals import Kind

_KEYS: Final = frozenset({"name", "account", "given", "then"})


class Cue(enum.Enum):
    """What can come in a rehearsal. The values are the keys of a table in `given`."""

    SIGNAL = "signal"
    RESTORE = "restore"
    DISARM = "disarm"
    OUTCOME = "outcome"
    PASSWORD = "password"  # noqa: S105 - a key of plan files
    TAKE = "take"
    DELIVERED = "delivered"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Given:
    """One thing that comes, `at` seconds after the beginning."""

    at: int
    cue: Cue
    kind: Kind | None = None
    outcome: Outcome | None = None
    heard: Heard | None = None
    zone: str = "1"
    area: str | None = None
    code: str | None = None
    user: UserKind = UserKind.ORDINARY
    authenticated: bool | None = None


@attrs.frozen(kw_only=True)
class Rehearsal:
    """One test."""

    name: str
    #: Facts of the account that differ from those of a Spanish home with three contacts.
    account: Mapping[str, Any]
    given: tuple[Given, ...]
    #: What must be so at the end: counts by word, and single values.
    then: Mapping[str, Any]


_GIVEN_KEYS: Final = frozenset({"at", "zone", "area", "code", "user", "authenticated", *(cue.value for cue in Cue)})
#: What `then` may say.
THEN_KEYS: Final = frozenset(
    {
        "calls",
        "sms",
        "police",
        "guards",
        "fire",
        "medical",
        "closed",
        "state",
        "step",
        "plan",
        "confirmed",
        "premises_calls",
    }
)


def rehearsal_of(name: str, table: Mapping[str, Any], problem: type[Exception]) -> Rehearsal:
    """One test of a plan file.

    Raises:
        problem: it says what does not exist.
    """
    where = f"{name}, test {table.get('name', '?')!r}"
    _check(where, table, _KEYS, problem)
    then = table.get("then", {})
    _check(f"{where}, then", then, THEN_KEYS, problem)
    given = table.get("given", [])
    if not given or not then:
        raise problem(f"{where}: it needs given = [...] and then = {{...}}.")
    return Rehearsal(
        name=str(table.get("name", "")),
        account=table.get("account", {}),
        given=tuple(sorted((_given(where, one, problem) for one in given), key=lambda one: one.at)),
        then=then,
    )


def _given(where: str, table: Mapping[str, Any], problem: type[Exception]) -> Given:
    _check(f"{where}, given", table, _GIVEN_KEYS, problem)
    cues = [cue for cue in Cue if cue.value in table]
    if len(cues) != 1:
        raise problem(f"{where}: each of given is exactly one of {', '.join(cue.value for cue in Cue)}.")
    (cue,) = cues
    value = table[cue.value]
    try:
        return Given(
            at=int(table.get("at", 0)),
            cue=cue,
            kind=Kind(value) if cue in {Cue.SIGNAL, Cue.RESTORE} else None,
            outcome=Outcome(value) if cue is Cue.OUTCOME else None,
            heard=Heard(value) if cue is Cue.PASSWORD else None,
            zone=str(table.get("zone", "1")),
            area=table.get("area"),
            code=table.get("code"),
            user=UserKind(table.get("user", "ordinary")),
            authenticated=table.get("authenticated"),
        )
    except ValueError as error:
        raise problem(f"{where}: {error}.") from error


def _check(where: str, table: Mapping[str, Any], known: frozenset[str], problem: type[Exception]) -> None:
    unknown = sorted({*table} - known)
    if unknown:
        raise problem(f"{where}: there is no {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
