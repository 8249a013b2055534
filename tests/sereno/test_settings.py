"""Flag before environment before file; what no command knows is refused."""

from __future__ import annotations

import pathlib

import pytest

from tests.sereno.conftest import sereno


def console_port_that_counts(folder: pathlib.Path, *flags: str, **environment: str) -> str:
    """The port that a start asks for: it is the one that the address of nobody refuses."""
    done = sereno("run", "--dc09-port=0", "--console-address=192.0.2.1", *flags, folder=folder, **environment)
    assert done.returncode == 2
    return done.stderr.partition("192.0.2.1:")[2].partition(" ")[0]


@pytest.mark.parametrize(
    ("flags", "environment", "file", "counts"),
    [
        ((), {}, "", "8000"),
        ((), {}, "console_port = 8001", "8001"),
        ((), {"SERENO_CONSOLE_PORT": "8002"}, "console_port = 8001", "8002"),
        (("--console-port=8003",), {"SERENO_CONSOLE_PORT": "8002"}, "console_port = 8001", "8003"),
    ],
)
def test_the_nearest_source_counts(
    tmp_path: pathlib.Path, flags: tuple[str, ...], environment: dict[str, str], file: str, counts: str
) -> None:
    (tmp_path / "sereno.toml").write_text(file)

    assert console_port_that_counts(tmp_path, *flags, **environment) == counts


def test_a_settings_file_that_is_no_toml_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sereno.toml").write_text("console_port 8001")

    done = sereno("run", folder=tmp_path)

    assert done.returncode == 2
    assert "sereno.toml can't be read" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(tmp_path: pathlib.Path, port: str) -> None:
    done = sereno("run", f"--console-port={port}", folder=tmp_path)

    assert done.returncode != 0
    assert "--console-port" in done.stderr
