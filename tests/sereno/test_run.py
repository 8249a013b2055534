"""A whole station: it comes up, says where it is, lives through the death of each part, and leaves nothing behind."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import stat
import time
from collections.abc import Callable

import httpx
import pytest

from station.station_key import StationKey
from station.store.database import open_database
from tests.sereno.conftest import Station, is_alive, page, until

ROLES = ("receiver", "dispatcher", "console", "auditor", "fetcher", "postgres")


def test_the_ready_file_says_how_to_reach_every_part(station: Station) -> None:
    where = station.addresses

    assert set(where) == {"dc09_tcp", "dc09_udp", "console", "metrics", "database_url"}
    assert where["dc09_tcp"] == where["dc09_udp"]
    host, _, port = where["dc09_tcp"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass
    assert httpx.get(where["console"], trust_env=False).status_code < 400


@pytest.mark.parametrize("name", ["ready.json", "data/station.json", "data/station.key"])
def test_what_could_help_an_intruder_is_for_the_owner_only(station: Station, name: str) -> None:
    file = station.data.parent / name

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(station.data.stat().st_mode) == 0o700


def test_one_page_holds_the_metrics_of_all_roles(station: Station) -> None:
    lines = page(station.addresses["metrics"]).splitlines()

    for role in ROLES:
        assert f'sereno_process_up{{role="{role}"}} 1.0' in lines
    for role in ("receiver", "dispatcher", "console"):
        assert any(line.startswith(f'process_open_fds{{role="{role}"}}') for line in lines)
    assert any(line.startswith("sereno_build_info{") for line in lines)
    assert len([line for line in lines if line == "# TYPE process_open_fds gauge"]) == 1


@pytest.mark.parametrize("role", ROLES)
def test_a_part_that_is_killed_comes_back(station: Station, role: str) -> None:
    killed = station.pid_of(role)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    # While it is away the metrics page still answers.
    assert "sereno_process_up" in page(station.addresses["metrics"])
    until(lambda: station.pid_of(role) not in {None, killed})
    until(lambda: f'sereno_process_up{{role="{role}"}} 1.0' in page(station.addresses["metrics"]))
    assert f'sereno_process_restarts_total{{role="{role}"}} 1.0' in page(station.addresses["metrics"])


def test_a_panel_that_connects_while_the_receiver_is_away_is_not_refused(station: Station) -> None:
    killed = station.pid_of("receiver")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    host, _, port = station.addresses["dc09_tcp"].rpartition(":")

    with socket.create_connection((host, int(port)), timeout=5):
        until(lambda: station.pid_of("receiver") not in {None, killed})


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_ten_seconds_and_leaves_no_process(
    starting: Callable[..., Station], sign: signal.Signals
) -> None:
    station = starting()
    children = station.processes()
    assert len(children) == len(ROLES)
    began = time.monotonic()

    station.process.send_signal(sign)
    station.process.send_signal(signal.SIGINT)  # an impatient second one
    said, complained = station.stop(sign)

    assert time.monotonic() - began < 10
    assert station.process.returncode == 0
    assert station.addresses["console"] in said
    assert complained == ""
    assert not any(is_alive(pid) for pid in children)
    assert not (station.data / "station.json").exists()


def test_after_a_kill_the_next_start_cleans_up_and_keeps_the_data(starting: Callable[..., Station]) -> None:
    first = starting()
    key = (first.data / "station.key").read_text()
    children = first.processes()
    port = int(first.addresses["dc09_tcp"].rpartition(":")[2])
    first.process.kill()
    first.process.communicate()

    second = starting(port)

    assert not any(is_alive(pid) for pid in children)
    assert (second.data / "station.key").read_text() == key
    _, complained = second.stop()
    assert complained == ""


def test_its_parts_end_when_the_supervisor_is_killed(starting: Callable[..., Station]) -> None:
    station = starting()
    parts = [pid for role in ROLES[:3] if (pid := station.pid_of(role)) is not None]
    assert len(parts) == 3

    station.process.kill()

    until(lambda: not any(is_alive(pid) for pid in parts), within_s=8)
    # PostgreSQL alone is left behind, for the next start to end.
    starting()


async def test_another_postgresql_is_used_as_it_is(
    tmp_path: pathlib.Path, postgres_folder: str, starting: Callable[..., Station]
) -> None:
    url = f"postgresql://postgres@/used?host={postgres_folder}"
    async with open_database(url.replace("/used", "/postgres"), "postgres") as server:
        await server.execute("create database used")

    station = starting(database_url=url)

    assert station.addresses["database_url"] == url
    assert station.pid_of("postgres") is None
    assert not (tmp_path / "data" / "postgres").exists()


def cookie_of_the_door(station: Station) -> str:
    """What the sign-on page sets."""
    cookie: str = httpx.get(f"{station.addresses['console']}/sign-on", trust_env=False).headers["set-cookie"]
    return cookie


async def test_behind_a_proxy_with_tls_cookies_are_for_https_only(
    database_url: str, tmp_path: pathlib.Path, starting: Callable[..., Station]
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "station.key").write_text(StationKey.generate().to_text())
    station = starting(database_url=database_url, more=["--console-secure-cookies"])

    assert "secure" in cookie_of_the_door(station).lower().split("; ")
