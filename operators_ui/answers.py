"""Answers to a browser: pages, JSON for its scripts, and plain words when something is in the way.

In: what happened. Out: a response in the reader's language; a script (header X-By) gets JSON, a form a page.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.response import Redirect

from operators_ui.console import Console, SignedOn
from operators_ui.refusals import why_not
from operators_ui.words import msgid
from station.errors import IllegalTransition, Refused, StoreUnavailable
from station.languages import Language

log = structlog.get_logger()


def html(
    console: Console, language: Language, template: str, values: Mapping[str, object], status_code: int = 200
) -> Response[str]:
    """A page; each shows whether this station is a demo."""
    text = console.pages[language].render(template, demo=console.screen.demo, **values)
    return Response(text, media_type="text/html", status_code=status_code)


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The operator's language, or before signing on the first of the browser's that we speak."""
    user = request.scope.get("user")
    if isinstance(user, SignedOn):
        return user.operator.language
    known = {language.value: language for language in Language}
    for wish in request.headers.get("accept-language", "").split(","):
        language = known.get(wish.strip()[:2].lower())
        if language is not None:
            return language
    return Language.EN


def safe_path(path: str) -> str:
    """`path` if it lies on this server, else the queue: nobody may send an operator elsewhere."""
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if local else "/"


def by_script(request: Request[Any, Any, Any]) -> bool:
    """Whether a script of ours asks, which reads JSON."""
    return "x-by" in request.headers or request.url.path.startswith("/api/")


def go(request: Request[Any, Any, Any], path: str) -> Response[Any]:
    """It is done: `path` comes next."""
    return Response({"go": path}) if by_script(request) else Redirect(path, status_code=303)


def refused(request: Request[Any, Any, Any], error: Refused | IllegalTransition) -> Response[Any]:
    """The desk says no: 409, with what was typed, so that nothing is lost."""
    return _said(request, 409, why_not(_pages_text(request), error))


def store_away(request: Request[Any, Any, Any], error: StoreUnavailable) -> Response[Any]:
    """The database does not answer: 503, and what to do."""
    log.warning("store_unavailable", path=request.url.path, error=str(error))
    return _said(
        request,
        503,
        _pages_text(request)(
            msgid(
                "The station's database does not answer. What you did last may not have been recorded. "
                "Signals are not acknowledged while it lasts, so panels keep trying. "
                "Tell the person in charge of the system."
            )
        ),
    )


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What HTTP itself refuses: not signed on, a foreign form, no such page."""
    text = _pages_text(request)
    match error:
        case NotAuthorizedException():
            if by_script(request):
                return Response({"refused": text(msgid("You are signed off. Sign on again."))}, status_code=401)
            wanted = request.url.path if request.method == "GET" else "/"
            return Redirect(f"/sign-on?next={urllib.parse.quote(wanted)}")
        case PermissionDeniedException():
            words = msgid("This form does not belong to your session. Go back, reload the page and send it again.")
        case HTTPException(status_code=404):
            words = msgid("There is no such page.")
        case _:
            words = msgid("The console can't read this request. Go back and try again.")
    return _said(request, error.status_code, text(words))


def fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug of ours: logged whole, said plainly."""
    log.error("console_fault", path=request.url.path, exc_info=error)
    words = msgid("The console failed at this. It has been logged; go back and try again.")
    return _said(request, 500, _pages_text(request)(words))


def _pages_text(request: Request[Any, Any, Any]) -> Any:  # noqa: ANN401 - a bound method; its own signature says it
    return _console(request).pages[language_of(request)].text


def _console(request: Request[Any, Any, Any]) -> Console:
    console: Console = request.app.state.console
    return console


def _said(request: Request[Any, Any, Any], status_code: int, said: str) -> Response[Any]:
    if by_script(request):
        return Response({"refused": said}, status_code=status_code)
    typed = request.scope["state"].get("typed", {})
    # A page that failed tries again by itself; a form does not, since what was typed stands there.
    again = status_code == 503 and request.method == "GET"
    values = {"said": said, "status": status_code, "typed": typed, "again": again}
    return html(_console(request), language_of(request), "said.html", values, status_code)
