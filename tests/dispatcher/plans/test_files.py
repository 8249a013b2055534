"""Plan files: read with clear words, checked for what can't be right, and their own tests played."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.plans.book import Book
from dispatcher.plans.library import SHIPPED, book_of, shipped, texts_in
from dispatcher.plans.linting import lint, lint_account
from dispatcher.plans.reading import PlanProblem, read_plan
from dispatcher.plans.rehearsals import Rehearsal
from dispatcher.plans.rehearsing import failures
from station.facts import ContactFact, ContactRole, Facts

SAY = 'say = { es = "a", pt = "b", en = "c" }\n'
HEAD = 'title = { es = "a", pt = "b", en = "c" }\n[[for]]\nkind = ["burglary"]\n'
CLOSE = f'[[step]]\nid = "close"\ndo = "close"\n{SAY}'


def step(id_: str, do: str, more: str = "") -> str:
    return f'[[step]]\nid = "{id_}"\ndo = "{do}"\n{SAY}{more}\n'


def book(*steps: str) -> Book:
    return book_of({"unreadable": HEAD + CLOSE, "mine": HEAD + "".join(steps)})


def _tests() -> list[tuple[str, Rehearsal]]:
    return [(name, one) for name, text in texts_in(SHIPPED).items() for one in read_plan(name, text).rehearsals]


@pytest.mark.parametrize(("name", "rehearsal"), _tests(), ids=lambda one: getattr(one, "name", one))
def test_the_shipped_plans_do_what_their_tests_say(name: str, rehearsal: Rehearsal) -> None:
    assert failures(shipped(), rehearsal) == [], name


def test_nothing_is_found_in_the_shipped_plans() -> None:
    assert [str(one) for one in lint(shipped())] == []


def test_every_shipped_plan_has_a_test() -> None:
    assert {name for name, _ in _tests()} == set(texts_in(SHIPPED))


def test_a_test_that_is_not_so_says_what_is() -> None:
    (rehearsal,) = read_plan(
        "x", HEAD + CLOSE + '[[test]]\nname = "t"\ngiven = [{ signal = "fire" }]\nthen = { sms = 3, step = "police" }\n'
    ).rehearsals
    assert failures(shipped(), rehearsal) == [
        "sms is 0, and the test says 3",
        "step is 'fire_service', and the test says 'police'",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = ", "no TOML"),
        (HEAD, "it has no step"),
        (HEAD + CLOSE + CLOSE, "two steps are called close"),
        (HEAD + step("a", "dance"), "do = 'dance'; it may be call, password"),
        (HEAD + step("a", "call", 'on = { match = "a" }'), "call never ends with 'match'"),
        (HEAD + step("a", "call", 'on = { answered = "b" }'), "there is no such step"),
        (HEAD + step("a", "wait"), "nothing may wait for ever"),
        (HEAD + step("a", "sms"), "a message needs text"),
        (HEAD + step("a", "call", "within_s = 0"), "whole number from 1"),
        (HEAD + step("a", "call", "speed = 3"), "there is no speed"),
        ('title = { en = "x" }\n' + CLOSE, "must be given in es, pt, en"),
        (HEAD + "[step]\n", r"\[\[step\]\] with two brackets"),
        (HEAD + step("a", "close", "by_itself = true"), "must say what it was"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(text: str, why: str) -> None:
    with pytest.raises(PlanProblem, match=why):
        read_plan("mine", text)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (
            (step("a", "task", 'on = { done = "close" }'), step("lost", "task"), CLOSE),
            "no outcome of any step leads here",
        ),
        ((step("a", "task", 'on = { done = "a" }'), CLOSE), "never comes to an end"),
        (
            (
                step("a", "wait", 'wait_s = 60\non = { elapsed = "b" }'),
                step("b", "wait", 'wait_s = 60\non = { elapsed = "a", restored = "close" }'),
                CLOSE,
            ),
            "it holds for ever",
        ),
    ],
)
def test_what_cannot_be_right_is_found(steps: tuple[str, ...], found: str) -> None:
    assert any(found in str(one) for one in lint(book(*steps))), [str(one) for one in lint(book(*steps))]


def test_nobody_telephones_at_a_hold_up() -> None:
    holdup = HEAD.replace("burglary", "panic_holdup") + step("call", "call", 'who = "premises"') + CLOSE
    found = [str(one) for one in lint(book_of({"unreadable": HEAD + CLOSE, "holdup": holdup}))]
    assert any("nobody telephones the premises" in one for one in found)
    assert any("police are told first" in one for one in found)


def test_an_account_without_a_number_at_night_or_for_a_service_is_found() -> None:
    day = dt.date(2026, 3, 2)
    hours = '{"daily": [["08:00", "22:00"]]}'
    bare = Facts(time_zone="Europe/Madrid", contacts=(ContactFact(1, ContactRole.CONTACT, hours),))
    found = [str(one) for one in lint_account("1234", bare, shipped(), day)]
    assert found[0] == "account 1234: no contact may be called at 03:00"
    assert any("no police service" in one for one in found)
    whole = Facts(contacts=(ContactFact(1, ContactRole.CONTACT),), services=("police", "fire", "medical"))
    assert lint_account("1234", whole, shipped(), day) == []


def test_a_book_is_known_by_its_texts() -> None:
    assert book(CLOSE).version == book(CLOSE).version
    assert book(CLOSE).version != book(step("a", "task"), CLOSE).version
