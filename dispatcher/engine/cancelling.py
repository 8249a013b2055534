"""Whether a disarm at once ends an alarm without a call, and what breaks that.

In: an incident. Out: yes or no, or what breaks it. A disarm is not an all-clear by itself: a burglar can force a code,
and a code may be a guard's or an installer's. So all conditions must hold, and a while is left for a late duress
signal.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from station.evidence import Evidence, EvidenceKind
from station.facts import Disarm, UserKind
from station.incidents import Incident
from station.plan_events import Broken
from station.signals import Kind

#: The disarm comes within this after the alarm, or it is no cancel.
DISARM_WITHIN_S: Final = 60
#: A panel that was disarmed under duress may say so a little later.
LATE_DURESS_S: Final = 30

_TAMPER_OR_PATH: Final = frozenset({EvidenceKind.TAMPER, EvidenceKind.PATH_LOST, EvidenceKind.ALL_PATHS_LOST})


def may_cancel(incident: Incident) -> bool:
    """Whether the customer's disarm is to be taken for a cancel."""
    progress, disarm = incident.progress, incident.progress.disarm
    if disarm is None or progress.cancel is not None or progress.cancelled:
        return False
    alarms = [piece for piece in progress.evidence if piece.kind is EvidenceKind.DETECTOR]
    return (
        incident.kind is Kind.BURGLARY
        and not progress.confirmed
        and broken_by(incident) is None
        and bool(alarms)
        and disarm.user_kind is UserKind.ORDINARY
        and _same_area(incident, disarm)
        and _as_well_proven(incident, disarm)
        and _in_time(alarms, disarm)
    )


def broken_by(incident: Incident) -> Broken | None:
    """What speaks against taking the alarm back; None: nothing."""
    progress = incident.progress
    if progress.duress or Kind.PANIC_HOLDUP in progress.kinds:
        return Broken.DURESS
    kinds = {piece.kind for piece in progress.evidence}
    if kinds & _TAMPER_OR_PATH or any(piece.kind in _TAMPER_OR_PATH for piece in progress.facts.earlier):
        return Broken.TAMPER_OR_PATH
    if len(_detectors(progress.evidence)) > 1 or set(progress.kinds) - {Kind.BURGLARY}:
        return Broken.MORE_ALARMS
    alarms = [piece.at for piece in progress.evidence if piece.kind is EvidenceKind.DETECTOR]
    if progress.disarm is not None and any(at > progress.disarm.at for at in alarms):
        return Broken.MORE_ALARMS
    return None


def _detectors(evidence: tuple[Evidence, ...]) -> set[str | None]:
    return {piece.detector for piece in evidence if piece.kind is EvidenceKind.DETECTOR}


def _same_area(incident: Incident, disarm: Disarm) -> bool:
    alarmed = incident.progress.area
    if alarmed is None or disarm.area is None:
        # Who has one area at most has disarmed all of it.
        return incident.progress.facts.areas <= 1
    return alarmed.lstrip("0") == disarm.area.lstrip("0")


def _as_well_proven(incident: Incident, disarm: Disarm) -> bool:
    match incident.authenticated:
        case True:
            return disarm.authenticated is True
        case None:
            return disarm.authenticated is not False
        case False:
            return disarm.authenticated is True


def _in_time(alarms: list[Evidence], disarm: Disarm) -> bool:
    first = min(piece.at for piece in alarms)
    return dt.timedelta(0) <= disarm.at - first <= dt.timedelta(seconds=DISARM_WITHIN_S)
