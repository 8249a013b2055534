"""What stops a command before it starts: one plain line that says what is wrong and what to do; exit code 2."""

from __future__ import annotations

import sys
from typing import NoReturn


class CannotRun(Exception):
    """The text is for the user: what is in the way, and what to do."""


def first_of(error: BaseException) -> BaseException:
    """The first error of a group of groups: nurseries wrap what ends them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def give_up(text: str) -> NoReturn:
    """Say it on standard error and end with exit code 2."""
    print(text, file=sys.stderr)
    raise SystemExit(2)
