"""The links that a signal carries, from its extended data to the rows of `media`."""

from __future__ import annotations

import json
import random
import string

import pytest

from dispatcher.media.rules import NotAllowed, link_of
from station.media import links_in
from station.signals import Kind
from station.store import media
from station.store.database import Database
from station.store.media import Host
from tests.dispatcher.writers import alarms


def extended(*fields: tuple[str, str]) -> str:
    return json.dumps(fields, ensure_ascii=False)


@pytest.mark.parametrize(
    ("fields", "links"),
    [
        ([], []),
        ([("A", "https://a.example/no"), ("v", "https://a.example/no")], []),
        ([("V", "https://a.example/1")], ["https://a.example/1"]),
        ([("V", "https://a.example/1"), ("A", "x"), ("V", "https://a.example/2")], [
            "https://a.example/1", "https://a.example/2",
        ]),
        ([("V", "https://a.example/1,https://a.example/2, HTTP://b.example/3")], [
            "https://a.example/1", "https://a.example/2", "HTTP://b.example/3",
        ]),
        # A comma that divides nothing is part of its link.
        ([("V", "https://a.example/1?box=1,2,3,4")], ["https://a.example/1?box=1,2,3,4"]),
        ([("V", " https://a.example/1 "), ("V", "https://a.example/1")], ["https://a.example/1"]),
        ([("V", ""), ("V", "   "), ("V", ",https://a.example/1")], ["https://a.example/1"]),
    ],
)  # fmt: skip
def test_links_are_those_of_fields_v_each_once_and_in_order(fields: list[tuple[str, str]], links: list[str]) -> None:
    assert links_in(extended(*fields)) == links


def test_of_one_signal_twenty_links_are_looked_for() -> None:
    many = [f"https://a.example/{number}" for number in range(50)]
    assert links_in(extended(("V", ",".join(many)))) == many[:20]
    assert links_in(extended(*(("V", one) for one in many))) == many[:20]


@pytest.mark.parametrize("letter", ["x", "é", "相"])
def test_what_is_too_long_for_a_link_is_shown_in_part_and_never_followed(letter: str) -> None:
    start = "https://a.example/"
    longest = start + "x" * (2000 - len(start))
    assert links_in(extended(("V", longest))) == [longest]
    (cut,) = links_in(extended(("V", longest + letter)))
    assert len(cut.encode()) <= 2000
    assert cut.startswith(start + "xxx")
    with pytest.raises(NotAllowed, match="characters"):
        link_of(cut, [Host("a.example", False)])


@pytest.mark.parametrize("consent", [True, False])
async def test_whatever_a_panel_calls_a_link_can_be_stored(
    owner: Database, dispatching: Database, consent: bool
) -> None:
    (incident,) = await alarms(owner, dispatching, Kind.BURGLARY)
    # What can't be compressed is what an index can't take.
    rubbish = "".join(random.Random(7).choices(string.ascii_letters + "éñ相", k=60_000))
    sent = extended(("V", f"https://a.example/{rubbish}"), ("V", "https://a.example/1,https://a.example/1"))
    await media.wants(dispatching, incident, 1, sent, consent=consent)
    kept = await media.of_incident(owner, incident)
    assert [(one.url[:19], one.state.value) for one in kept] == [
        (f"https://a.example/{rubbish[0]}", "wanted" if consent else "refused"),
        ("https://a.example/1", "wanted" if consent else "refused"),
    ]
