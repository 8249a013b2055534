"""Committed signals, followed in order and acted upon once.

In: what the lanes hold behind their cursors. Out: incidents opened, joined and moved along their plans, areas armed,
copies marked, cursors moved, all in one transaction: after a crash between any two steps it happens again, whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from dispatcher import metrics
from dispatcher.advances import Advances
from dispatcher.correlation import SELDOM, Decision, Join, LogOnly, Open, Tested, decide
from dispatcher.plans.library import IN_FORCE, books_for
from dispatcher.repeats import REPEAT_WINDOW, copies_among
from dispatcher.sharding import Held
from dispatcher.timetables import EARLY_TO_OPEN, expect, opened_early
from station.action_plans import Armed
from station.arming import armed_by, means_of
from station.evidence import Evidence
from station.facts import NOBODY, Facts, OnTest, PanelUser, UserKind
from station.incident_events import Effect, HoldEnd, HoldEnded, Joined, Opened
from station.incidents import EMERGENCIES, OnHold
from station.priorities import ALARMING
from station.response_events import OnTestMarked
from station.signals import Kind, Qualifier, StoredSignal
from station.store import expected, incidents, lanes, media, repeats, shards
from station.store import facts as facts_store
from station.store.database import Database, Session
from station.store.facts import Known
from station.store.install import station_now

#: Signals of one lane in one transaction.
BATCH: Final = 500
#: For how long a nameless panel's link tests raise no second incident.
_TOLD_LATELY: Final = dt.timedelta(hours=12)

#: Whom a signal concerns: an account, or a number that no account answers to.
Whose = tuple[int | None, str]


async def work_off(database: Database, held: Held | None = None) -> int:
    """Act upon the next signals of every lane; how many there were. `held`: the shards that give the right to.

    Raises:
        MovedOn, Conflict: somebody else wrote to one of the incidents meanwhile; nothing is done.
    """
    async with database.transaction() as session:
        if held is None:
            await lanes.take_turn(session)
        else:
            await shards.hold(session, held.shards)
        signals = await lanes.next_signals(session, BATCH)
        if not signals:
            return 0
        copies = await _copies(session, signals)
        fresh = [signal for signal in signals if signal.id not in copies]
        correlator = await _Correlator.for_signals(session, fresh, await station_now(session))
        correlator.act_upon(fresh)
        await correlator.write()
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
    _open: dict[Whose, list[int]]
    _told: set[tuple[Whose, Kind]]
    _known: Mapping[int, Known]
    _earlier: Mapping[int, list[Evidence]]
    _advances: Advances
    _armed: list[tuple[int, str, Armed, dt.datetime, str | None, str, int]] = attrs.field(factory=list, init=False)
    _tested: list[tuple[int, int, Kind, str, bool]] = attrs.field(factory=list, init=False)
    _wanted: list[tuple[int, StoredSignal]] = attrs.field(factory=list, init=False)
    _expecting: set[int] = attrs.field(factory=set, init=False)
    _early: list[tuple[int, dt.datetime]] = attrs.field(factory=list, init=False)
    _restores: list[tuple[int, Kind, str, dt.datetime]] = attrs.field(factory=list, init=False)
    _ended: list[tuple[int, Kind, str]] = attrs.field(factory=list, init=False)
    opened: list[tuple[Kind, int]] = attrs.field(factory=list, init=False)

    @classmethod
    async def for_signals(cls, session: Session, signals: Sequence[StoredSignal], now: dt.datetime) -> _Correlator:
        account_ids = {signal.account_id for signal in signals if signal.account_id is not None}
        nameless = {signal.account for signal in signals if signal.account_id is None}
        rows = await incidents.open_incidents(session, account_ids, nameless)
        books = await books_for(session, {IN_FORCE, *(row.incident.progress.version for row in rows)})
        advances = Advances(books)
        open_: dict[Whose, list[int]] = {}
        for row in rows:
            advances.know(row)
            open_.setdefault(_whose(row.incident.account_id, row.incident.account), []).append(row.id)
        suspect = {s.account for s in signals if s.account_id is None or s.authenticity.authenticated is False}
        lately = await incidents.opened_since(session, now - _TOLD_LATELY, SELDOM, suspect) if suspect else set()
        known = await facts_store.known_of(session, account_ids, now)
        alarming = {s.account_id for s in signals if s.account_id is not None and s.kind in EMERGENCIES}
        earlier = await facts_store.earlier_evidence(session, alarming, now) if alarming else {}
        told = {(_whose(id_, number), kind) for id_, number, kind in lately}
        return cls(session, now, open_, told, known, earlier, advances)

    def act_upon(self, signals: Sequence[StoredSignal]) -> None:
        """Decide what each does, and note what follows."""
        for signal in signals:
            self._act(signal)

    def _act(self, signal: StoredSignal) -> None:
        whose = _whose(signal.account_id, signal.account)
        mine = {id_: self._advances.incident(id_) for id_ in self._open.setdefault(whose, [])}
        known = None if signal.account_id is None else self._known.get(signal.account_id)
        told = any((whose, kind) in self._told for kind in SELDOM)
        tests = () if known is None else known.tests
        decision: Decision = decide(signal, mine, told_lately=told, tests=tests, duress=_forced(signal, known))
        self._note_arming(signal, known)
        match decision:
            case LogOnly():
                self._note_restored(signal, tests)
            case Tested(test=test):
                self._tested.append((test, signal.id, signal.kind, signal.zone or "", False))
            case Open():
                self._open[whose].append(self._open_incident(signal, decision, known))
                self._told.add((whose, decision.kind))
            case Join():
                self._join(signal, decision, known)
                self._note_restored(signal, tests)

    def _note_arming(self, signal: StoredSignal, known: Known | None) -> None:
        """What proves nothing arms and disarms nothing."""
        armed = armed_by(signal.event_code, signal.qualifier)
        if armed is None or known is None or signal.account_id is None or signal.old:
            return
        if signal.authenticity.authenticated is False:
            return
        user = signal.user or signal.zone
        at = signal.received_at
        means = means_of(signal.event_code)
        self._armed.append((signal.account_id, signal.area or "", armed, at, user, means, signal.id))
        if known.schedule is not None or known.arm_reminder is not None:
            self._expecting.add(signal.account_id)
        if armed is Armed.DISARMED and opened_early(known, at):
            self._early.append((signal.account_id, at))

    def _note_restored(self, signal: StoredSignal, tests: Sequence[OnTest]) -> None:
        if signal.qualifier is Qualifier.RESTORE and signal.authenticity.authenticated is not False:
            if signal.account_id is not None:
                ended = (signal.account_id, signal.kind, signal.zone or "")
                self._ended.append(ended)
                self._restores = [one for one in self._restores if not _ends(ended, one[:3])]
            self._tested += [(test.id, signal.id, signal.kind, signal.zone or "", True) for test in tests]

    def _open_incident(self, signal: StoredSignal, decision: Open, known: Known | None) -> int:
        what = Opened(
            signal=signal.id,
            digest=signal.digest,
            account_id=signal.account_id,
            account=signal.account,
            kind=decision.kind,
            priority=decision.priority,
            authenticated=signal.authenticity.authenticated,
            point=signal.zone or "",
            code=signal.event_code,
            area=signal.area,
        )
        # Its number is known when all are counted: until then it goes by one below zero.
        id_ = -len(self.opened) - 1
        facts = self._facts_of(signal, known, decision)
        # An incident is as old as its first signal: the queue and every response time count from there.
        self._advances.open(id_, what, signal.received_at, facts, max(self._now, signal.received_at))
        if decision.on_test is not None:
            self._advances.add(id_, OnTestMarked(decision.on_test), self._now)
        self.opened.append((decision.kind, decision.priority))
        self._wanted.append((id_, signal))
        self._expect_restore(signal)
        return id_

    def _facts_of(self, signal: StoredSignal, known: Known | None, decision: Open) -> Facts:
        if known is None or signal.account_id is None:
            return NOBODY
        earlier = tuple(self._earlier.get(signal.account_id, ()))
        return attrs.evolve(known.facts, earlier=earlier, on_test=decision.on_test is not None)

    def _join(self, signal: StoredSignal, decision: Join, known: Known | None) -> None:
        user = (signal.user or signal.zone) if signal.kind is Kind.OPEN_CLOSE else signal.user
        panel_user = None if known is None or user is None else _user(known, user)
        joined = Joined(
            signal=signal.id,
            digest=signal.digest,
            point=signal.zone or "",
            effect=decision.effect,
            priority=decision.priority,
            authenticated=signal.authenticity.authenticated,
            kind=signal.kind,
            qualifier=signal.qualifier,
            code=signal.event_code,
            area=signal.area,
            received_at=signal.received_at,
            old=signal.old,
            user=user,
            user_kind=None if panel_user is None else panel_user.kind,
            contact=None if panel_user is None else panel_user.contact,
        )
        facts = None if known is None else known.facts
        after = self._advances.add(decision.incident, joined, self._now, facts)
        if decision.effect is Effect.ALARM:
            self._wanted.append((decision.incident, signal))
            self._expect_restore(signal)
            if isinstance(after.state, OnHold):
                self._advances.add(decision.incident, HoldEnded(HoldEnd.NEW_ALARM), self._now)

    def _expect_restore(self, signal: StoredSignal) -> None:
        known = self._known.get(signal.account_id or 0)
        if signal.account_id is not None and known is not None and known.restore_within_s is not None:
            by = self._now + dt.timedelta(seconds=known.restore_within_s)
            self._restores.append((signal.account_id, signal.kind, signal.zone or "", by))

    async def write(self) -> None:
        """Store all that was noted."""
        numbers = await incidents.reserve_many(self._session, len(self.opened))
        self._advances.name({-place: number for place, number in enumerate(numbers, start=1)})
        await self._advances.write(self._session)
        await facts_store.note_armed(self._session, self._armed)
        await facts_store.note_tested(self._session, self._tested)
        await expected.restored(self._session, self._ended)
        for account_id, kind, zone, by in self._restores:
            await expected.expect_restore(self._session, account_id, kind, zone, by)
        for place, signal in self._wanted:
            known = self._known.get(signal.account_id or 0)
            if signal.extended is not None and signal.kind in ALARMING:
                consent = known is not None and known.media_consent
                incident = numbers[-place - 1] if place < 0 else place
                await media.wants(self._session, incident, signal.id, signal.extended, consent=consent)
        for account_id in sorted(self._expecting):
            await expect(self._session, account_id, self._known[account_id], self._now)
        for account_id, at in self._early:
            await expected.also_expect(self._session, account_id, EARLY_TO_OPEN, at)


def _ends(restore: tuple[int, Kind, str], alarm: tuple[int, Kind, str]) -> bool:
    """A restore that names no zone ends all of its kind."""
    return restore[:2] == alarm[:2] and restore[2] in {"", alarm[2]}


def _forced(signal: StoredSignal, known: Known | None) -> bool:
    """Whether somebody opened or closed with a code that means duress."""
    number = signal.user or signal.zone
    if known is None or number is None or signal.kind is not Kind.OPEN_CLOSE:
        return False
    user = _user(known, number)
    return user is not None and user.kind is UserKind.DURESS


def _user(known: Known, number: str) -> PanelUser | None:
    """The panel's user by its number, with or without leading zeros."""
    wanted = number.lstrip("0")
    return next((user for name, user in known.users.items() if name.lstrip("0") == wanted), None)
