"""A town in virtual time: premises with their people, panels, patrols and services, and the station that serves them.

In: a fresh database made with virtual time. Out: words in which a story can be told.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import zoneinfo
from typing import Any, Final

import attrs

from dispatcher.desk import Desk
from dispatcher.outages import OutageSettings
from dispatcher.rehearsal import Rehearsal
from station.event_codes import sia_dcs
from station.incident_events import IncidentEvent, name_of
from station.languages import Language
from station.operators import Operator, Role
from station.plan_events import Alerted, EffectKind, EffectState
from station.progress import Progress
from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport
from station.spoken_passwords import keep
from station.station_key import StationKey
from station.store import effects
from station.store.database import Database
from station.store.incidents import IncidentRow, events_of, incident_row
from tests.dispatcher.writers import Writer
from tests.stories.promises.carrier import Carrier

MADRID: Final = "Europe/Madrid"
PASSWORD: Final = "Canción de Cuna"
DURESS: Final = "Mar Azul"
COUNTER: Final = "Faro"
_sequences = itertools.count(1)
_PHONE_OF: Final = {"Marta": "+34600000001", "Luis": "+34600000002", "Sara": "+34600000003"}


@attrs.frozen
class Site:
    """Premises that we serve."""

    id: int
    number: str
    contacts: dict[str, int]
    services: dict[str, int]


@attrs.define
class Town:
    """All that a story needs. Its first site is a Spanish home of grade 2, where Marta, Luis and Sara are called."""

    owner: Database
    dispatching: Database
    desk: Desk
    key: StationKey
    writer: Writer
    carrier: Carrier
    rehearsal: Rehearsal
    home: Site = attrs.field(init=False)
    ana: Operator = attrs.field(init=False)
    rui: Operator = attrs.field(init=False)
    eva: Operator = attrs.field(init=False)
    phones: dict[str, str] = attrs.field(factory=dict)

    # Who is there ---------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """The people who work here, and the first site."""
        self.ana = await self.operator("Ana")
        self.rui = await self.operator("Rui")
        self.eva = await self.operator("Eva", Role.SUPERVISOR)
        self.home = await self.site()

    async def operator(self, name: str, role: Role = Role.OPERATOR) -> Operator:
        """Somebody who works here."""
        sql = "insert into operator (name, role, password_hash) values ($1, $2, '') returning id"
        (row,) = await self.owner.fetch(sql, name, role.value)
        return Operator(row["id"], name, role, Language.EN)

    async def site(
        self,
        number: str = "1001",
        *,
        country: str = "ES",
        grade: int | None = 2,
        city: str = "Ávila",
        people: tuple[str, ...] = ("Marta", "Luis", "Sara"),
        areas: tuple[str, ...] = ("1",),
        **care: Any,  # noqa: ANN401 - columns of the table
    ) -> Site:
        """Premises with contacts, panel users, passwords and the services of the place."""
        (row,) = await self.owner.fetch(
            "insert into account (number, name, city, country, grade, language, time_zone)"
            " values ($1, $2, $3, $4, $5, 'es', $6) returning id",
            number,
            f"Casa {number}",
            city,
            country,
            grade,
            MADRID,
        )
        site = Site(row["id"], number, {}, {})
        for area in areas:
            await self.owner.execute("insert into area (account, number, name) values ($1, $2, '')", site.id, area)
        for name in people:
            await self.contact(site, name)
        for user, kind, of in (
            ("1", "ordinary", "Marta"),
            ("2", "ordinary", "Luis"),
            ("5", "ordinary", ""),
            ("7", "installer", ""),
            ("8", "guard", ""),
            ("9", "duress", ""),
        ):
            await self.owner.execute(
                "insert into panel_user (account, number, name, kind, contact) values ($1, $2, '', $3, $4)",
                site.id,
                user,
                kind,
                site.contacts.get(of),
            )
        for service in ("police", "fire", "medical"):
            (agency,) = await self.owner.fetch(
                "insert into agency (service, name, country, phone) values ($1, $2, $3, '+34920000000') returning id",
                service,
                f"{service} of {city}",
                country or "ES",
            )
            site.services[service] = agency["id"]
        await self.owner.execute("insert into care (account) values ($1)", site.id)
        await self.care(
            site,
            password_kept=keep(self.key, PASSWORD),
            duress_kept=keep(self.key, DURESS),
            counter_sealed=self.key.seal(COUNTER.encode()),
            **site.services,
            **care,
        )
        return site

    async def care(self, site: Site, **columns: Any) -> None:  # noqa: ANN401 - columns of the table
        """What is agreed with a customer, as another program would write it."""
        for name, value in columns.items():
            await self.owner.execute(f"update care set {name} = $2 where account = $1", site.id, value)  # noqa: S608

    async def contact(
        self, site: Site, name: str, *, role: str = "contact", hours: str | None = None, language: str = "es"
    ) -> int:
        """Somebody more on the customer's list, at its end."""
        phone = _PHONE_OF.get(name) or f"+3469{abs(hash(name)) % 10_000_000:07}"
        self.phones[phone] = name
        (row,) = await self.owner.fetch(
            "insert into contact (account, position, name, phone, language, role, hours)"
            " values ($1, (select count(*) + 1 from contact where account = $1), $2, $3, $4, $5, $6) returning id",
            site.id,
            name,
            phone,
            language,
            role,
            hours,
        )
        site.contacts[name] = row["id"]
        return site.contacts[name]

    async def guard(self, name: str, place: str = "") -> int:
        """A patrol, the last to be asked."""
        phone = f"+3468{len(self.phones):07}"
        self.phones[phone] = name
        (row,) = await self.owner.fetch(
            "insert into guard (name, phone, place, position)"
            " values ($1, $2, $3, (select count(*) + 1 from guard)) returning id",
            name,
            phone,
            place,
        )
        id_: int = row["id"]
        return id_

    # Time -----------------------------------------------------------------------------------------------------

    async def now(self) -> dt.datetime:
        """Station time."""
        return await self.rehearsal.now()

    async def settle(self) -> None:
        """All that is due now happens."""
        await self.rehearsal.settle()

    async def pass_time(self, seconds: float) -> None:
        """Let so much time go by, moment by moment."""
        await self.rehearsal.pass_time(seconds)

    async def wait_until(self, hour: int, minute: int = 0, day: dt.date | None = None) -> None:
        """Let time go by until the clock on the wall in Madrid says so, today or tomorrow, or on that day."""
        now = (await self.now()).astimezone(zoneinfo.ZoneInfo(MADRID))
        at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if day is not None:
            at = dt.datetime.combine(day, dt.time(hour, minute), zoneinfo.ZoneInfo(MADRID))
        elif at <= now:
            at += dt.timedelta(days=1)
        await self.pass_time((at.astimezone(dt.UTC) - now.astimezone(dt.UTC)).total_seconds())

    # What panels report ---------------------------------------------------------------------------------------

    async def report(self, code: str, **how: Any) -> None:  # noqa: ANN401 - as for `report_only`
        """The panel of a site reports a code of DC-03, and the station does what follows."""
        await self.report_only(code, **how)
        await self.settle()

    async def report_only(
        self,
        code: str,
        *,
        zone: str | None = None,
        user: str | None = None,
        area: str | None = "1",
        site: Site | None = None,
        proven: Authenticity = Authenticity.UNPROVEN,
        kind: Kind | None = None,
        qualifier: Qualifier | None = None,
        old: bool = False,
    ) -> None:
        """The panel of a site reports a code of DC-03; nothing follows yet."""
        where, meaning = site or self.home, sia_dcs(code)
        assert meaning is not None or kind is not None, code
        signal = Signal(
            received_at=await self.now(),
            protocol=Protocol.DC09,
            transport=Transport.TCP,
            peer="192.0.2.1:40001",
            account_id=where.id,
            account=where.number,
            receiver=None,
            prefix="0",
            sequence=f"{next(_sequences) % 10_000:04}",
            token="SIA-DCS",
            kind=kind or meaning.kind,  # type: ignore[union-attr]
            qualifier=qualifier or (Qualifier.NEW if meaning is None else meaning.qualifier),
            event_code=code or None,
            area=area,
            zone=zone,
            user=user,
            text="",
            extended=(),
            occurred_at=None,
            old=old,
            payload="",
            raw=os.urandom(8),
            authenticity=proven,
            reply=Reply.ACK if proven.authenticated is not False else Reply.DUH,
            repeat_key=os.urandom(16),
        )
        await self.writer.write(signal)

    async def burglary(self, zone: str = "001", **how: Any) -> None:  # noqa: ANN401 - as for `report`
        """A detector sees somebody."""
        await self.report("BA", zone=zone, **how)

    async def disarm(self, user: str | None = "1", **how: Any) -> None:  # noqa: ANN401 - as for `report`
        """Somebody disarms with a code."""
        await self.report("OP", user=user, **how)

    async def arm(self, user: str | None = "1", **how: Any) -> None:  # noqa: ANN401 - as for `report`
        """Somebody arms with a code."""
        await self.report("CL", user=user, **how)

    # What came of it ------------------------------------------------------------------------------------------

    async def delivered(self) -> None:
        """What the provider has accepted arrives."""
        for row in await self.owner.fetch("select id from effect where state = 'accepted' order by no"):
            await effects.move(self.dispatching, row["id"], EffectState.DELIVERED)
        await self.settle()

    @property
    def texts(self) -> list[str]:
        """The text messages that left, in order: to whom and what."""
        return [self._said(one.phone, one.template) for one in self.carrier.sent if one.kind is EffectKind.SMS]

    @property
    def rings(self) -> list[str]:
        """The calls by machine, in order: to whom and why."""
        return [self._said(one.phone, one.template) for one in self.carrier.sent if one.kind is EffectKind.CALL]

    def _said(self, phone: str | None, template: str) -> str:
        return f"{'duty' if phone is None else self.phones[phone]}: {template}"

    async def incidents(self) -> list[IncidentRow]:
        """All incidents, in the order in which they were opened."""
        rows = [await incident_row(self.owner, row["id"]) for row in await self.owner.fetch(_ALL)]
        return [row for row in rows if row is not None]

    async def incident(self, place: int = -1) -> IncidentRow:
        """One of them; the last, unless said otherwise."""
        return (await self.incidents())[place]

    async def progress(self, place: int = -1) -> Progress:
        """How far it is on its plan."""
        return (await self.incident(place)).incident.progress

    async def state(self, place: int = -1) -> str:
        """Where it is: waiting, taken, on_hold, automatic or closed."""
        row = await self.incident(place)
        (found,) = await self.owner.fetch("select state from incident where id = $1", row.id)
        state: str = found["state"]
        return state

    async def step(self, place: int = -1) -> str:
        """Its plan and its step."""
        progress = await self.progress(place)
        return f"{progress.plan}: {progress.step}"

    async def events(self, place: int = -1) -> list[IncidentEvent]:
        """Its history."""
        return await events_of(self.owner, (await self.incident(place)).id)

    async def kinds(self, place: int = -1) -> list[str]:
        """Its history, as names."""
        return [name_of(event.what) for event in await self.events(place)]

    async def alerts(self, place: int = -1) -> list[str]:
        """Who was called to attention, in order."""
        return [event.what.what.value for event in await self.events(place) if isinstance(event.what, Alerted)]


_ALL: Final = "select id from incident order by opened_at, id"


async def a_rehearsal(dispatching: Database, commanding: Database, carrier: Carrier) -> Rehearsal:
    """One dispatcher's work; three of a place are many."""
    return Rehearsal(dispatching, commanding, carrier, OutageSettings(members=3, within_s=600))
