"""Whether an alarm is confirmed, by the law of the place.

In: an incident. Out: the judgement over all that its signals and people have shown, and what the account's other
incidents showed within the window: closing one does not begin anew.
"""

from __future__ import annotations

import datetime as dt

import attrs

from dispatcher.legal.confirmation import Method, Premises, Verdict, still_counting, verdict
from station.facts import Facts
from station.incidents import Incident
from station.plan_events import Judged


def premises_of(facts: Facts) -> Premises:
    """What the law asks about the place."""
    return Premises(
        country=facts.country,
        grade=facts.grade,
        window_s=facts.window_s,
        detectors_installed=facts.detectors,
        dual_path=facts.dual_path,
        domestic=facts.domestic,
    )


def verdict_on(incident: Incident, now: dt.datetime) -> Verdict:
    """What the law says of it now."""
    progress = incident.progress
    premises = premises_of(progress.facts)
    earlier = still_counting(premises, progress.facts.earlier, progress.evidence)
    return _kept(verdict(premises, (*earlier, *progress.evidence), now), progress.judged)


def _kept(found: Verdict, last: Judged | None) -> Verdict:
    """What was once confirmed stays so: a detector that runs away pushes out the evidence by which it was."""
    if found.confirmed or last is None or not last.confirmed:
        return found
    why = None if last.method is None else Method(last.method)
    return attrs.evolve(found, confirmed=True, ground=True, article=last.article, why=why, signals=last.signals)


def judge(incident: Incident, now: dt.datetime) -> Judged | None:
    """The judgement, if it is another than the last; an alarm begins as unconfirmed, without ground, at level 1."""
    if not incident.progress.evidence:
        return None
    found = verdict_on(incident, now)
    judged = Judged(
        confirmed=found.confirmed,
        ground=found.ground,
        article=found.article,
        method=None if found.why is None else found.why.value,
        signals=found.signals,
        level=found.level,
    )
    last = incident.progress.judged
    if last is None:
        said = judged.confirmed or judged.ground or judged.level not in (None, 1)
        return judged if said else None
    same = (last.confirmed, last.ground, last.article, last.method, last.level) == (
        judged.confirmed,
        judged.ground,
        judged.article,
        judged.method,
        judged.level,
    )
    return None if same else judged
