"""Which backup leads to a moment."""

from __future__ import annotations

import datetime as dt
import pathlib

import pytest

from sereno.backup.archive import Base, Piece
from sereno.backup.choose import Span, choose, contiguous
from sereno.problems import CannotRun

CHAIN = pathlib.Path("chain")


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 6, 15, hour, tzinfo=dt.UTC)


def base(finished: int = 8, start: int = 100, end: int = 150) -> Base:
    return Base(CHAIN / f"{finished}.base", at(finished), start, end, "00000001")


def piece(start: int, end: int, timeline: str = "00000001") -> Piece:
    return Piece(start, end, timeline, CHAIN / f"{start}-{end}")


def span(finished: int, until: int, gap: Piece | None = None) -> Span:
    return Span(base(finished), [piece(100, 200)], at(until), gap)


@pytest.mark.parametrize(
    ("pieces", "run"),
    [
        ([], []),
        ([(100, 200), (200, 300)], [(100, 200), (200, 300)]),
        ([(0, 100), (100, 200)], [(100, 200)]),
        ([(50, 200), (200, 250)], [(50, 200), (200, 250)]),  # begins before the base
        ([(100, 200), (201, 300)], [(100, 200)]),
        ([(101, 200)], []),
        ([(100, 120), (120, 140), (100, 200), (200, 220)], [(100, 200), (200, 220)]),  # pieces of a whole segment
        ([(100, 120), (100, 110), (120, 300)], [(100, 120), (120, 300)]),
    ],
)
def test_the_log_from_the_base_on_without_a_gap(pieces: list[tuple[int, int]], run: list[tuple[int, int]]) -> None:
    found = contiguous([piece(*place) for place in pieces], base())

    assert [(each.start, each.end) for each in found] == run


def test_another_timeline_is_another_history() -> None:
    assert contiguous([piece(100, 200, "00000002")], base()) == []


def test_the_newest_base_before_the_moment_is_the_shortest_way() -> None:
    early, late = span(8, 20), span(12, 20)

    assert choose([early, late], at(13)) is late
    assert choose([early, late], at(12)) is late
    assert choose([early, late], at(11)) is early
    assert choose([early, late], None) is late


def test_an_older_base_leads_where_the_newer_chain_ends_early() -> None:
    long, short = span(8, 20), span(9, 10)

    assert choose([long, short], at(11)) is long


@pytest.mark.parametrize(
    ("found", "moment", "because"),
    [
        ([], None, "no whole backup"),
        ([span(8, 20)], at(7), "The earliest that can be restored is 2026-06-15 08:00"),
        ([span(8, 20)], at(21), "The latest before it that can be restored is 2026-06-15 20:00"),
        ([span(8, 20), span(22, 23)], at(21), "The latest before it that can be restored is 2026-06-15 20:00"),
        ([span(8, 10, piece(300, 400))], at(11), "Log is missing between 100-200 and 300-400"),
        ([span(8, 10, piece(300, 400))], None, "restore to no later than 2026-06-15 10:00"),
    ],
)
def test_what_can_not_be_is_refused_with_what_can(found: list[Span], moment: dt.datetime | None, because: str) -> None:
    with pytest.raises(CannotRun, match=because):
        choose(found, moment)
