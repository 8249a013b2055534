"""The benchmark as a person runs it, small: a real PostgreSQL, a real receiver, the real load."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys

import pytest

from benchmarks.database import new_place, running_postgres, server_version, slow_disk
from benchmarks.load import Load, Measured, measured
from benchmarks.servers import NotInstalled, Server, pysiaalarm, receiver, twin


def test_one_part_prints_its_row(programs: pathlib.Path) -> None:
    words = ["--only", "offered", "--rounds", "1", "--seconds", "0.2"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], capture_output=True, text=True, check=True, timeout=170
    )

    (row,) = [line for line in done.stdout.splitlines() if line.startswith("| ACKs at 5,000 a second offered")]
    assert "a second | p50 3 ms, p99 15 ms |" in row
    assert row.endswith("| 1 |")


def run(programs: pathlib.Path, server: Server, load: Load) -> Measured:
    return measured(programs / "generator", server.port, load, seconds=0.3, pids=server.pids)


def test_a_place_is_served_by_ours_and_its_peers(programs: pathlib.Path, tmp_path: pathlib.Path) -> None:
    load = Load(connections=3, accounts=50)
    with running_postgres(tmp_path) as cluster:
        assert server_version(cluster).startswith("18")
        place = new_place(cluster, tmp_path, "small", 50)
        with receiver(place, tmp_path, processes=2) as server:
            result = run(programs, server, load)
            assert len(result.watched) == len(server.pids) == 2
            assert all(one.resident_bytes > 10**7 for one in result.watched)
            assert server.started_in_s > 0.1
            with slow_disk(cluster):
                # Each commit takes 5 ms and more, and there are three connections on two writers.
                assert run(programs, server, load).p50_s > 0.005
        with receiver(place, tmp_path, stores=False) as server:
            assert run(programs, server, load).acknowledged > 0


@pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed: make bench-peers")
def test_the_twin_stores_what_it_acknowledges(programs: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with running_postgres(tmp_path) as cluster:
        place = new_place(cluster, tmp_path, "small", 50)
        with twin(place, tmp_path) as server:
            result = run(programs, server, Load(connections=3, accounts=50))
        listed = subprocess.run(
            [sys.executable, "-m", "sereno", "signals", "--data", str(place.data), "--database-url",
             place.database_url, "--json", "--limit", "100000"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert listed.stdout.count('"SIA-DCS"') == result.acknowledged


@pytest.mark.skipif(
    importlib.util.find_spec("pysiaalarm") is None, reason="pysiaalarm is not installed: make bench-peers"
)
def test_pysiaalarm_answers(programs: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with pysiaalarm(tmp_path) as server:
        assert run(programs, server, Load(connections=3)).acknowledged > 0


def test_a_peer_that_is_not_installed_says_so(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(NotInstalled, match="make bench-peers"), pysiaalarm(tmp_path):
        pass
