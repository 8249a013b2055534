"""Incidents as JSON: all that a program must know to work one.

In: an incident's number. Out: plain dictionaries; instants are ISO 8601 in UTC.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from dispatcher.legal.to_tell import to_tell
from operators_ui.console import Console
from operators_ui.plan_view import PlanView, plan_view
from station.incident_events import body_of, name_of
from station.incidents import Taken, state_name
from station.operators import Operator
from station.responders import Service
from station.store import incidents, screens
from station.store.database import Session
from station.store.open_incidents import OpenIncident
from station.store.screens import QueueLine

Json = dict[str, Any]


#: Open states, as `station.incidents.state_name` says.
_OPEN: Final = ("waiting", "taken", "on_hold", "automatic")


def queue(lines: Sequence[OpenIncident], counts: Mapping[int, int]) -> Json:
    """All that is open, by state; `counts` says how many wait of each priority, shown or not."""
    return {
        **{
            state: [attrs.asdict(one, value_serializer=_plain) for one in lines if one.state == state]
            for state in _OPEN
        },
        "counts": {str(priority): count for priority, count in counts.items()},
    }


def _plain(_: object, __: object, value: Any) -> Any:  # noqa: ANN401 - attrs' own signature
    return value.isoformat() if isinstance(value, dt.datetime) else getattr(value, "value", value)


def line(one: QueueLine) -> Json:
    """One line of the queue."""
    return {
        "id": one.id,
        "account": one.account,
        "name": one.name,
        "city": one.city,
        "kind": one.kind.value,
        "priority": one.priority,
        "authenticated": one.authenticated,
        "state": one.state,
        "opened_at": one.opened_at.isoformat(),
        "restored_at": None if one.restored_at is None else one.restored_at.isoformat(),
        "signals": one.signals,
        "last_n": one.last_n,
        "holder": one.operator_name,
        "hold_until": None if one.hold_until is None else one.hold_until.isoformat(),
    }


async def whole(session: Session, console: Console, incident: int, operator: Operator) -> Json | None:
    """One incident with its plan, its signals and its history."""
    shown = await screens.incident_whole(session, incident)
    plan = await plan_view(session, console.desk, incident, operator.language)
    if shown is None or plan is None:
        return None
    state = plan.incident.state
    mine = isinstance(state, Taken) and state.operator == operator.id
    events = await incidents.events_of(session, incident)
    texts = {one.n: one.content for one in shown.history}
    return {
        **line(shown.row),
        "state": state_name(state),
        "fence": plan.incident.fence if mine else None,
        "mine": mine,
        "points": sorted(plan.incident.points),
        "disposition": None if shown.disposition is None else shown.disposition.value,
        "next_due_at": None if plan.incident.next_due_at is None else plan.incident.next_due_at.isoformat(),
        "plan": _plan(plan),
        "legal": _legal(plan),
        "contacts": [
            {
                "id": one.id,
                "position": position,
                "name": one.name,
                "phone": one.phone,
                "language": one.language.value,
                "role": one.role.value,
                "hours": None if one.hours is None else json.loads(one.hours),
            }
            for position, one in enumerate(plan.contacts, start=1)
        ],
        "agencies_of_the_place": [
            {"service": one.service.value, "name": one.name, "phone": one.phone, "email": one.email}
            for one in plan.agencies
        ],
        "agencies": [
            {"no": one.no, "service": one.service.value, "state": one.state.value}
            for one in plan.incident.progress.agencies
        ],
        "guards": [
            {
                "no": one.no,
                "guard": one.guard,
                "name": plan.guards.get(one.guard, ""),
                "state": one.state.value,
                "report": None if one.report is None else one.report.value,
            }
            for one in plan.incident.progress.guards
        ],
        "messages": [
            {
                "no": one.no,
                "kind": one.kind.value,
                "template": one.template,
                "to": one.recipient,
                "state": one.state.value,
                "why": one.why,
            }
            for one in plan.messages
        ],
        "areas_armed": [{**row, "at": row["at"].isoformat()} for row in plan.armed],
        "signals_seen": [
            {
                "id": one.id,
                "received_at": one.received_at.isoformat(),
                "kind": one.kind.value,
                "qualifier": one.qualifier.value,
                "event_code": one.event_code,
                "area": one.area,
                "zone": one.zone,
                "user": one.user,
                "text": one.text,
                "authenticity": one.authenticity.value,
                "old": one.old,
            }
            for one in shown.signals
        ],
        "events": [
            {
                "n": event.n,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "kind": name_of(event.what),
                "body": json.loads(body_of(event.what)),
                "text": texts.get(event.n),
            }
            for event in events
        ],
    }


def _plan(plan: PlanView) -> Json:
    progress = plan.incident.progress
    step = plan.step
    return {
        "name": plan.plan,
        "version": plan.version,
        "duress": progress.duress,
        "cancelled_by_the_customer": progress.cancelled,
        "on_test": progress.facts.on_test,
        "to_review": progress.to_review,
        "parent": progress.parent,
        "members": progress.members,
        "open_members": progress.open_members,
        "step": None
        if step is None
        else {
            "id": step.id,
            "do": step.do.value,
            "say": plan.say,
            "required": step.required,
            "automatic": step.automatic,
            "due_at": None if plan.due_at is None else plan.due_at.isoformat(),
            "outcomes": [one.value for one in plan.outcomes],
            "contact": None if plan.contact is None else plan.contact.id,
            "call": None if plan.contact is None else {"name": plan.contact.name, "phone": plan.contact.phone},
            "line": plan.line,
            "counter_password_first": plan.counter_first and plan.line == "placed",
        },
    }


def _legal(plan: PlanView) -> Json:
    verdict = plan.verdict
    return {
        "confirmed": verdict.confirmed,
        "ground": verdict.ground,
        "article": verdict.article,
        "method": None if verdict.why is None else verdict.why.value,
        "signals": list(verdict.signals),
        "level": verdict.level,
        "asks_for_ground": plan.asks_for_ground,
        "false_alarms": {
            "days_60": plan.standing.days_60,
            "month": plan.standing.month,
            "year": plan.standing.year,
        },
        "warnings": list(plan.warnings),
        "to_tell": {
            service.value: [item.value for item in to_tell(plan.incident.progress.facts.country, service)]
            for service in Service
        },
    }
