"""Keeping processes alive, with programs of a few lines."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import sys
import textwrap
from collections.abc import AsyncIterator

import attrs
import pytest
import trio

from sereno.problems import CannotRun, first_of
from sereno.programs import Program
from sereno.supervisor import Child, Supervisor, until_up
from tests.sereno.conftest import is_alive

#: Says that it is ready, as a role does, and goes on.
READY = """
    import os, signal, sys, time
    def say_ready(metrics):
        os.write(int(sys.argv[sys.argv.index("--ready-fd") + 1]), b'{"metrics": %d}' % metrics)
        os.close(int(sys.argv[sys.argv.index("--ready-fd") + 1]))
"""


def program(folder: pathlib.Path, body: str, name: str = "stub", patience_s: float = 5.0) -> Program:
    script = folder / f"{name}.py"
    script.write_text(textwrap.dedent(READY) + textwrap.dedent(body))
    return Program(
        name=name,
        command=[sys.executable, str(script)],
        log=folder / "log" / f"{name}.log",
        stop=[(signal.SIGTERM, patience_s)],
    )


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    with contextlib.closing(Supervisor()) as supervisor:
        yield supervisor


async def until_restarted(child: Child, times: int) -> None:
    with trio.fail_after(20):
        while child.restarts < times or not child.up:  # noqa: ASYNC110 (nothing tells of a restart but the count)
            await trio.sleep(0.02)


async def test_a_program_that_ends_is_started_again(tmp_path: pathlib.Path, supervisor: Supervisor) -> None:
    body = """
        say_ready(1234)
        time.sleep(0.2)
        print("the end")
    """
    async with supervisor.kept_alive(program(tmp_path, body)) as (child,):
        await until_restarted(child, 2)
        assert child.metrics_port == 1234

    assert (tmp_path / "log" / "stub.log").read_text().count("the end") >= 2


async def test_a_program_that_is_never_ready_is_given_up(tmp_path: pathlib.Path, supervisor: Supervisor) -> None:
    with pytest.RaisesGroup(CannotRun) as caught, trio.fail_after(20):
        async with supervisor.kept_alive(program(tmp_path, "raise SystemExit('no disk')")) as (child,):
            await until_up(child)

    assert "The stub ended 4 times before it was ready (exit status 1)" in str(first_of(caught.value))
    assert "no disk" in str(first_of(caught.value))


async def test_a_program_that_is_away_for_a_while_is_tried_again(
    tmp_path: pathlib.Path, supervisor: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "command"
    command.symlink_to(sys.executable)
    stub = program(tmp_path, "say_ready(1); time.sleep(60)")
    stub = attrs.evolve(stub, command=[str(command), *stub.command[1:]])
    async with supervisor.kept_alive(stub) as (child,):
        await until_up(child)
        command.unlink()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with trio.fail_after(20):
            while child.restarts < 2:  # noqa: ASYNC110 (nothing tells of a restart but the count)
                await trio.sleep(0.02)
        command.symlink_to(sys.executable)

        await until_restarted(child, 2)

    assert "not started: [Errno 2] No such file or directory" in capfd.readouterr().out


async def test_a_program_whose_log_cannot_be_written_is_given_up_with_the_reason(
    tmp_path: pathlib.Path, supervisor: Supervisor
) -> None:
    stub = program(tmp_path, "say_ready(1); time.sleep(60)")
    stub.log.mkdir(parents=True)

    with pytest.RaisesGroup(CannotRun) as caught, trio.fail_after(20):
        async with supervisor.kept_alive(stub) as (child,):
            await until_up(child)

    assert "not started: [Errno 21] Is a directory" in str(first_of(caught.value))


@pytest.mark.parametrize("said", ['{"metr', "[]", '{"metrics": null}'])
async def test_a_program_that_garbles_that_it_is_ready_is_started_again(
    tmp_path: pathlib.Path, supervisor: Supervisor, said: str
) -> None:
    marker = tmp_path / "second"
    body = f"""
        if not os.path.exists({str(marker)!r}):
            open({str(marker)!r}, "w").close()
            ready = int(sys.argv[sys.argv.index("--ready-fd") + 1])
            os.write(ready, {said.encode()!r})
            os.close(ready)
            time.sleep(60)
        say_ready(1234)
        time.sleep(60)
    """
    async with supervisor.kept_alive(program(tmp_path, body)) as (child,):
        await until_restarted(child, 1)
        assert child.metrics_port == 1234


async def test_programs_end_in_the_reverse_order_of_their_starts(
    tmp_path: pathlib.Path, supervisor: Supervisor
) -> None:
    body = f"""
        def end(*_):
            time.sleep(0.3)
            open({str(tmp_path / "ended")!r}, "a").write(os.path.basename(sys.argv[0]) + " ")
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        say_ready(1)
        time.sleep(60)
    """
    with trio.CancelScope() as everything:
        async with contextlib.AsyncExitStack() as stack:
            for name in ("first", "second", "third"):
                (child,) = await stack.enter_async_context(supervisor.kept_alive(program(tmp_path, body, name)))
                await until_up(child)
            everything.cancel()
            await trio.sleep_forever()

    assert (tmp_path / "ended").read_text() == "third.py second.py first.py "


async def test_programs_of_one_group_end_together(tmp_path: pathlib.Path, supervisor: Supervisor) -> None:
    body = f"""
        def end(*_):
            open({str(tmp_path / "ended")!r}, "a").write("asked ")
            time.sleep(1)
            open({str(tmp_path / "ended")!r}, "a").write("ended ")
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        say_ready(1)
        time.sleep(60)
    """
    group = [program(tmp_path, body, name) for name in ("one", "other")]
    async with supervisor.kept_alive(*group) as children:
        for child in children:
            await until_up(child)

    assert (tmp_path / "ended").read_text() == "asked asked ended ended "


async def test_a_program_that_does_not_listen_is_killed(tmp_path: pathlib.Path, supervisor: Supervisor) -> None:
    body = """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say_ready(1)
        time.sleep(60)
    """
    with trio.fail_after(30):
        async with supervisor.kept_alive(program(tmp_path, body, patience_s=0.2)) as (child,):
            await until_up(child)
            pid = child.pid

    assert pid is not None
    assert not is_alive(pid)


async def test_standard_input_ends_when_the_supervisor_does(tmp_path: pathlib.Path) -> None:
    body = """
        say_ready(1)
        sys.stdin.read()
        print("alone")
        sys.stdout.flush()
        time.sleep(60)
    """
    supervisor = Supervisor()
    async with supervisor.kept_alive(program(tmp_path, body)) as (child,):
        await until_up(child)
        supervisor.close()
        with trio.fail_after(30):
            while "alone" not in (tmp_path / "log" / "stub.log").read_text():  # noqa: ASYNC110 (a file tells nobody)
                await trio.sleep(0.02)
