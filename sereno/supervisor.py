"""Keeping processes alive: started, watched, started again when they end, and ended in order.

In: programs, as data. Out: processes. Each lives in a session of its own, so that Ctrl-C reaches only the supervisor,
and each holds the reading end of one pipe: when the supervisor is gone, however it went, the pipe ends and so do they.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Sequence
from typing import Final

import attrs
import structlog
import trio

from sereno.logs import last_lines
from sereno.problems import CannotRun
from sereno.programs import Program
from sereno.whereabouts import make_private

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
#: After so long alive, the next end counts as the first.
SETTLED_S: Final = 30.0
#: A program that ended so often and was never ready will not be.
HOPELESS_AFTER: Final = 4

log = structlog.get_logger()


@attrs.define(eq=False)
class Child:
    """A program and the process that runs it now."""

    program: Program
    #: Its process runs, and has said that it is ready.
    up: bool = attrs.field(default=False, init=False)
    #: Set once it has been up for the first time.
    was_up: trio.Event = attrs.field(factory=trio.Event, init=False)
    pid: int | None = attrs.field(default=None, init=False)
    metrics_port: int | None = attrs.field(default=None, init=False)
    restarts: int = attrs.field(default=0, init=False)
    #: How it ended the last time, in words.
    ended: str = attrs.field(default="", init=False)


class Supervisor:
    """All children of one station, in the order in which they were started."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._lifeline, self._lifeline_held = os.pipe()

    @contextlib.asynccontextmanager
    async def kept_alive(self, *programs: Program) -> AsyncIterator[Sequence[Child]]:
        """`programs` run, and run again when they end, while the body does; at the end they are stopped together.

        Cancelling from outside stops the body first, so that groups end in the reverse order of their starts.
        """
        children = [Child(program) for program in programs]
        self.children += children
        async with trio.open_nursery() as nursery:
            scope = trio.CancelScope(shield=True)
            nursery.start_soon(self._keep_all_alive, children, scope)
            try:
                yield children
            finally:
                scope.cancel()

    async def _keep_all_alive(self, children: Sequence[Child], scope: trio.CancelScope) -> None:
        with scope:
            async with trio.open_nursery() as nursery:
                for child in children:
                    nursery.start_soon(self._keep_alive, child)

    async def _keep_alive(self, child: Child) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            started = trio.current_time()
            try:
                child.ended = ending(await self._run(child))
            except (OSError, CannotRun) as error:  # next time the disk may have room again
                child.ended = f"not started: {error}"
            if trio.current_time() - started > SETTLED_S:
                pause_s = FIRST_PAUSE_S
            child.restarts += 1
            log.warning("process_ended", role=child.program.name, ended=child.ended, again_in_s=pause_s)
            await trio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _run(self, child: Child) -> int:
        """Run the program once; gives its return code, as `subprocess` does.

        Raises:
            OSError, CannotRun: it could not be started.
        """
        ready_read, ready_write = os.pipe()
        async with trio.lowlevel.FdStream(ready_read) as said:
            try:
                process = await self._start(child.program, ready_write)
            finally:
                os.close(ready_write)
            child.pid = process.pid
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_notice_ready, child, said, nursery.cancel_scope)
                    await process.wait()
                    nursery.cancel_scope.cancel()
            finally:
                child.up, child.pid, child.metrics_port = False, None, None
                await _end(process, child.program)
            return await process.wait()

    async def _start(self, program: Program, ready_write: int) -> trio.Process:
        flags, fds = (["--ready-fd", str(ready_write)], [ready_write]) if program.ready is None else ([], [])
        make_private(program.log.parent)
        with program.log.open("ab") as output:
            return await trio.lowlevel.open_process(
                [*program.command, *flags],
                stdin=self._lifeline,
                stdout=output,
                stderr=output,
                pass_fds=[*program.fds, *fds],
                env=program.environment,
                start_new_session=True,
            )

    def close(self) -> None:
        """Let go of the lifeline."""
        os.close(self._lifeline)
        os.close(self._lifeline_held)


async def _notice_ready(child: Child, said: trio.abc.ReceiveStream, run: trio.CancelScope) -> None:
    """Note that it is up; end this run of it if that can't be told."""
    try:
        if child.program.ready is not None:
            await child.program.ready()
        else:
            line = b"".join([part async for part in said])
            if not line:
                return  # it ended, or closed the pipe, without being ready
            child.metrics_port = int(json.loads(line)["metrics"])
    except (OSError, CannotRun, ValueError, KeyError, TypeError) as error:  # half a line, among others
        log.warning("readiness_unknown", role=child.program.name, why=repr(error))
        run.cancel()
        return
    child.up = True
    child.was_up.set()


async def _end(process: trio.Process, program: Program) -> None:
    """Ask, wait, ask louder, and kill; returns when the process is gone."""
    with trio.CancelScope(shield=True):
        for sign, patience_s in program.stop:
            if process.poll() is None:
                process.send_signal(sign)
                with trio.move_on_after(patience_s):
                    await process.wait()
        if process.poll() is None:
            log.warning("process_killed", role=program.name)
            process.kill()
            await process.wait()


def ending(status: int) -> str:
    """A return code in words."""
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


async def until_up(child: Child) -> None:
    """Return once the child has been up.

    Raises:
        CannotRun: it ends again and again before.
    """
    while not child.was_up.is_set():
        if child.restarts >= HOPELESS_AFTER:
            raise CannotRun(
                f"The {child.program.name} ended {child.restarts} times before it was ready ({child.ended}). "
                f"The end of its log, {child.program.log}:\n{last_lines(child.program.log)}"
            )
        with trio.move_on_after(0.1):
            await child.was_up.wait()
