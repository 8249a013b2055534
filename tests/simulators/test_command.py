"""`sereno simulate` as a user runs it: its own process, real sockets."""

from __future__ import annotations

import pathlib
import re
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
import trio

from tests.simulators.scripted_receiver import Script, acknowledge, refuse, say_nothing, tcp_receiver, udp_receiver

COMMAND = [sys.executable, "-c", "from simulators.command import app; app()"]


async def simulate(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = await trio.run_process(
        [*COMMAND, *words], capture_stdout=True, capture_stderr=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def table(output: str) -> dict[str, str]:
    return dict(re.split(r"\s{2,}", line, maxsplit=1) for line in output.splitlines())


async def test_one_burglary() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        to = f"127.0.0.1:{receiver.door.port}"
        code, output, _ = await simulate("panels", "--to", to, "--account", "00A1", "--event", "burglary", "--once")
    assert code == 0
    (frame,) = receiver.frames
    assert b"L0#00A1[#00A1|Nri1/BA001" in frame
    assert (table(output)["sent"], table(output)["acknowledged"]) == ("1", "1")


async def test_a_rate_is_kept() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        to = f"127.0.0.1:{receiver.door.port}"
        code, output, _ = await simulate(
            "panels", "--to", to, "--count", "5", "--rate", "50", "--seconds", "1", "--format", "mixed"
        )
    assert code == 0
    assert 45 <= int(table(output)["acknowledged"]) <= 51
    assert receiver.connections == 5


async def test_udp_with_the_accounts_of_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "accounts.csv").write_text("account,zones\n0001,004|Montra|1\n0002,\n", encoding="utf-8")
    async with udp_receiver(acknowledge) as receiver:
        code, output, _ = await simulate(
            "panels", "--to", f"127.0.0.1:{receiver.door.port}", "--accounts", str(tmp_path / "accounts.csv"),
            "--event", "tamper", "--once", "--transport", "udp",
        )  # fmt: skip
    assert code == 0
    assert table(output)["acknowledged"] == "2"
    assert {frame.partition(b"#")[2][:4] for frame in receiver.frames} == {b"0001", b"0002"}


@pytest.mark.parametrize(("script", "row"), [(refuse, "DUH"), (say_nothing, "unanswered")], ids=["duh", "silence"])
async def test_what_was_not_acknowledged_shows_in_table_and_exit_code(script: Script, row: str) -> None:
    async with tcp_receiver(script) as receiver:
        code, output, _ = await simulate(
            "panels", "--to", f"127.0.0.1:{receiver.door.port}", "--count", "1", "--once",
            "--answer-s", "0.2", "--repeats", "1",
        )  # fmt: skip
    assert code == 1
    assert table(output)[row] == "1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["panels", "--to", "nowhere"], "'nowhere' is not HOST:PORT, for example 127.0.0.1:7700"),
        (["panels", "--to", "127.0.0.1:7700", "--key", "00"], "a panel key has 16, 24 or 32 bytes, not 1"),
        (["panels", "--to", "127.0.0.1:7700", "--account", "XYZ"], "account 'XYZ' is not hexadecimal"),
    ],
    ids=["address", "key", "account"],
)
async def test_a_wrong_command_is_told_in_one_line(words: Sequence[str], said: str) -> None:
    assert await simulate(*words) == (2, "", f"{said}\n")


@pytest.mark.parametrize("how", ["stdin", "SIGTERM"])
async def test_the_demo_fleet_lives_until_told(how: str, tmp_path: pathlib.Path) -> None:
    accounts = tmp_path / "accounts.csv"
    assert (await simulate("accounts", str(accounts), "--count", "30"))[0] == 0
    async with tcp_receiver(acknowledge) as receiver:
        to = f"127.0.0.1:{receiver.door.port}"
        process = await trio.lowlevel.open_process(
            [*COMMAND, "demo-fleet", "--to", to, "--accounts", str(accounts), "--pace", "5"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        with trio.fail_after(30):
            await receiver.first_frame.wait()
        if how == "stdin":
            await process.stdin.aclose()
        else:
            process.send_signal(signal.SIGTERM)
        with trio.fail_after(30):
            assert await process.wait() == 0
        assert await process.stdout.receive_some() == b""


@pytest.mark.parametrize("command", ["panels", "demo-fleet", "accounts"])
async def test_help_gives_an_example(command: str) -> None:
    code, output, _ = await simulate(command, "--help")
    assert code == 0
    assert f"sereno simulate {command}" in output
