"""The auditor as a process of its own, and the settings that it refuses."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
import trio
from cyclopts import App

from sereno.auditor_settings import Auditing, check_auditing
from sereno.flags import flags_of, secrets_of
from station.store.database import Database
from tests.sereno.conftest import PATIENCE_S, page

PROGRAM = """
import pathlib, sys
from sereno.auditor_role import auditor
from sereno.auditor_settings import Auditing
from sereno.logs import set_up_logs
from sereno.settings import Inherited, MetricsDoor
set_up_logs("json")
auditor(sys.argv[1], pathlib.Path(sys.argv[2]), Auditing(), MetricsDoor(metrics_port=0), Inherited())
"""


async def test_the_auditor_runs_serves_its_metrics_and_ends(
    database_url: str, owner: Database, tmp_path: pathlib.Path
) -> None:
    metrics = await trio.to_thread.run_sync(
        metrics_of_a_run, [sys.executable, "-c", PROGRAM, database_url, str(tmp_path)]
    )
    for name in (
        "sereno_auditor_incidents_without_due",
        "sereno_auditor_late_seconds",
        "sereno_auditor_heartbeat_total",
    ):
        assert any(line.startswith(f"{name} ") for line in metrics.splitlines()), name


def metrics_of_a_run(command: Sequence[str]) -> str:
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if (event := json.loads(line))["event"] == "role_ready":
                break
        else:
            raise AssertionError(f"it ended with {process.wait()}")
        metrics = page(f"http://127.0.0.1:{event['metrics_port']}/metrics")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    return metrics


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        (Auditing(heads_url="http://archive.example/"), "heads_url must begin with https:// and name a host."),
        (Auditing(heads_url="https:///heads"), "heads_url must begin with https:// and name a host."),
        (
            Auditing(heartbeat_url="ftp://watch.example/"),
            "heartbeat_url must begin with http:// or https:// and name a host.",
        ),
    ],
)
def test_an_address_that_can_not_be_meant_is_refused(settings: Auditing, refusal: str) -> None:
    with pytest.raises(ValueError, match="must begin") as refused:
        check_auditing(None, settings)
    assert str(refused.value) == refusal


def test_the_command_line_refuses_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[Auditing] = []
    app = App()

    @app.default
    def note(auditing: Auditing = Auditing()) -> None:
        said.append(auditing)

    app(["--heads-to", "/mnt/heads", "--auditor-due-s", "20"], result_action="return_value")
    assert said == [Auditing(heads_to=pathlib.Path("/mnt/heads"), auditor_due_s=20)]
    for words in (["--heads-url", "http://archive.example/"], ["--auditor-due-s", "0"]):
        with pytest.raises(SystemExit):
            app(words)
    assert len(said) == 1
    assert "heads_url must begin with https://" in capsys.readouterr().err


def test_addresses_reach_the_process_by_its_environment_and_not_its_command_line() -> None:
    settings = Auditing(heartbeat_url="https://watch.example/token", heads_url="https://archive.example/token")
    check_auditing(None, settings)
    assert "token" not in " ".join(flags_of(settings))
    assert secrets_of(settings) == {
        "SERENO_HEARTBEAT_URL": "https://watch.example/token",
        "SERENO_HEADS_URL": "https://archive.example/token",
    }
