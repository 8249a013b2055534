"""No line of a log holds a secret or a whole phone number."""

from __future__ import annotations

import pathlib

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
