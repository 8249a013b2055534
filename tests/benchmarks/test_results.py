"""The page of results, and the rounds that it tells of."""

from __future__ import annotations

import datetime as dt
import pathlib

import attrs

from benchmarks.calibration import Calibration
from benchmarks.load import Measured
from benchmarks.machine import Machine, this_machine
from benchmarks.results import Line, Side, as_markdown
from benchmarks.rounds import alternating

MACHINE = Machine(
    measured_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
    processor="A processor",
    cores=2,
    memory_bytes=8 * 2**30,
    system="Linux 6",
    python="3.11.7",
    postgresql="18.1",
    commit_s=0.000028,
    load=0.34,
)


def test_the_table_has_a_row_for_each_figure() -> None:
    page = as_markdown(
        MACHINE,
        [
            Line(
                what="ACKs",
                found="12,346 a second",
                reach="50,000",
                p50_s=0.0012,
                p99_s=0.0345,
                generator_share=0.25,
                receiver_share=0.9,
                echo_rate=320_000.4,
                commit_s=0.000109,
                rounds=3,
            ),
            Line(what="start", found="2.0 s"),
        ],
        [
            Side(
                what="500", ours=50.4, peers={"twin": (40.2, 1.254), "store off": (99.9, 0.5), "pysiaalarm": "not here"}
            )
        ],
    )
    assert "2026-01-02 03:04 UTC, A processor, 2 cores, 8 GiB, Linux 6" in page
    assert "Python 3.11.7, PostgreSQL 18.1; the disk commits an 8 KiB write in 28 µs; load average before: 0.3" in page
    assert "| ACKs | 12,346 a second | 50,000 | 1.2 ms | 34.5 ms | 25% | 90% | 320,000 | 109 µs | 3 |" in page
    assert "| start | 2.0 s |  |  |  |  |  |  |  |  |" in page
    assert "| 500 | 50 | 40 | 1.25 | 100 | 0.50 | not here |  |" in page


def test_the_machine_is_found_out(tmp_path: pathlib.Path) -> None:
    machine = this_machine(tmp_path, "18.1")
    assert machine.cores >= 1
    assert machine.memory_bytes > 10**8
    assert 0 < machine.commit_s < 5


def test_rounds_alternate_and_compare_within_a_round() -> None:
    order: list[str] = []
    rates = {"ours": iter([10.0, 30.0, 20.0]), "twin": iter([5.0, 10.0, 40.0])}
    quiet = Measured(
        connections=1, acknowledged=1, wrong=0, lost=0, unsent=0, repeated=0, idle=0, seconds=1.0, rate=0.0,
        p50_s=0.0, p99_s=0.0, worst_s=0.0, cpu_share=0.0, watched=(),
    )  # fmt: skip

    def run(name: str) -> Measured:
        order.append(name)
        return attrs.evolve(quiet, rate=next(rates[name]))

    trials = {"ours": lambda: run("ours"), "twin": lambda: run("twin")}
    rounds = alternating(trials, 3, lambda: Calibration(echo_rate=float(len(order)), commit_s=1.0))

    assert order == ["ours", "twin", "twin", "ours", "ours", "twin"]
    assert (rounds.rate("ours"), rounds.rate("twin")) == (20.0, 10.0)
    assert rounds.ratio("ours", "twin") == 2.0  # the median of 2, 3 and 0.5
    assert rounds.echo_rate == 2.0  # measured before each round: after 0, 2 and 4 runs
