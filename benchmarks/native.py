"""The C programs of the benchmark: the load generator and the echo server, compiled when they are needed.

In: a program's name (`generator`, `echo`) and a folder. Out: the executable in that folder.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from typing import Final

_SOURCES: Final = pathlib.Path(__file__).with_name("native")


class NoCompiler(Exception):
    """There is no C compiler, or it refused; the text says which."""


def built(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The program, compiled into `folder` if it isn't there yet.

    Raises:
        NoCompiler: see there.
    """
    program = folder / name
    if program.exists():
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler(
            "The load generator is a C program, and no C compiler is here. Debian, Ubuntu: apt install gcc"
        )
    source = str(_SOURCES / f"{name}.c")
    done = subprocess.run([compiler, "-O2", "-o", str(program), source], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoCompiler(f"{compiler} refused {source}: {done.stderr.strip()}")
    return program
