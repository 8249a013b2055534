"""Memory that the receiver processes of a host share."""

from __future__ import annotations

import subprocess
import sys

from receiver.supervision.arrays import PathArrays, new_memory
from tests.receiver.supervision.sites import ROOM

ANOTHER_PROCESS = """
import sys
from receiver.supervision.arrays import PathArrays
arrays = PathArrays(int(sys.argv[1]))
print(arrays.claim(), arrays.heard[7])
arrays.heard_from(8, 2.5)
"""


def in_another_process(memory: int) -> str:
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(memory)]
    done = subprocess.run(command, pass_fds=[memory], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_processes_see_each_other_and_one_tells_the_database() -> None:
    memory = new_memory(ROOM)
    arrays = PathArrays(memory)
    arrays.heard_from(7, 1.5)
    assert in_another_process(memory) == "True 1.5"
    assert arrays.heard[8] == 2.5
    assert arrays.claim()
    assert arrays.claim()
    assert in_another_process(memory) == "False 1.5"


def test_memory_of_millions_takes_only_the_room_that_is_used() -> None:
    arrays = PathArrays()
    assert arrays.capacity == 33_554_432
    before = resident_kib()
    arrays.heard_from(30_000_000, 1.0)
    assert resident_kib() - before < 10_000


def resident_kib() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
