"""Panels that flood by way of a hardware receiver."""

from __future__ import annotations

import attrs

from receiver.runaway import Runaway
from tests.receiver.test_runaway import RULES, flooded, report


def test_what_a_hardware_receiver_tells_floods_by_account() -> None:
    runaway = flooded()
    told = [report(), report(slot=1), report()]

    stored = runaway.judge_relayed(told, {1: 0, 2: 1}.get, 0.0)

    assert [(signal.account, signal.suppressed) for signal in stored] == [
        ("0000", True),
        ("0001", False),
        ("0000", True),
    ]


def test_an_account_that_nobody_knows_never_floods() -> None:
    runaway = Runaway(RULES)
    told = [attrs.evolve(report(), account_id=None)] * (RULES.runaway_burst + 9)

    assert runaway.judge_relayed(told, lambda _: None, 0.0) == told
    assert runaway.flooding == 0
