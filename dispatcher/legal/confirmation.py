"""Whether an alarm is confirmed, by which article, on which signals, and whether police may be told.

In: the premises and all evidence of the account, closed incidents included: the window counts signals. Out: `Verdict`.
What was once confirmed stays so. A witness, a call for help and the operator's eyes on video always suffice to tell
police; not passing on a real alarm is an offence everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from dispatcher.legal import britain, counting, elsewhere, portugal, spain, states
from dispatcher.legal.verdicts import Found, Method, Premises, Verdict
from station.evidence import Evidence, EvidenceKind
from station.signals import Kind

__all__ = ["Method", "Premises", "Verdict", "asks_for_ground", "guard_may_be_sent", "still_counting", "verdict"]

Rules = Callable[[Premises, Sequence[Evidence]], Iterator[Found]]

_TABLES: Final[Mapping[str, Rules]] = {
    "ES": spain.rules,
    "PT": portugal.rules,
    "GB": britain.rules,
    "US": states.rules,
}
_REACH: Final[Mapping[str, Callable[[Premises], float]]] = {
    "ES": spain.reach_s,
    "PT": portugal.window_s,
    "GB": britain.window_s,
    "US": states.reach_s,
}
#: These suffice to tell police, whatever else the law asks.
_ALWAYS: Final = (
    (EvidenceKind.VOLUNTARY, Method.VOLUNTARY),
    (EvidenceKind.WITNESS, Method.WITNESS),
    (EvidenceKind.CONTACT_REAL, Method.WITNESS),
    (EvidenceKind.VIDEO, Method.VIDEO),
    (EvidenceKind.AUDIO, Method.AUDIO),
    (EvidenceKind.GUARD_REAL, Method.PERSONAL),
    (EvidenceKind.PRESENCE, Method.WITNESS),
    (EvidenceKind.THREAT_PROPERTY, Method.WITNESS),
    (EvidenceKind.THREAT_LIFE, Method.WITNESS),
)
#: Passed on at once, and nobody asks by what right.
_NEVER_ASK: Final = frozenset({Kind.FIRE, Kind.MEDICAL, Kind.PANIC_HOLDUP, Kind.GAS_CO})


def verdict(premises: Premises, evidence: Sequence[Evidence], now: dt.datetime) -> Verdict:
    """What the law of the place says at `now`; what comes later is not looked at."""
    pieces = counting.in_order([piece for piece in evidence if piece.at <= now])
    level = states.level(pieces) if premises.country == "US" else None
    denied_by = counting.denied_by(pieces)
    confirmed = confirmed_by(premises, pieces)
    found = confirmed or _ground(premises, pieces)
    if found is None:
        return Verdict(level=level, denied_by=denied_by)
    return Verdict(
        confirmed=confirmed is not None,
        ground=True,
        article=found.article,
        why=found.method,
        signals=found.signals,
        level=level,
        denied_by=denied_by,
    )


def confirmed_by(premises: Premises, evidence: Sequence[Evidence]) -> Found | None:
    """The strongest rule that holds on evidence in the order of time."""
    return next(_TABLES.get(premises.country, elsewhere.rules)(premises, evidence), None)


def _ground(premises: Premises, evidence: Sequence[Evidence]) -> Found | None:
    kinds = {piece.kind for piece in evidence}
    for kind, method in _ALWAYS:
        if kind in kinds:
            return Found("witness", method)
    return states.two_calls(evidence) or states.cross_zone(evidence) if premises.country == "US" else None


def still_counting(premises: Premises, earlier: Sequence[Evidence], own: Sequence[Evidence]) -> list[Evidence]:
    """Of what other incidents showed, what lies within the window before the first piece of this one's own.

    What they were confirmed by longer ago is theirs: an alarm is confirmed together with it, never by it.
    """
    if not own:
        return []
    reach = dt.timedelta(seconds=_REACH.get(premises.country, elsewhere.window_s)(premises))
    since = min(piece.at for piece in own) - reach
    return [piece for piece in earlier if piece.at >= since]


def asks_for_ground(kind: Kind) -> bool:
    """Whether police are told of such an alarm only with ground, or for a reason that is reviewed."""
    return kind not in _NEVER_ASK


def guard_may_be_sent(premises: Premises, found: Verdict) -> bool:
    """Portugal, article 65: when technical verification confirms. Elsewhere: at any time."""
    return found.confirmed if premises.country == "PT" else True
