"""What is handled first."""

from __future__ import annotations

import pytest

from station.priorities import priority
from station.signals import Kind


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.PANIC_HOLDUP, Kind.MEDICAL, Kind.GAS_CO])
def test_danger_to_life_comes_before_an_intrusion(kind: Kind) -> None:
    assert priority(kind) < priority(Kind.BURGLARY)


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        (Kind.BURGLARY, Kind.TAMPER),
        (Kind.BURGLARY, Kind.POWER),
        (Kind.TAMPER, Kind.TROUBLE),
        (Kind.TECHNICAL, Kind.COMMS),
        # What nobody can read may be anything.
        (Kind.UNREADABLE, Kind.TECHNICAL),
        (Kind.UNTYPED, Kind.TAMPER),
        (Kind.NOT_AUTHENTICATED, Kind.POWER),
        # Nothing can reach us from there: as a cut line, or a burglar's tool.
        (Kind.ALL_PATHS_LOST, Kind.PATH_LOST),
        (Kind.STATION, Kind.RUNAWAY),
        (Kind.POWER, Kind.UNKNOWN_ACCOUNT),
    ],
)
def test_one_kind_comes_before_another(sooner: Kind, later: Kind) -> None:
    assert priority(sooner) < priority(later)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_place_that_the_store_accepts(kind: Kind) -> None:
    assert 1 <= priority(kind) <= 9
