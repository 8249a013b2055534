"""All cases, in the order in which the table shows them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from simulators.conformance import captured, encryption, framing, header, payload, transport
from simulators.conformance.cases import Case, UnderTest


def battery(under_test: UnderTest, only: Sequence[str] = ()) -> list[Case]:
    """The cases for a receiver. `only` keeps those whose subject or name holds one of these words."""
    subjects = (captured, framing, header, payload, encryption, transport)
    found = [case for subject in subjects for case in subject.cases(under_test)]
    found = [case if case.account else attrs.evolve(case, account=under_test.account) for case in found]
    words = [word.lower() for word in only]
    return [case for case in found if not words or any(word in f"{case.subject} {case.name}".lower() for word in words)]


def accounts(under_test: UnderTest) -> list[str]:
    """The clear accounts that the battery speaks for: a receiver that refuses strangers must know them."""
    return sorted({case.account for case in battery(under_test) if case.subject != "encryption"})
