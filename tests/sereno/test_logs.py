"""No line of a log holds a secret or a whole phone number."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap

import pytest
import structlog

from sereno.logs import rotate, without_secrets


def seen(**event: object) -> dict[str, object]:
    return dict(without_secrets(structlog.get_logger(), "info", {"event": "something", **event}))


def test_values_named_as_secrets_are_left_out() -> None:
    event = seen(password="hunter2", panel_key="00ff", token="t", secret="s", account="1234", monkey="see")

    assert not {"hunter2", "00ff", "t", "s"} & set(event.values())
    assert event["account"] == "1234"
    assert event["monkey"] == "see"


def test_phone_numbers_keep_their_ends_only() -> None:
    assert seen(why="no answer from +351912345678, will retry")["why"] == "no answer from +351***78, will retry"


def test_a_long_log_starts_anew_and_its_writer_goes_on(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "role.log"
    with path.open("a") as writer:
        writer.write("old\n" * 10)
        writer.flush()
        rotate(path, limit_bytes=20)
        writer.write("new\n")

    assert path.read_text() == "new\n"
    assert (tmp_path / "role.log.1").read_text() == "old\n" * 10


FAULT = """
    import logging, sys, structlog
    from sereno.logs import set_up_logs

    def sign_on(password):
        raise RuntimeError("no such table")

    set_up_logs(sys.argv[1])
    for log in (structlog.get_logger(), logging.getLogger("library")):
        try:
            sign_on("correct" + "-horse")
        except RuntimeError:
            log.exception("sign_on_failed")
"""


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_fault_shows_where_it_was_but_no_local_variable(log_format: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FAULT), log_format]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)

    assert done.stderr.count("no such table") >= 2  # ours, and the library's
    assert done.stderr.count("sign_on_failed") == 2
    assert "correct-horse" not in done.stderr
    assert "in sign_on" in done.stderr or '"name": "sign_on"' in done.stderr
