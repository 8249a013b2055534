"""An operator at work in a story: the desk's verbs in the words of the people who use them."""

from __future__ import annotations

import attrs

from dispatcher import desk_calls
from dispatcher.desk import Lease
from dispatcher.desk_dispatch import AgencyMove, GuardMove, move_agency, move_guard
from station.action_plans import Outcome
from station.evidence import EvidenceKind
from station.incident_events import Disposition
from station.operators import Operator
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import CallOutcome, Heard, Line
from tests.stories.promises.town import Site, Town


async def take(town: Town, operator: Operator | None = None, site: Site | None = None) -> Handling:
    """Somebody, Ana unless said otherwise, takes the head of the queue."""
    lease = await town.desk.take_next(operator or town.ana)
    assert lease is not None, "nothing waits"
    await town.settle()
    return Handling(town, lease, site or town.home)


@attrs.define
class Handling:
    """An incident in somebody's hands."""

    town: Town
    lease: Lease
    site: Site

    async def step(self) -> str:
        """The plan and the step."""
        (row,) = [row for row in await self.town.incidents() if row.id == self.lease.incident]
        return f"{row.incident.progress.plan}: {row.incident.progress.step}"

    async def to_call(self) -> str:
        """Whom the plan says to call."""
        (row,) = [row for row in await self.town.incidents() if row.id == self.lease.incident]
        names = {id_: name for name, id_ in self.site.contacts.items()}
        return names[row.incident.progress.contact or 0]

    async def calls(
        self, name: str, outcome: CallOutcome = CallOutcome.ANSWERED, line: Line = Line.PLACED, note: str = ""
    ) -> None:
        """A contact is telephoned, or telephones."""
        await desk_calls.attempt(self.town.desk, self.lease, self.site.contacts[name], line, outcome, note)
        await self.town.settle()

    async def hears(self, word: str, name: str = "Marta", line: Line = Line.PLACED) -> Heard:
        """A word is typed as it was heard."""
        found = await desk_calls.check_password(self.town.desk, self.lease, self.site.contacts[name], line, word)
        await self.town.settle()
        return found

    async def is_refused(self, name: str = "Marta", line: Line = Line.PLACED) -> None:
        """Somebody would not say the password."""
        await desk_calls.refuse_password(self.town.desk, self.lease, self.site.contacts[name], line)
        await self.town.settle()

    async def shows_counter(self, name: str | None = "Marta", line: Line = Line.PLACED) -> desk_calls.Counter:
        """The counter-password is looked at, to be said."""
        contact = None if name is None else self.site.contacts[name]
        return await desk_calls.show_counter(self.town.desk, self.lease, contact, line)

    async def answers(self, outcome: Outcome, note: str = "") -> None:
        """How the step ended."""
        await desk_calls.answer(self.town.desk, self.lease, outcome, note)
        await self.town.settle()

    async def notes(self, kind: EvidenceKind) -> None:
        """Something was seen, heard or told."""
        await desk_calls.note_evidence(self.town.desk, self.lease, kind, "")
        await self.town.settle()

    async def police(
        self, state: AgencyState = AgencyState.ACCEPTED, *, reason: str = "", approval: int | None = None
    ) -> None:
        """The police of the place are one step further."""
        await self.service(Service.POLICE, state, reason=reason, approval=approval)

    async def service(
        self, service: Service, state: AgencyState, *, reason: str = "", approval: int | None = None
    ) -> None:
        """A service of the place is one step further."""
        move = AgencyMove(service=service, state=state, reason=reason, approval=approval)
        await move_agency(self.town.desk, self.lease, move)
        await self.town.settle()

    async def guard(
        self,
        guard: int,
        state: GuardState,
        *,
        report: Report | None = None,
        position: Position = Position.OUTSIDE,
        guards: int = 1,
        reason: str = "",
    ) -> None:
        """A patrol is one step further."""
        move = GuardMove(guard=guard, state=state, report=report, position=position, guards=guards, reason=reason)
        await move_guard(self.town.desk, self.lease, move)
        await self.town.settle()

    async def closes(self, disposition: Disposition = Disposition.USER_ERROR, note: str = "") -> None:
        """The end, with everything seen."""
        (row,) = [row for row in await self.town.incidents() if row.id == self.lease.incident]
        await self.town.desk.close(self.lease, disposition, note, row.incident.last_n)
        await self.town.settle()
