"""The alarm queue, and the verbs of one incident.

In: JSON with the fence of the lease that its caller was given. Out: the lease, or the incident as it stands afterwards.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from dispatcher import desk_calls, desk_dispatch
from dispatcher.desk import Lease
from dispatcher.desk_dispatch import AgencyMove, GuardMove
from dispatcher.desk_outages import confirm_outage
from dispatcher.desk_rules import LONGEST_HOLD
from dispatcher.desk_tasks import make_task
from operators_ui import plan_words
from operators_ui.api import bodies, showing
from operators_ui.api.showing import Json
from operators_ui.console import OperatorRequest, ThisConsole
from station.errors import Reason, Refused
from station.response_events import Heard
from station.store import screens
from station.store.audit import append as audit
from station.store.install import station_now
from station.store.open_incidents import open_incidents

_V1 = "/api/v1"
#: Of each state, the most urgent: what lies further back is not worked yet.
_QUEUE_SHOWN: Final = 200


def _lease(request: OperatorRequest, incident: int, body: bodies.Fenced) -> Lease:
    return Lease(incident, request.user.operator.id, body.fence)


async def _shown(request: OperatorRequest, console: ThisConsole, incident: int) -> Json:
    operator = request.user.operator
    async with console.database.transaction() as session:
        found = await showing.whole(session, console, incident, operator)
        if found is None:
            raise Refused(Reason.NO_SUCH_INCIDENT)
        if not found["mine"] and request.method == "GET":
            await audit(session, operator.actor, "incident_looked_at", {"incident": incident})
    return found


@get(f"{_V1}/queue")
async def get_queue(console: ThisConsole) -> Json:
    """What waits, is taken, on hold or automatic, by priority, then age; 200 of each at most."""
    async with console.database.transaction() as session:
        return showing.queue(await open_incidents(session, _QUEUE_SHOWN), await screens.counts(session))


@post(f"{_V1}/queue/next", status_code=200)
async def take_next(request: OperatorRequest, console: ThisConsole) -> Response[Any]:
    """Take the head of the queue; 204 if nothing waits."""
    lease = await console.desk.take_next(request.user.operator)
    if lease is None:
        return Response(None, status_code=204)
    return Response({"incident": lease.incident, "fence": lease.fence})


@get(f"{_V1}/incidents/{{incident:int}}")
async def get_incident(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Json:
    """One incident: plan and step, what the law says, whom to call, messages, signals, events. Looking is recorded."""
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/take", status_code=200)
async def take(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Json:
    """Take this one. Whoever holds it already gets the same lease again."""
    lease = await console.desk.take(request.user.operator, incident)
    return {"incident": lease.incident, "fence": lease.fence}


@post(f"{_V1}/incidents/{{incident:int}}/renew", status_code=200)
async def renew(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Fenced]
) -> dict[str, bool]:
    """Keep the lease for 30 s more; `kept` is false once it is gone."""
    return {"kept": await console.desk.renew(_lease(request, incident, data))}


@post(f"{_V1}/incidents/{{incident:int}}/note", status_code=200)
async def note(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Note]
) -> Json:
    """Write a note."""
    await console.desk.note(_lease(request, incident, data), data.text)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/hold", status_code=200)
async def hold(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Hold]
) -> Json:
    """Put it aside; a hold always ends."""
    until = _until(data, await station_now(console.database))
    await console.desk.hold_until(_lease(request, incident, data), until, data.reason)
    return await _shown(request, console, incident)


def _until(hold: bodies.Hold, now: dt.datetime) -> dt.datetime:
    match hold.minutes, hold.until:
        case None, dt.datetime() as until if until.tzinfo is not None:
            return until
        case int() as minutes, None:
            if minutes > LONGEST_HOLD // dt.timedelta(minutes=1):
                raise Refused(Reason.HOLD_TOO_LONG)
            return now + dt.timedelta(minutes=max(minutes, 0))
        case _:
            raise Refused(Reason.NOT_UNDERSTOOD, "either minutes, or until with its zone")


@post(f"{_V1}/incidents/{{incident:int}}/hand-over", status_code=200)
async def hand_over(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.HandOver]
) -> Json:
    """Give it to a colleague, or back to the queue."""
    await console.desk.hand_over(_lease(request, incident, data), data.to)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/close", status_code=200)
async def close(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Close]
) -> Json:
    """End it."""
    await console.desk.close(_lease(request, incident, data), data.disposition, data.note, data.seen_n)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/attempts", status_code=200)
async def attempt(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Attempt]
) -> Json:
    """A contact was called, or called us."""
    lease = _lease(request, incident, data)
    await desk_calls.attempt(console.desk, lease, data.contact, data.line, data.outcome, data.note)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/password", status_code=200)
async def password(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Password]
) -> Json:
    """Compare what was heard. `advice` is for the operator's eyes alone; time and status say nothing."""
    lease = _lease(request, incident, data)
    heard = await desk_calls.check_password(console.desk, lease, data.contact, data.line, data.heard)
    return _heard(request, console, heard)


