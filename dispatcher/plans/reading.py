"""A plan file read: TOML text -> `Plan` and the tests that stand beside it.

In: the name and the text of a file. Out: the plan, or `PlanProblem` that says where the text is wrong and what it may
be.
"""

from __future__ import annotations

import enum
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from dispatcher.plans.rehearsals import Rehearsal, rehearsal_of
from station.action_plans import OUTCOMES, Armed, CloseAs, Do, Outcome, Plan, Selector, Step, Template, Who
from station.languages import Language
from station.signals import Kind

E = TypeVar("E", bound=enum.Enum)

_PLAN_KEYS: Final = frozenset({"title", "priority", "life_safety", "cancellable", "for", "step", "test"})
_SELECTOR_KEYS: Final = frozenset(
    {
        "kind",
        "code",
        "account",
        "area",
        "zone",
        "armed",
        "hours",
        "confirmed",
        "duress",
        "country",
        "grade",
        "outage",
        "knock",
    }
)
_STEP_KEYS: Final = frozenset(
    {
        "id", "do", "say", "on", "advisory", "within_s", "wait_s", "times", "who", "tries", "text", "quiet", "knock",
        "as", "by_itself",
    }
)  # fmt: skip


class PlanProblem(Exception):
    """A plan file can't be used; the text says which line of thought is wrong and what would be right."""


@attrs.frozen
class PlanFile:
    """What one file holds."""

    plan: Plan
    rehearsals: tuple[Rehearsal, ...]


def read_plan(name: str, text: str) -> PlanFile:
    """The plan of a file.

    Raises:
        PlanProblem: the text is no plan.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanProblem(f"{name}: this is no TOML: {error}") from error
    _only(name, table, _PLAN_KEYS)
    steps = tuple(_step(name, one) for one in _tables(name, table, "step"))
    if not steps:
        raise PlanProblem(f"{name}: it has no step. Write at least one [[step]].")
    _check_targets(name, steps)
    plan = Plan(
        name=name,
        version=hashlib.sha256(text.encode()).hexdigest(),
        title=_texts(name, "title", table.get("title")),
        selectors=tuple(_selector(name, one) for one in _tables(name, table, "for")),
        steps=steps,
        priority=_whole(name, table, "priority", most=5),
        life_safety=table.get("life_safety") is True,
        cancellable=table.get("cancellable") is True,
    )
    return PlanFile(plan, tuple(rehearsal_of(name, one, PlanProblem) for one in _tables(name, table, "test")))


def _selector(name: str, table: Mapping[str, Any]) -> Selector:
    where = f"{name}, [[for]]"
    _only(where, table, _SELECTOR_KEYS)
    hours = table.get("hours")
    if hours not in {None, "open", "closed"}:
        raise PlanProblem(f'{where}: hours = {hours!r}; it may be "open" or "closed".')
    return Selector(
        kinds=frozenset(_enum(where, "kind", Kind, one) for one in _list(table, "kind")),
        codes=frozenset(map(str, _list(table, "code"))),
        account=table.get("account"),
        area=table.get("area"),
        zone=table.get("zone"),
        armed=frozenset(_enum(where, "armed", Armed, one) for one in _list(table, "armed")),
        open_hours=None if hours is None else hours == "open",
        confirmed=table.get("confirmed"),
        duress=table.get("duress"),
        country=table.get("country"),
        grades=frozenset(_list(table, "grade")),
        outage=table.get("outage"),
        knock=table.get("knock"),
    )


def _step(name: str, table: Mapping[str, Any]) -> Step:
    where = f"{name}, step {table.get('id', '?')!r}"
    _only(where, table, _STEP_KEYS)
    if not isinstance(table.get("id"), str) or not table["id"]:
        raise PlanProblem(f"{name}: a [[step]] has no id. Give each one a short name of its own.")
    do = _enum(where, "do", Do, table.get("do"))
    on: dict[Outcome, str] = {}
    for outcome, target in table.get("on", {}).items():
        found = _enum(where, "on", Outcome, outcome)
        if found not in OUTCOMES[do]:
            may = ", ".join(sorted(one.value for one in OUTCOMES[do])) or "none"
            raise PlanProblem(f"{where}: {do.value} never ends with {outcome!r}. Its outcomes: {may}.")
        on[found] = str(target)
    close_as = _maybe(where, "as", CloseAs, table.get("as"))
    template = _maybe(where, "text", Template, table.get("text"))
    if do is Do.CLOSE and close_as is None and table.get("by_itself"):
        raise PlanProblem(f'{where}: it closes by itself, so it must say what it was, such as as = "handled".')
    if do is Do.SMS and template is None:
        raise PlanProblem(f"{where}: a message needs text = one of {', '.join(one.value for one in Template)}.")
    if do is Do.WAIT and "wait_s" not in table:
        raise PlanProblem(f"{where}: a wait needs wait_s, in seconds; nothing may wait for ever.")
    return Step(
        id=table["id"],
        do=do,
        say=_texts(where, "say", table.get("say")),
        on=on,
        required=table.get("advisory") is not True,
        within_s=_whole(where, table, "within_s", most=86_400) or 180,
        wait_s=_whole(where, table, "wait_s", most=30 * 86_400),
        times=_whole(where, table, "times", most=100),
        who=_maybe(where, "who", Who, table.get("who")),
        tries=_whole(where, table, "tries", most=9) or 1,
        template=template,
        quiet=table.get("quiet") is True,
        knock=table.get("knock") is True,
        close_as=close_as,
        by_itself=table.get("by_itself") is True,
    )


def _check_targets(name: str, steps: Sequence[Step]) -> None:
    ids = [step.id for step in steps]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise PlanProblem(f"{name}: two steps are called {', '.join(twice)}. Each needs a name of its own.")
    for step in steps:
        for outcome, target in step.on.items():
            if target not in ids:
                raise PlanProblem(
                    f"{name}, step {step.id!r}: {outcome.value} leads to {target!r}, and there is no such step."
                )


def _texts(where: str, key: str, found: object) -> Mapping[Language, str]:
    """A text in all languages of the house."""
    if not isinstance(found, dict) or {*found} != {language.value for language in Language}:
        wanted = ", ".join(language.value for language in Language)
        raise PlanProblem(f"{where}: {key} must be given in {wanted}: {key} = {{ es = ..., pt = ..., en = ... }}.")
    return {Language(language): str(text) for language, text in found.items()}


def _enum(where: str, key: str, kind: type[E], found: object) -> E:
    try:
        return kind(found)
    except ValueError:
        may = ", ".join(str(one.value) for one in kind)
        raise PlanProblem(f"{where}: {key} = {found!r}; it may be {may}.") from None


def _maybe(where: str, key: str, kind: type[E], found: object) -> E | None:
    return None if found is None else _enum(where, key, kind, found)


def _whole(where: str, table: Mapping[str, Any], key: str, *, most: int) -> int | None:
    found = table.get(key)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= most:
        raise PlanProblem(f"{where}: {key} = {found!r}; it must be a whole number from 1 to {most}.")
    return found


def _list(table: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = table.get(key, [])
    return found if isinstance(found, list) else [found]


def _tables(where: str, table: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise PlanProblem(f"{where}: write [[{key}]] with two brackets, once for each.")
    return found


def _only(where: str, table: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted({*table} - known)
    if unknown:
        raise PlanProblem(f"{where}: there is no {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
