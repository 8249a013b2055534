"""A station with something in it: accounts, operators, signals and incidents, written as their owners would.

In: the fresh station as its superuser. Out: ids. Incidents go through the only door there is, `incident_append`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Sequence

import argon2
import attrs

from station.incident_events import Effect, Happening, IncidentEvent, Joined, Opened
from station.incidents import Incident, Taken, follow, opened, state_name
from station.languages import Language
from station.operators import Operator, Role
from station.signals import Authenticity, Kind, Qualifier
from station.store.database import Database
from station.store.incidents import append, incident_row

PASSWORD = "clear as a lantern"
#: The cheapest hash that argon2 knows: tests check the sign-on, not the cost of it.
_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_places = itertools.count(1)
#: In the order of urgency that the dispatcher uses.
_PRIORITIES = {
    Kind.FIRE: 1,
    Kind.PANIC_HOLDUP: 1,
    Kind.MEDICAL: 1,
    Kind.GAS_CO: 1,
    Kind.BURGLARY: 2,
    Kind.UNREADABLE: 2,
}


@attrs.frozen
class Came:
    """What a signal says."""

    code: str = "BA"
    kind: Kind = Kind.BURGLARY
    zone: str = "001"
    token: str = "SIA-DCS"
    qualifier: Qualifier = Qualifier.NEW
    text: str = ""
    extended: Sequence[tuple[str, str]] = ()
    authenticity: Authenticity = Authenticity.UNPROVEN
    age_s: float = 0.0


class Seed:
    """Fills a station."""

    def __init__(self, owner: Database) -> None:
        self._owner = owner

    async def operator(
        self, name: str = "Ana Sousa", language: Language = Language.EN, role: Role = Role.OPERATOR
    ) -> Operator:
        """Somebody who can sign on with `PASSWORD`."""
        (row,) = await self._owner.fetch(
            "insert into operator (name, role, language, password_hash)"
            " values ($1, $2::operator_role, $3::language, $4) returning id",
            name,
            role.value,
            language.value,
            _HASHER.hash(PASSWORD),
        )
        return Operator(row["id"], name, role, language)

    async def account(
        self, number: str, name: str, city: str = "Lisboa", time_zone: str = "Europe/Lisbon", **facts: str
    ) -> int:
        """An account with two areas, four zones and two contacts."""
        (row,) = await self._owner.fetch(
            "insert into account (number, name, premises, address, city, country, language, time_zone, notes)"
            " values ($1, $2, $3, $4, $5, $6, $7::language, $8, $9) returning id",
            number,
            name,
            facts.get("premises", "shop"),
            facts.get("address", "Rua Garrett 19"),
            city,
            facts.get("country", "PT"),
            facts.get("language", "pt"),
            time_zone,
            facts.get("notes", ""),
        )
        account: int = row["id"]
        await self._owner.execute("insert into area values ($1, '1', 'Loja'), ($1, '2', 'Armazém')", account)
        await self._owner.execute(
            "insert into zone values ($1, '001', 'Porta da frente', '1'), ($1, '002', 'Montra', '1'),"
            " ($1, '003', 'Corredor', '1'), ($1, '010', 'Portão do armazém', '2')",
            account,
        )
        await self._owner.execute(
            "insert into contact (account, position, name, phone, language) values"
            " ($1, 1, 'Maria do Carmo Figueiredo', '+351912345678', 'pt'),"
            " ($1, 2, 'Rui Sousa', '+351961234567', 'pt')",
            account,
        )
        return account

    async def signal(self, number: str, account: int | None, came: Came) -> int:
        """One stored signal."""
        signal = (1 << 32) + next(_places)
        payload = f"#{number}|Nri1/{came.code}{came.zone}" + (f"*{came.text}" if came.text else "")
        await self._owner.execute(
            "insert into signal (id, received_at, protocol, transport, peer, account_id, account, sequence, token,"
            " kind, qualifier, event_code, area, zone, text, extended, old, payload, raw, authenticity, reply,"
            " occurred_at)"
            " values ($1, now() - make_interval(secs => $2), 'dc09', 'tcp', '192.0.2.7:40100', $3, $4, '0001', $5,"
            " $6::kind, $7::qualifier, $8, '01', $9, $10, $11, false, $12, $13, $14::authenticity, 'ack', now())",
            signal,
            came.age_s,
            account,
            number,
            came.token,
            came.kind.value,
            came.qualifier.value,
            came.code,
            came.zone,
            came.text,
            json.dumps(list(came.extended)) if came.extended else None,
            payload,
            b"\n4A1C0039" + f'"{came.token}"0001L0#{number}[{payload}]'.encode() + b"\r",
            came.authenticity.value,
        )
        return signal

    async def incident(
        self,
        number: str = "1234",
        account: int | None = None,
        came: Came = Came(),
        *,
        kind: Kind | None = None,
        priority: int | None = None,
    ) -> int:
        """A waiting incident that a signal opened, made known to the consoles."""
        signal = await self.signal(number, account, came)
        kind = kind or came.kind
        what = Opened(
            signal=signal,
            digest=await self._digest(signal),
            account_id=account,
            account=number,
            kind=kind,
            priority=priority or _PRIORITIES.get(kind, 3),
            authenticated=came.authenticity.authenticated,
            point=came.zone,
        )
        at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=came.age_s)
        event = IncidentEvent(1, at, "dispatcher", what)
        after = opened(event)
        id_ = await append(self._owner, None, event, after)
        await self._owner.execute("notify incident")
        return id_

    async def joins(self, incident: int, came: Came, effect: Effect = Effect.ALARM) -> None:
        """Another signal of an incident that this seed opened, and nobody wrote to since."""
        before = await self._current(incident)
        signal = await self.signal(before.account, before.account_id, came)
        await self._happen(
            incident,
            "dispatcher",
            Joined(
                signal=signal,
                digest=await self._digest(signal),
                point=came.zone,
                effect=effect,
                priority=before.priority,
                authenticated=None,
            ),
        )

    async def happens(self, incident: int, actor: str, what: Happening) -> None:
        """Anything else that can happen to an incident."""
        await self._happen(incident, actor, what)

    async def state(self, incident: int) -> str:
        """Where it stands: waiting, taken, on_hold, closed."""
        return state_name((await self._current(incident)).state)

    async def _digest(self, signal: int) -> str:
        (row,) = await self._owner.fetch(
            "select encode(sha256(raw), 'hex') as digest from signal where id = $1", signal
        )
        digest: str = row["digest"]
        return digest

    async def _happen(self, incident: int, actor: str, what: Happening) -> None:
        before = await self._current(incident)
        event = IncidentEvent(before.last_n + 1, dt.datetime.now(dt.UTC), actor, what)
        after = follow(before, event)
        lease_until = None
        if isinstance(after.state, Taken):
            lease_until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        held = before.state
        fence = held.fence if isinstance(held, Taken) and actor.startswith("operator") else None
        await append(self._owner, incident, event, after, fence=fence, lease_until=lease_until)
        await self._owner.execute("notify incident")

    async def _current(self, incident: int) -> Incident:
        row = await incident_row(self._owner, incident)
        assert row is not None
        return row.incident
