"""One fetch: resolved by us, checked, and reached at the very address that was checked.

In: a link that is allowed. Out: its content and kind. No redirect is followed, nothing is sent but the request, nothing
is read beyond the limit, and nobody between the check and the connection can give another address. It blocks: it runs
in a process of its own (`child.py`).
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed, check_declared, is_outside, kind_of

#: For the connection, and for each read; whoever runs it ends the whole after as long.
WITHIN_S: Final = 20.0
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS: Final = range(300, 400)


class NotNow(Exception):
    """It may be there later; the text says what was in the way."""


@attrs.frozen
class Fetched:
    """What was there."""

    content: bytes = attrs.field(repr=False)
    content_type: str


def fetch(link: Link, *, allowed: Callable[[str], bool] = is_outside) -> Fetched:
    """Get it. `allowed` says which addresses may be reached.

    Raises:
        NotAllowed: its address, its size or its kind is not, or it leads elsewhere.
        NotNow: it is not there just now.
    """
    addresses = _addresses(link, allowed)
    try:
        with contextlib.closing(_connected(link, addresses)) as connection:
            connection.request("GET", link.target, headers={"host": link.host_header, "accept": "image/*, video/*"})
            with contextlib.closing(connection.getresponse()) as answer:
                return _read(answer)
    except (OSError, http.client.HTTPException) as error:
        raise NotNow(type(error).__name__) from error


def _addresses(link: Link, allowed: Callable[[str], bool]) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter: a part of the name is empty or too long
        raise NotNow(f"{link.host} can't be resolved") from error
    addresses = [str(one[4][0]) for one in found]
    # One forbidden address among others is enough: nobody with an honest name has one.
    if not addresses or not all(allowed(address) for address in addresses):
        raise NotAllowed(f"{link.host} leads into an inner network")
    return addresses


def _connected(link: Link, addresses: Sequence[str]) -> http.client.HTTPConnection:
    stream = _reached(link, addresses)
    if link.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=link.host)
    connection = http.client.HTTPConnection(link.host, link.port, timeout=WITHIN_S)
    connection.sock = stream
    return connection


def _reached(link: Link, addresses: Sequence[str]) -> socket.socket:
    """The first that answers: a host may have addresses of a kind that we have no way to."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, link.port), timeout=WITHIN_S / len(addresses))
    return socket.create_connection((addresses[-1], link.port), timeout=WITHIN_S)


def _read(answer: http.client.HTTPResponse) -> Fetched:
    if answer.status in _REDIRECTS:
        raise NotAllowed("it leads elsewhere")
    if answer.status in _AGAIN:
        raise NotNow(f"the host answers {answer.status}")
    if answer.status != http.client.OK:
        raise NotAllowed(f"the host answers {answer.status}")
    check_declared(answer.getheader("content-type", ""))
    content = answer.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise NotAllowed(f"it is larger than {LARGEST_BYTES // 1024 // 1024} MB")
    if answer.length:
        raise NotNow("the host broke off in the middle")
    return Fetched(content, kind_of(content))
