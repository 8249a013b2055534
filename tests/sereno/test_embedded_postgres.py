"""The station's own PostgreSQL, made, left behind and found again."""

from __future__ import annotations

import os
import pathlib
import signal
import stat
import subprocess

import pytest
import trio

from sereno.embedded_postgres import Cluster, prepare
from sereno.problems import CannotRun
from station.store.database import open_database
from tests.sereno.conftest import is_alive, until


async def started(cluster: Cluster) -> trio.Process:
    server = await trio.lowlevel.open_process(cluster.command, stderr=subprocess.DEVNULL, start_new_session=True)
    with trio.fail_after(30):
        await cluster.wait_until_it_answers()
    return server


async def stop(server: trio.Process) -> None:
    server.send_signal(signal.SIGINT)
    with trio.fail_after(20):
        await server.wait()


async def test_it_answers_its_owner_through_a_private_folder(tmp_path: pathlib.Path) -> None:
    cluster = await prepare(tmp_path / "postgres")
    server = await started(cluster)
    try:
        async with open_database(cluster.url(), "sereno_owner") as database:
            (row,) = await database.fetch("select current_database() as name, current_setting('fsync') as fsync")
        assert (row["name"], row["fsync"]) == ("sereno", "on")
        assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    finally:
        await stop(server)


async def test_what_a_killed_run_left_behind_is_ended_and_the_data_stays(tmp_path: pathlib.Path) -> None:
    cluster = await prepare(tmp_path / "postgres")
    left = await started(cluster)
    async with open_database(cluster.url(), "sereno_owner") as database:
        await database.execute("create table kept (what text)")

    again = await prepare(tmp_path / "postgres")

    assert not is_alive(left.pid)
    await left.wait()
    server = await started(again)
    try:
        async with open_database(again.url(), "sereno_owner") as database:
            assert await database.fetch("select * from kept") == []
    finally:
        await stop(server)


async def test_backends_without_a_server_are_waited_for(tmp_path: pathlib.Path) -> None:
    cluster = await prepare(tmp_path / "postgres")
    server = await started(cluster)
    server.kill()
    await server.wait()

    await stop(await started(await prepare(tmp_path / "postgres")))


async def test_a_stranger_who_got_the_old_number_is_left_alone(tmp_path: pathlib.Path) -> None:
    cluster = await prepare(tmp_path / "postgres")
    stranger = await trio.lowlevel.open_process(["sleep", "60"])
    (cluster.data / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster.data}\n")

    await prepare(tmp_path / "postgres")

    assert stranger.poll() is None
    stranger.kill()
    await stranger.wait()


async def test_a_cluster_that_was_made_half_is_made_anew(tmp_path: pathlib.Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    cluster = await prepare(tmp_path / "postgres")

    assert (cluster.data / "global" / "pg_control").exists()
    assert not half.exists()


async def test_a_path_too_long_for_a_socket(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / ("long" * 30) / "postgres"
    folder.parent.mkdir()
    cluster = await prepare(folder)
    try:
        assert len(os.fsencode(cluster.socket_folder)) < 90
        assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
        await stop(await started(cluster))
    finally:
        cluster.socket_folder.rmdir()


async def test_what_keeps_it_from_being_made_is_told(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "data.new").write_text("in the way")

    with pytest.raises(CannotRun, match="could not make its files in") as refused:
        await prepare(folder)

    assert "data.new" in str(refused.value)
    until(lambda: not any(folder.glob("data/*")), within_s=1)
