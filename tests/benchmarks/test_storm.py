"""A small day of storm: lived through, replayed, and nothing forgotten."""

from __future__ import annotations

import pytest

from benchmarks.storm.day import spend
from benchmarks.storm.report import as_svg, as_text
from benchmarks.storm.scenario import ALARMS_MORE, storm
from station.signals import Kind, Qualifier
from station.store.database import Database, open_database
from station.store.install import install


def test_a_storm_is_what_was_measured_of_storms() -> None:
    reports = storm(1000, 1)
    assert reports == sorted(reports)
    assert reports == storm(1000, 1)
    assert reports != storm(1000, 2)
    failed = {one.site for one in reports if one.kind is Kind.POWER and one.qualifier is Qualifier.NEW}
    back = {one.site for one in reports if one.kind is Kind.POWER and one.qualifier is Qualifier.RESTORE}
    assert (len(failed), failed) == (250, back)
    assert sum(one.kind is Kind.TROUBLE for one in reports) == 240
    assert sum(one.kind is Kind.BURGLARY and len(one.zone) == 1 for one in reports) == round(60 * ALARMS_MORE)


@pytest.fixture
async def storm_url(database_url: str, owner: Database) -> str:
    """A station whose clock may be moved."""
    await owner.execute("create database storm template template0")
    before, _, after = database_url.partition("?")
    url = f"{before.rpartition('/')[0]}/storm?{after}"
    async with open_database(url, "postgres") as made:
        await install(made, demo=False, virtual_time=True)
    return url


@pytest.mark.timeout(170)
async def test_life_safety_is_answered_in_time_while_conditions_wait(storm_url: str, owner: Database) -> None:
    try:
        seen = await spend(storm_url, sites=24, operators=1, seed=3)
    finally:
        await owner.execute("drop database storm with (force)")
    assert max(seen.waits["life-safety"]) <= 60
    assert (seen.open_without_due, seen.sent_twice, seen.replayed_differently) == (0, 0, [])
    assert seen.incidents == seen.replayed > 10
    text = as_text(seen, 24, 1, 1.0)
    assert "| life-safety |" in text
    assert "NOT KEPT" not in text.partition("life-safety")[2].partition("\n")[0]
    assert as_svg(seen).startswith("<svg")