@post(f"{_V1}/incidents/{{incident:int}}/password/refused", status_code=200)
async def password_refused(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Speaker]
) -> Json:
    """The person would not say it: that uses up no try."""
    await desk_calls.refuse_password(console.desk, _lease(request, incident, data), data.contact, data.line)
    return _heard(request, console, Heard.REFUSED)


def _heard(request: OperatorRequest, console: ThisConsole, heard: Heard) -> Json:
    text = console.pages[request.user.operator.language].text
    return {"result": heard.value, "advice": "" if heard is Heard.MATCH else text(plan_words.ADVICE[heard])}


@post(f"{_V1}/incidents/{{incident:int}}/counter-password", status_code=200)
async def counter_password(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Speaker]
) -> Json:
    """The word by which the station proves itself; to be shown for `seconds`. The look is recorded."""
    shown = await desk_calls.show_counter(console.desk, _lease(request, incident, data), data.contact, data.line)
    return {"word": shown.word, "seconds": shown.seconds}


@post(f"{_V1}/incidents/{{incident:int}}/outcome", status_code=200)
async def outcome(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.StepOutcome]
) -> Json:
    """How the current step ended (steps `ask`, `look`, `task`)."""
    await desk_calls.answer(console.desk, _lease(request, incident, data), data.outcome, data.note)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/pass-over", status_code=200)
async def pass_over(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.PassOver]
) -> Json:
    """Go on with the next step; a supervisor reviews the reason."""
    await desk_calls.pass_over(console.desk, _lease(request, incident, data), data.reason)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/evidence", status_code=200)
async def evidence(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.EvidenceSeen]
) -> Json:
    """What was seen, heard or said, beside the steps."""
    await desk_calls.note_evidence(console.desk, _lease(request, incident, data), data.kind, data.note)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/agencies", status_code=200)
async def agency(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Agency]
) -> Json:
    """Police, fire or medical service: told, or one step further. Without ground police need a reason."""
    move = AgencyMove(
        service=data.service,
        state=data.state,
        no=data.no,
        told=[item.value for item in data.told],
        reason=data.reason,
        reference=data.reference,
        note=data.note,
        result=data.result,
        approval=data.approval,
    )
    await desk_dispatch.move_agency(console.desk, _lease(request, incident, data), move)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/guards", status_code=200)
async def guard(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Guard]
) -> Json:
    """A guard is asked, or is one step further."""
    move = GuardMove(
        guard=data.guard,
        state=data.state,
        position=data.position,
        guards=data.guards,
        report=data.report,
        reason=data.reason,
        note=data.note,
    )
    await desk_dispatch.move_guard(console.desk, _lease(request, incident, data), move)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/outage/confirm", status_code=200)
async def outage(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Fenced]
) -> Json:
    """It is a mass outage: each member is told once."""
    await confirm_outage(console.desk, _lease(request, incident, data))
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/tasks", status_code=201)
async def task(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.IncidentTask]
) -> Json:
    """Something that this incident leaves to be done later."""
    lease = _lease(request, incident, data)
    return {"task": await make_task(console.desk, lease, data.what, data.text, data.call_back)}


@post(f"{_V1}/incidents/{{incident:int}}/take-over", status_code=200)
async def take_over(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.TakeOver]
) -> Json:
    """A supervisor takes it from its holder, for a reason."""
    lease = await console.desk.take_over(request.user.operator, incident, data.reason)
    return {"incident": lease.incident, "fence": lease.fence}


@post(f"{_V1}/incidents/{{incident:int}}/second", status_code=200)
async def second(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Second]
) -> Json:
    """A second person agrees that a duress incident may be closed."""
    await console.desk.second(request.user.operator, incident, data.why)
    return await _shown(request, console, incident)


@post(f"{_V1}/incidents/{{incident:int}}/review", status_code=200)
async def review(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], data: JSONBody[bodies.Review]
) -> Json:
    """A supervisor has looked at what was done without ground, by override or by itself."""
    await console.desk.review(request.user.operator, incident, data.note)
    return await _shown(request, console, incident)


HANDLERS = (
    get_queue, take_next, get_incident, take, renew, note, hold, hand_over, close, attempt, password,
    password_refused, counter_password, outcome, pass_over, evidence, agency, guard, outage, task, take_over, second,
    review,
)  # fmt: skip
