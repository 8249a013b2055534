"""The verdict on one round: what panels were acknowledged, against what the station stored and what it did about it.

In: the frames that were acknowledged, each with its events; the rows of `signal` with their copies; the incident
events that name a signal. Out: counts, and a line for each fault. Pure.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

#: Faults of one sort that are told one by one; the counts go on.
_TOLD: Final = 5


@attrs.frozen
class Told:
    """One event that a panel reported; `code` and `zone` as they stand on the wire."""

    code: str
    zone: str
    alarm: bool


@attrs.frozen
class Acknowledged:
    """One frame that a panel was acknowledged, in the order in which the panel sent its frames."""

    account: str
    sequence: str
    events: tuple[Told, ...]


@attrs.frozen
class Stored:
    """One row of `signal`."""

    id: int
    account: str
    sequence: str
    code: str | None
    zone: str | None
    #: Kept from the queue: a panel that floods.
    suppressed: bool
    #: The row that this one is a copy of.
    repeat_of: int | None


@attrs.frozen
class Acted:
    """One incident event that names a signal; in the order of the incident."""

    incident: int
    signal: int


@attrs.define
class Verdict:
    """What one round came to."""

    signals: int = 0
    copies: int = 0
    suppressed: int = 0
    #: Acknowledged, and not stored or not acted upon.
    lost: int = 0
    #: Acted upon more than once, or stored twice without a mark.
    doubled: int = 0
    #: Stored or acted upon out of the order in which the panel reported.
    disordered: int = 0
    #: Stored, and reported by nobody.
    invented: int = 0
    faults: list[str] = attrs.field(factory=list)

    @property
    def sound(self) -> bool:
        """True if there is nothing to complain of."""
        return not (self.lost or self.doubled or self.disordered or self.invented)

    def fault(self, count: str, what: str) -> None:
        """One more of `lost`, `doubled`, `disordered` or `invented`."""
        setattr(self, count, getattr(self, count) + 1)
        if getattr(self, count) <= _TOLD:
            self.faults.append(f"{count}: {what}")

    def add(self, other: Verdict) -> None:
        """Sum up."""
        for count in ("signals", "copies", "suppressed", "lost", "doubled", "disordered", "invented"):
            setattr(self, count, getattr(self, count) + getattr(other, count))
        self.faults += other.faults


#: Account, sequence, code, zone: one event among those of a round.
_Name = tuple[str, str, str | None, str | None]


def judge(acknowledged: Sequence[Acknowledged], stored: Sequence[Stored], acted: Sequence[Acted]) -> Verdict:
    """Hold the three against each other.

    Args:
        acknowledged: those of one panel in its order. No sequence number of a panel comes twice.
        stored: in the order of receipt.
        acted: by incident, then in its order.
    """
    verdict = Verdict()
    rows: dict[_Name, list[Stored]] = collections.defaultdict(list)
    for row in stored:
        rows[row.account, row.sequence, row.code, row.zone].append(row)
    acts = collections.Counter(act.signal for act in acted)
    places: dict[int, tuple[str, int, int]] = {}
    for place, frame in enumerate(acknowledged):
        for within, event in enumerate(frame.events):
            name = (frame.account, frame.sequence, event.code, event.zone)
            original = _one_event(verdict, name, event, rows.pop(name, []), acts)
            if original is not None:
                places[original] = (frame.account, place, within)
    for strange, left in rows.items():
        verdict.fault("invented", f"{_named(strange)}: {len(left)} rows, never acknowledged")
    _order(verdict, [row.id for row in stored], places, "stored")
    for incident, signals in _by_incident(acted).items():
        _order(verdict, signals, places, f"acted upon in incident {incident}")
    return verdict


def _one_event(
    verdict: Verdict, name: _Name, event: Told, rows: Sequence[Stored], acts: Mapping[int, int]
) -> int | None:
    """Judge all rows of one event; the id of its original."""
    verdict.signals += 1
    originals = [row for row in rows if row.repeat_of is None]
    verdict.copies += len(rows) - len(originals)
    if not originals:
        verdict.fault("lost", f"{_named(name)}: {'all rows are marked as copies' if rows else 'not stored'}")
        return None
    # Of what a flooding panel repeats, copies are stored in bulk and not told apart: nobody acts upon any of them.
    told = [row.id for row in originals if not row.suppressed]
    if len(told) > 1:
        verdict.fault("doubled", f"{_named(name)}: stored as {len(told)} signals, {told}")
    first = next((row for row in originals if not row.suppressed), originals[0])
    ids = {row.id for row in originals}
    strange = [row.id for row in rows if row.repeat_of is not None and row.repeat_of not in ids]
    if strange:
        verdict.fault("lost", f"{_named(name)}: {strange} are marked as copies of another event")
    times = sum(acts.get(row.id, 0) for row in rows)
    if times > 1 or any(acts.get(row.id) for row in rows if row.id != first.id):
        verdict.fault("doubled", f"{_named(name)}: in incidents {times} times, rows {[row.id for row in rows]}")
    verdict.suppressed += first.suppressed
    if event.alarm and times == 0 and not first.suppressed:
        verdict.fault("lost", f"{_named(name)}: stored as {first.id}, in no incident")
    return first.id


def _order(verdict: Verdict, signals: Iterable[int], places: Mapping[int, tuple[str, int, int]], where: str) -> None:
    latest: dict[str, tuple[int, int]] = {}
    for signal in signals:
        if signal in places:
            account, *place = places[signal]
            here = (place[0], place[1])
            if here < latest.get(account, (-1, -1)):
                verdict.fault("disordered", f"account {account}: {signal} was {where} after what was reported later")
            latest[account] = max(here, latest.get(account, (-1, -1)))


def _by_incident(acted: Iterable[Acted]) -> dict[int, list[int]]:
    signals: dict[int, list[int]] = collections.defaultdict(list)
    for act in acted:
        signals[act.incident].append(act.signal)
    return signals


def _named(name: _Name) -> str:
    account, sequence, code, zone = name
    return f"account {account}, sequence {sequence}, {code} zone {zone}"
