"""`sereno audit verify --head` and `sereno heads`, as a user calls them."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Awaitable, Callable

import pytest
import trio

from dispatcher.auditor.head_files import head_paths, load_or_make_key, write_head
from sereno.heads_command import app
from station.heads import Expected, sign
from station.signals import Kind
from station.store import audit
from station.store.database import Database, open_database
from station.store.heads import next_head
from tests.dispatcher.writers import alarms
from tests.sereno.conftest import sereno

Verify = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
async def elsewhere(tmp_path: pathlib.Path, database_url: str, owner: Database) -> pathlib.Path:
    """Two heads of a station with two incidents, on another host; the public key lies in the station's folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (tmp_path / "var").mkdir()
    key = load_or_make_key(tmp_path / "var")
    expected = Expected()
    async with open_database(database_url, "sereno_dispatcher") as dispatching:
        for kind in (Kind.FIRE, Kind.BURGLARY):
            await alarms(owner, dispatching, kind)
            await audit.append(owner, "command", "accounts_imported", {})
            head = await next_head(owner, expected)
            write_head(folder, sign(head, key))
            expected.apply(head)
    return folder


@pytest.fixture
def verify(tmp_path: pathlib.Path, database_url: str) -> Verify:
    """The command, called in the folder above the station's."""

    async def call(*words: str | pathlib.Path) -> subprocess.CompletedProcess[str]:
        said = ["audit", "verify", "--database-url", database_url, *(str(word) for word in words)]
        return await trio.to_thread.run_sync(lambda: sereno(*said, folder=tmp_path))

    return call


async def delete_incident(owner: Database, incident: int) -> None:
    await owner.execute("alter table incident_event disable trigger all; alter table incident disable trigger all")
    await owner.execute(f"delete from incident where id = {incident}")  # noqa: S608 (a number of ours)
    await owner.execute(f"delete from incident_event where incident = {incident}")  # noqa: S608 (the same)


async def test_only_a_head_shows_that_a_whole_incident_was_deleted(
    owner: Database, elsewhere: pathlib.Path, verify: Verify
) -> None:
    done = await verify("--head", elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Audit rows: 2"
    assert lines[3].startswith("Heads: up to 2 of ")
    assert lines[3].endswith(" UTC, 2 incidents compared")
    assert lines[4] == "All of it is as it was written."

    await delete_incident(owner, 1)
    assert (await verify()).returncode == 0
    done = await verify("--head", *head_paths([elsewhere]))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Altered: incident 1: it is missing; head 1 saw it with 3 events.\n"


async def test_heads_that_were_tampered_with_are_named(
    tmp_path: pathlib.Path, elsewhere: pathlib.Path, verify: Verify
) -> None:
    first, second = head_paths([elsewhere])
    load_or_make_key(tmp_path)
    done = await verify("--head", elsewhere, "--head-key", tmp_path / "head.pub")
    assert done.returncode == 1
    assert done.stdout == "Altered: head 1: its signature is not that of this station's key.\n"

    text = second.read_text()
    second.write_text(text.replace('"incidents":2', '"incidents":1'))
    done = await verify("--head", elsewhere)
    assert done.stdout == "Altered: head 2: its signature is not that of this station's key.\n"
    second.write_text(text[:100])
    done = await verify("--head", elsewhere)
    assert (done.returncode, done.stdout) == (1, f"Altered: {second} holds no head.\n")
    second.write_text(text)
    first.unlink()
    done = await verify("--head", elsewhere)
    assert done.returncode == 0
    assert done.stdout.splitlines()[3].endswith(" UTC, 1 incidents compared, the others counted")


async def test_what_is_not_there_is_told_before_anything_is_said_of_the_station(
    tmp_path: pathlib.Path, elsewhere: pathlib.Path, verify: Verify
) -> None:
    done = await verify("--head", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere can't be read: No such file or directory" in done.stderr
    done = await verify("--head", tmp_path / "var")
    assert (done.returncode, done.stderr) == (2, f"There are no heads in {tmp_path / 'var'}.\n")
    (tmp_path / "var" / "head.pub").unlink()
    done = await verify("--head", elsewhere)
    assert done.returncode == 2
    assert "The key var/head.pub can't be read" in done.stderr


async def test_heads_are_listed_with_whether_they_are_signed(
    tmp_path: pathlib.Path, elsewhere: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    app(["list", "--head", str(elsewhere), "--data", str(tmp_path / "var")], result_action="return_value")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("       1  20")
    assert first.endswith(" UTC  1 incidents, 1 of them new or changed  1 signals  1 audit rows  signed")
    assert second.endswith(" UTC  2 incidents, 1 of them new or changed  2 signals  2 audit rows  signed")

    app(["key", "--data", str(tmp_path / "var")], result_action="return_value")
    assert capsys.readouterr().out == (tmp_path / "var" / "head.pub").read_text()

    load_or_make_key(tmp_path)
    with pytest.raises(SystemExit) as ended:
        app(["list", "--head", str(elsewhere), "--data", str(tmp_path)])
    assert ended.value.code == 1
    assert capsys.readouterr().out.count("NOT SIGNED by this key") == 2
