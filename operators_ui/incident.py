"""One incident: the premises, whom to call, what came, what was done, and the verbs for whoever holds it.

In: an incident's number. Out: the page, and its moving parts alone for a page that is already open.
"""

from __future__ import annotations

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from dispatcher.desk_rules import TEXT_LIMIT
from operators_ui import customer_words, plan_words, words
from operators_ui.answers import html
from operators_ui.console import Console, OperatorRequest, ThisConsole
from operators_ui.customer_view import CustomerView, customer_view
from operators_ui.frame import frame
from operators_ui.history import HistoryText
from operators_ui.meanings import zone_key, zone_names
from operators_ui.plan_view import PlanView, plan_view
from operators_ui.stream import section
from station.incident_events import Disposition
from station.operators import Operator, Role
from station.signals import Kind
from station.store import screens
from station.store.audit import append as audit
from station.store.screens import IncidentWhole

#: The parts of the page that change while it is open.
_PARTS = ("head", "holder", "plan", "zones", "signals", "history")


@get("/incidents/{incident:int}")
async def incident_page(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> Response[str]:
    """The screen of one incident: written by its holder, read by everybody else."""
    whole, operators, plan, customer = await _read(console, incident, request.user.operator)
    if whole.row.operator != request.user.operator.id or whole.row.state != "taken":
        await audit(console.database, request.user.operator.actor, "incident_looked_at", {"incident": incident})
    operator, snapshot = request.user.operator, console.screen.snapshot
    return html(
        console,
        operator.language,
        "incident.html",
        {
            **frame(request, console, snapshot),
            "queue": section(console.pages[operator.language], "queue", snapshot, operator),
            **_values(console, whole, operators, operator, plan, customer),
            "csrf": request.user.csrf,
            "dispositions": list(Disposition),
            "text_limit": TEXT_LIMIT,
            "others": [name for id_, name in operators.items() if id_ != operator.id],
        },
    )


@get("/incidents/{incident:int}/parts")
async def incident_parts(request: OperatorRequest, console: ThisConsole, incident: FromPath[int]) -> dict[str, object]:
    """What may have changed since the page was loaded."""
    whole, operators, plan, customer = await _read(console, incident, request.user.operator)
    operator = request.user.operator
    pages = console.pages[operator.language]
    values = {**_values(console, whole, operators, operator, plan, customer), "csrf": request.user.csrf}
    return {
        "version": whole.row.version,
        "seen_n": whole.row.last_n,
        "signals": whole.row.signals,
        "mine": values["mine"],
        "fence": whole.row.fence,
        "state": whole.row.state,
        "parts": {name: pages.render(f"part_{name}.html", **values) for name in _PARTS},
    }


async def _read(
    console: Console, incident: int, operator: Operator
) -> tuple[IncidentWhole, dict[int, str], PlanView, CustomerView | None]:
    async with console.database.transaction() as session:
        whole = await screens.incident_whole(session, incident)
        operators = dict(await screens.operators(session))
        plan = await plan_view(session, console.desk, incident, operator.language)
        if whole is None or plan is None:
            raise NotFoundException
        row, customer = whole.row, None
        if row.account_id is not None:
            customer = await customer_view(session, row.account, row.account_id, operator)
    return whole, operators, plan, customer


def _values(
    console: Console,
    whole: IncidentWhole,
    operators: dict[int, str],
    operator: Operator,
    plan: PlanView,
    customer: CustomerView | None,
) -> dict[str, object]:
    points = [] if whole.row.kind in words.OWN else sorted(filter(None, whole.points))
    return {
        "incident": whole,
        "plan": plan,
        "plan_words": plan_words,
        "customer": customer,
        "customer_words": customer_words,
        "supervises": operator.role is not Role.OPERATOR,
        "row": whole.row,
        "operator": operator,
        "mine": whole.row.state == "taken" and whole.row.operator == operator.id,
        "zone_names": zone_names(whole.zones),
        "area_names": {zone_key(number): name for number, name in whole.areas.items()},
        "in_alarm": {zone_key(point) for point in points},
        "points": points,
        "lost_paths": sorted(filter(None, whole.points)) if whole.row.kind is Kind.PATH_LOST else [],
        "happened": HistoryText(console.pages[operator.language], operators),
    }
