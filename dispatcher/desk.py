"""The desk: the operator's verbs.

In: who, which incident, and the lease that he was given with it. Out: one more event in the incident's chain, or a
refusal that says why. The database has the last word: it refuses a writer whose lease is gone, whatever is thought
here; so a console that slept and wakes up cannot overwrite what others did.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from dispatcher import desk_metrics, desk_rules
from dispatcher.plans.library import books_for
from dispatcher.timers import advances_of, due, return_if_due
from station.action_plans import Step
from station.errors import Reason, Refused, StoreUnavailable
from station.incident_events import (
    ClosedAs,
    Disposition,
    HandedOver,
    Happening,
    Held,
    Noted,
)
from station.incidents import Closed, Incident, Taken
from station.operators import Operator, Role
from station.response_events import Content, Overridden, Reviewed, Seconded, TakenOver
from station.station_key import StationKey
from station.store import incidents, notices, operators
from station.store.database import Database, LeaseGone, MovedOn, Session
from station.store.facts import known_of
from station.store.incidents import IncidentRow

#: How often a verb is decided anew when the incident moves on meanwhile (a signal joins it).
_ATTEMPTS: Final = 5
#: A colleague to whom an incident is handed has this long to open it before it returns to the queue.
HAND_OVER_S: Final = 60.0


@attrs.frozen
class Lease:
    """The right to write to one incident. It ends when it is not renewed, or when somebody else takes over."""

    incident: int
    operator: int
    fence: int

    @property
    def actor(self) -> str:
        """How the chain names the holder."""
        return f"operator:{self.operator}"


#: Decides what happens, one event or several; may store personal content in the same transaction.
Decide = Callable[[Session, IncidentRow], Awaitable[Happening | list[Happening]]]


class Desk:
    """What operators do with incidents."""

    def __init__(self, database: Database, *, lease_s: float = 30.0, key: StationKey | None = None) -> None:
        self.database = database
        #: Opens counter-passwords and checks passwords; None: neither is possible here.
        self.key = key
        self._lease_s = lease_s

    async def take_next(self, operator: Operator) -> Lease | None:
        """Take the head of the alarm queue; None if nothing waits."""
        while True:
            # Not locked as it is read: whoever skipped a locked head would take what is less urgent.
            with contextlib.suppress(MovedOn):  # a colleague was faster: the next one, then
                async with self.database.transaction() as session:
                    row = await incidents.first_waiting(session)
                    if row is None:
                        return None
                    after = await self._begin(operator, row, session)
                return await self._begun(operator, row, after)

    async def take(self, operator: Operator, incident: int) -> Lease:
        """Take this one. Whoever holds it already keeps the lease that he has.

        Raises:
            Refused: another operator holds it, or there is no such incident.
            IllegalTransition: it is closed.
        """
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(MovedOn):
                row = await self._row(incident)
                # A lease that ran out stands in nobody's way, not even while no dispatcher runs to say so.
                if due(row) is not None and await return_if_due(self.database, incident):
                    row = await self._row(incident)
                return await self._take(operator, row)
        raise Refused(Reason.CHANGED_MEANWHILE)

    async def _take(self, operator: Operator, row: IncidentRow) -> Lease:
        match row.incident.state:
            case Taken(operator=holder, fence=fence) if holder == operator.id:
                lease = Lease(row.id, operator.id, fence)
                if not await self.renew(lease):
                    raise MovedOn
                return lease
            case _:
                after = await self._begin(operator, row, None)
                return await self._begun(operator, row, after)

    async def _begin(self, operator: Operator, row: IncidentRow, session: Session | None) -> Incident:
        what = desk_rules.take(row.incident, row.holder, operator.id)
        until = row.real_now + dt.timedelta(seconds=self._lease_s)
        return await self._write(
            row, [what], operator.actor, fence=None, lease_until=until, session=session, look=False
        )

    async def _begun(self, operator: Operator, row: IncidentRow, after: Incident) -> Lease:
        if after.fence == 1:
            desk_metrics.RESPONSE.labels(after.kind.value).observe((row.now - after.opened_at).total_seconds())
        await self._ring()
        return Lease(row.id, operator.id, after.fence)

    async def _write(
        self,
        row: IncidentRow,
        happenings: list[Happening],
        actor: str,
        *,
        fence: int | None,
        lease_until: dt.datetime | None,
        session: Session | None = None,
        look: bool = True,
    ) -> Incident:
        """What an operator did, and what the engine makes of it, on what is known of the account this very second."""
        if session is None:
            async with self.database.transaction() as begun:
                return await self._write(
                    row, happenings, actor, fence=fence, lease_until=lease_until, session=begun, look=look
                )
        advances = await advances_of(session, [row])
        account = row.incident.account_id
        # Who takes it changes nothing on what is known of the account: the next verb looks.
        known = {} if account is None or not look else await known_of(session, [account], row.now)
        facts = known[account].facts if account in known else None
        after = row.incident
        for what in happenings:
            after = advances.add(row.id, what, row.now, facts, actor)
        advances.holding(row.id, fence, lease_until if isinstance(after.state, Taken) else None)
        await advances.write(session)
        return after

    async def renew(self, lease: Lease) -> bool:
        """Keep the lease; False if it is gone."""
        return await incidents.renew(self.database, lease.incident, lease.operator, lease.fence, self._lease_s)

    async def note(self, lease: Lease, text: str) -> None:
        """Write a note.

        Raises:
            Refused: it says nothing, or the lease is gone.
            IllegalTransition: the incident is closed.
        """
        kept = desk_rules.note_text(text)

        async def decide(session: Session, row: IncidentRow) -> Happening:
            return Noted(await incidents.write_content(session, row.id, kept))

        await self.do(lease, "note", decide)

    async def hand_over(self, lease: Lease, to: str | None) -> None:
        """To the operator of this name, who holds it from now on, or back to the queue (None).

        Raises:
            Refused: nobody of that name may work here, or the lease is gone.
        """
        colleague = None if to is None else await operators.active_operator(self.database, to)
        if to is not None and colleague is None:
            raise Refused(Reason.NO_SUCH_OPERATOR, to)

        async def decide(session: Session, row: IncidentRow) -> Happening:
            return HandedOver(None if colleague is None else colleague.id)

        await self.do(lease, "hand_over", decide, lease_s=HAND_OVER_S)

    async def hold_until(self, lease: Lease, until: dt.datetime, reason: str) -> None:
        """Put aside until `until` (aware, at most 24 h ahead); then it returns to the queue.

        Raises:
            Refused: `until` is past or too far ahead, or the lease is gone.
            IllegalTransition: the incident is closed.
        """

        async def decide(session: Session, row: IncidentRow) -> Happening:
            desk_rules.check_hold(until, row.now)
            return Held(until, await content(session, row.id, reason))

        await self.do(lease, "hold_until", decide)

    async def close(self, lease: Lease, disposition: Disposition, note: str, seen_n: int) -> None:
        """End it. `seen_n` is the last event on the operator's screen.

        Raises:
            Refused: a signal came that he has not seen, a required step is left and no note says why, it is a duress
                incident whose police outcome or second person is missing, or the lease is gone.
        """

        async def decide(session: Session, row: IncidentRow) -> list[Happening]:
            step = await self.step_of(session, row.incident)
            desk_rules.check_close(row.incident, seen_n, lease.actor)
            said = await content(session, row.id, note)
            left: list[Happening] = []
            if step is not None and desk_rules.left_undone(step):
                if said is None:
                    raise Refused(Reason.STEPS_LEFT, step.id)
                left.append(Overridden(step.id, said))
            return [*left, ClosedAs(disposition, said)]

        await self.do(lease, "close", decide)

    async def take_over(self, supervisor: Operator, incident: int, reason: str) -> Lease:
        """A supervisor takes it from its holder.

        Raises:
            Refused: he is no supervisor, or says no reason.
            IllegalTransition: nobody holds it.
        """
        if supervisor.role is Role.OPERATOR:
            raise Refused(Reason.NOT_A_SUPERVISOR)
        said = desk_rules.reason_text(reason)
        async with self.database.transaction() as session:
            row = await self._row(incident, session)
            what = TakenOver(supervisor.id, await incidents.write_content(session, incident, said))
            until = row.real_now + dt.timedelta(seconds=self._lease_s)
            after = await self._write(row, [what], supervisor.actor, fence=None, lease_until=until, session=session)
        await self._ring()
        return Lease(incident, supervisor.id, after.fence)

    async def second(self, operator: Operator, incident: int, why: str) -> None:
        """A second person agrees that a duress incident may be closed.

        Raises:
            Refused: he holds it himself.
        """
        await self._beside(operator, incident, why, Seconded)

    async def review(self, supervisor: Operator, incident: int, note: str) -> None:
        """A supervisor has looked at what was done without ground, by override or by itself.

        Raises:
            Refused: he is no supervisor.
        """
        if supervisor.role is Role.OPERATOR:
            raise Refused(Reason.NOT_A_SUPERVISOR)
        await self._beside(supervisor, incident, note, Reviewed)

    async def _beside(
        self, operator: Operator, incident: int, text: str, kind: Callable[[Content | None], Happening]
    ) -> None:
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(MovedOn):
                async with self.database.transaction() as session:
                    row = await self._row(incident, session)
                    if kind is Seconded:
                        desk_rules.check_second(row.incident, operator.id)
                    what = kind(await content(session, incident, text))
                    await self._write(row, [what], operator.actor, fence=None, lease_until=None, session=session)
                await self._ring()
                return
        raise Refused(Reason.CHANGED_MEANWHILE)

    async def step_of(self, session: Session, incident: Incident) -> Step | None:
        """The step at which an incident is, by the book that is frozen into it."""
        progress = incident.progress
        if not progress.plan or not progress.step:
            return None
        books = await books_for(session, {progress.version})
        return books[progress.version].plan(progress.plan).step(progress.step)

    async def do(self, lease: Lease, verb: str, decide: Decide, *, lease_s: float | None = None) -> None:
        """Decide and append, again if the incident moved on between the two."""
        for _ in range(_ATTEMPTS):
            try:
                await self._once(lease, verb, decide, lease_s if lease_s is not None else self._lease_s)
            except MovedOn:
                continue
            except LeaseGone as error:
                row = await self._row(lease.incident)
                desk_rules.must_hold(row.incident, row.holder, lease.operator, lease.fence, verb)
                raise Refused(Reason.LEASE_LOST) from error
            await self._ring()
            return
        raise Refused(Reason.CHANGED_MEANWHILE)

    async def _once(self, lease: Lease, verb: str, decide: Decide, lease_s: float) -> None:
        async with self.database.transaction() as session:
            row = await incidents.incident_row(session, lease.incident)
            if row is None:
                raise Refused(Reason.NO_SUCH_INCIDENT)
            desk_rules.must_hold(row.incident, row.holder, lease.operator, lease.fence, verb)
            decided = await decide(session, row)
            happenings = decided if isinstance(decided, list) else [decided]
            until = row.real_now + dt.timedelta(seconds=lease_s)
            after = await self._write(
                row, happenings, lease.actor, fence=lease.fence, lease_until=until, session=session
            )
        if isinstance(after.state, Closed):
            with contextlib.suppress(StoreUnavailable):  # closed it is, counted or not
                await self._count_closed(lease.incident, after.kind.value, after.state)

    async def _count_closed(self, incident: int, kind: str, closed: Closed) -> None:
        desk_metrics.CLOSED.labels(kind, closed.disposition.value).inc()
        taken_at = await incidents.first_taken_at(self.database, incident)
        if taken_at is not None:
            desk_metrics.HANDLING.labels(kind).observe((closed.at - taken_at).total_seconds())

    async def _ring(self) -> None:
        # What is done is done: a bell that can't be rung must not make it look undone. A poll stands behind it.
        with contextlib.suppress(StoreUnavailable):
            await notices.ring_once(self.database, notices.INCIDENT)

    async def _row(self, incident: int, session: Session | None = None) -> IncidentRow:
        row = await incidents.incident_row(session or self.database, incident)
        if row is None:
            raise Refused(Reason.NO_SUCH_INCIDENT)
        return row


async def content(session: Session, incident: int, text: str) -> Content | None:
    """Keep `text` apart, if there is any."""
    kept = desk_rules.kept_text(text)
    return await incidents.write_content(session, incident, kept) if kept else None
