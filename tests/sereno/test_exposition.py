"""One page for the whole station, made of the pages of its roles."""

from __future__ import annotations

import pathlib
import textwrap

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric

from sereno.exposition import merged, station_registry
from sereno.programs import Program
from sereno.supervisor import Child


class Page:
    """What a collector gives, as text."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics

    def text(self) -> str:
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry).decode()


RECEIVER = """
    # HELP sereno_signals_received_total Signals.
    # TYPE sereno_signals_received_total counter
    sereno_signals_received_total{kind="fire"} 3.0
    # HELP wait_seconds Time.
    # TYPE wait_seconds histogram
    wait_seconds_bucket{le="0.5"} 1.0
    wait_seconds_bucket{le="+Inf"} 2.0
    wait_seconds_count 2.0
    wait_seconds_sum 0.75
"""
DISPATCHER = """
    # HELP wait_seconds Time.
    # TYPE wait_seconds histogram
    wait_seconds_bucket{le="0.5"} 0.0
    wait_seconds_bucket{le="+Inf"} 0.0
    wait_seconds_count 0.0
    wait_seconds_sum 0.0
"""


def test_families_meet_and_each_sample_says_whose_it_is() -> None:
    pages = {"receiver": textwrap.dedent(RECEIVER), "dispatcher": textwrap.dedent(DISPATCHER)}

    lines = Page(list(merged(pages))).text().splitlines()

    assert 'sereno_signals_received_total{kind="fire",role="receiver"} 3.0' in lines
    assert 'wait_seconds_bucket{le="0.5",role="receiver"} 1.0' in lines
    assert 'wait_seconds_sum{role="dispatcher"} 0.0' in lines
    assert lines.count("# TYPE wait_seconds histogram") == 1
    assert lines.count("# TYPE sereno_signals_received_total counter") == 1


def test_a_role_that_does_not_answer_is_left_out(tmp_path: pathlib.Path) -> None:
    child = Child(Program(name="receiver", command=["true"], log=tmp_path / "log", stop=[]))
    child.metrics_port = 9  # nobody answers there

    page = generate_latest(station_registry([child])).decode()

    assert 'sereno_process_up{role="receiver"} 0.0' in page
