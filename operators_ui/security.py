"""What every request must pass: whose session it is, whether a form is ours, and headers that keep others out.

In: the session cookie, and with each POST the token bound to it. Out: `SignedOn`, or a way to the sign-on page.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from operators_ui.console import Console, SignedOn
from operators_ui.pages import STATIC_PATH
from station.store.customers import operator_of_token
from station.store.database import Database
from station.store.sign_on import SESSION_S, operator_of_session

SESSION_COOKIE: Final = "sereno_session"
#: Before anybody signed on there is no session to bind a form to; this random value stands in for it. It alone guards
#: the form at the door, so that to show that form touches nobody's session.
DOOR_COOKIE: Final = "sereno_door"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf"
#: Under these programs work, each with a token.
API_PATHS: Final = ("/api/v1/", "/api/schema")

#: Inline script or style never runs here, whatever a panel sends as text.
_CONTENT_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "worker-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS: Final[dict[str, str]] = {
    "content-security-policy": _CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


def with_headers(app: ASGIApp) -> ASGIApp:
    """Send every answer with them. Static files have their version in their address; nothing else may be kept."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        kept = "public, max-age=31536000, immutable" if scope["path"].startswith(STATIC_PATH) else "no-store"
        ours = {**_HEADERS, "cache-control": kept}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [(name, value) for name, value in message["headers"] if name.decode() not in ours]
                message["headers"] = [*theirs, *((name.encode(), value.encode()) for name, value in ours.items())]
            await send(message)

        await app(scope, receive, sending)

    # A lifespan has no path and sends no headers.
    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await (guarded if str(scope["type"]) == "http" else app)(scope, receive, send)

    return routed


def hash_of(token: str) -> bytes:
    """What the database keeps of a session's token: it opens nothing."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(cookie: str) -> str:
    """What a form must carry: known to our pages only, and of no use without the cookie."""
    return hashlib.sha256(b"csrf " + cookie.encode()).hexdigest()


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def cookie(console: Console, request: Request[Any, Any, Any], key: str, value: str) -> Cookie:
    """A cookie that scripts can't read and other sites can't make a browser send; an empty value removes it."""
    return Cookie(
        key=key,
        value=value,
        path="/",
        max_age=int(SESSION_S) if value else 0,
        httponly=True,
        samesite="strict",
        secure=console.secure_cookies or request.url.scheme == "https",
    )


class Sessions(AbstractAuthenticationMiddleware):
    """Finds out who sends a request; routes with `exclude_from_auth` are for everybody."""

    def __init__(self, app: Any, database: Database, **named: Any) -> None:  # noqa: ANN401 - litestar's own signature
        super().__init__(app, **named)
        self._database = database

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Who it is.

        Raises:
            NotAuthorizedException: no session, or one that ended.
        """
        if connection.url.path.startswith(API_PATHS):
            return AuthenticationResult(await self._by_token(connection), None)
        token = connection.cookies.get(SESSION_COOKIE, "")
        # What a page does by itself names itself, and keeps no session alive.
        by_person = connection.headers.get("x-by") != "page"
        operator = await operator_of_session(self._database, hash_of(token), by_person=by_person)
        if operator is None:
            raise NotAuthorizedException
        return AuthenticationResult(SignedOn(operator, csrf_of(token), hash_of(token)), None)

    async def _by_token(self, connection: ASGIConnection[Any, Any, Any, Any]) -> SignedOn:
        """A program comes with a token of its own; a browser's session opens nothing here."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        operator = None
        if scheme.lower() == "bearer" and token:
            operator = await operator_of_token(self._database, hash_of(token.strip()))
        if operator is None:
            raise NotAuthorizedException
        return SignedOn(operator, "", b"")


async def refuse_foreign_forms(request: Request[Any, Any, Any]) -> None:
    """Stop a POST that does not come from a page of ours, before its handler.

    Raises:
        PermissionDeniedException: the token is missing, or not of this session; at the door, not of this door.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.url.path.startswith(API_PATHS):
        return  # no browser sends a token by itself
    at_door = "exclude_from_auth" in request.route_handler.opt
    secret = request.cookies.get(DOOR_COOKIE if at_door else SESSION_COOKIE, "")
    given = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD) or ""
    if not secret or not hmac.compare_digest(str(given).encode(), csrf_of(secret).encode()):
        raise PermissionDeniedException("csrf")
