"""What the holder of an incident does along its plan: calls, passwords, outcomes, agencies, guards; and who stands
beside him.

In: forms, as in `verbs.py`. Out: the same; after a password or a counter-password also what only the operator reads.
"""

from __future__ import annotations

import enum
from typing import Any, TypeVar

from litestar import Response, post
from litestar.exceptions import ClientException
from litestar.params import FromPath

from dispatcher import desk_calls, desk_dispatch
from dispatcher.desk_dispatch import AgencyMove, GuardMove
from dispatcher.desk_tasks import make_task
from operators_ui import plan_words
from operators_ui.answers import by_script, go
from operators_ui.console import OperatorRequest, ThisConsole
from operators_ui.verbs import Form, read_form
from station.action_plans import Outcome
from station.evidence import EvidenceKind
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import CallOutcome, Heard, Line

E = TypeVar("E", bound=enum.Enum)


def _choice(form: Form, name: str, kind: type[E]) -> E:
    try:
        return kind(form.text(name))
    except ValueError as error:
        raise ClientException(f"no such {name}") from error


def _number(form: Form, name: str) -> int | None:
    return form.number(name) if form.text(name) else None


def _back(request: OperatorRequest, incident: int) -> Response[Any]:
    return go(request, f"/incidents/{incident}")


def _say(request: OperatorRequest, console: ThisConsole, incident: int, say: str, seconds: int = 0) -> Response[Any]:
    if by_script(request):
        return Response({"go": f"/incidents/{incident}", "say": say, "seconds": seconds})
    return go(request, f"/incidents/{incident}")


@post("/incidents/{incident:int}/attempt", status_code=200)
async def attempt(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """A contact was called, or called us."""
    form = await read_form(request, incident)
    contact, line = _number(form, "contact"), _choice(form, "line", Line)
    outcome = _choice(form, "outcome", CallOutcome)
    await desk_calls.attempt(console.desk, form.lease, contact, line, outcome, form.text("note"))
    return _back(request, incident)


@post("/incidents/{incident:int}/password", status_code=200)
async def password(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """What was heard as the password; the answer is for the operator's eyes."""
    form = await read_form(request, incident)
    contact, line = _number(form, "contact"), _choice(form, "line", Line)
    if form.text("refused"):
        await desk_calls.refuse_password(console.desk, form.lease, contact, line)
        heard = Heard.REFUSED
    else:
        heard = await desk_calls.check_password(console.desk, form.lease, contact, line, form.text("heard"))
    text = console.pages[request.user.operator.language].text
    return _say(request, console, incident, text(plan_words.ADVICE[heard]))


@post("/incidents/{incident:int}/counter-password", status_code=200)
async def counter_password(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """The word by which the station proves itself, for a short time."""
    form = await read_form(request, incident)
    shown = await desk_calls.show_counter(
        console.desk, form.lease, _number(form, "contact"), _choice(form, "line", Line)
    )
    return _say(request, console, incident, shown.word, shown.seconds)


@post("/incidents/{incident:int}/outcome", status_code=200)
async def outcome(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """How the current step ended."""
    form = await read_form(request, incident)
    await desk_calls.answer(console.desk, form.lease, _choice(form, "outcome", Outcome), form.text("note"))
    return _back(request, incident)


@post("/incidents/{incident:int}/pass-over", status_code=200)
async def pass_over(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Go on with the next step, and say why."""
    form = await read_form(request, incident)
    await desk_calls.pass_over(console.desk, form.lease, form.text("reason"))
    return _back(request, incident)


@post("/incidents/{incident:int}/evidence", status_code=200)
async def evidence(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """What was seen, heard or said."""
    form = await read_form(request, incident)
    await desk_calls.note_evidence(console.desk, form.lease, _choice(form, "kind", EvidenceKind), form.text("note"))
    return _back(request, incident)


@post("/incidents/{incident:int}/agency", status_code=200)
async def agency(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Police, fire or medical service: told, or one step further."""
    form = await read_form(request, incident)
    move = AgencyMove(
        service=_choice(form, "service", Service),
        state=_choice(form, "state", AgencyState),
        told=form.all("told"),
        reason=form.text("reason"),
        reference=form.text("reference"),
        note=form.text("note"),
        result=form.text("result"),
        approval=_number(form, "approval"),
    )
    await desk_dispatch.move_agency(console.desk, form.lease, move)
    return _back(request, incident)


@post("/incidents/{incident:int}/guard", status_code=200)
async def guard(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """A guard: asked, or one step further."""
    form = await read_form(request, incident)
    report = form.text("report")
    move = GuardMove(
        guard=form.number("guard"),
        state=_choice(form, "state", GuardState),
        position=_choice(form, "position", Position) if form.text("position") else Position.OUTSIDE,
        guards=_number(form, "guards") or 1,
        report=_choice(form, "report", Report) if report else None,
        reason=form.text("reason"),
        note=form.text("note"),
    )
    await desk_dispatch.move_guard(console.desk, form.lease, move)
    return _back(request, incident)


@post("/incidents/{incident:int}/task", status_code=200)
async def task(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """Something that this incident leaves to be done later."""
    form = await read_form(request, incident)
    await make_task(console.desk, form.lease, form.text("what"), form.text("text"), form.text("call_back"))
    return _back(request, incident)


@post("/incidents/{incident:int}/second", status_code=200)
async def second(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """A second person agrees."""
    fields = await request.form()
    await console.desk.second(request.user.operator, incident, str(fields.get("why", "")))
    return _back(request, incident)


@post("/incidents/{incident:int}/take-over", status_code=200)
async def take_over(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """A supervisor takes it from its holder."""
    fields = await request.form()
    await console.desk.take_over(request.user.operator, incident, str(fields.get("reason", "")))
    return _back(request, incident)


@post("/incidents/{incident:int}/review", status_code=200)
async def review(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[Any]:
    """A supervisor has looked at it."""
    fields = await request.form()
    await console.desk.review(request.user.operator, incident, str(fields.get("note", "")))
    return _back(request, incident)


HANDLERS = (
    attempt,
    password,
    counter_password,
    outcome,
    pass_over,
    evidence,
    agency,
    guard,
    task,
    second,
    take_over,
    review,
)
