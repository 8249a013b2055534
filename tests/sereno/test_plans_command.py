"""`sereno plans`, `replay`, `tokens` and `clock`, as somebody types them."""

from __future__ import annotations

import contextvars
import pathlib
import shutil
from collections.abc import Callable

import pytest
import trio

from dispatcher.plans.library import SHIPPED
from sereno.clock_command import clock
from sereno.plans_command import activate, check, list_command, shadow
from sereno.replay_command import replay_command
from sereno.settings import Where
from sereno.tokens_command import add_command, remove_command
from station.signals import Kind
from station.store.database import Database, open_database
from tests.dispatcher.writers import add_operator, alarms


@pytest.fixture
def plans(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the shipped plans."""
    return pathlib.Path(shutil.copytree(SHIPPED, tmp_path / "plans"))


async def _in_a_thread(command: Callable[[], None]) -> None:
    """Commands open a loop of their own, and know nothing of the test's."""
    await trio.to_thread.run_sync(contextvars.Context().run, command)


def broken(plans: pathlib.Path) -> None:
    file = plans / "fire.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("calls = 0", "calls = 7"), encoding="utf-8")


def quieter(plans: pathlib.Path) -> None:
    """Nobody tells the fire service any more."""
    file = plans / "fire.toml"
    text = file.read_text(encoding="utf-8").replace('do = "fire"', 'do = "task"').replace("told =", "done =")
    text = text.replace(', rejected = "fire_service"', "")
    file.write_text(text, encoding="utf-8")


def test_the_shipped_plans_pass(capsys: pytest.CaptureFixture[str]) -> None:
    check()
    assert "nothing found" in capsys.readouterr().out


def test_what_fails_is_told_with_exit_code_1(plans: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(plans)
    with pytest.raises(SystemExit) as ended:
        check(plans)
    assert ended.value.code == 1
    assert "fire, test" in (said := capsys.readouterr().out)
    assert "the test says 7" in said


def test_an_empty_folder_is_no_book(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        check(tmp_path)
    assert "holds no plan" in capsys.readouterr().err


async def _a_fire(database_url: str, owner: Database) -> None:
    async with open_database(database_url, "sereno_dispatcher") as dispatching:
        await alarms(owner, dispatching, Kind.FIRE)


async def test_a_new_book_is_tried_then_in_force_and_the_old_incident_keeps_its_own(
    database_url: str, owner: Database, plans: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = Where(database_url=database_url)
    await _a_fire(database_url, owner)
    quieter(plans)
    await _in_a_thread(lambda: shadow(plans, where=where))
    said = capsys.readouterr().out
    assert "1 would differ" in said or "none would differ" in said
    await _in_a_thread(lambda: activate(plans, where=where))
    await _in_a_thread(lambda: list_command(where=where))
    assert capsys.readouterr().out.count("in force since") == 2
    await _a_fire(database_url, owner)
    rows = await owner.fetch("select distinct progress::json ->> 'version' as version from incident")
    assert len(rows) == 2
    await _in_a_thread(lambda: replay_command(where=where))
    assert "2 incidents" in (said := capsys.readouterr().out)
    assert "none differ" in said


async def test_what_was_rewritten_is_played_differently(
    database_url: str, owner: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await _a_fire(database_url, owner)
    await owner.execute("update incident_event set body = replace(body, 'fire_service', 'tell') where n = 3")
    with pytest.raises(SystemExit):
        await _in_a_thread(lambda: replay_command(1, where=Where(database_url=database_url)))
    assert "the plan gives" in capsys.readouterr().out


async def test_a_book_that_fails_is_not_brought_into_force(
    database_url: str, plans: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(plans)
    with pytest.raises(SystemExit):
        await _in_a_thread(lambda: activate(plans, where=Where(database_url=database_url)))
    assert "Not activated" in capsys.readouterr().out


async def test_tokens_come_and_go(database_url: str, owner: Database, capsys: pytest.CaptureFixture[str]) -> None:
    where = Where(database_url=database_url)
    await add_operator(owner, "Ana")
    await _in_a_thread(lambda: add_command("ana", name="dialler", where=where))
    token = capsys.readouterr().out.strip()
    assert len(token) > 40
    (row,) = await owner.fetch("select token_hash from api_token")
    assert token.encode() not in row["token_hash"]
    await _in_a_thread(lambda: remove_command("dialler", where=where))
    assert await owner.fetch("select token_hash from api_token") == []
    with pytest.raises(SystemExit):
        await _in_a_thread(lambda: add_command("nobody", name="x", where=where))


async def test_a_real_stations_clock_is_not_moved(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    where = Where(database_url=database_url)
    await _in_a_thread(lambda: clock(where=where))
    assert capsys.readouterr().out.endswith("UTC\n")
    with pytest.raises(SystemExit):
        await _in_a_thread(lambda: clock(forward=60, where=where))
    assert "keeps real time" in capsys.readouterr().err
