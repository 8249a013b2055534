"""Guards and agencies in an incident: who is told, how far they are, and which move is possible next.

In: where a response stands, and a move. Out: where it stands then. Agencies follow the exchange of APCO/TMA ANS 2.101
(ASAP to PSAP) whether they are told by telephone, by e-mail or by machine.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from station.errors import IllegalTransition


class Service(enum.Enum):
    """Who is told. The values are those of the SQL enum `service`."""

    POLICE = "police"
    FIRE = "fire"
    MEDICAL = "medical"


class AgencyState(enum.Enum):
    """How far a request to an agency is."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ON_THE_WAY = "on_the_way"
    ON_SCENE = "on_scene"
    CANCEL_REQUESTED = "cancel_requested"
    CLOSED = "closed"


_A: Final = AgencyState
AGENCY_MOVES: Final[Mapping[AgencyState, frozenset[AgencyState]]] = {
    _A.REQUESTED: frozenset({_A.ACCEPTED, _A.REJECTED, _A.ON_THE_WAY, _A.ON_SCENE, _A.CANCEL_REQUESTED, _A.CLOSED}),
    _A.ACCEPTED: frozenset({_A.ON_THE_WAY, _A.ON_SCENE, _A.CANCEL_REQUESTED, _A.CLOSED}),
    _A.REJECTED: frozenset(),
    _A.ON_THE_WAY: frozenset({_A.ON_SCENE, _A.CANCEL_REQUESTED, _A.CLOSED}),
    _A.ON_SCENE: frozenset({_A.CLOSED}),
    # Asked to turn back: they may come all the same.
    _A.CANCEL_REQUESTED: frozenset({_A.ON_THE_WAY, _A.ON_SCENE, _A.CLOSED}),
    _A.CLOSED: frozenset(),
}


class GuardState(enum.Enum):
    """How far a guard is."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ON_THE_WAY = "on_the_way"
    ON_SITE = "on_site"
    REPORTED = "reported"
    LEFT = "left"


_G: Final = GuardState
GUARD_MOVES: Final[Mapping[GuardState, frozenset[GuardState]]] = {
    _G.OFFERED: frozenset({_G.ACCEPTED, _G.DECLINED}),
    _G.ACCEPTED: frozenset({_G.ON_THE_WAY, _G.ON_SITE, _G.DECLINED}),
    _G.DECLINED: frozenset(),
    _G.ON_THE_WAY: frozenset({_G.ON_SITE, _G.DECLINED}),
    _G.ON_SITE: frozenset({_G.REPORTED, _G.LEFT}),
    _G.REPORTED: frozenset({_G.REPORTED, _G.LEFT}),
    _G.LEFT: frozenset(),
}


class Report(enum.Enum):
    """What a guard found."""

    REAL = "real"
    FALSE = "false_alarm"
    DAMAGE = "damage"


class Position(enum.Enum):
    """Where guards check: one is enough outside, inside it takes two (INT/316/2011 art. 10)."""

    OUTSIDE = "outside"
    INSIDE = "inside"


GUARDS_NEEDED: Final[Mapping[Position, int]] = {Position.OUTSIDE: 1, Position.INSIDE: 2}


def agency_moves(state: AgencyState | None, to: AgencyState) -> AgencyState:
    """Where the request stands after it; None: nothing was requested yet.

    Raises:
        IllegalTransition: this can't follow.
    """
    if to not in (frozenset({_A.REQUESTED}) if state is None else AGENCY_MOVES[state]):
        raise IllegalTransition("not_requested" if state is None else state.value, to.value)
    return to


def guard_moves(state: GuardState | None, to: GuardState) -> GuardState:
    """Where the guard stands after it; None: nobody was offered it yet.

    Raises:
        IllegalTransition: this can't follow.
    """
    if to not in (frozenset({_G.OFFERED}) if state is None else GUARD_MOVES[state]):
        raise IllegalTransition("not_offered" if state is None else state.value, to.value)
    return to
