"""The load generator against a receiver of a few lines: what it sends, what it counts, what it calls wrong."""

from __future__ import annotations

import pathlib
import re
import statistics

import pytest

from benchmarks.calibration import calibrating
from benchmarks.load import Load, LoadFailed, Measured, measured, percentile
from benchmarks.native import NoCompiler, built
from tests.benchmarks.conftest import crc, datagram_server, server


def run(programs: pathlib.Path, port: int, load: Load, seconds: float = 0.3) -> Measured:
    return measured(programs / "generator", port, load, seconds=seconds)


def reports(frames: list[bytes]) -> list[bytes]:
    return [frame for frame in frames if b'"NULL"' not in frame]


def test_every_frame_is_sound_and_unlike_the_others(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with server(frames=frames) as port:
        result = run(programs, port, Load(connections=3, accounts=3))

    sent = reports(frames)
    assert result.acknowledged == len(sent) == len(set(sent)) > 3
    assert (result.wrong, result.lost) == (0, 0)
    for frame in sent:
        found = re.fullmatch(
            rb'\n(....)(....)("SIA-DCS"\d{4}L0#(10000[0-2])\[#\4\|Nri1/OP\d{3}\^Load \d+\^\])\r', frame
        )
        assert found is not None
        assert (int(found[1], 16), int(found[2], 16)) == (crc(found[3]), len(found[3]))
    # Each connection counts for itself.
    first = [frame for frame in sent if b"#100000[" in frame]
    assert [int(frame[18:22]) for frame in first] == [n % 9999 + 1 for n in range(len(first))]


def test_each_connection_opens_with_a_link_test(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with server(frames=frames) as port:
        run(programs, port, Load(connections=4, accounts=4))

    assert sorted(frames[:4]) == sorted(frame for frame in frames if b'"NULL"' in frame)


def test_connections_share_the_accounts_out_among_them(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with server(frames=frames) as port:
        run(programs, port, Load(connections=2, accounts=10), seconds=0.5)

    numbers = [re.search(rb"#([0-9A-F]+)\[", frame) for frame in reports(frames)]
    assert {int(number[1], 16) - 0x100000 for number in numbers if number} == set(range(10))


def test_a_wrong_answer_is_no_measurement(programs: pathlib.Path) -> None:
    with server(damaged=True) as port, pytest.raises(LoadFailed, match="answers were wrong") as failed:
        run(programs, port, Load(connections=1))

    assert "instead of" in str(failed.value)


def test_nobody_there_is_told(programs: pathlib.Path) -> None:
    with server() as port:
        pass
    with pytest.raises(LoadFailed, match="no connection"):
        run(programs, port, Load(connections=1))


def test_what_had_to_wait_counts_its_waiting(programs: pathlib.Path) -> None:
    # One connection gets 20 answers a second; 200 are due.
    with server(delay_s=0.05) as port:
        result = run(programs, port, Load(connections=1, accounts=1, rate=200.0), seconds=1.0)

    assert result.unsent > 100
    assert result.p50_s > 0.25
    assert result.p99_s > 0.7


def test_at_a_rate_it_sends_no_more(programs: pathlib.Path) -> None:
    with server() as port:
        result = run(programs, port, Load(connections=4, accounts=4, rate=40.0), seconds=1.0)

    assert result.acknowledged + result.unsent == 40


def test_one_connection_a_message(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with server(frames=frames) as port:
        result = run(programs, port, Load(connections=2, mode="connect"))

    assert result.acknowledged == len(frames) == len(reports(frames)) > 2


def test_a_lost_datagram_is_sent_again(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with datagram_server(frames) as port:
        result = run(programs, port, Load(connections=2, mode="udp"), seconds=1.5)

    assert result.repeated == len(frames) - len(set(frames)) > 0
    assert result.acknowledged == len(set(frames))


def test_link_tests_and_alarms(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    with server(frames=frames) as port:
        run(programs, port, Load(connections=1, kind="null"))
    assert reports(frames) == []
    assert len(set(frames)) > 2

    with server(frames=frames) as port:
        run(programs, port, Load(connections=4, kind="alarms"), seconds=1.0)
    kinds = {match[0] for frame in reports(frames) if (match := re.search(rb"Nri1/[A-Z]{2}|\|1130 01", frame))}
    assert kinds == {b"Nri1/OP", b"Nri1/BA", b"|1130 01"}


def test_silent_connections_are_open_before_the_load_begins(programs: pathlib.Path) -> None:
    frames: list[bytes] = []
    heard_by_then: list[int] = []
    with server(frames=frames) as port:
        load = Load(connections=1, idle=150)
        result = measured(
            programs / "generator", port, load, seconds=0.3, when_idle=lambda: heard_by_then.append(len(frames))
        )

    assert heard_by_then[0] >= 150
    assert result.idle == 150
    assert len(frames) == 150 + 1 + result.acknowledged


def test_the_echo_server_calibrates(programs: pathlib.Path) -> None:
    with calibrating(programs) as echo:
        calibration = echo.now()

    assert calibration.echo_rate > 100
    assert 0 < calibration.commit_s < 5


def test_without_a_compiler_it_says_what_to_do(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoCompiler, match="apt install gcc"):
        built("generator", tmp_path)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [n / 1000 for n in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (0.05, 0.099, 7.0)
    assert percentile(values[:99], 50) == statistics.median(values[:99])
