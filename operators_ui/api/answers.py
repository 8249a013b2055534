"""Refusals to programs: a word for the machine, plain words for its people.

In: what the desk, the store or HTTP says. Out: JSON `{"error": ..., "message": ..., "who": ...}`; the message is in the
operator's language, or before it is known who comes, in the first of `Accept-Language` that we speak.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from operators_ui import answers as pages
from operators_ui.console import Console
from operators_ui.refusals import why_not
from operators_ui.security import API_PATHS
from station.errors import IllegalTransition, Reason, Refused, StoreUnavailable
from station.store.database import Conflict, LeaseGone, MovedOn, Unstorable

#: Refusals that mean: there is no such thing.
_ABSENT: Final = frozenset(
    {
        Reason.NO_SUCH_INCIDENT,
        Reason.NO_SUCH_ACCOUNT,
        Reason.NO_SUCH_THING,
        Reason.NO_SUCH_CONTACT,
        Reason.NO_SUCH_OPERATOR,
    }
)
#: Refusals that ask for more in the same request.
_ASKING: Final = frozenset(
    {
        Reason.REASON_NEEDED,
        Reason.GROUND_MISSING,
        Reason.STEPS_LEFT,
        Reason.SECOND_PERSON_NEEDED,
        Reason.GUARD_BEFORE_CONFIRMATION,
        Reason.NOT_UNDERSTOOD,
        Reason.WEAK_PASSWORD,
    }
)
_NOT_FOUND: Final = 404
#: The console's own pages have a few of these paths, too.
_ANY_API: Final = "/api/"
_HTTP_WORDS: Final = {401: "no_token", _NOT_FOUND: "not_found", 405: "method_not_allowed", 413: "too_large"}

#: Turns what was raised into an answer.
Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def refused(request: Request[Any, Any, Any], error: Refused | IllegalTransition) -> Response[Any]:
    """The desk says no."""
    message = _words(request, error)
    match error:
        case Refused(reason=reason, who=who):
            status = 404 if reason in _ABSENT else 422 if reason in _ASKING else 409
            if reason is Reason.NOT_A_SUPERVISOR:
                status = 403
            return _said(status, reason.value, message, who)
        case IllegalTransition(state=state, verb=verb):
            return _said(409, "illegal_transition", message, f"{verb} while {state}")


def meanwhile(request: Request[Any, Any, Any], _: MovedOn | LeaseGone) -> Response[Any]:
    """Somebody wrote to the incident at the same moment."""
    return refused(request, Refused(Reason.CHANGED_MEANWHILE))


def unstorable(request: Request[Any, Any, Any], error: Conflict | Unstorable) -> Response[Any]:
    """A value that the station can't keep: too large, there already, or naming what is not there."""
    named = isinstance(error, Conflict) and error.constraint
    what = f"a value against the rule {named}" if named else "a value that can't be kept"
    return refused(request, Refused(Reason.NOT_UNDERSTOOD, what))


def store_away(request: Request[Any, Any, Any], error: StoreUnavailable) -> Response[Any]:
    """The database does not answer."""
    return _reworded("store_unavailable", pages.store_away(request, error))


def fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug of ours."""
    return _reworded("fault", pages.fault(request, error))


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What HTTP itself refuses."""
    match error:
        case ValidationException(extra=extra):
            what = "; ".join(_what(one) for one in extra or ())
            return refused(request, Refused(Reason.NOT_UNDERSTOOD, what or error.detail))
        case HTTPException(status_code=400):
            return refused(request, Refused(Reason.NOT_UNDERSTOOD, error.detail))
        case HTTPException(status_code=401):
            return _said(401, "no_token", "Send a token: Authorization: Bearer TOKEN. See `sereno tokens add`.", None)
        case _:
            word = _HTTP_WORDS.get(error.status_code, "http")
            return _reworded(word, pages.http_error(request, error))


def also_outside_of_routes(page: Handler) -> Handler:
    """`page`, but JSON of ours for paths of the API, and for what looks like one and to which no route leads."""

    def answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        path = request.url.path
        ours = path.startswith(API_PATHS) or (error.status_code == _NOT_FOUND and path.startswith(_ANY_API))
        return http_error(request, error) if ours else page(request, error)

    return answer


#: Of the API's router.
HANDLERS: Final[dict[int | type[Exception], Handler]] = {
    Refused: refused,
    IllegalTransition: refused,
    MovedOn: meanwhile,
    LeaseGone: meanwhile,
    Conflict: unstorable,
    Unstorable: unstorable,
    StoreUnavailable: store_away,
    HTTPException: http_error,
    500: fault,
}


def _words(request: Request[Any, Any, Any], error: Refused | IllegalTransition) -> str:
    console: Console = request.app.state.console
    return why_not(console.pages[pages.language_of(request)].text, error)


def _what(one: Any) -> str:  # noqa: ANN401 - litestar names a field and its source, we say a text
    return f"{one.get('key', 'body')}: {one['message']}" if isinstance(one, dict) else str(one)


def _reworded(word: str, answer: Response[Any]) -> Response[Any]:
    return _said(answer.status_code or 500, word, answer.content["refused"], None)


def _said(status: int, word: str, message: str, who: str | None) -> Response[Any]:
    return Response({"error": word, "message": message, "who": who}, status_code=status)
