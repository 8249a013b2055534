"""The console put together: routes, what every request passes, and what is said when something fails.

In: a `Console`. Out: an ASGI application.
"""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

from operators_ui import accounts, incident, plan_verbs, queue, shift, sign_on, verbs
from operators_ui.answers import fault, http_error, refused, store_away
from operators_ui.api import accounts as accounts_api
from operators_ui.api import answers as api_answers
from operators_ui.api import incidents as incidents_api
from operators_ui.api.fields import refuse_unknown_fields
from operators_ui.console import Console, ThisConsole
from operators_ui.media import show_media
from operators_ui.metrics import measured
from operators_ui.pages import STATIC, STATIC_PATH
from operators_ui.security import Sessions, refuse_foreign_forms, with_headers
from operators_ui.stream import stream
from station.errors import IllegalTransition, Refused, StoreUnavailable

#: Room for a text of `desk_rules.TEXT_LIMIT` characters, each of up to four bytes that a form sends as three.
_BODY_LIMIT_BYTES = 131_072


@get("/healthz", exclude_from_auth=True)
async def healthz(console: ThisConsole) -> dict[str, Any]:
    """The console is up; `data_age_s` says whether its database is, null if it never was."""
    age_s = console.screen.age_s
    return {"console": "up", "data_age_s": None if age_s == float("inf") else round(age_s, 1)}


def application(console: Console) -> ASGIApp:
    """The console's ASGI application; headers and metrics lie around it, so that no failure escapes them."""
    inner = Litestar(
        route_handlers=[
            healthz,
            stream,
            sign_on.sign_on_page,
            sign_on.sign_on,
            sign_on.sign_off,
            sign_on.choose_language,
            queue.queue_page,
            queue.queue_json,
            queue.take_next,
            queue.take,
            incident.incident_page,
            incident.incident_parts,
            verbs.note,
            verbs.hold,
            verbs.hand_over,
            verbs.close,
            verbs.renew,
            *plan_verbs.HANDLERS,
            *accounts.HANDLERS,
            *shift.HANDLERS,
            show_media,
            Router(
                path="/",
                route_handlers=[*incidents_api.HANDLERS, *accounts_api.HANDLERS],
                before_request=refuse_unknown_fields,
                include_in_schema=True,
                exception_handlers=api_answers.HANDLERS,
            ),
            create_static_files_router(
                path=STATIC_PATH,
                directories=[STATIC],
                opt={"exclude_from_auth": True},
            ),
        ],
        state=State({"console": console}),
        dependencies={"console": Provide(lambda: console, sync_to_thread=False)},
        middleware=[DefineMiddleware(Sessions, database=console.database)],
        before_request=refuse_foreign_forms,
        exception_handlers={
            Refused: refused,
            IllegalTransition: refused,
            StoreUnavailable: store_away,
            HTTPException: api_answers.also_outside_of_routes(http_error),
            500: fault,
        },
        request_max_body_size=_BODY_LIMIT_BYTES,
        openapi_config=OpenAPIConfig(
            title="Sereno",
            version="1",
            path="/api/schema",
            description="The whole of an incident, worked by a program. Send Authorization: Bearer TOKEN.",
            render_plugins=[JsonRenderPlugin()],
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
            use_handler_docstrings=True,
        ),
        include_in_schema=False,
        logging_config=None,
    )
    return with_headers(measured(inner))
