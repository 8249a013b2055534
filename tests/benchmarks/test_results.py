"""The page of results."""

from __future__ import annotations

import datetime as dt
import pathlib

from benchmarks.machine import Machine, this_machine
from benchmarks.results import Line, as_markdown


def test_the_table_has_a_row_for_each_figure() -> None:
    machine = Machine(
        measured_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        processor="A processor",
        cores=2,
        memory_bytes=8 * 2**30,
        system="Linux 6",
        python="3.11.7",
        commit_s=0.000028,
        load=0.34,
    )
    page = as_markdown(
        machine,
        [
            Line(what="ACKs", rate=12345.6, p50_s=0.0012, p99_s=0.0345, generator_share=0.25, measured="3 rounds"),
            Line(what="Screen", p50_s=0.2, p99_s=0.3, measured="50 alarms"),
        ],
    )
    assert "2026-01-02 03:04 UTC, A processor, 2 cores, 8 GiB, Linux 6, Python 3.11.7" in page
    assert "in 28 µs; load average before: 0.3" in page
    assert "| ACKs | 12,346 | 1.2 ms | 34.5 ms | 25% | 3 rounds |" in page
    assert "| Screen |  | 200.0 ms | 300.0 ms |  | 50 alarms |" in page


def test_the_machine_is_found_out(tmp_path: pathlib.Path) -> None:
    machine = this_machine(tmp_path)
    assert machine.cores >= 1
    assert machine.memory_bytes > 10**8
    assert 0 < machine.commit_s < 1
