"""Signing on and off, and the language that an operator reads.

In: a name and a password, from a plain form. Out: a session cookie, or why not. A try leaves an audit row, unless its
name is locked, or is nobody's: of those one a minute is kept, since anybody at all can make them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
import trio
from litestar import Request, Response, get, post
from litestar.response import Redirect

from dispatcher.desk import Lease
from operators_ui.answers import html, language_of, safe_path
from operators_ui.console import Console, OperatorRequest, ThisConsole
from operators_ui.security import DOOR_COOKIE, SESSION_COOKIE, cookie, csrf_of, hash_of, new_token
from station.errors import IllegalTransition, Refused
from station.languages import Language
from station.store import audit, screens
from station.store.operators import credentials
from station.store.sign_on import (
    any_operator,
    attempt_succeeded,
    begin_attempt,
    end_session,
    locked_until,
    open_session,
    operator_of_session,
    set_language,
)

log = structlog.get_logger()


@get("/sign-on", exclude_from_auth=True)
async def sign_on_page(request: Request[Any, Any, Any], console: ThisConsole) -> Response[str]:
    """The form, or how to make the first operator."""
    return await _form(request, console)


async def _form(
    request: Request[Any, Any, Any],
    console: Console,
    *,
    wrong: bool = False,
    locked: dt.datetime | None = None,
    name: str = "",
) -> Response[str]:
    door = new_token()
    page = html(
        console,
        language_of(request),
        "sign_on.html",
        {
            "anybody": await any_operator(console.database),
            "wrong": wrong,
            "locked": locked,
            "name": name,
            "csrf": csrf_of(door),
            "next": safe_path(request.query_params.get("next", "/")),
        },
        401 if wrong or locked else 200,
    )
    page.cookies.append(cookie(console, request, DOOR_COOKIE, door))
    return page


@post("/sign-on", exclude_from_auth=True, status_code=200)
async def sign_on(request: Request[Any, Any, Any], console: ThisConsole) -> Response[Any]:
    """A session for whom the password proves."""
    form = await request.form()
    name, password = str(form.get("name", "")).strip()[:60], str(form.get("password", ""))[:1024]
    locked = await begin_attempt(console.database, name)
    if locked is not None:
        return await _form(request, console, locked=locked, name=name)
    known = await credentials(console.database, name)
    right = await console.passwords.is_right(password, known.password_hash if known else None)
    if known is None or not right:
        return await _refused(request, console, name, known=known is not None)
    token = new_token()
    await attempt_succeeded(console.database, name)
    await _end_replaced(request, console)
    await open_session(console.database, hash_of(token), known.operator)
    await audit.append(console.database, known.operator.actor, "signed_on", {"peer": _peer(request)})
    log.info("signed_on", operator=known.operator.id)
    answer: Response[Any] = Redirect(safe_path(str(form.get("next", "/"))), status_code=303)
    answer.cookies.extend([cookie(console, request, SESSION_COOKIE, token), cookie(console, request, DOOR_COOKIE, "")])
    return answer


async def _end_replaced(request: Request[Any, Any, Any], console: Console) -> None:
    """End the session that this browser had: its cookie is about to go, and nobody could end it any more."""
    token_hash = hash_of(request.cookies.get(SESSION_COOKIE, ""))
    before = await operator_of_session(console.database, token_hash, by_person=False)
    if before is not None:
        await end_session(console.database, token_hash)
        await audit.append(console.database, before.actor, "signed_off", {})


async def _refused(request: Request[Any, Any, Any], console: Console, name: str, *, known: bool) -> Response[str]:
    locked = await locked_until(console.database, name)
    if known:
        await _keep_failure(request, console, name)
        if locked is not None:
            body = {"name": name, "until": locked.isoformat()}
            await audit.append(console.database, "console", "locked_out", body)
    elif console.strangers.tried(trio.current_time()):
        # A name that nobody has may be a password typed into the wrong box: it is not kept.
        await _keep_failure(request, console, "(nobody)")
    log.info("sign_on_failed", locked=locked is not None)
    return await _form(request, console, wrong=locked is None, locked=locked, name=name)


async def _keep_failure(request: Request[Any, Any, Any], console: Console, name: str) -> None:
    await audit.append(console.database, "console", "sign_on_failed", {"name": name, "peer": _peer(request)})


@post("/sign-off", status_code=303)
async def sign_off(request: OperatorRequest, console: ThisConsole) -> Redirect:
    """End the session; what the operator holds goes back to the queue at once."""
    operator = request.user.operator
    for incident, fence in await screens.taken_by(console.database, operator.id):
        try:
            await console.desk.hand_over(Lease(incident, operator.id, fence), None)
        except (Refused, IllegalTransition) as error:
            log.info("not_given_back", incident=incident, why=str(error))
    await end_session(console.database, request.user.token_hash)
    await audit.append(console.database, operator.actor, "signed_off", {})
    answer = Redirect("/sign-on", status_code=303)
    answer.cookies.append(cookie(console, request, SESSION_COOKIE, ""))
    return answer


@post("/language", status_code=303)
async def choose_language(request: OperatorRequest, console: ThisConsole) -> Redirect:
    """Remember the language that the operator reads."""
    form = await request.form()
    chosen = str(form.get("language", ""))
    if chosen in {language.value for language in Language}:
        await set_language(console.database, request.user.operator, Language(chosen))
    return Redirect(safe_path(str(form.get("next", "/"))), status_code=303)


def _peer(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else "unknown"
