"""The load generator against a small server on a real socket: it must count right, and notice what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.generator import GeneratorFailed, event, measured, percentile
from tests.benchmarks.conftest import crc, server


def test_frames_are_the_standards_and_all_different() -> None:
    frame = event("B000", 7, 123)
    assert frame[9:] == b'"SIA-DCS"0007L0#B000[#B000|Nri1/OP034^Load 123^]\r'
    assert (int(frame[1:5], 16), int(frame[5:9], 16)) == (crc(frame[9:-1]), len(frame) - 10)
    assert event("B000", 7, 124) != frame


def test_each_connection_keeps_one_message_in_flight() -> None:
    with server(delay_s=0.05) as port:
        result = measured("127.0.0.1", port, connections=4, seconds=0.5, frames=400)
    # Four at a time, each 50 ms and a little: at most 40 in half a second, and those begun in it.
    assert 20 <= result.acknowledged <= 44
    assert 0.05 <= result.p50_s <= result.p99_s <= result.worst_s
    assert result.cpu_share < 0.5


def test_an_offered_rate_is_kept() -> None:
    with server() as port:
        result = measured("127.0.0.1", port, connections=4, seconds=0.5, rate=200, frames=4000)
    assert 95 <= result.acknowledged <= 101


def test_waiting_for_a_free_connection_counts() -> None:
    with server(delay_s=0.02) as port:
        result = measured("127.0.0.1", port, connections=1, seconds=0.4, rate=100, frames=400)
    assert result.p99_s > 0.1


def test_a_run_ends_when_its_frames_do() -> None:
    with server() as port:
        result = measured("127.0.0.1", port, connections=2, seconds=30, frames=20)
    assert 10 <= result.acknowledged <= 20


def test_a_wrong_answer_is_no_acknowledgement() -> None:
    with server(damaged=True) as port, pytest.raises(GeneratorFailed, match="instead of"):
        measured("127.0.0.1", port, connections=1, seconds=1, frames=10)


def test_as_a_process_it_prints_its_figures() -> None:
    with server() as port:
        words = ["127.0.0.1", str(port), "--connections", "2", "--seconds", "0.2", "--rate", "100"]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.generator", *words], capture_output=True, text=True, check=True
        )
    assert json.loads(done.stdout)["connections"] == 2


def test_percentiles_are_values_that_were_measured() -> None:
    values = [n / 1000 for n in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (0.05, 0.099, 7.0)
