"""Time sources as a user sets them, wherever he does, and as a receiver is handed them down."""

from __future__ import annotations

import pathlib

import pytest

from receiver.clock.settings import ClockSettings
from sereno.flags import flags_of
from tests.sereno.conftest import sereno


@pytest.mark.parametrize(
    ("flags", "environment", "file"),
    [
        (("--time-sources=192.0.2.1", "--time-sources=ntp://192.0.2.2"), {}, ""),
        ((), {"SERENO_TIME_SOURCES": "192.0.2.1 ntp://192.0.2.2"}, ""),
        ((), {}, 'time_sources = ["192.0.2.1", "ntp://192.0.2.2"]'),
        (flags_of(ClockSettings(time_sources=("192.0.2.1", "ntp://192.0.2.2"))), {}, ""),
    ],
    ids=["flag", "environment", "file", "handed down"],
)
def test_what_is_no_time_source_is_named(
    tmp_path: pathlib.Path, flags: tuple[str, ...], environment: dict[str, str], file: str
) -> None:
    (tmp_path / "sereno.toml").write_text(file)

    done = sereno("receiver", *flags, folder=tmp_path, **environment)

    assert done.returncode != 0
    told = " ".join(done.stderr.replace("│", " ").split())
    assert "time_sources: 'ntp://192.0.2.2' is neither HOST nor HOST:PORT." in told
