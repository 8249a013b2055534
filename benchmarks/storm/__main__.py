"""`python -m benchmarks.storm`.

Live through a day of storm, print what it was like, write `queue.svg` beside this file.
"""

from __future__ import annotations

import argparse
import pathlib
import tempfile
import time
from typing import Final

import trio

from benchmarks.database import running_postgres
from benchmarks.storm.day import Seen, spend
from benchmarks.storm.report import as_svg, as_text
from sereno.embedded_postgres import SUPERUSER, Cluster
from station.store.database import open_database
from station.store.install import install

_PICTURE: Final = pathlib.Path(__file__).with_name("queue.svg")


def main() -> None:
    """Live, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description="A day of storm in virtual time.")
    parser.add_argument("--quick", action="store_true", help="200 sites, 2 operators; writes nothing")
    parser.add_argument("--sites", type=int, default=2000)
    parser.add_argument("--operators", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    sites, operators = (200, 2) if told.quick else (told.sites, told.operators)
    with (
        tempfile.TemporaryDirectory(prefix="sereno-storm-") as folder,
        running_postgres(pathlib.Path(folder)) as cluster,
    ):
        began = time.perf_counter()
        seen: Seen = trio.run(_day, cluster, sites, operators, told.seed)
    print(as_text(seen, sites, operators, time.perf_counter() - began))
    if not told.quick:
        _PICTURE.write_text(as_svg(seen), encoding="utf-8")


async def _day(cluster: Cluster, sites: int, operators: int, seed: int) -> Seen:
    async with open_database(cluster.url("postgres"), SUPERUSER) as server:
        await server.execute("create database storm")
    url = cluster.url("storm")
    async with open_database(url, SUPERUSER) as owner:
        await install(owner, demo=False, virtual_time=True)
    return await spend(url, sites, operators, seed)


if __name__ == "__main__":
    main()
