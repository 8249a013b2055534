"""The battery as the tests play it: the accounts that a receiver under test knows."""

from __future__ import annotations

from simulators.conformance.battery import battery
from simulators.conformance.cases import Case, Keyed, UnderTest

KEYS = {size: Keyed(f"CF{size}", bytes(range(size))) for size in (16, 24, 32)}
UNDER_TEST = UnderTest("1234", KEYS)


def named(name: str) -> Case:
    """The case of this name."""
    (case,) = [case for case in battery(UNDER_TEST) if case.name == name]
    return case
