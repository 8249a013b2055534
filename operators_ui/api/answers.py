"""Refusals to programs: a word for the machine, plain words for its people.

In: what the desk or HTTP says. Out: JSON `{"error": ..., "message": ..., "who": ...}`.
"""

from __future__ import annotations

import json
from typing import Any

import attrs
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from operators_ui.answers import language_of
from operators_ui.console import Console
from operators_ui.refusals import why_not
from station.errors import IllegalTransition, Reason, Refused, StoreUnavailable

#: Refusals that mean: there is no such thing.
_ABSENT = frozenset(
    {
        Reason.NO_SUCH_INCIDENT,
        Reason.NO_SUCH_ACCOUNT,
        Reason.NO_SUCH_THING,
        Reason.NO_SUCH_CONTACT,
        Reason.NO_SUCH_OPERATOR,
    }
)
#: Refusals that ask for more in the same request.
_ASKING = frozenset(
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


def refused(request: Request[Any, Any, Any], error: Refused | IllegalTransition) -> Response[Any]:
    """The desk says no."""
    console: Console = request.app.state.console
    message = why_not(console.pages[language_of(request)].text, error)
    match error:
        case Refused(reason=reason, who=who):
            status = 404 if reason in _ABSENT else 422 if reason in _ASKING else 409
            if reason is Reason.NOT_A_SUPERVISOR:
                status = 403
            return _said(status, reason.value, message, who)
        case IllegalTransition(state=state, verb=verb):
            return _said(409, "illegal_transition", message, f"{verb} while {state}")


def store_away(_: Request[Any, Any, Any], __: StoreUnavailable) -> Response[Any]:
    """The database does not answer."""
    return _said(503, "store_unavailable", "The station's database does not answer. Try again.", None)


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What HTTP itself refuses."""
    match error:
        case ValidationException(extra=extra):
            return _said(422, "not_understood", f"The request can't be read: {extra}", None)
        case HTTPException(status_code=401):
            return _said(401, "no_token", "Send a token: Authorization: Bearer TOKEN. See `sereno tokens add`.", None)
        case HTTPException(status_code=400):
            return _said(422, "not_understood", f"The request can't be read: {error.detail}", None)
        case _:
            return _said(error.status_code, "http", error.detail, None)


def not_understood(_: Request[Any, Any, Any], error: ValueError) -> Response[Any]:
    """A value that means nothing."""
    return _said(422, "not_understood", f"The request can't be read: {error}", None)


async def refuse_unknown_fields(request: Request[Any, Any, Any]) -> None:
    """A field that does not exist is a slip of the pen, and must not pass as if it were not there.

    Raises:
        ValidationException: there is one.
    """
    expected = request.route_handler.parsed_data_field
    if request.method == "GET" or expected is None:
        return
    try:
        given = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ValidationException("no JSON", extra=[str(error)]) from error
    known = {field.name for field in attrs.fields(expected.annotation)}
    if not isinstance(given, dict):
        raise ValidationException("no object", extra=["a JSON object is expected"])
    unknown = sorted({*given} - known)
    if unknown:
        said = f"there is no {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        raise ValidationException("unknown", extra=[said])


def _said(status: int, word: str, message: str, who: str | None) -> Response[Any]:
    return Response({"error": word, "message": message, "who": who}, status_code=status)
