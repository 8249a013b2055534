"""Committed signals, followed in order and acted upon once.

In: what the lanes hold behind their cursors. Out: incidents opened and joined, copies marked, cursors moved, all in
one transaction: after a crash between any two steps it happens again, whole. Incidents are locked in the order of
signals, which is safe while everybody else locks one at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs

from dispatcher import metrics
from dispatcher.correlation import SELDOM, Decision, Join, LogOnly, Open, decide
from dispatcher.repeats import REPEAT_WINDOW, copies_among
from station.incident_events import DISPATCHER, Effect, HoldEnd, HoldEnded, IncidentEvent, Joined, Opened
from station.incidents import Incident, OnHold, follow, opened
from station.signals import Kind, StoredSignal
from station.store import incidents, lanes, repeats
from station.store.database import Database, Session
from station.store.install import station_now

#: Signals of one lane in one transaction.
BATCH: Final = 500
#: For how long a nameless panel's link tests raise no second incident.
_TOLD_LATELY: Final = dt.timedelta(hours=12)

#: Whom a signal concerns: an account, or a number that no account answers to.
Whose = tuple[int | None, str]


async def work_off(database: Database) -> int:
    """Act upon the next signals of every lane; how many there were."""
    async with database.transaction() as session:
        await lanes.take_turn(session)
        signals = await lanes.next_signals(session, BATCH)
        if not signals:
            return 0
        copies = await _copies(session, signals)
        fresh = [signal for signal in signals if signal.id not in copies]
        correlator = await _Correlator.for_signals(session, fresh, await station_now(session))
        for signal in fresh:
            await correlator.act(signal)
        await incidents.append_all(session, correlator.steps)
        await lanes.move_cursors(session, signals)
    metrics.SIGNALS.inc(len(signals))
    metrics.DELAY.observe((dt.datetime.now(dt.UTC) - signals[0].received_at).total_seconds())
    metrics.DUPLICATES.inc(len(copies))
    for kind, urgency in correlator.opened:
        metrics.OPENED.labels(kind.value, str(urgency)).inc()
    return len(signals)


async def _copies(session: Session, signals: Sequence[StoredSignal]) -> dict[int, int]:
    among = copies_among(signals)
    firsts = [signal for signal in signals if signal.id not in among]
    before = await repeats.earlier_copies(session, firsts, REPEAT_WINDOW)
    copies = before | {copy: before.get(first, first) for copy, first in among.items()}
    await repeats.mark_repeats(session, copies)
    return copies


def _whose(account_id: int | None, account: str) -> Whose:
    return (account_id, "") if account_id is not None else (None, account)


@attrs.define
class _Correlator:
    """The open incidents of the accounts in one batch, kept true while signals are added to them."""

    _session: Session
    _now: dt.datetime
    _open: dict[Whose, dict[int, Incident]]
    _told: set[tuple[Whose, Kind]]
    #: What is to be written, in order.
    steps: list[incidents.Step] = attrs.field(factory=list, init=False)
    opened: list[tuple[Kind, int]] = attrs.field(factory=list, init=False)

    @classmethod
    async def for_signals(cls, session: Session, signals: Sequence[StoredSignal], now: dt.datetime) -> _Correlator:
        account_ids = {signal.account_id for signal in signals if signal.account_id is not None}
        nameless = {signal.account for signal in signals if signal.account_id is None}
        known: dict[Whose, dict[int, Incident]] = {}
        for row in await incidents.open_incidents(session, account_ids, nameless):
            whose = _whose(row.incident.account_id, row.incident.account)
            known.setdefault(whose, {})[row.id] = row.incident
        suspect = {s.account for s in signals if s.account_id is None or s.authenticity.authenticated is False}
        lately = await incidents.opened_since(session, now - _TOLD_LATELY, SELDOM, suspect) if suspect else set()
        return cls(session, now, known, {(_whose(id_, number), kind) for id_, number, kind in lately})

    async def act(self, signal: StoredSignal) -> None:
        """Decide what `signal` does, and note the steps."""
        whose = _whose(signal.account_id, signal.account)
        mine = self._open.setdefault(whose, {})
        told = any((whose, kind) in self._told for kind in SELDOM)
        decision: Decision = decide(signal, mine, told_lately=told)
        match decision:
            case LogOnly():
                pass
            case Open():
                await self._open_incident(signal, decision, mine)
                self._told.add((whose, decision.kind))
            case Join():
                self._join(signal, decision, mine)

    async def _open_incident(self, signal: StoredSignal, decision: Open, mine: dict[int, Incident]) -> None:
        what = Opened(
            signal=signal.id,
            digest=signal.digest,
            account_id=signal.account_id,
            account=signal.account,
            kind=decision.kind,
            priority=decision.priority,
            authenticated=signal.authenticity.authenticated,
            point=signal.zone or "",
        )
        # An incident is as old as its first signal: the queue and every response time count from there.
        event = IncidentEvent(1, signal.received_at, DISPATCHER, what)
        id_ = await incidents.reserve(self._session)
        self._step(mine, id_, event, opened(event))
        self.opened.append((decision.kind, decision.priority))

    def _join(self, signal: StoredSignal, decision: Join, mine: dict[int, Incident]) -> None:
        incident = mine[decision.incident]
        joined = Joined(
            signal=signal.id,
            digest=signal.digest,
            point=signal.zone or "",
            effect=decision.effect,
            priority=decision.priority,
            authenticated=signal.authenticity.authenticated,
        )
        event = IncidentEvent(incident.last_n + 1, self._now, DISPATCHER, joined)
        after = follow(incident, event)
        self._step(mine, decision.incident, event, after)
        if decision.effect is Effect.ALARM and isinstance(after.state, OnHold):
            event = IncidentEvent(after.last_n + 1, self._now, DISPATCHER, HoldEnded(HoldEnd.NEW_ALARM))
            self._step(mine, decision.incident, event, follow(after, event))

    def _step(self, mine: dict[int, Incident], id_: int, event: IncidentEvent, after: Incident) -> None:
        self.steps.append(incidents.Step(id_, event, after))
        mine[id_] = after
